package csaf21

// ProductTree holds every product that the document speaks of (3.2.3).
type ProductTree struct {
	_                struct{}          `strict:"min=1"`
	Branches         []Branch          `json:"branches,omitempty"`
	FullProductNames []FullProductName `json:"full_product_names,omitempty"`
	ProductGroups    []ProductGroup    `json:"product_groups,omitempty"`
	ProductPaths     []ProductPath     `json:"product_paths,omitempty"`
}

// Branch is one knot of the tree (3.1.2): category, name and either further
// branches or one product.
type Branch struct {
	_        struct{}         `strict:"min=3,max=3"`
	Branches []Branch         `json:"branches,omitempty"`
	Category string           `json:"category" strict:"req,enum=architecture|host_name|language|patch_level|platform|product_family|product_name|product_version|product_version_range|service_pack|specification|vendor"`
	Name     string           `json:"name" strict:"req"`
	Product  *FullProductName `json:"product,omitempty"`
}

// FullProductName is one product with its id in the document (3.1.4).
type FullProductName struct {
	Name       string                `json:"name" strict:"req"`
	ProductID  string                `json:"product_id" strict:"req"`
	Helper     *IdentificationHelper `json:"product_identification_helper,omitempty"`
	Extensions []Extension           `json:"x_extensions,omitempty" strict:"unique"`
}

// IdentificationHelper says how to find the product in an inventory (3.1.4.3).
type IdentificationHelper struct {
	_             struct{}     `strict:"min=1"`
	CPE           string       `json:"cpe,omitempty" strict:"like=cpe"`
	Hashes        []FileHashes `json:"hashes,omitempty" strict:"unique"`
	ModelNumbers  []string     `json:"model_numbers,omitempty" strict:"unique"`
	PURLs         []string     `json:"purls,omitempty" strict:"unique,like=purl"`
	SBOMURLs      []string     `json:"sbom_urls,omitempty" strict:"unique,like=uri"`
	SerialNumbers []string     `json:"serial_numbers,omitempty" strict:"unique"`
	SKUs          []string     `json:"skus,omitempty" strict:"unique"`
	GenericURIs   []GenericURI `json:"x_generic_uris,omitempty" strict:"unique"`
}

// FileHashes are the hashes of one file.
type FileHashes struct {
	FileHashes []FileHash `json:"file_hashes" strict:"req,unique"`
	Filename   string     `json:"filename" strict:"req"`
}

// FileHash is one hash, in lower-case hexadecimal.
type FileHash struct {
	Algorithm string `json:"algorithm" strict:"req,like=algorithm"`
	Value     string `json:"value" strict:"req,like=hash"`
}

// ProductPath makes a product of others (3.2.3.4): one product, and step by step what
// it is part of or installed on.
type ProductPath struct {
	Beginning       string          `json:"beginning_product_reference" strict:"req"`
	FullProductName FullProductName `json:"full_product_name" strict:"req"`
	Subpaths        []Subpath       `json:"subpaths" strict:"req"`
}

// Subpath is one step of a product path (3.1.12).
type Subpath struct {
	Category string `json:"category" strict:"req,enum=default_component_of|external_component_of|installed_on|installed_with|optional_component_of"`
	Next     string `json:"next_product_reference" strict:"req"`
}
