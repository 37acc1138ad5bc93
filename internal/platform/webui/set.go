package webui

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"
)

//go:embed templates
var ownTemplates embed.FS

// Set is the parsed templates of one domain together with the shared layouts
// and components.
//
// A template's functions speak to one request (its language, zone, form and
// problems), but html/template fixes functions when it parses. So a Set keeps a
// few copies, each bound to one request while it renders.
type Set struct {
	domain string
	base   *template.Template // never executed: only an unexecuted template can be cloned
	free   chan *instance
}

type instance struct {
	tmpl *template.Template
	ctx  *Ctx
}

// spare is how many copies a Set keeps between requests.
const spare = 4

// Templates parses a domain's templates (see App.Set) without adding them to an
// App, for tests.
func Templates(domain string, files fs.FS) (*Set, error) {
	s, err := common()
	if err != nil {
		return nil, err
	}
	return s.with(domain, files)
}

// common is the Set of the layouts and components alone, which all others begin with.
func common() (*Set, error) {
	base, err := template.New("").Option("missingkey=error").Funcs((&instance{}).funcs()).ParseFS(ownTemplates, "templates/*.html")
	return &Set{base: base, free: make(chan *instance, spare)}, err
}

func (s *Set) with(domain string, files fs.FS) (*Set, error) {
	base, err := s.base.Clone()
	if err != nil {
		return nil, err
	}
	if err := parseDomain(base, domain, files); err != nil {
		return nil, fmt.Errorf("templates of %s: %w", domain, err)
	}
	return &Set{domain: domain, base: base, free: make(chan *instance, spare)}, nil
}

func parseDomain(base *template.Template, domain string, files fs.FS) error {
	shared := map[string]bool{}
	for _, t := range base.Templates() {
		shared[t.Name()] = true
	}
	names, err := fs.Glob(files, "templates/*.html")
	if err == nil && len(names) == 0 {
		names, err = fs.Glob(files, "*.html")
	}
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		page := domain + "/" + strings.TrimSuffix(path.Base(name), ".html")
		if _, err := base.New(page).Parse(string(text)); err != nil {
			return err
		}
	}
	for _, t := range base.Templates() {
		if !shared[t.Name()] && !strings.HasPrefix(t.Name(), domain+"/") && t.Name() != "" {
			return fmt.Errorf("template %q must have a name below %s/", t.Name(), domain)
		}
	}
	return nil
}

// take returns a copy bound to c.
func (s *Set) take(c *Ctx) (*instance, error) {
	select {
	case in := <-s.free:
		in.ctx = c
		return in, nil
	default:
	}
	in := &instance{ctx: c}
	tmpl, err := s.base.Clone()
	if err != nil {
		return nil, err
	}
	in.tmpl = tmpl.Funcs(in.funcs())
	return in, nil
}

func (s *Set) give(in *instance) {
	in.ctx = nil
	select {
	case s.free <- in:
	default:
	}
}
