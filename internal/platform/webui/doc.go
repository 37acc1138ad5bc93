// Package webui is the web face that all domains' pages stand on: router and
// access, the middleware chain, templates with layouts and components, forms that
// lose nothing, the API with its description, static files. What a page says is in
// package i18n; what it may show is decided in the domains' stores by scope; who
// asks is found out by people's middleware (App.Use). This comment is the manual
// for the authors of pages.
//
// # A page
//
//	//go:embed templates
//	var files embed.FS
//
//	func (p Pages) Register(app *webui.App) {
//		app.Set("desk", files)                       // templates/list.html is "desk/list"
//		app.Nav(webui.NavItem{Key: "desk.nav.held", Href: "/held", Order: 10, Access: webui.SignedIn})
//		app.Page("GET /held", webui.SignedIn, p.list)
//		app.Page("POST /held/{id}/release", webui.SignedIn, p.release)
//		webui.Op(app, huma.Operation{OperationID: "held-list", Method: "GET", Path: "/api/held"}, webui.SignedIn, p.apiList)
//	}
//
//	func (p Pages) list(c *webui.Ctx) error {
//		held, next, err := p.Desk.Held(c.Context(), people.From(c.Context()), c.Query("after"))
//		if err != nil {
//			return err                               // becomes the error page
//		}
//		return c.Render("desk/list", listView{Held: held, Next: next})
//	}
//
// Access is Public, SignedIn (others are sent to sign in and come back), Admin
// (does not exist for others) or Bearer (the handler looks the secret link up and
// calls c.SetContext(people.Into(...))). Private pages are never stored by
// browsers. Options of a route: MaxBody(n) for uploads (else 1 MiB), Timeout(d)
// for long downloads (else 30 s), Cache("public, max-age=300") for public pages.
// Mount takes a plain http.Handler. The frame is "app" for SignedIn and Admin and
// "public" for the others; c.Layout changes it, c.Brand names the project on it.
//
// A template is the inside of <main>. It begins with head, which writes the h1 and
// the window's title. Further templates in a file are named "desk/...". Every text
// comes from the catalogue. Inline script, style elements and style attributes do
// not work (Content-Security-Policy); neither do onclick and its like.
//
//	{{head (t "desk.held.title")}}
//	<p>{{t "desk.held.count" "n" (len .Held)}}</p>
//
// # Functions of templates
//
//	t KEY [NAME VALUE]...    the text; plural by "n"
//	head TEXT, title TEXT    h1 and window title; the window title alone
//	date T, day T            Fri 4 Dec 2026, 14:00 CET; the day alone
//	when T, ago T            date with "in 3 days" beside it; "in 3 days" alone
//	number N, size BYTES     12,345; 1.2 MB
//	state KIND KEY [ARGS]    a state as word and shape; KIND is open wait ok warn stop off secret info
//	badge BADGE              the same from a Go webui.Badge{Kind, Key, Args}
//	icon NAME                those kinds and mail file person note key; always beside a word
//	prose TEXT, md TEXT      plain text with its lines; Markdown without raw HTML and images
//	timeline EVENTS          []webui.Event{At, Who, Text, Icon, Note}
//	more CURSOR              links to the first and the next page (?after=CURSOR)
//	with NAME VALUE          this address with one parameter changed
//	key LETTER               attributes that give a button or link its shortcut
//	spare                    attributes that let htmx swap <main> instead of loading anew
//	me, lang, asset NAME     the Viewer, the language tag, a static file's address
//
// # A form
//
// A plain <form method="post">; no token is needed (cross-origin requests are
// refused by their headers). The field functions write label, hint, problem and
// control, and put back what was typed when the form comes again. The label's hint
// is the catalogue's KEY.hint if there is one.
//
//	text  NAME KEY VALUE OPTS...     area NAME KEY VALUE OPTS...    file NAME KEY OPTS...
//	clock NAME KEY TIME OPTS...      a date with an hour in the reader's zone; read it with c.Time
//	pick  NAME KEY VALUE OPTIONS OPTS...     radios likewise; checks with a []string as value
//	check NAME KEY BOOL OPTS...      one box; read it with c.Checked
//	hidden NAME VALUE     submit KEY     act NAME VALUE KEY LETTER KIND     problem NAME
//
// OPTIONS is a []webui.Option{Value, Key or Text, Hint}. OPTS are strings:
// "required" (all else is marked optional), "plain" (mark nothing), "hint=KEY",
// "wide", "short", "mono", and the attributes type, maxlength, min, max, step,
// rows, autocomplete, inputmode, accept, multiple, form, spellcheck, autofocus.
// Files need enctype="multipart/form-data" on the form.
//
//	<form method="post" action="/cases/{{.ID}}/embargo">
//	{{clock "until" "embargo.until" .Until "required"}}
//	{{area "reason" "embargo.reason" .Reason "required" "rows=3"}}
//	{{submit "embargo.propose"}}
//	</form>
//
//	func (p Pages) propose(c *webui.Ctx) error {
//		var checks fault.Checks
//		cmd := embargo.Propose{Case: casework.CaseID(c.Path("id")), Until: c.Time(&checks, "until"), Reason: c.Value("reason")}
//		err := checks.Err()
//		if err == nil {
//			err = p.Embargo.Propose(c.Context(), people.From(c.Context()), cmd)
//		}
//		if err != nil {
//			return c.RenderForm("embargo/form", view, err)   // 422, summary, fields, typed values
//		}
//		c.Flash("embargo.proposed")                          // shown once on the next page
//		return c.Redirect("/cases/" + c.Path("id"))
//	}
//
// The Path of a fault.Field is the field's NAME. Errors of kinds Internal,
// NotFound and Unauthenticated pass through RenderForm to the error page.
// A field of the form that is too large for memory is read with c.Stream, which
// hands each file on as it arrives (MaxBody raises the route's limit).
//
// A destructive or publishing step is a page of its own that says what will happen
// to whom before it does:
//
//	return c.Confirm(webui.Confirm{Title: c.T("advisory.publish.title", "id", id),
//		Effects: []webui.Effect{{Who: c.T("advisory.publish.world"), What: c.T("advisory.publish.page")}},
//		Action: "/advisories/" + id + "/publish", Button: c.T("advisory.publish.button"), Danger: true,
//		Reason: true, Back: "/advisories/" + id}, err)   // err nil at first; the post's fault when it comes again
//
// # A list for the keyboard
//
//	<form method="post" action="/held" data-list {{spare}}>
//	<table class="list"><thead>...</thead><tbody>
//	{{range .Held}}<tr data-row>
//	<td><input type="checkbox" name="id" value="{{.ID}}" aria-label="{{t "desk.held.pick" "title" .Title}}"></td>
//	<td><a data-open href="/held/{{.ID}}">{{.Title}}</a></td><td>{{ago .At}}</td>
//	</tr>{{end}}</tbody></table>
//	<div class="actions">{{act "do" "spam" "desk.spam" "s" ""}} {{act "do" "release" "desk.release" "r" "main"}}</div>
//	</form>
//
// j and k move, x ticks, Enter opens, a letter presses its button (for the ticked
// rows, else for the row one is at), ? lists them all. Letters must not be j, k, x
// or ?. Shortcuts never fire in a field, nor with Ctrl, Alt or Meta, and can be
// turned off in the ? list. c.Form()["id"] has the ticked rows.
//
// # The case page and its panels
//
//	<div class="case">
//	<div class="case-top">summary and clock</div>
//	<div class="case-middle">conversation</div>
//	<aside class="case-side">{{template "panels" .Panels}}</aside>
//	</div>
//
// .Panels is c.Panels(panels, id). A domain offers webui.Panel{Key, Order, Render}
// whose Render returns c.HTML("embargo/panel", view) or webui.ErrNoPanel.
//
// # Classes
//
//	dl.facts             short facts in two columns        .panel    a framed section
//	.actions             a row of buttons                  .note     an internal remark, marked
//	.columns             equal columns, one on a phone     .narrow   the width of a text
//	.message             one message; .message.internal    .rel      a relative time
//	table.list           a dense list                      .mono     code-like text
//	nav.tabs             links as tabs (aria-current)      .warn     a boxed warning
//	button.main .danger .quiet                             .muted    less important text
//
// # Pictures
//
// Package svg draws the embargo clock, the timeline, the branch matrix and spark
// lines. Its values are template.HTML and go into a page as they are:
//
//	svg.Clock{Start: e.Since, Now: c.Now(), Until: e.Until, Aim: e.Since.AddDate(0, 0, 14),
//		Limit: e.Since.AddDate(0, 1, 0)}.SVG(c.Printer())       // within <div class="clock">
//
// # Other answers
//
// c.Redirect (303, local paths only), c.Download (always as a file to keep), c.Flash
// (a text on the next page), c.Layout, c.Brand. A handler's error becomes a page:
// what is missing and what is hidden are the same bytes; an internal error shows a
// reference number and the log has the rest. In a middleware App.Refuse does this.
// RequestID, Remote and Secure tell of the request from a context. c.Query, c.Path,
// c.Value, c.Checked, c.Int, c.Time, c.File and c.Files read the request.
//
// # The API
//
// An operation's path begins with /api/. Its input and output are huma's structs
// (path:"id", query:"after", Body). The handler returns faults as they are: they
// become problem documents (RFC 9457) whose type is "urn:tocsin:" and the fault's
// key. Unknown query parameters and JSON fields are refused. Summary is English.
//
// # Tests
//
// Package test/browser opens pages in Chromium; keys_test.go and browser_test.go here
// show how. catalogtest reports keys without a text.
package webui
