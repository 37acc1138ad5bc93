package webui_test

import (
	"net/http/httptest"
	"os"
	"path"
	"testing"

	"github.com/tocsin-sec/tocsin/test/browser"
)

func catalogFile(lang, name string) ([]byte, error) {
	return os.ReadFile("../i18n/catalog/" + lang + "/" + name + ".json")
}

func TestExamplePagesInABrowser(t *testing.T) {
	b := browser.New(t, false)
	srv := httptest.NewServer(exampleApp(t).Handler())
	defer srv.Close()
	for _, name := range []string{"case", "list", "form", "public", "api/docs"} {
		p := b.Open(srv.URL+"/"+name, browser.View{})
		for _, width := range []int{1280, 390} {
			for _, dark := range []bool{false, true} {
				p.Look(browser.View{Width: width, Dark: dark})
				if over := p.Overflow(); over > 0 {
					t.Errorf("%s at %d px is %d px too wide", name, width, over)
				}
				p.Screenshot(path.Base(name), width, dark)
				findings, _ := p.Axe()
				for _, f := range findings {
					t.Errorf("%s at %d px, dark %v: %s", name, width, dark, f)
				}
			}
		}
		p.Look(browser.View{Lang: "zh"})
		p.Go(srv.URL + "/" + name)
		p.Screenshot(path.Base(name)+"-zh", 1280, false)
		for _, v := range append(p.CSPViolations(), p.Errors()...) {
			t.Errorf("%s: %s", name, v)
		}
	}
}
