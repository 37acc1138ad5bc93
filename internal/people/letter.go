package people

import (
	"context"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// Letter is one outgoing mail to one or more recipients, each of whom gets a copy
// of his own in his language, encrypted to his key where that is asked for. All
// domains send by it. Text and addresses are sealed at rest.
type Letter struct {
	ID           string
	Project      ProjectID // signs and is the sender; "" for letters of the site itself
	About        string    // report or case that it is about: replies and failures are filed there; "" for none
	Confidence   string    // whose key seals it; "" means "letter:"+ID
	From         string    // address, "" for the project's first role address
	To           []Recipient
	Key          string            // catalogue prefix: Key+".subject" and Key+".body"
	Args         map[string]string // of the catalogue's texts
	Subject      string            // free subject, wins over Key+".subject"; keeps a thread's subject
	Body         string            // free text; the catalogue's body stands above it
	Files        []LetterFile      // go along
	Confidential bool              // encrypt to a known key, else a notice without content and Link
	Private      bool              // encrypt to a known key, else in clear; Confidential wins
	Link         string            // where the content can be read after signing in
	MessageID    string            // with angle brackets; Put makes one when empty
	InReplyTo    string
	References   []string
	ReplyTo      string
	Auto         bool   // Auto-Submitted: auto-replied (RFC 3834), else auto-generated unless Person wrote
	Written      bool   // a person wrote it: no Auto-Submitted field
	SignAs       string // key purpose, "" for PurposeSign
	Unsubscribe  string // address of the one-click link of RFC 8058, "" for none
	Raw          string // blob id of a message that is already rendered, such as a list mail
}

// LetterFile is an attachment, by the id of its blob.
type LetterFile struct{ Blob, Name, Type string }

// Recipient is one addressee. With Person set, Address and Lang may be empty: they
// are looked up when the letter is rendered, and Zone always is.
type Recipient struct {
	Address string
	Person  PersonID
	Lang    string
	Zone    string // IANA name; "" is the project's
	Typed   bool   // only typed by whoever reported (desk.Typed): mailroom says which keys count
	Given   string // the public key that came with the report's form, "" for none
}

// DeliveryState is where one recipient's copy is.
type DeliveryState string

// The states of a delivery. Waiting covers "no smarthost" and "tried, will try
// again"; Tries and Problem tell them apart.
const (
	Waiting   DeliveryState = "waiting"
	Sent      DeliveryState = "sent"
	Failed    DeliveryState = "failed"
	Cancelled DeliveryState = "cancelled"
)

// Delivery is one recipient's copy of a letter.
type Delivery struct {
	ID      string
	Letter  string
	To      Recipient
	State   DeliveryState
	Tag     string // of the envelope sender bounce+TAG@
	Tries   int
	Problem string // catalogue key of the last failure, "" for none
	Code    string // the peer's reply code, such as "550"
	Created time.Time
	Next    time.Time
	Done    time.Time
	Notice  bool // went out as a notice without content
	// Encrypted is Rendition.Encrypted; while it waits, what is known of it so far.
	Encrypted bool
}

// LetterStore keeps letters and their deliveries. Put is open to every scope that may
// write: who may write to whom is the rule of the domain that sends.
type LetterStore interface {
	AddLetter(ctx context.Context, tx unit.Tx, sc Scope, l Letter, ds []Delivery) error
	// LoadDelivery returns a delivery and its letter for the job that names it.
	LoadDelivery(ctx context.Context, v unit.View, sc Scope, id string) (Delivery, Letter, error)
	// Rendered returns the bytes kept by KeepRendered, nil when there are none.
	Rendered(ctx context.Context, v unit.View, sc Scope, id string) ([]byte, error)
	// KeepRendered stores the bytes unless some are kept; what is kept stays.
	KeepRendered(ctx context.Context, tx unit.Tx, sc Scope, id string, r Rendition) error
	// SentEncrypted returns those of the letters of which a copy is Encrypted, or will be
	// as far as is known. The caller has the ids from rows that the scope sees.
	SentEncrypted(ctx context.Context, v unit.View, sc Scope, letters []string) (map[string]bool, error)
	SaveDelivery(ctx context.Context, tx unit.Tx, sc Scope, d Delivery) error
}

// Rendition is one copy of a letter as it leaves.
type Rendition struct {
	Raw       []byte
	Notice    bool // without the content
	Encrypted bool // its words are in the encrypted mail alone
}

// QueueStore is the operator's and the bounces' side of the letters.
type QueueStore interface {
	// DeliveryByTag finds the delivery that a bounce is about.
	DeliveryByTag(ctx context.Context, v unit.View, sc Scope, tag string) (Delivery, Letter, error)
	// QueueCounts counts deliveries by state and problem, without content.
	QueueCounts(ctx context.Context, v unit.View, sc Scope) ([]QueueCount, error)
	// DeliveriesAbout lists the deliveries of an object that the scope sees.
	DeliveriesAbout(ctx context.Context, v unit.View, sc Scope, object string) ([]Delivery, error)
}

// QueueCount is one line of the operator's view of the mail queue.
type QueueCount struct {
	State   DeliveryState
	Problem string
	Count   int
	Oldest  time.Time
}

// KindSend is the job that renders and sends one delivery; its argument
// "delivery" is the id, which is its subject too.
const KindSend = "people.send"

// LetterQueued says that a letter was put into the queue: desk binds its
// Message-ID to the thread of the object within the same transaction.
type LetterQueued struct {
	Letter, About, MessageID string
	Project                  ProjectID
}

// FactName implements unit.Fact.
func (LetterQueued) FactName() string { return "people.letter_queued" }

// LetterFailed says that a copy of a letter will never arrive: the peer refused it
// for good, it was tried for five days, or it bounced. The domain that owns
// About files it there.
type LetterFailed struct {
	Letter, Delivery, About string
	Project                 ProjectID
	Key                     string // catalogue prefix of the letter
	Person                  PersonID
	Problem, Code           string
}

// FactName implements unit.Fact.
func (LetterFailed) FactName() string { return "people.letter_failed" }

// Post takes letters.
type Post struct {
	Store LetterStore
	// Domain is the right side of the Message-IDs that Put makes.
	Domain string
}

const (
	maxRecipients = 200     // of one letter; a list's address counts as one
	maxBody       = 1 << 20 // bytes of free text
)

// NewMessageID returns a fresh Message-ID with angle brackets (RFC 5322 section
// 3.6.4). It says nothing of the letter.
func (p *Post) NewMessageID() string {
	domain := p.Domain
	if domain == "" {
		domain = "tocsin.invalid"
	}
	return "<" + ident.New() + "@" + domain + ">"
}

// Put stores the letter sealed and enqueues one job for each recipient, all in
// the caller's transaction: a letter goes out if and only if the change of which it
// tells commits. It emits LetterQueued. It fails with Invalid for a
// recipient or a header value that cannot stand in a mail.
func (p *Post) Put(ctx context.Context, tx unit.Tx, sc Scope, l Letter) error {
	if l.ID == "" {
		l.ID = ident.New()
	}
	if l.MessageID == "" {
		l.MessageID = p.NewMessageID()
	}
	if err := l.check(); err != nil {
		return err
	}
	ds := make([]Delivery, 0, len(l.To))
	for _, to := range l.To {
		d := Delivery{ID: ident.New(), Letter: l.ID, To: to, State: Waiting, Tag: ident.New(), Created: tx.Now(), Next: tx.Now()}
		ds = append(ds, d)
	}
	if err := p.Store.AddLetter(ctx, tx, sc, l, ds); err != nil {
		return err
	}
	for _, d := range ds {
		tx.Enqueue(d.Job())
	}
	return tx.Emit(ctx, LetterQueued{Letter: l.ID, About: l.About, MessageID: l.MessageID, Project: l.Project})
}

// Job is the job that sends the delivery at its next time.
func (d Delivery) Job() unit.Job {
	return unit.Job{Kind: KindSend, Args: map[string]string{"delivery": d.ID}, Subject: d.ID, At: d.Next, Key: KindSend + ":" + d.ID}
}

// check refuses what would make a broken or forged header.
func (l Letter) check() error {
	var c fault.Checks
	c.Require(len(l.To) > 0 && len(l.To) <= maxRecipients, "to", "people.letter.recipients", "max", itoa(maxRecipients))
	for i, r := range l.To {
		if r.Address == "" {
			c.Require(r.Person != "", "to."+itoa(i), "people.field.address")
			continue
		}
		checkAddress(&c, "to."+itoa(i), r.Address)
	}
	for _, h := range append([]string{l.MessageID, l.InReplyTo, l.ReplyTo, l.From, l.Subject, l.Link, l.Unsubscribe}, l.References...) {
		c.Require(!strings.ContainsAny(h, "\r\n\x00"), "header", "people.field.characters")
	}
	c.Require(l.Key != "" || l.Raw != "", "key", "people.letter.empty")
	c.Require(len(l.Body) <= maxBody, "body", "people.field.long", "max", itoa(maxBody))
	return c.Err()
}
