package advisory

import (
	"github.com/tocsin-sec/tocsin/internal/advisory/around"
	"github.com/tocsin-sec/tocsin/internal/advisory/emit/page"
)

// What advisory needs of the packages around it; package around says what each does.
type (
	Cases      = around.Cases
	CaseView   = around.CaseView
	Embargoes  = around.Embargoes
	Roles      = around.Roles
	Projects   = around.Projects
	Series     = around.Series
	Post       = around.Post
	Deliveries = around.Deliveries
	Numbering  = around.Numbering
	Renderer   = around.Renderer
	// Output is what the renderers for people get.
	Output = page.Output
)
