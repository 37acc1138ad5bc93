package caseworkweb

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// perPage is how many cases a page of the list shows.
const perPage = 50

type listView struct {
	casework.Page
	States   []choice // filters by state
	Only     []choice // further filters
	Orders   []choice
	Projects map[people.ProjectID]string
	Next     string // cursor of the next page
	Now      time.Time
}

// choice is a link that changes one parameter of the list's address.
type choice struct {
	Name, Href string
	Here       bool
}

// choices are the links of one parameter; choosing again what is chosen takes it back
// where that makes sense.
func choices(c *webui.Ctx, param, chosen string, back bool, names ...string) []choice {
	var out []choice
	for _, n := range names {
		ch := choice{Name: n, Here: n == chosen}
		to := n
		if back && ch.Here {
			to = ""
		}
		ch.Href = c.With(param, to)
		out = append(out, ch)
	}
	return out
}

// queryOf reads the filters out of the address. What is unknown is left out.
func queryOf(get func(string) string) (casework.Query, string) {
	q := casework.Query{Project: people.ProjectID(get("project")), Order: casework.ParseOrder(get("order")), Limit: perPage,
		Unread: get("only") == "unread", Overdue: get("only") == "overdue", Waiting: get("only") == "waiting"}
	filter := get("state")
	switch filter {
	case "all":
		q.States = casework.States()
	default:
		if st, err := casework.ParseState(filter); err == nil {
			q.States = []casework.State{st}
		} else {
			filter = "open"
		}
	}
	q.Offset, _ = strconv.Atoi(get("after"))
	return q, filter
}

func filters() []string {
	out := []string{"open", "all"}
	for _, st := range casework.States() {
		out = append(out, st.String())
	}
	return out
}

func (p Pages) list(c *webui.Ctx) error {
	q, filter := queryOf(c.Query)
	v := listView{Now: c.Now(), Projects: map[people.ProjectID]string{}, States: choices(c, "state", filter, false, filters()...),
		Only: choices(c, "only", c.Query("only"), true, "unread", "overdue", "waiting")}
	for _, o := range casework.Orders() {
		v.Orders = append(v.Orders, choices(c, "order", q.Order.String(), false, o.String())...)
	}
	err := p.view(c, func(ctx context.Context, tx unit.View, sc people.Scope) (err error) {
		if v.Page, err = p.Cases.List(ctx, tx, sc, q); err != nil {
			return err
		}
		for _, r := range v.Rows {
			if _, ok := v.Projects[r.Project]; ok {
				continue
			}
			pr, err := p.People.Project(ctx, tx, sc, r.Project)
			if err != nil {
				return err
			}
			v.Projects[r.Project] = pr.Name
		}
		return nil
	})
	if err != nil {
		return err
	}
	if v.More {
		v.Next = strconv.Itoa(q.Offset + perPage)
	}
	return c.Render("casework/list", v)
}

type searchView struct {
	Hits  []hitView
	Done  int
	Words string
	Asked bool
	After string
}

// hitView is a hit with a piece of its text around the first word.
type hitView struct {
	casework.Hit
	Snippet string
}

// snippetRunes is how much of an item's text the list of hits shows.
const snippetRunes = 160

func snippet(text, words string) string {
	r := []rune(strings.Join(strings.Fields(text), " "))
	first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(words)), " ")
	at := max(0, len([]rune(before(strings.ToLower(string(r)), first)))-snippetRunes/4)
	if at >= len(r) {
		at = 0
	}
	return string(r[at:min(len(r), at+snippetRunes)])
}

// before is what stands before the first word in text; nothing when it is not there.
func before(text, word string) string {
	head, _, ok := strings.Cut(text, word)
	if !ok {
		return ""
	}
	return head
}

// cursor writes a search's cursor into an address.
func cursor(cur casework.Cursor) string {
	if cur.ID == "" {
		return ""
	}
	return strconv.FormatInt(cur.At.UnixMicro(), 10) + "." + string(cur.ID)
}

// parseCursor reads what cursor wrote; the beginning for anything else.
func parseCursor(s string) casework.Cursor {
	at, id, ok := strings.Cut(s, ".")
	us, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil || len(id) > 30 {
		return casework.Cursor{}
	}
	return casework.Cursor{At: time.UnixMicro(us).UTC(), ID: casework.ItemID(id)}
}

// search looks through the newest items of the viewer's cases.
func (p Pages) search(c *webui.Ctx) error {
	v := searchView{Words: c.Query("q")}
	if strings.TrimSpace(v.Words) == "" {
		return c.Render("casework/search", v)
	}
	v.Asked = true
	var found casework.Found
	err := p.view(c, func(ctx context.Context, tx unit.View, sc people.Scope) (err error) {
		found, err = p.Cases.Search(ctx, tx, sc, v.Words, parseCursor(c.Query("after")))
		return err
	})
	if fault.Is(err, fault.Invalid) {
		return c.RenderForm("casework/search", v, err)
	}
	if err != nil {
		return err
	}
	v.After, v.Done = cursor(found.Next), found.Done
	for _, h := range found.Hits {
		v.Hits = append(v.Hits, hitView{h, snippet(h.Item.Content.Text, v.Words)})
	}
	return c.Render("casework/search", v)
}
