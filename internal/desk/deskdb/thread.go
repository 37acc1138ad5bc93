package deskdb

import (
	"context"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

const (
	tagLen   = 26 // hex digits: 104 bits, not to be guessed, short enough for an address
	tokenLen = 40 // hex digits: 160 bits
)

func (s *Store) threadMAC(project people.ProjectID, id string) string {
	return s.Seal.MAC("desk.thread", string(project)+"\x00"+id)
}
func (s *Store) tagMAC(tag string) string { return s.Seal.MAC("desk.tag.row", tag) }

func (s *Store) linkMAC(r desk.Report) string {
	l := &Links{Seal: s.Seal}
	return l.mac(l.Token(r.ID, r.LinkSerial))
}

// BindThread implements desk.ThreadStore.
func (s *Store) BindThread(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, messageID, object string) error {
	if err := s.SeesObject(ctx, tx, sc, object); err != nil {
		return err
	}
	// The first binding stays: a stranger who repeats a Message-ID takes nothing over.
	_, err := sqldb.Of(tx).Exec(ctx, `insert into desk_thread (mac, object, at) values (?, ?, ?) on conflict (mac) do nothing`,
		s.threadMAC(project, messageID), object, sqldb.Micros(tx.Now()))
	if err != nil {
		return fmt.Errorf("bind thread: %w", err)
	}
	return nil
}

// BindTag implements desk.ThreadStore.
func (s *Store) BindTag(ctx context.Context, tx unit.Tx, sc people.Scope, object, who string) (string, error) {
	if err := s.SeesObject(ctx, tx, sc, object); err != nil {
		return "", err
	}
	tag := s.Seal.MAC("desk.tag", object+"\x00"+who)[:tagLen]
	_, err := sqldb.Of(tx).Exec(ctx, `insert into desk_tag (mac, object, at) values (?, ?, ?) on conflict (mac) do nothing`,
		s.tagMAC(tag), object, sqldb.Micros(tx.Now()))
	if err != nil {
		return "", fmt.Errorf("bind tag: %w", err)
	}
	return tag, nil
}

// ByMailIDs implements desk.ThreadStore. Who asks knows the Message-ID, which says
// no more than that the mail belongs somewhere; what comes of it is decided by the
// owner of the object.
func (s *Store) ByMailIDs(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, ids []string) (string, error) {
	if len(ids) == 0 || !reads(sc) {
		return "", nil
	}
	macs := make([]any, len(ids))
	rank := map[string]int{}
	for i, id := range ids {
		mac := s.threadMAC(project, id)
		macs[i], rank[mac] = mac, i
	}
	type row struct{ mac, object string }
	rows, err := sqldb.All(ctx, v, func(r sqldb.Row) (row, error) {
		var out row
		return out, r.Scan(&out.mac, &out.object)
	}, `select mac, object from desk_thread where mac in (`+sqldb.Marks(len(macs))+`)`, macs...)
	if err != nil {
		return "", fmt.Errorf("find thread: %w", err)
	}
	best, object := len(ids), ""
	for _, r := range rows {
		if rank[r.mac] < best {
			best, object = rank[r.mac], r.object
		}
	}
	return object, nil
}

// ByTag implements desk.ThreadStore.
func (s *Store) ByTag(ctx context.Context, v unit.View, sc people.Scope, tag string) (string, error) {
	if !reads(sc) {
		return "", nil
	}
	object, err := sqldb.One(ctx, v, sqldb.Value[string], `select object from desk_tag where mac = ?`, s.tagMAC(tag))
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	return object, err
}

// reads reports whether the scope is a job that reads mail.
func reads(sc people.Scope) bool {
	kind, _, ok := sc.Job()
	return ok && kind == desk.KindRead
}

// Links implements desk.Links: the reporters' secret links.
type Links struct{ Seal *seal.Sealer }

// Token implements desk.Links.
func (l *Links) Token(r desk.ReportID, serial int) string {
	return l.Seal.MAC("desk.link", fmt.Sprintf("%s:%d", r, serial))[:tokenLen]
}

func (l *Links) mac(token string) string { return l.Seal.MAC("desk.link.row", token) }

// ByToken implements desk.Links. The row is found by a keyed hash of the token, so
// that the time it takes says nothing of how near a guess was; whoever has the token
// may know the id.
func (l *Links) ByToken(ctx context.Context, v unit.View, _ people.Scope, token string) (desk.ReportID, error) {
	return sqldb.One(ctx, v, sqldb.Value[desk.ReportID], `select id from desk_report where link_mac = ?`, l.mac(token))
}
