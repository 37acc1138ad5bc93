package peopledb

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

func letterConfidence(l people.Letter) string {
	if l.Confidence != "" {
		return l.Confidence
	}
	return "letter:" + l.ID
}

// recipientBody is what is sealed of a delivery.
type recipientBody struct {
	Address string `json:"address,omitempty"`
	Lang    string `json:"lang,omitempty"`
	Typed   bool   `json:"typed,omitempty"`
	Given   string `json:"given,omitempty"`
	// Confidence seals the rendered bytes too.
	Confidence string `json:"confidence"`
}

// AddLetter implements people.LetterStore.
func (s *Store) AddLetter(ctx context.Context, tx unit.Tx, _ people.Scope, l people.Letter, ds []people.Delivery) error {
	confidence := letterConfidence(l)
	body, err := s.sealed(ctx, tx, confidence, "people_letter", l.ID, l)
	if err != nil {
		return err
	}
	if err := exec(ctx, tx, `insert into people_letter (id, about, body, created_at) values (?, ?, ?, ?)`, l.ID, l.About, body, tx.Now()); err != nil {
		return err
	}
	for _, d := range ds {
		to, err := s.sealed(ctx, tx, confidence, "people_delivery", d.ID, recipientBody{d.To.Address, d.To.Lang, d.To.Typed, d.To.Given, confidence})
		if err != nil {
			return err
		}
		keyed, err := s.keyed(ctx, tx, l, d.To)
		if err != nil {
			return err
		}
		err = exec(ctx, tx, `insert into people_delivery (id, letter, person, tag, state, problem, code, tries, notice, encrypted, created_at, next_at, done_at, body)
			values (?, ?, ?, ?, ?, '', '', 0, 0, ?, ?, ?, 0, ?)`, d.ID, d.Letter, d.To.Person, d.Tag, d.State, keyed, d.Created, d.Next, to)
		if err != nil {
			return err
		}
	}
	return nil
}

// keyed reports whether a key of the recipient is known that has not ended, without
// opening it: what only rendering can tell (a revocation) counts as a key until then.
func (s *Store) keyed(ctx context.Context, tx unit.Tx, l people.Letter, to people.Recipient) (bool, error) {
	if !l.Confidential && !l.Private {
		return false, nil
	}
	if to.Typed {
		return to.Given != "", nil
	}
	mac := "-"
	if to.Address != "" {
		mac = s.addressMAC(to.Address)
	}
	// Exactly the keys that KeysOf gives the job that renders.
	return sqldb.One(ctx, tx, sqldb.Value[bool], `select exists (select 1 from people_key k where (k.expires_at = 0 or k.expires_at > ?) and (
		k.person <> '' and (k.person = ? or k.person in (select a.id from people_person a where a.address_mac = ?))
		or k.person = '' and k.address_mac = ? and k.project = ?))`, sqldb.Micros(tx.Now()), to.Person, mac, mac, l.Project)
}

// SentEncrypted implements people.LetterStore.
func (s *Store) SentEncrypted(ctx context.Context, v unit.View, _ people.Scope, letters []string) (map[string]bool, error) {
	out := map[string]bool{}
	if len(letters) == 0 {
		return out, nil
	}
	args := make([]any, len(letters))
	for i, l := range letters {
		args[i] = l
	}
	ids, err := sqldb.All(ctx, v, sqldb.Value[string], `select d.letter from people_delivery d where d.letter in (`+sqldb.Marks(len(args))+`) and d.encrypted = 1`, args...)
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}

const deliveryColumns = `select d.id, d.letter, d.person, d.tag, d.state, d.problem, d.code, d.tries, d.notice, d.encrypted, d.created_at, d.next_at, d.done_at, d.body from people_delivery d`

type deliveryRow struct {
	people.Delivery
	body []byte
}

func scanDelivery(r sqldb.Row) (deliveryRow, error) {
	var d deliveryRow
	err := r.Scan(&d.ID, &d.Letter, &d.To.Person, &d.Tag, &d.State, &d.Problem, &d.Code, &d.Tries, flag{&d.Notice}, flag{&d.Encrypted}, at{&d.Created}, at{&d.Next}, at{&d.Done}, &d.body)
	return d, err
}

// delivery opens a delivery and its letter; address and language of a person
// are those of now, and a disabled person has no address.
func (s *Store) delivery(ctx context.Context, v unit.View, d deliveryRow) (people.Delivery, people.Letter, error) {
	var l people.Letter
	var to recipientBody
	if err := s.open(ctx, v, "people_delivery", d.ID, d.body, &to); err != nil {
		return d.Delivery, l, err
	}
	body, err := sqldb.One(ctx, v, sqldb.Value[[]byte], `select body from people_letter where id = ?`, d.Letter)
	if err != nil {
		return d.Delivery, l, err
	}
	if err := s.open(ctx, v, "people_letter", d.Letter, body, &l); err != nil {
		return d.Delivery, l, err
	}
	d.To.Address, d.To.Lang, d.To.Typed, d.To.Given = to.Address, to.Lang, to.Typed, to.Given
	if d.To.Person != "" {
		p, err := s.FindPerson(ctx, v, people.AsJob(people.KindSend, d.ID), d.To.Person)
		if err != nil {
			return d.Delivery, l, err
		}
		if d.To.Address == "" {
			d.To.Address = p.Email
		}
		if p.Lang != "" {
			d.To.Lang = p.Lang
		}
		d.To.Zone = p.Zone
		if p.State == people.Disabled {
			d.To.Address = "" // a shut account gets no more mail
		}
	}
	return d.Delivery, l, nil
}

