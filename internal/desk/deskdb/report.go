package deskdb

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// reportBody is the sealed part of a report.
type reportBody struct {
	Title  string       `json:"title"`
	From   desk.Address `json:"from"`
	Claims desk.Claims  `json:"claims"`
	Lang   string       `json:"lang,omitempty"`
	Reason string       `json:"reason,omitempty"`
	Silent desk.Silence `json:"silent,omitempty"`
}

const reportColumns = `r.id, r.project_id, r.state, r.via, r.body, r.received_at, r.due_ack, r.due_assess, r.acked_at,
	r.assessed_at, r.asked_at, r.decided_at, r.case_id, r.news, r.flagged, r.encrypted, r.messages, r.link_serial, r.version`

type sealedReport struct {
	desk.Report
	body []byte
}

func scanReport(row sqldb.Row) (sealedReport, error) {
	var r sealedReport
	var state, via string
	var received, dueAck, dueAssess, acked, assessed, asked, decided int64
	err := row.Scan(&r.ID, &r.Project, &state, &via, &r.body, &received, &dueAck, &dueAssess, &acked, &assessed, &asked,
		&decided, &r.Case, &r.News, &r.Flagged, &r.Encrypted, &r.Messages, &r.LinkSerial, &r.Version)
	if err != nil {
		return r, err
	}
	if r.State, err = desk.ParseState(state); err != nil {
		return r, err
	}
	if r.Via, err = desk.ParseVia(via); err != nil {
		return r, err
	}
	r.ReceivedAt, r.DueAck, r.DueAssess = sqldb.Time(received), sqldb.Time(dueAck), sqldb.Time(dueAssess)
	r.AckedAt, r.AssessedAt, r.AskedAt, r.DecidedAt = sqldb.Time(acked), sqldb.Time(assessed), sqldb.Time(asked), sqldb.Time(decided)
	return r, nil
}

func reportAt(id desk.ReportID) seal.At {
	return seal.At{Table: "desk_report", Row: string(id), Column: "body"}
}

// open fills in the sealed part. A report whose key was destroyed stays, empty.
func (s *Store) open(ctx context.Context, v unit.View, r sealedReport) (desk.Report, error) {
	plain, err := s.Seal.Open(ctx, v, reportAt(r.ID), r.body)
	if fault.Is(err, fault.NotFound) {
		return r.Report, nil
	}
	if err != nil {
		return desk.Report{}, fmt.Errorf("open report: %w", err)
	}
	var b reportBody
	if err := json.Unmarshal(plain, &b); err != nil {
		return desk.Report{}, fmt.Errorf("open report: %w", err)
	}
	r.Title, r.From, r.Claims, r.Lang, r.Reason, r.Silence = b.Title, b.From, b.Claims, b.Lang, b.Reason, b.Silent
	return r.Report, nil
}

func (s *Store) sealReport(ctx context.Context, tx unit.Tx, r desk.Report) ([]byte, error) {
	plain, err := json.Marshal(reportBody{Title: r.Title, From: r.From, Claims: r.Claims, Lang: r.Lang, Reason: r.Reason, Silent: r.Silence})
	if err != nil {
		return nil, err
	}
	return s.Seal.Seal(ctx, tx, "report:"+string(r.ID), reportAt(r.ID), plain)
}

// Get implements desk.ReportStore.
func (s *Store) Get(ctx context.Context, v unit.View, sc people.Scope, id desk.ReportID) (desk.Report, error) {
	sees, args := ways(sc)
	return s.get(ctx, v, id, sees, args, "")
}

// Lock implements desk.ReportStore.
func (s *Store) Lock(ctx context.Context, tx unit.Tx, sc people.Scope, id desk.ReportID) (desk.Report, error) {
	sees, args := ways(sc)
	return s.get(ctx, tx, id, sees, args, sqldb.Of(tx).Lock())
}

// LockToDecide implements desk.ReportStore.
func (s *Store) LockToDecide(ctx context.Context, tx unit.Tx, sc people.Scope, id desk.ReportID) (desk.Report, error) {
	may, args := decides(sc)
	return s.get(ctx, tx, id, may, args, sqldb.Of(tx).Lock())
}

// get asks first whether the report is seen, and only then for its row: a hidden one
// costs what one that is not there costs, the same statement and as many look-ups of
// grants (test/scope measures it). Who waited for the lock is asked again.
func (s *Store) get(ctx context.Context, v unit.View, id desk.ReportID, sees string, args []any, lock string) (desk.Report, error) {
	if err := visible(ctx, v, id, sees, args); err != nil {
		return desk.Report{}, err
	}
	r, err := sqldb.One(ctx, v, scanReport, `select `+reportColumns+` from desk_report r where r.id = ?`+lock, id)
	if err == nil && lock != "" {
		err = visible(ctx, v, id, sees, args)
	}
	if err != nil {
		return desk.Report{}, err
	}
	return s.open(ctx, v, r)
}

