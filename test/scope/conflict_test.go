package scope

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/product"
)

// Why nobody learns of a hidden thing by a unique key that it holds already. A probe is
// one of TestAConflictTellsNothing.
const (
	ours     = "the key is an id or token of ours: random, nobody chooses it"
	within   = "the key begins with an object that who writes it sees whole"
	mac      = "a keyed hash of something random; a second one is the same row"
	internal = "written by the program alone, and no answer tells of a conflict"
	isPublic = "what it holds is public"
)

// uniqueKeys has every unique key of every migration with the reason. A key without one
// fails: whoever adds it says here why a conflict tells nobody anything.
func uniqueKeys() map[string]string {
	keys := map[string]string{
		"advisory_document(project,name)": isPublic, "advisory_gap(project,number)": isPublic, "advisory_site(path,from_generation)": isPublic,
		"advisory_revision(advisory,n)": within, "advisory_staged(advisory)": within, "advisory_generation(id)": internal,
		"casework_item(case_id,number)": within, "casework_seen(case_id,actor)": within,
		"desk_count(mac,day)":         "counted for each project, or for each network: TestAHiddenCaseChangesNoByte",
		"desk_intake(source,dedupe)":  "the same mail or form again stores nothing and is answered as the first was",
		"desk_payload(mac)":           "a payload seen before is said to be: a signature for one project must not speak in another. It shows to who has the very payload",
		"desk_seen(report_id,person)": within, "desk_thread(mac)": "keyed by project: probe of threads", "desk_tag(mac)": mac,
		"cve_setup(project_id)":     within,
		"remedy_mirror(product_id)": internal, "remedy_work(case_id,product_id)": within, "remedy_leak(case_id,product_id)": within,
		"embargo_embargo(case_id)": within, "embargo_change(case_id,number)": within,
		"people_person(address_mac)":       "probes of addresses; administrators, who are told, list all accounts",
		"people_grant(object,holder,role)": within, "people_session(mac)": ours, "people_session(id)": ours, "people_device(mac)": ours,
		"people_link(mac)": ours, "people_token(mac)": ours, "people_code(person)": within, "people_recovery(person,mac)": within,
		"people_throttle(mac)": "tries are counted whether there is such an account or not", "people_newaddress(link)": within,
		"people_project(slug)": isPublic, "people_project(series)": isPublic, "people_address(address)": isPublic,
		"people_series(project,year)": "a number tells how many the project took: documented, and no more than its gaps", "people_terms(project,version)": isPublic,
		"people_acceptance(project,person,version)": within, "people_handle(mac,key)": "probe of keys: two accounts may have one key",
		"people_delivery(tag)": ours, "people_rendered(delivery)": internal, "product_product(project_id,name)": "probe of products: names are a project's own",
		"blob_chunk(blob,n)": internal, "gate_gate(name)": internal, "jobs_job(unique_key)": internal, "jobs_cron(kind)": internal,
		"ledger_head(stream)": internal, "ledger_entry(stream,seq)": internal, "ledger_body(stream,seq)": internal, "ledger_leaf(n)": internal,
		"ledger_proof(stream,seq)": internal, "ledger_node(i)": internal, "ledger_checkpoint(size)": internal,
		"seal_site(site_key)": internal, "seal_key(confidence)": internal, "casework_invite(token)": ours, "desk_report(link_mac)": mac,
	}
	keys["advisory_resign(project)"], keys["advisory_purge(id)"], keys["advisory_reader(id)"] = within, internal, ours
	keys["advisory_delivery(event,downstream)"], keys["advisory_downstream(id)"], keys["advisory_event(id)"], keys["advisory_delivery(id)"] = internal, ours, ours, ours
	for _, table := range []string{"advisory_advisory", "casework_case", "casework_item", "casework_file", "casework_invite", "casework_claim", "desk_intake",
		"desk_report", "desk_message", "desk_text", "people_person", "people_grant", "people_link", "people_token", "people_project", "people_join",
		"people_key", "advisory_reader", "people_projectkey", "people_letter", "people_delivery", "cve_number", "product_product", "blob_blob", "jobs_job", "seal_key", "seal_ring"} {
		keys[table+"(id)"] = ours
	}
	return keys
}

func TestEveryUniqueKeyHasAReason(t *testing.T) {
	w := newWorld(t)
	known := uniqueKeys()
	w.view(func(ctx context.Context, v unit.View) error {
		list, err := sqldb.All(ctx, v, sqldb.Value[string], `select m.name || '(' || (select group_concat(name, ',') from
				(select c.name from pragma_index_info(i.name) c order by c.seqno)) || ')'
			from sqlite_master m, pragma_index_list(m.name) i where m.type = 'table' and i."unique" = 1
			union select m.name || '(' || c.name || ')' from sqlite_master m, pragma_table_info(m.name) c
			where m.type = 'table' and c.pk = 1 and c.type = 'INTEGER' and not exists (select 1 from pragma_index_list(m.name) i where i.origin = 'pk')`)
		for _, k := range list {
			if strings.HasPrefix(k, "goose_") || strings.HasPrefix(k, "sqlite_") {
				continue
			}
			if known[k] == "" {
				t.Errorf("%s has no reason in conflict_test.go", k)
			}
			delete(known, k)
		}
		return err
	})
	for _, k := range slices.Sorted(maps.Keys(known)) {
		t.Errorf("%s has a reason and is no key", k)
	}
}

