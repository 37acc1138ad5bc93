package deskdb

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

func messageAt(id desk.MessageID) seal.At {
	return seal.At{Table: "desk_message", Row: string(id), Column: "body"}
}

// InsertMessage implements desk.MessageStore.
func (s *Store) InsertMessage(ctx context.Context, tx unit.Tx, sc people.Scope, m desk.Message) error {
	if err := s.SeesObject(ctx, tx, sc, m.Object); err != nil {
		return err
	}
	plain, err := json.Marshal(m)
	if err != nil {
		return err
	}
	body, err := s.Seal.Seal(ctx, tx, m.Confidence(), messageAt(m.ID), plain)
	if err != nil {
		return fmt.Errorf("seal message: %w", err)
	}
	_, err = sqldb.Of(tx).Exec(ctx, `insert into desk_message (id, object, n, intake, at, inbound, body)
		values (?, ?, (select coalesce(max(n), 0) + 1 from desk_message where object = ?), ?, ?, ?, ?)`,
		m.ID, m.Object, m.Object, m.Intake, sqldb.Micros(m.At), flag(m.Inbound), body)
	if err != nil {
		return fmt.Errorf("insert message: %w", err)
	}
	return nil
}

type sealedMessage struct {
	desk.Message
	body []byte
}

func scanMessage(row sqldb.Row) (sealedMessage, error) {
	var m sealedMessage
	var at int64
	err := row.Scan(&m.ID, &m.Object, &m.Intake, &at, &m.Inbound, &m.body)
	m.At = sqldb.Time(at)
	return m, err
}

const messageQuery = `select m.id, m.object, m.intake, m.at, m.inbound, m.body
	from desk_message m left join desk_report r on r.id = m.object where `

// openMessage fills in the sealed part. What was erased stays as an empty message.
func (s *Store) openMessage(ctx context.Context, v unit.View, m sealedMessage) (desk.Message, error) {
	plain, err := s.Seal.Open(ctx, v, messageAt(m.ID), m.body)
	if fault.Is(err, fault.NotFound) {
		m.Troubles = []desk.Trouble{{Key: "desk.trouble.erased"}}
		return m.Message, nil
	}
	if err != nil {
		return desk.Message{}, fmt.Errorf("open message: %w", err)
	}
	if err := json.Unmarshal(plain, &m.Message); err != nil {
		return desk.Message{}, fmt.Errorf("open message: %w", err)
	}
	return m.Message, nil
}

// Message implements desk.MessageStore.
func (s *Store) Message(ctx context.Context, v unit.View, sc people.Scope, id desk.MessageID) (desk.Message, error) {
	sees, args := ways(sc)
	// Asked first, as in visible: what is not there stands for another message, and a message
	// of a case reads a report, too.
	n, err := sqldb.One(ctx, v, sqldb.Value[int], `with x as materialized (select cast(? as text) as id),
		k as materialized (select x.id as asked, `+sqldb.Nearest("desk_message", "id", "x.id")+` as id from x),
		m as materialized (select k.asked, f.id, f.object, `+sqldb.Nearest("desk_report", "id", "f.object")+` as report
			from k join desk_message f on f.id = k.id),
		r as materialized (select m.asked, m.id, m.object, f.id as report, f.project_id, f.state, f.case_id
			from m left join desk_report f on f.id = m.report),
		w as materialized (select r.asked, r.id,
			case when r.id = r.asked and r.report = r.object then r.object else r.asked end as own,
			case when r.id = r.asked and r.report = r.object and r.state <> 'released' then r.project_id else r.asked end as duty,
			case when r.id <> r.asked then r.asked when r.report is null or r.report <> r.object then r.object
				when r.state = 'released' then r.case_id else r.asked end as work from r),
		s as materialized (select w.asked, w.id, case when `+sees+` then 1 else 0 end as seen from w)
		select count(*) from s where s.id = s.asked and s.seen = 1`, append([]any{id}, args...)...)
	if err == nil && n == 0 {
		err = fault.Missing()
	}
	if err != nil {
		return desk.Message{}, err
	}
	m, err := sqldb.One(ctx, v, scanMessage, messageQuery+`m.id = ?`, id)
	if err != nil {
		return desk.Message{}, err
	}
	return s.openMessage(ctx, v, m)
}

// MessagesOf implements desk.MessageStore.
func (s *Store) MessagesOf(ctx context.Context, v unit.View, sc people.Scope, object string, limit int) ([]desk.Message, error) {
	if limit <= 0 {
		limit = 200
	}
	sees, args := seesMessage(sc)
	rows, err := sqldb.All(ctx, v, scanMessage, messageQuery+`m.object = ? and `+sees+` order by m.n`+sqldb.Limit(limit),
		append([]any{object}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	out := make([]desk.Message, len(rows))
	for i, m := range rows {
		if out[i], err = s.openMessage(ctx, v, m); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// PayloadSeen implements desk.MessageStore.
func (s *Store) PayloadSeen(ctx context.Context, tx unit.Tx, _ people.Scope, in desk.IntakeID, hash string) (bool, error) {
	mac := s.Seal.MAC("desk.payload", hash)
	n, err := sqldb.Of(tx).Exec(ctx, `insert into desk_payload (mac, intake, at) values (?, ?, ?) on conflict (mac) do nothing`,
		mac, in, sqldb.Micros(tx.Now()))
	if err != nil {
		return false, fmt.Errorf("note payload: %w", err)
	}
	if n == 1 {
		return false, nil
	}
	first, err := sqldb.One(ctx, tx, sqldb.Value[desk.IntakeID], `select intake from desk_payload where mac = ?`, mac)
	return first != in, err
}
