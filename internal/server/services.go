package server

import (
	"context"
	"path/filepath"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/access"
	"github.com/tocsin-sec/tocsin/internal/advisory/advisorydb"
	"github.com/tocsin-sec/tocsin/internal/advisory/advisoryweb"
	"github.com/tocsin-sec/tocsin/internal/advisory/downstream"
	"github.com/tocsin-sec/tocsin/internal/advisory/ofcase"
	"github.com/tocsin-sec/tocsin/internal/advisory/orphan"
	"github.com/tocsin-sec/tocsin/internal/advisory/purge"
	"github.com/tocsin-sec/tocsin/internal/advisory/resign"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworkdb"
	"github.com/tocsin-sec/tocsin/internal/casework/reminder"
	"github.com/tocsin-sec/tocsin/internal/casework/roster"
	"github.com/tocsin-sec/tocsin/internal/cve"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/desk/deskdb"
	"github.com/tocsin-sec/tocsin/internal/desk/reading"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/embargo/embargodb"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/people/mailroom"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/credential"
	"github.com/tocsin-sec/tocsin/internal/platform/egress"
	"github.com/tocsin-sec/tocsin/internal/platform/gate"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/mailer"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/product/productdb"
	"github.com/tocsin-sec/tocsin/internal/remedy"
	"github.com/tocsin-sec/tocsin/internal/remedy/leak"
	"github.com/tocsin-sec/tocsin/internal/remedy/remedydb"
	"github.com/tocsin-sec/tocsin/internal/server/mirrors"
	"github.com/tocsin-sec/tocsin/internal/server/openpgp"
	"github.com/tocsin-sec/tocsin/internal/server/outgoing"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

// Services are the domains, wired on one store.
type Services struct {
	Directory  *people.Directory
	Grants     *people.Grants
	Agreements *people.Agreements
	Team       *people.Team
	Projects   *people.Projects
	Members    *people.Members
	Keys       *people.Keys
	Series     *people.Series
	Post       *people.Post
	Accounts   *account.Service
	Admin      *account.Admin
	Mailroom   *mailroom.Mailroom
	Products   *product.Service
	Desk       *desk.Service
	Door       *reading.Door
	Reader     *reading.Reader
	Cases      *casework.Service
	Roster     *roster.Roster
	Numbers    *cve.Service
	Reminder   *reminder.Reminder
	Embargoes  *embargo.Service
	Remedies   *remedy.Service
	Leaks      *leak.Service
	Advisories *advisory.Service
	Resign     *resign.Service
	Readers    *access.Service
	Downstream *downstream.Service
	Purge      *purge.Service
	Orphans    *orphan.Service

	People *peopledb.Store
	Ring   peopledb.Keyring
	pgp    openpgp.PGP
}

// Wire makes the services on an open store and gives its Work the table of facts.
func Wire(s *Store, catalog *i18n.Catalog) (*Services, error) {
	client, err := Smarthost(s.Config)
	if err != nil {
		return nil, err
	}
	a := &Services{}
	a.wirePeople(s, catalog, smarthost{client})
	a.wireDesk(s)
	a.wireCases(s)
	a.wireNumbers(s)
	a.wireRemedies(s)
	a.wireAdvisories(s, catalog)
	s.Work.Flow = a.flows()
	return a, nil
}

func (a *Services) wirePeople(s *Store, catalog *i18n.Catalog, transport smarthost) {
	cfg := s.Config
	a.People = &peopledb.Store{Seal: s.Seal, Ring: s.Ring}
	a.Ring = peopledb.Keyring{Store: a.People}
	a.pgp = openpgp.PGP{Clock: time.Now}
	a.Directory = &people.Directory{Persons: a.People, Projects: a.People}
	a.Agreements = &people.Agreements{Store: a.People}
	a.Grants = &people.Grants{Store: a.People, Terms: a.People}
	a.Post = &people.Post{Store: a.People, Domain: cfg.MailDomain}
	a.Team = &people.Team{Joins: a.People, Persons: a.People, Grants: a.Grants, Agreements: a.Agreements, Post: a.Post, Origin: cfg.URL}
	a.Projects = &people.Projects{Work: s.Work, Store: a.People, Team: a.Team, Agreements: a.Agreements, Ring: a.Ring, PGP: a.pgp, Signer: cfg.SignerCommand != ""}
	a.Keys = &people.Keys{Work: s.Work, Store: a.People, PGP: a.pgp, Post: a.Post, Origin: cfg.URL}
	a.Series = &people.Series{Store: a.People, Projects: a.People}
	a.Accounts = &account.Service{
		Work: s.Work, Persons: a.People, Sessions: a.People, Links: a.People, Addresses: a.People, Codes: a.People, Tokens: a.People, Throttle: a.People,
		Hasher: credential.NewHasher(credential.DefaultParams(), hashesAtOnce, hashesWaiting), OneTime: credential.Codes{Issuer: "Tocsin"},
		Team: a.Team, Post: a.Post, Origin: cfg.URL,
		Held:   func(ctx context.Context, v unit.View) (bool, error) { return gate.Closed(ctx, v, gate.Logins) },
		Pepper: func(password string) string { return s.Seal.MAC("account.pepper", password) },
	}
	a.Members = &people.Members{Work: s.Work, Team: a.Team, Directory: a.Directory, Accounts: a.Accounts, Ring: a.Ring}
	a.Admin = &account.Admin{Service: a.Accounts, Projects: a.Projects, Jobs: a.People}
	a.Mailroom = &mailroom.Mailroom{
		Work: s.Work, Letters: a.People, Queue: a.People, Keys: a.People, Directory: a.Directory, Ring: a.Ring, PGP: a.pgp,
		Texts: texts{catalog}, Transport: transport, Files: attachments{s.Blobs},
		Terms: a.People, SiteAddress: "tocsin@" + cfg.MailDomain, BounceDomain: "",
		Hold: func() bool { return s.held(gate.Sending) },
	}
}

// Password hashes cost 19 MiB and some 20 ms each (credential.DefaultParams): so
// many run at once, and so many more wait before a sign-in is refused.
const (
	hashesAtOnce  = 2
	hashesWaiting = 32
)

func (a *Services) wireDesk(s *Store) {
	store := &deskdb.Store{Seal: s.Seal, Blobs: s.Blobs}
	files := &deskdb.Files{Blobs: s.Blobs}
	var work unit.Work = s.Work
	if s.DB.Dialect() == sqldb.SQLite {
		// One writer: concurrent mails share a transaction and so a sync of the disk.
		work = &desk.Group{Work: s.Work}
	}
	a.Mailroom.Work = work // letters come in crowds too
	a.Desk = &desk.Service{
		Work: s.Work, Reports: store, Messages: store, Intakes: store, Texts: store,
		Threads: &desk.Threads{Store: store}, Projects: a.Directory, Post: a.Post, Letters: a.People,
		Links: &deskdb.Links{Seal: s.Seal}, Files: files, PGP: a.pgp, BaseURL: s.Config.URL,
	}
	a.Door = &reading.Door{Work: work, Intakes: store, Files: files, Projects: a.Directory, MaxBytes: s.Config.MailLimit}
	a.Reader = &reading.Reader{
		Work: work, Intakes: store, Files: files, PGP: a.pgp, Checker: originCheck{mailer.NewCache(mailer.NewResolver(s.Config.DNS)), s.Config.TrustedProxies},
		Keys: a.People, Secrets: a.Ring, Projects: a.Directory, Desk: a.Desk, Limits: mailmsg.Limits{},
		Deliveries: a.People, Bounces: a.Mailroom,
	}
}

func (a *Services) wireCases(s *Store) {
	store := &caseworkdb.Store{Seal: s.Seal, Blobs: s.Blobs}
	a.Products = &product.Service{Work: s.Work, Store: productdb.Store{}, Roles: a.Grants}
	a.Cases = &casework.Service{
		Work: s.Work, Cases: store, Lists: store, Items: store, Files: store, Bytes: caseworkdb.Bytes{Blobs: s.Blobs},
		Invites: store, Claims: store, Seen: store, Timeline: caseworkdb.Timeline{Ledger: s.Ledger},
		Reports: a.Desk, Messages: &deskdb.Store{Seal: s.Seal, Blobs: s.Blobs}, Threads: a.Desk.Threads, Letters: a.People, Links: &deskdb.Links{Seal: s.Seal},
		Grants: a.Grants, People: a.Directory, Terms: a.Agreements, Post: a.Post, Accounts: a.Accounts,
		Origin: s.Config.URL,
	}
	a.Reminder = &reminder.Reminder{Work: s.Work, Cases: a.Cases, Projects: a.Directory}
	a.Roster = &roster.Roster{Store: store, Cases: store, Invites: store, Seen: store, Grants: a.Grants}
	a.Embargoes = &embargo.Service{Work: s.Work, Store: &embargodb.Store{Seal: s.Seal}, Cases: a.Cases, Projects: a.Directory}
}

// wireRemedies keeps the mirrors of repositories in the data folder; they are fetched as
// far as the operator allows.
func (a *Services) wireRemedies(s *Store) {
	store := &remedydb.Store{Seal: s.Seal}
	repositories := mirrors.New(mirrors.Config{Folder: filepath.Join(s.Config.Data, "mirrors"), Protocols: s.Config.GitProtocols,
		Local: s.Config.GitFolders, Egress: egress.Config{Allow: s.Config.EgressAllow}})
	a.Remedies = &remedy.Service{
		Work: s.Work, Store: store, Cases: a.Cases, Products: a.Products, Roles: a.Grants, Origin: s.Config.URL, Repositories: repositories,
	}
	a.Leaks = &leak.Service{Work: s.Work, Store: store, Cases: a.Cases, Products: a.Products, Mirrors: repositories, Origin: s.Config.URL}
}

func (a *Services) wireAdvisories(s *Store, catalog *i18n.Catalog) {
	store := &advisorydb.Store{Seal: s.Seal}
	a.Advisories = &advisory.Service{
		Work: s.Work, Store: store, Site: advisorydb.Site{Seal: s.Seal},
		Cases:     ofcase.Cases{Cases: a.Cases, Products: a.Products, Reports: a.Desk, Numbers: a.Numbers, Fixes: a.Remedies},
		Embargoes: ofcase.Embargoes{Embargoes: a.Embargoes},
		Roles:     a.Grants, Projects: a.Directory, Series: a.Series, Keys: openpgp.Signing{Ring: a.Ring, PGP: a.pgp, Command: s.Config.SignerCommand, Since: advisorydb.Resigns{}.Since}, Post: a.Post, Mail: a.People,
		Render: advisoryweb.Renderer{Catalog: catalog}, Numbering: organisations{a.Numbers}, URL: s.Config.URL,
	}
	a.Resign = &resign.Service{Work: s.Work, Store: advisorydb.Resigns{}, Site: advisorydb.Site{Seal: s.Seal}, Projects: a.Directory, Roles: a.Grants,
		Keys: a.Advisories.Keys, Post: a.Post, URL: s.Config.URL}
	a.Orphans = &orphan.Service{Work: s.Work, Advisories: a.Advisories, Store: store, Site: a.Advisories.Site, Keys: a.Advisories.Keys, Roles: a.Grants, Post: a.Post,
		Render: a.Advisories.Render, URL: s.Config.URL}
	a.Readers = &access.Service{Work: s.Work, Store: advisorydb.Readers{Seal: s.Seal}, Roles: a.Grants}
	a.Downstream = &downstream.Service{Work: s.Work, Store: advisorydb.Downstreams{Store: store}, Site: advisorydb.Site{Seal: s.Seal}, Projects: a.Directory,
		Roles: a.Grants, Post: a.Post, Caller: outgoing.NewWebhooks(s.Config.EgressAllow), MAC: s.Seal.MAC, URL: s.Config.URL,
		Plain: len(s.Config.EgressAllow) > 0}
	a.Purge = &purge.Service{Work: s.Work, Store: advisorydb.Purges{}, Site: advisorydb.Site{Seal: s.Seal}, Run: outgoing.Purge(s.Config.PurgeCommand), URL: s.Config.URL}
}

// held reports whether a gate is closed; when the store cannot tell, it is.
func (s *Store) held(name string) bool {
	closed := true
	err := s.Work.View(context.Background(), func(ctx context.Context, v unit.View) (err error) {
		closed, err = gate.Closed(ctx, v, name)
		return err
	})
	if err != nil {
		s.Log.Error("gate", "name", name, "error", err)
		return true
	}
	return closed
}
