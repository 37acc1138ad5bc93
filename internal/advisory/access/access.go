// Package access says who outside of the team may read what a project publishes at
// TLP:AMBER and RED: readers, each with a token or a TLS client certificate (CSAF 2.0,
// 7.1.5). A reader sees published files and nothing else; he is no person of the site.
//
// The table is in advisorydb, which also filters the files; advisoryweb serves them.
package access

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// TokenPrefix marks a reader's token, so that scanners of public code find leaked ones.
const TokenPrefix = "tcr_"

// The kinds of readers.
const (
	ByToken       = "token"
	ByCertificate = "certificate"
)

// Reader may read a project's restricted files.
type Reader struct {
	ID          string
	Project     people.ProjectID
	Name        string // for people: "Debian security team"
	Kind        string // ByToken or ByCertificate
	Level       pubtree.Level
	Fingerprint string // of the certificate: SHA-256 of its DER form, in hexadecimal
	By          string // who let him in: an actor of the ledger
	Created     time.Time
	Ends        time.Time
	Ended       time.Time // by somebody's word, zero when not
	Used        time.Time // the last time, to UsedEvery; zero for never
}

// UsedEvery is how often the use of a reader is written down: a mirror fetches thousands of
// files at once.
const UsedEvery = time.Hour

// Live reports whether he reads at an instant.
func (r Reader) Live(now time.Time) bool { return r.Ended.IsZero() && now.Before(r.Ends) }

// Store keeps readers; tokens and fingerprints are looked up by MACs. A scope sees the
// readers of projects that it leads; a job those of the projects that it names.
type Store interface {
	// AddReader stores a reader; token is empty for one with a certificate.
	AddReader(ctx context.Context, tx unit.Tx, sc people.Scope, r Reader, token secret.String) error
	// Readers returns those of a project, the newest first.
	Readers(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]Reader, error)
	// EndReader ends one and reports whether there was one to end.
	EndReader(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, id string) (bool, error)
}

// Roles is what access needs of people.Grants.
type Roles interface {
	RoleOn(ctx context.Context, v unit.View, sc people.Scope, object string) (people.Role, error)
}

// Service is the operations on readers. Who leads a project may use them, and a job that
// names it: the operator's commands.
type Service struct {
	Work  unit.Work
	Store Store
	Roles Roles
}

// may wants the scope to lead the project; for all others there is none.
func (s *Service) may(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) error {
	if _, _, ok := sc.Job(); ok {
		return nil // the store has its filter
	}
	if _, ok := sc.Person(); !ok {
		return fault.Missing()
	}
	r, err := s.Roles.RoleOn(ctx, v, sc, string(project))
	if err != nil {
		return err
	}
	if r != people.Chair && r != people.Deputy {
		return fault.Missing()
	}
	return nil
}

func (s *Service) mayWrite(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) error {
	if err := s.may(ctx, v, sc, project); err != nil {
		return err
	}
	if !sc.MayWrite() {
		return fault.New(fault.Denied, "people.read_only")
	}
	return nil
}

// NewReader is the command that lets a reader in.
type NewReader struct {
	Project people.ProjectID
	Name    string
	Level   string // "AMBER", or "RED" for both
	Days    int    // until it ends, 1 to 366
	// Certificate is a client certificate in PEM, or its SHA-256 fingerprint in hexadecimal;
	// empty for a token.
	Certificate string
}

// maxName bounds the name of a reader.
const maxName = 200

func (n *NewReader) check() (Reader, error) {
	var c fault.Checks
	n.Name = strings.TrimSpace(n.Name)
	bad := !utf8.ValidString(n.Name) || len(n.Name) > maxName || strings.ContainsFunc(n.Name, unicode.IsControl)
	c.Require(n.Name != "" && !bad, "name", "advisory.reader.name")
	l := pubtree.Level(n.Level)
	c.Require(l == pubtree.Amber || l == pubtree.Red, "level", "advisory.reader.level")
	c.Require(n.Days >= 1 && n.Days <= 366, "days", "advisory.reader.days")
	r := Reader{Project: n.Project, Name: n.Name, Level: l, Kind: ByToken}
	if strings.TrimSpace(n.Certificate) != "" {
		var ok bool
		r.Kind = ByCertificate
		r.Fingerprint, ok = fingerprint(n.Certificate)
		c.Require(ok, "certificate", "advisory.reader.certificate")
	}
	return r, c.Err()
}

// fingerprint reads a certificate in PEM or a fingerprint with or without colons.
func fingerprint(s string) (string, bool) {
	if block, _ := pem.Decode([]byte(s)); block != nil {
		if block.Type != "CERTIFICATE" {
			return "", false
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return "", false
		}
		sum := sha256.Sum256(block.Bytes)
		return hex.EncodeToString(sum[:]), true
	}
	raw, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(s), ":", ""))
	return hex.EncodeToString(raw), err == nil && len(raw) == sha256.Size
}

// Add lets a reader in and returns the token, once; it is empty for one with a
// certificate. It fails with fault.Invalid beside each wrong field, with NotFound for who
// does not lead the project.
func (s *Service) Add(ctx context.Context, sc people.Scope, cmd NewReader) (Reader, secret.String, error) {
	var r Reader
	var token secret.String
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.mayWrite(ctx, tx, sc, cmd.Project); err != nil {
			return err
		}
		var err error
		if r, err = cmd.check(); err != nil {
			return err
		}
		r.ID, r.By, r.Created, r.Ends = ident.New(), sc.Actor(), tx.Now(), tx.Now().AddDate(0, 0, cmd.Days)
		if r.Kind == ByToken {
			token = secret.New(TokenPrefix + ident.New() + ident.New())
		}
		if err := s.Store.AddReader(ctx, tx, sc, r, token); err != nil {
			return err
		}
		tx.Record(people.ProjectEntry(sc, r.Project, "advisory.ledger.reader_added", map[string]string{"name": r.Name, "level": string(r.Level)}))
		tx.Enqueue(pubsite.Job(tx.Now())) // the metadata names the feeds from now on
		return nil
	})
	return r, token, err
}

// List returns the readers of a project, the newest first.
func (s *Service) List(ctx context.Context, sc people.Scope, project people.ProjectID) ([]Reader, error) {
	var out []Reader
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if err = s.may(ctx, v, sc, project); err != nil {
			return err
		}
		out, err = s.Store.Readers(ctx, v, sc, project)
		return err
	})
	return out, err
}

// End shuts a reader out at once; NotFound when there is none such.
func (s *Service) End(ctx context.Context, sc people.Scope, project people.ProjectID, id string) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.mayWrite(ctx, tx, sc, project); err != nil {
			return err
		}
		was, err := s.Store.EndReader(ctx, tx, sc, project, id)
		if err != nil {
			return err
		}
		if !was {
			return fault.Missing()
		}
		tx.Record(people.ProjectEntry(sc, project, "advisory.ledger.reader_ended", map[string]string{"reader": id}))
		tx.Enqueue(pubsite.Job(tx.Now()))
		return nil
	})
}
