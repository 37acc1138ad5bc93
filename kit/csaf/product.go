package csaf

// ProductTree holds every product that the document speaks of (3.2.2).
type ProductTree struct {
	_                struct{}          `strict:"min=1"`
	Branches         []Branch          `json:"branches,omitempty"`
	FullProductNames []FullProductName `json:"full_product_names,omitempty"`
	ProductGroups    []ProductGroup    `json:"product_groups,omitempty"`
	Relationships    []Relationship    `json:"relationships,omitempty"`
}

// The categories of branches that Tree uses (3.1.2.2 has the others).
const (
	BranchVendor       = "vendor"
	BranchFamily       = "product_family"
	BranchProduct      = "product_name"
	BranchVersion      = "product_version"
	BranchVersionRange = "product_version_range"
)

// Branch is one knot of the tree (3.1.2): category, name and either further
// branches or one product.
type Branch struct {
	_        struct{}         `strict:"min=3,max=3"`
	Branches []Branch         `json:"branches,omitempty"`
	Category string           `json:"category" strict:"req,enum=architecture|host_name|language|legacy|patch_level|product_family|product_name|product_version|product_version_range|service_pack|specification|vendor"`
	Name     string           `json:"name" strict:"req"`
	Product  *FullProductName `json:"product,omitempty"`
}

// FullProductName is one product with its id in the document (3.1.3).
type FullProductName struct {
	Name      string                `json:"name" strict:"req"`
	ProductID string                `json:"product_id" strict:"req"`
	Helper    *IdentificationHelper `json:"product_identification_helper,omitempty"`
}

// IdentificationHelper says how to find the product in an inventory (3.1.3.3).
type IdentificationHelper struct {
	_             struct{}     `strict:"min=1"`
	CPE           string       `json:"cpe,omitempty" strict:"like=cpe"`
	Hashes        []FileHashes `json:"hashes,omitempty"`
	ModelNumbers  []string     `json:"model_numbers,omitempty" strict:"unique"`
	PURL          string       `json:"purl,omitempty" strict:"like=purl"`
	SBOMURLs      []string     `json:"sbom_urls,omitempty" strict:"like=uri"`
	SerialNumbers []string     `json:"serial_numbers,omitempty" strict:"unique"`
	SKUs          []string     `json:"skus,omitempty"`
	GenericURIs   []GenericURI `json:"x_generic_uris,omitempty"`
}

// FileHashes are the hashes of one file.
type FileHashes struct {
	FileHashes []FileHash `json:"file_hashes" strict:"req"`
	Filename   string     `json:"filename" strict:"req"`
}

// FileHash is one hash, in hexadecimal.
type FileHash struct {
	Algorithm string `json:"algorithm" strict:"req"`
	Value     string `json:"value" strict:"req,like=hash"`
}

// GenericURI is an identifier of another system.
type GenericURI struct {
	Namespace string `json:"namespace" strict:"req,like=uri"`
	URI       string `json:"uri" strict:"req,like=uri"`
}

// ProductGroup is a named set of at least two products (3.2.2.3).
type ProductGroup struct {
	GroupID    string   `json:"group_id" strict:"req"`
	ProductIDs []string `json:"product_ids" strict:"req,unique,items=2"`
	Summary    string   `json:"summary,omitempty"`
}

// Relationship makes a product of two others (3.2.2.4).
type Relationship struct {
	Category         string          `json:"category" strict:"req,enum=default_component_of|external_component_of|installed_on|installed_with|optional_component_of"`
	FullProductName  FullProductName `json:"full_product_name" strict:"req"`
	ProductReference string          `json:"product_reference" strict:"req"`
	RelatesTo        string          `json:"relates_to_product_reference" strict:"req"`
}