// TestAConflictTellsNothing does one thing twice: with a name that something hidden has,
// and with one that nothing has. What comes back, and what the doer sees afterwards, is
// the same but for the name itself.
func TestAConflictTellsNothing(t *testing.T) {
	engines(t, func(t *testing.T, open func() *world) {
		w := open()
		w.populate()
		for _, o := range script() {
			w.apply(o)
		}
		actors := map[string]*actor{}
		for _, a := range w.actors {
			actors[a.name] = a
		}
		tries := w.conflicts(actors)
		for _, fact := range slices.Sorted(maps.Keys(tries)) {
			hidden, absent := tries[fact](true), tries[fact](false)
			if d := differ(hidden, absent); d != "" {
				t.Errorf("%s: %s", fact, d)
			}
		}
	})
}

// conflicts are the tries: each is asked with the hidden name and without, and gives all
// that its doer sees, with the names taken out.
func (w *world) conflicts(actors map[string]*actor) map[string]func(hidden bool) string {
	chair, rival := actors["chair"], actors["rival"]
	stranger := w.persons["stranger"]
	address := func(hidden bool) string {
		if hidden {
			return "stranger@people.example"
		}
		return "whoever@people.example"
	}
	looks := func(a *actor, names []string, targets ...string) string {
		var b strings.Builder
		for _, t := range targets {
			got := w.ask(a, "GET", t, "")
			if got.status != 200 {
				w.t.Fatalf("%s: status %d", t, got.status)
			}
			b.WriteString(bytesOf(got))
		}
		// Who leads since the same instant is in the order of ids.
		return strings.Join(bag(without(b.String(), names...)), "\n")
	}
	// A case of its own for each side, so that both begin alike.
	fresh := func(by *person, p *project) casework.CaseID {
		id, err := w.app.Cases.Open(w.ctx, by.sc, casework.Open{Project: p.id, Title: "A fresh case", Text: "Words", Reason: "It is ours."})
		w.must(err)
		w.drain()
		return id
	}
	a, b := w.projects[0], w.projects[1]
	return map[string]func(bool) string{
		"an address with an account is invited to a case": func(hidden bool) string {
			id := string(fresh(chair.person, a))
			got := w.ask(chair, "POST", "/api/cases/"+id+"/people", fmt.Sprintf(`{"address":%q,"role":"observer"}`, address(hidden)))
			w.drain()
			return without(bytesOf(got), address(hidden)) + looks(chair, []string{address(hidden)}, "/cases/"+id+"/people", "/api/cases/"+id+"/people")
		},
		"an address with an account becomes one's own": func(hidden bool) string {
			return fmt.Sprint(w.app.Accounts.AskAddress(w.ctx, w.persons["outsider"].sc, address(hidden)))
		},
		"a key that another account has is uploaded": func(hidden bool) string {
			k, err := pgp.Generate("Somebody", address(false), w.now, 400*24*time.Hour)
			w.must(err)
			raw, err := k.Armored()
			w.must(err)
			if hidden {
				_, err := w.app.Keys.Upload(w.ctx, stranger.sc, []byte(raw))
				w.must(err)
			}
			keys, err := w.app.Keys.Upload(w.ctx, w.persons["outsider"].sc, []byte(raw))
			w.must(err)
			out := looks(actors["outsider"], nil, "/settings/keys")
			w.must(w.app.Keys.Remove(w.ctx, w.persons["outsider"].sc, keys[0].ID))
			return out
		},
		"a product has the name of another project's": func(hidden bool) string {
			name := "Nothing like it"
			if hidden {
				name = a.product
			}
			id, err := w.app.Products.Add(w.ctx, rival.person.sc, product.Product{Project: b.id, Name: name})
			return fmt.Sprint(err) + looks(rival, []string{name}, "/api/products/"+string(id))
		},
		"an advisory has a CVE id that a hidden one has": func(hidden bool) string {
			id := "CVE-2026-10001"
			if hidden {
				w.draftWith(w.persons["member"], fresh(w.persons["member"], a), id)
			}
			mine := w.draftWith(rival.person, fresh(rival.person, b), id)
			return looks(rival, nil, "/api/advisories/"+string(mine), "/advisory/"+string(mine)+"/edit")
		},
		"a mail answers one that went to another project": func(hidden bool) string {
			id := "<nothing@research.example>"
			if hidden {
				id = "<m90010@research.example>"
				w.mailIn(a.p.Address(), rawMail(a.p.Address(), "Hidden", "Words", "file", 90010))
			}
			before := w.heldIDs(b)
			raw := strings.Replace(rawMail(b.p.Address(), "An answer", "Words", "file", 91000+len(before)), "MIME-Version:", "In-Reply-To: "+id+"\r\nMIME-Version:", 1)
			w.mailIn(b.p.Address(), raw)
			return fmt.Sprint(len(w.heldIDs(b)) - len(before))
		},
	}
}

// without takes names out of an answer, as they are and as they stand in a link.
func without(s string, names ...string) string {
	for _, n := range names {
		s = strings.NewReplacer(n, "NAME", strings.ReplaceAll(n, "@", "%40"), "NAME").Replace(s)
	}
	return s
}

// draftWith makes the advisory of a case with a CVE id.
func (w *world) draftWith(by *person, id casework.CaseID, cve string) advisory.ID {
	w.t.Helper()
	draft, err := w.app.Advisories.Draft(w.ctx, by.sc, string(id))
	w.must(err)
	w.edit(&kase{draft: draft}, by, func(r *advisory.Record) { r.Title, r.CVE = "Some advisory", cve })
	return draft
}
