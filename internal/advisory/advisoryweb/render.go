package advisoryweb

import (
	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/emit/page"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

// Renderer gives emit/page the texts of the catalogue. It implements advisory.Renderer.
type Renderer struct{ Catalog *i18n.Catalog }

var _ advisory.Renderer = Renderer{}

// Texts implements advisory.Renderer.
func (r Renderer) Texts(lang string) advisory.Texts { return r.Catalog.Printer(r.Catalog.Choose(lang)) }

// Style implements advisory.Renderer.
func (r Renderer) Style() []byte { return page.Style() }

// Page implements advisory.Renderer.
func (r Renderer) Page(o advisory.Output) ([]byte, error) { return page.HTML(o) }

// Mail implements advisory.Renderer.
func (r Renderer) Mail(o advisory.Output) (string, []byte, error) { return page.Mail(o) }
