// Package browser drives Chromium for the tests of pages: it opens a page at a
// width, light or dark, presses keys, takes screenshots, and reports violations
// of the Content-Security-Policy, script errors and axe-core's findings. What a
// page should do is in the tests beside the pages; the walk through the whole
// program is in test/walk.
//
// Without Chromium the tests skip aloud; with CI=true they fail. -short skips them.
package browser

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// limit is how long one step may take on a busy machine.
const limit = 60 * time.Second

// Browser is one running Chromium with a fresh profile.
type Browser struct {
	t   testing.TB
	ctx context.Context
}

// New starts a browser that ends with the test. Insecure accepts the self-made
// certificates of a server under test.
func New(t testing.TB, insecure bool) *Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser test, skipped by -short")
	}
	path := find()
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("chromium is not installed, and CI=true")
		}
		t.Skip("SKIPPED: chromium is not installed (apt-get install chromium fonts-wqy-microhei)")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.WSURLReadTimeout(limit), chromedp.UserDataDir(t.TempDir()))
	if insecure {
		opts = append(opts, chromedp.IgnoreCertErrors)
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(alloc, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx)
		cancel()
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return &Browser{t: t, ctx: ctx}
}

func find() string {
	for _, name := range []string{os.Getenv("TOCSIN_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// View is how a page is looked at. The zero value is 1280 pixels wide and light.
type View struct {
	Width, Height int
	Dark          bool
	NoScript      bool   // scripts of pages do not run
	Lang          string // Accept-Language
}

// Page is one tab. Pages of one Browser share its cookies. Its methods fail the
// test when a step does not work.
type Page struct {
	t    testing.TB
	ctx  context.Context
	view View

	mu       sync.Mutex
	csp, bad []string
}

// Open opens url in a new tab and waits until it has loaded.
func (b *Browser) Open(url string, v View) *Page {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.t.Cleanup(cancel)
	p := &Page{t: b.t, ctx: ctx}
	p.do("open a tab")
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		b.t.Fatal(err)
	}
	p.do("listen", command(log.Enable, cdp.Empty{}), command(runtime.Enable, cdp.Empty{}),
		// Several tabs may be at work: each believes that it is the one in front.
		command(emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}))
	p.Look(v)
	p.Go(url)
	return p
}

func command[P, R any](cmd cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, cmd, params)
		return err
	})
}

// hear collects what the page's console and the policy complain about.
func (p *Page) hear(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := ev.(type) {
	case *log.EventEntryAdded:
		p.note(string(e.Entry.Level), e.Entry.Text+" "+e.Entry.URL)
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		p.note("error", text)
	}
}

func (p *Page) note(level, text string) {
	switch {
	case strings.Contains(text, "Content Security Policy"):
		p.csp = append(p.csp, text)
	case level == "error" && !strings.Contains(text, "the server responded with a status of"):
		p.bad = append(p.bad, text)
	}
}

// CSPViolations returns what the policy has refused since the page was opened.
func (p *Page) CSPViolations() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.csp...)
}

// Errors returns the script errors and failed loads since the page was opened.
// Pages with an error status, such as a form that comes back, are none.
func (p *Page) Errors() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.bad...)
}

// Forget drops what CSPViolations and Errors have collected.
func (p *Page) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.csp, p.bad = nil, nil
}

func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	if len(steps) == 0 {
		// The first run makes the tab; a limit on it would end the tab with the step.
		ctx = p.ctx
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s: %v\n%s", what, err, p.Describe())
	}
}

// View returns how the page is looked at now.
func (p *Page) View() View { return p.view }

// Look changes the width and the colour scheme.
func (p *Page) Look(v View) {
	p.t.Helper()
	if v.Width == 0 {
		v.Width = 1280
	}
	if v.Height == 0 {
		v.Height = 900
	}
	p.view = v
	scheme := "light"
	if v.Dark {
		scheme = "dark"
	}
	p.do("set the view", chromedp.EmulateViewport(int64(v.Width), int64(v.Height)),
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}),
		command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: v.NoScript}))
	if v.Lang != "" {
		p.do("set the language", command(emulation.SetUserAgentOverride,
			emulation.SetUserAgentOverrideParams{UserAgent: "Mozilla/5.0 (test) Chrome", AcceptLanguage: v.Lang}))
	}
}

// Shots is the folder of screenshots: TOCSIN_SHOTS, else none are kept.
func Shots() string { return os.Getenv("TOCSIN_SHOTS") }

// Screenshot takes the whole page at a width, light or dark, and keeps it as
// NAME-WIDTH-SCHEME.png in the folder of Shots; it returns the PNG.
func (p *Page) Screenshot(name string, width int, dark bool) []byte {
	p.t.Helper()
	before := p.view
	v := before
	v.Width, v.Dark = width, dark
	p.Look(v)
	defer p.Look(before)
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		p.t.Fatalf("screenshot: %v", err)
	}
	if dir := Shots(); dir != "" {
		file := filepath.Join(dir, name+"-"+itoa(width)+"-"+map[bool]string{true: "dark", false: "light"}[dark]+".png")
		if err := os.WriteFile(file, png, 0o644); err != nil {
			p.t.Fatal(err)
		}
	}
	return png
}