// visible fails with fault.Missing for a report to which the condition, on a row as in
// ways, does not apply. What is not there stands for the report with the next lower id, on
// whose own id nobody holds anything: as many rows are read, and as many grants looked up.
func visible(ctx context.Context, v unit.View, id desk.ReportID, sees string, args []any) error {
	n, err := sqldb.One(ctx, v, sqldb.Value[int], `with x as materialized (select cast(? as text) as id),
		k as materialized (select x.id as asked, `+sqldb.Nearest("desk_report", "id", "x.id")+` as id from x),
		r as materialized (select k.asked, f.id, f.project_id, f.state, f.case_id from k join desk_report f on f.id = k.id),
		w as materialized (select r.asked, r.id, r.asked as own,
			case when r.id = r.asked and r.state <> 'released' then r.project_id else r.asked end as duty,
			case when r.id = r.asked and r.state = 'released' then r.case_id else r.asked end as work from r),
		s as materialized (select w.asked, w.id, case when `+sees+` then 1 else 0 end as seen from w)
		select count(*) from s where s.id = s.asked and s.seen = 1`, append([]any{id}, args...)...)
	if err == nil && n == 0 {
		err = fault.Missing()
	}
	return err
}

// Insert implements desk.ReportStore.
func (s *Store) Insert(ctx context.Context, tx unit.Tx, sc people.Scope, r desk.Report) error {
	if !named(sc, string(r.ID)) {
		return fault.Missing()
	}
	body, err := s.sealReport(ctx, tx, r)
	if err != nil {
		return fmt.Errorf("seal report: %w", err)
	}
	_, err = sqldb.Of(tx).Exec(ctx, `insert into desk_report (id, project_id, state, via, body, received_at, due_ack, due_assess,
			acked_at, assessed_at, asked_at, decided_at, case_id, news, flagged, encrypted, messages, link_serial, link_mac, version)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.ID, r.Project, r.State.String(), r.Via.String(), body, sqldb.Micros(r.ReceivedAt), sqldb.Micros(r.DueAck), sqldb.Micros(r.DueAssess),
		sqldb.Micros(r.AckedAt), sqldb.Micros(r.AssessedAt), sqldb.Micros(r.AskedAt), sqldb.Micros(r.DecidedAt), r.Case,
		flag(r.News), flag(r.Flagged), flag(r.Encrypted), r.Messages, r.LinkSerial, s.linkMAC(r), r.Version)
	if err != nil {
		return fmt.Errorf("insert report: %w", err)
	}
	return nil
}

// Save implements desk.ReportStore.
func (s *Store) Save(ctx context.Context, tx unit.Tx, sc people.Scope, r desk.Report) error {
	body, err := s.sealReport(ctx, tx, r)
	if err != nil {
		return fmt.Errorf("seal report: %w", err)
	}
	// The scope was checked by Lock; a release changes whom the row exists for, and
	// the caller who made it may still write it.
	n, err := sqldb.Of(tx).Exec(ctx, `update desk_report set state = ?, body = ?, acked_at = ?, assessed_at = ?, asked_at = ?,
			decided_at = ?, case_id = ?, news = ?, flagged = ?, messages = ?, link_serial = ?, link_mac = ?, version = version + 1
		where id = ? and version = ?`,
		r.State.String(), body, sqldb.Micros(r.AckedAt), sqldb.Micros(r.AssessedAt), sqldb.Micros(r.AskedAt),
		sqldb.Micros(r.DecidedAt), r.Case, flag(r.News), flag(r.Flagged), r.Messages, r.LinkSerial,
		s.linkMAC(r), r.ID, r.Version)
	if err != nil {
		return fmt.Errorf("save report: %w", err)
	}
	if n == 0 {
		return sqldb.Raced()
	}
	return nil
}

// SeesObject implements desk.ReportStore.
func (s *Store) SeesObject(ctx context.Context, v unit.View, sc people.Scope, object string) error {
	if named(sc, object) {
		return nil
	}
	direct, args := peopledb.Sees(sc, "o.id")
	rep, a := seesReport(sc)
	_, err := sqldb.One(ctx, v, sqldb.Value[int], `select 1 from (select cast(? as text) as id) o where `+direct+
		` or exists (select 1 from desk_report r where r.id = o.id and `+rep+`)`, append(append([]any{object}, args...), a...)...)
	return err
}

// Seen implements desk.ReportStore.
func (s *Store) Seen(ctx context.Context, v unit.View, sc people.Scope, id desk.ReportID) (int, error) {
	person, _ := sc.Person()
	n, err := sqldb.One(ctx, v, sqldb.Value[int], `select through from desk_seen where report_id = ? and person = ?`, id, person)
	if fault.Is(err, fault.NotFound) {
		return 0, nil
	}
	return n, err
}

// MarkSeen implements desk.ReportStore.
func (s *Store) MarkSeen(ctx context.Context, tx unit.Tx, sc people.Scope, id desk.ReportID, through int) error {
	if _, err := s.Get(ctx, tx, sc, id); err != nil {
		return err
	}
	person, _ := sc.Person()
	_, err := sqldb.Of(tx).Exec(ctx, `insert into desk_seen (report_id, person, through, at) values (?, ?, ?, ?)
		on conflict (report_id, person) do update set through = excluded.through, at = excluded.at
		where desk_seen.through < excluded.through`, id, person, through, sqldb.Micros(tx.Now()))
	if err != nil {
		return fmt.Errorf("mark report as seen: %w", err)
	}
	return nil
}
