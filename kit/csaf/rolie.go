package csaf

// FeedDocument is a ROLIE feed in JSON (standard 7.1.15, RFC 8322): every document
// of one TLP label.
type FeedDocument struct {
	Feed Feed `json:"feed" strict:"req"`
}

// Feed is the feed itself.
type Feed struct {
	ID       string     `json:"id" strict:"req"`
	Title    string     `json:"title" strict:"req"`
	Link     []Link     `json:"link" strict:"req"`
	Category []Category `json:"category" strict:"req"`
	Updated  Date       `json:"updated" strict:"req,like=date"`
	Entry    []Entry    `json:"entry" strict:"req,items=0"`
}

// Link is a typed link. The relations used here are self, hash, signature, service.
type Link struct {
	Rel  string `json:"rel" strict:"req"`
	HRef string `json:"href" strict:"req,like=uri"`
}

// Category is a ROLIE category; Scheme is empty for those of one's own.
type Category struct {
	Scheme string `json:"scheme,omitempty"`
	Term   string `json:"term" strict:"req"`
}

// InformationType is the category that marks a feed of CSAF documents.
func InformationType() Category {
	return Category{Scheme: "urn:ietf:params:rolie:category:information-type", Term: "csaf"}
}

// Entry is one document in a feed.
type Entry struct {
	ID        string   `json:"id" strict:"req"`
	Title     string   `json:"title" strict:"req"`
	Link      []Link   `json:"link" strict:"req"`
	Published Date     `json:"published" strict:"req,like=date"`
	Updated   Date     `json:"updated" strict:"req,like=date"`
	Summary   *Summary `json:"summary,omitempty"`
	Content   Content  `json:"content" strict:"req"`
	Format    Format   `json:"format" strict:"req"`
}

// Summary is a short text about the document.
type Summary struct {
	Content string `json:"content,omitempty"`
}

// Content says where the document lies.
type Content struct {
	Type string `json:"type" strict:"req"`
	Src  string `json:"src" strict:"req,like=uri"`
}

// Format says what the document is.
type Format struct {
	Schema  string `json:"schema" strict:"req,like=uri"`
	Version string `json:"version" strict:"req"`
}

// ServiceDocument is a ROLIE service document (7.1.16): it lists the feeds.
type ServiceDocument struct {
	Service Service `json:"service" strict:"req"`
}

// Service is the service itself.
type Service struct {
	Workspace []Workspace `json:"workspace" strict:"req"`
}

// Workspace is a titled set of collections.
type Workspace struct {
	Title      string       `json:"title" strict:"req"`
	Collection []Collection `json:"collection" strict:"req"`
}

// Collection is one feed of a workspace.
type Collection struct {
	Title      string     `json:"title" strict:"req"`
	HRef       string     `json:"href" strict:"req,like=uri"`
	Categories Categories `json:"categories"`
}

// CategoryDocument is a ROLIE category document (7.1.17).
type CategoryDocument struct {
	Categories Categories `json:"categories" strict:"req"`
}

// Categories is a list of categories.
type Categories struct {
	Category []Category `json:"category" strict:"req,items=0"`
}