// LoadDelivery implements people.LetterStore.
func (s *Store) LoadDelivery(ctx context.Context, v unit.View, sc people.Scope, id string) (people.Delivery, people.Letter, error) {
	sees, args := Sees(sc, "d.id")
	d, err := sqldb.One(ctx, v, scanDelivery, deliveryColumns+` where d.id = ? and `+sees, append([]any{id}, args...)...)
	if err != nil {
		return people.Delivery{}, people.Letter{}, err
	}
	return s.delivery(ctx, v, d)
}

func renderedAt(id string) seal.At {
	return seal.At{Table: "people_rendered", Row: id, Column: "raw"}
}

// Rendered implements people.LetterStore.
func (s *Store) Rendered(ctx context.Context, v unit.View, sc people.Scope, id string) ([]byte, error) {
	sees, args := Sees(sc, "r.delivery")
	rows, err := sqldb.All(ctx, v, sqldb.Value[[]byte], `select r.raw from people_rendered r where r.delivery = ? and `+sees, append([]any{id}, args...)...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return s.Seal.Open(ctx, v, renderedAt(id), rows[0])
}

// KeepRendered implements people.LetterStore.
func (s *Store) KeepRendered(ctx context.Context, tx unit.Tx, sc people.Scope, id string, r people.Rendition) error {
	sees, args := Sees(sc, "d.id")
	d, err := sqldb.One(ctx, tx, scanDelivery, deliveryColumns+` where d.id = ? and `+sees, append([]any{id}, args...)...)
	if err != nil {
		return err
	}
	var to recipientBody
	if err := s.open(ctx, tx, "people_delivery", id, d.body, &to); err != nil {
		return err
	}
	sealed, err := s.Seal.Seal(ctx, tx, to.Confidence, renderedAt(id), r.Raw)
	if err != nil {
		return err
	}
	n, err := sqldb.Of(tx).Exec(ctx, `insert into people_rendered (delivery, raw) values (?, ?) on conflict (delivery) do nothing`, id, sealed)
	if err != nil || n == 0 {
		return err
	}
	return exec(ctx, tx, `update people_delivery set notice = ?, encrypted = ? where id = ?`, r.Notice, r.Encrypted, id)
}

// SaveDelivery implements people.LetterStore. The bytes go once nothing waits for them.
func (s *Store) SaveDelivery(ctx context.Context, tx unit.Tx, sc people.Scope, d people.Delivery) error {
	sees, args := Sees(sc, "people_delivery.id")
	err := exec(ctx, tx, `update people_delivery set state = ?, problem = ?, code = ?, tries = ?, next_at = ?, done_at = ? where id = ? and `+sees,
		append([]any{d.State, d.Problem, d.Code, d.Tries, d.Next, d.Done, d.ID}, args...)...)
	if err != nil || d.State == people.Waiting {
		return err
	}
	return exec(ctx, tx, `delete from people_rendered where delivery = ?`, d.ID)
}

// DeliveryByTag implements people.QueueStore.
func (s *Store) DeliveryByTag(ctx context.Context, v unit.View, sc people.Scope, tag string) (people.Delivery, people.Letter, error) {
	mine, args := own(sc, "d.person") // jobs only: a tag comes in by mail
	d, err := sqldb.One(ctx, v, scanDelivery, deliveryColumns+` where d.tag = ? and `+mine, append([]any{tag}, args...)...)
	if err != nil {
		return people.Delivery{}, people.Letter{}, err
	}
	return s.delivery(ctx, v, d)
}

// QueueCounts implements people.QueueStore.
func (s *Store) QueueCounts(ctx context.Context, v unit.View, sc people.Scope) ([]people.QueueCount, error) {
	admin, args := administers(sc)
	return sqldb.All(ctx, v, func(r sqldb.Row) (people.QueueCount, error) {
		var c people.QueueCount
		err := r.Scan(&c.State, &c.Problem, &c.Count, at{&c.Oldest})
		return c, err
	}, `select d.state, d.problem, count(*), min(d.created_at) from people_delivery d where `+admin+` group by d.state, d.problem order by d.state, d.problem`, args...)
}

// DeliveriesAbout implements people.QueueStore.
func (s *Store) DeliveriesAbout(ctx context.Context, v unit.View, sc people.Scope, object string) ([]people.Delivery, error) {
	sees, args := Sees(sc, "l.about")
	rows, err := sqldb.All(ctx, v, scanDelivery, deliveryColumns+` join people_letter l on l.id = d.letter where l.about = ? and `+sees+` order by d.created_at, d.id`,
		append([]any{object}, args...)...)
	if err != nil {
		return nil, err
	}
	out := make([]people.Delivery, 0, len(rows))
	for _, r := range rows {
		var to recipientBody
		if err := s.open(ctx, v, "people_delivery", r.ID, r.body, &to); err != nil {
			return nil, err
		}
		r.To.Address, r.To.Lang = to.Address, to.Lang
		out = append(out, r.Delivery)
	}
	return out, nil
}

// The interfaces that Store stands for.
var (
	_ people.GrantStore     = (*Store)(nil)
	_ people.TermsStore     = (*Store)(nil)
	_ people.DirectoryStore = (*Store)(nil)
	_ people.ProjectStore   = (*Store)(nil)
	_ people.SeriesStore    = (*Store)(nil)
	_ people.JoinStore      = (*Store)(nil)
	_ people.KeyStore       = (*Store)(nil)
	_ people.LetterStore    = (*Store)(nil)
	_ people.QueueStore     = (*Store)(nil)
	_ people.Keyring        = Keyring{}
	_ account.AccountStore  = (*Store)(nil)
	_ account.SessionStore  = (*Store)(nil)
	_ account.LinkStore     = (*Store)(nil)
	_ account.CodeStore     = (*Store)(nil)
	_ account.TokenStore    = (*Store)(nil)
	_ account.ThrottleStore = (*Store)(nil)
)
