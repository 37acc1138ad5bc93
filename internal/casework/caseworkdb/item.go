package caseworkdb

import (
	"context"
	"fmt"
	"slices"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/blob"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

func itemAt(id casework.ItemID) seal.At {
	return seal.At{Table: "casework_item", Row: string(id), Column: "content"}
}

func fileAt(id casework.FileID) seal.At {
	return seal.At{Table: "casework_file", Row: string(id), Column: "name"}
}

type sealedItem struct {
	casework.Item
	content []byte
}

const itemColumns = `select i.id, i.case_id, i.number, i.kind, i.audience, i.hold, i.trust, i.at, i.author, i.letter, i.mail,
	i.bounced, i.replayed, i.content from casework_item i join casework_case c on c.id = i.case_id where `

func scanItem(row sqldb.Row) (sealedItem, error) {
	var i sealedItem
	var at int64
	var bounced, replayed int
	err := row.Scan(&i.ID, &i.Case, &i.Number, &i.Kind, &i.Audience, &i.Hold, &i.Trust, &at, &i.Author, &i.Letter, &i.Mail,
		&bounced, &replayed, &i.content)
	i.At, i.Bounced, i.Replayed = sqldb.Time(at), bounced == 1, replayed == 1
	return i, err
}

func (s *Store) openItem(ctx context.Context, v unit.View, i sealedItem) (casework.Item, error) {
	err := s.get(ctx, v, itemAt(i.ID), i.content, &i.Content)
	return i.Item, err
}

// Item implements casework.ItemStore.
func (s *Store) Item(ctx context.Context, v unit.View, sc people.Scope, id casework.ItemID) (casework.Item, error) {
	if err := visible(ctx, v, sc, `select cast(? as text) as id, 1 as found`, id); err != nil {
		return casework.Item{}, err
	}
	return s.oneItem(ctx, v, sc, "i.id = ?", []any{id})
}

// visible fails with fault.Missing for an item that the scope does not see; find is the
// query for its id and whether that is what was asked for. It is asked before the item is
// read, so that a hidden item costs what one that is not there costs: the same statement,
// the grants of a case looked up twice, and as many rows read, since what is not there
// stands for the item with the next lower id. Ids are random: nobody learns which that is,
// and the answer is no in any case (test/scope measures it).
func visible(ctx context.Context, v unit.View, sc people.Scope, find string, id any) error {
	ok, a := sees(sc)
	mine, b := seesItem(sc)
	n, err := sqldb.One(ctx, v, sqldb.Value[int], `with x as materialized (`+find+`),
		k as materialized (select x.id as asked, x.found, `+sqldb.Nearest("casework_item", "id", "x.id")+` as id from x),
		m as materialized (select case when n.id = k.asked then k.found else 0 end as found, n.case_id, n.audience, n.hold
			from k join casework_item n on n.id = k.id),
		i as materialized (select m.found, m.case_id, case when m.found = 1 then m.audience else 2 end as audience, m.hold from m),
		c as materialized (select f.id, f.report_id from i join casework_case f on f.id = i.case_id),
		s as materialized (select i.found, case when `+ok+` then 1 else 0 end as of_case, case when `+mine+` then 1 else 0 end as of_item from i cross join c)
		select count(*) from s where s.found = 1 and s.of_case = 1 and s.of_item = 1`, join([]any{id}, a, b)...)
	if err == nil && n == 0 {
		err = fault.Missing()
	}
	return err
}

// ByLetter implements casework.ItemStore.
func (s *Store) ByLetter(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID, letter string) (casework.Item, error) {
	ok, a := sees(sc)
	mine, b := seesItem(sc)
	return s.oneItem(ctx, v, sc, "i.case_id = ? and i.letter = ? and i.letter <> '' and "+ok+" and "+mine, join([]any{id, letter}, a, b))
}

func (s *Store) oneItem(ctx context.Context, v unit.View, sc people.Scope, where string, args []any) (casework.Item, error) {
	row, err := sqldb.One(ctx, v, scanItem, itemColumns+where, args...)
	if err != nil {
		return casework.Item{}, err
	}
	i, err := s.openItem(ctx, v, row)
	if err != nil {
		return casework.Item{}, err
	}
	i.Files, err = s.files(ctx, v, sc, "f.item_id = ?", i.ID)
	return i, err
}

// Items implements casework.ItemStore.
func (s *Store) Items(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID, before, limit int) ([]casework.Item, error) {
	if before <= 0 {
		before = 1 << 40
	}
	ok, a := sees(sc)
	mine, b := seesItem(sc)
	rows, err := sqldb.All(ctx, v, scanItem, itemColumns+"i.case_id = ? and i.number < ? and "+ok+" and "+mine+" order by i.number desc"+sqldb.Limit(limit),
		join([]any{id, before}, a, b)...)
	if err != nil {
		return nil, fmt.Errorf("list items: %w", err)
	}
	slices.Reverse(rows)
	out := make([]casework.Item, len(rows))
	for n, row := range rows {
		if out[n], err = s.openItem(ctx, v, row); err != nil {
			return nil, err
		}
	}
	return out, s.attach(ctx, v, sc, id, out)
}

// attach gives the items their files.
func (s *Store) attach(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID, items []casework.Item) error {
	if len(items) == 0 {
		return nil
	}
	files, err := s.files(ctx, v, sc, "f.case_id = ? and i.number between ? and ?", id, items[0].Number, items[len(items)-1].Number)
	if err != nil {
		return err
	}
	by := map[casework.ItemID][]casework.File{}
	for _, f := range files {
		by[f.Item] = append(by[f.Item], f)
	}
	for n := range items {
		items[n].Files = by[items[n].ID]
	}
	return nil
}

// AddItem implements casework.ItemStore. The service holds the case's row, which gave
// the number.
func (s *Store) AddItem(ctx context.Context, tx unit.Tx, sc people.Scope, i casework.Item) error {
	content, err := s.put(ctx, tx, i.Case, itemAt(i.ID), i.Content)
	if err != nil {
		return err
	}
	_, err = sqldb.Of(tx).Exec(ctx, `insert into casework_item (id, case_id, number, kind, audience, hold, trust, at, author, letter, mail,
		bounced, replayed, content) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		i.ID, i.Case, i.Number, int(i.Kind), int(i.Audience), int(i.Hold), int(i.Trust), i.At, i.Author, i.Letter, i.Mail,
		flag(i.Bounced), flag(i.Replayed), content)
	if sqldb.IsUnique(err) {
		return sqldb.Raced()
	}
	if err != nil {
		return fmt.Errorf("add item: %w", err)
	}
	for n, f := range i.Files {
		if err := s.addFile(ctx, tx, n, f, i.Mail == ""); err != nil {
			return err
		}
	}
	return nil
}

// addFile stores a file; own says that its blob is ours to name. The blobs of a mail
// were named by the desk, which keeps the mail as it came.
func (s *Store) addFile(ctx context.Context, tx unit.Tx, n int, f casework.File, own bool) error {
	name, err := s.put(ctx, tx, f.Case, fileAt(f.ID), [2]string{f.Name, f.Type})
	if err != nil {
		return err
	}
	if own {
		if err := s.Blobs.Name(ctx, tx, blob.ID(f.Blob), string(f.Case)); err != nil {
			return fmt.Errorf("name a file's content: %w", err)
		}
	}
	_, err = sqldb.Of(tx).Exec(ctx, `insert into casework_file (id, case_id, item_id, n, blob, size, name) values (?, ?, ?, ?, ?, ?, ?)`,
		f.ID, f.Case, f.Item, n, f.Blob, f.Size, name)
	if err != nil {
		return fmt.Errorf("add file: %w", err)
	}
	return nil
}

// SaveItem implements casework.ItemStore.
func (s *Store) SaveItem(ctx context.Context, tx unit.Tx, sc people.Scope, i casework.Item) error {
	if _, err := s.Item(ctx, tx, sc, i.ID); err != nil {
		return err
	}
	content, err := s.put(ctx, tx, i.Case, itemAt(i.ID), i.Content)
	if err != nil {
		return err
	}
	_, err = sqldb.Of(tx).Exec(ctx, `update casework_item set number = ?, audience = ?, hold = ?, trust = ?, bounced = ?, content = ? where id = ?`,
		i.Number, int(i.Audience), int(i.Hold), int(i.Trust), flag(i.Bounced), content, i.ID)
	if err != nil {
		return fmt.Errorf("save item: %w", err)
	}
	sqldb.AfterCommit(tx, func() { s.digests.drop(i.ID) })
	return nil
}

// File implements casework.FileStore.
func (s *Store) File(ctx context.Context, v unit.View, sc people.Scope, id casework.FileID) (casework.File, error) {
	if err := visible(ctx, v, sc, `select n.item_id as id, case when n.id = k.asked then 1 else 0 end as found
			from (select y.id as asked, `+sqldb.Nearest("casework_file", "id", "y.id")+` as id from (select cast(? as text) as id) y) k
			join casework_file n on n.id = k.id`, id); err != nil {
		return casework.File{}, err
	}
	row, err := sqldb.One(ctx, v, scanFile, fileColumns+"f.id = ?", id)
	if err != nil {
		return casework.File{}, err
	}
	return s.openFile(ctx, v, row)
}

// Files implements casework.FileStore.
func (s *Store) Files(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]casework.File, error) {
	return s.files(ctx, v, sc, "f.case_id = ?", id)
}

const fileColumns = `select f.id, f.case_id, f.item_id, f.blob, f.size, f.name from casework_file f
	join casework_item i on i.id = f.item_id join casework_case c on c.id = i.case_id where `

type sealedFile struct {
	casework.File
	name []byte
}

func scanFile(row sqldb.Row) (sealedFile, error) {
	var f sealedFile
	err := row.Scan(&f.ID, &f.Case, &f.Item, &f.Blob, &f.Size, &f.name)
	return f, err
}

func (s *Store) openFile(ctx context.Context, v unit.View, f sealedFile) (casework.File, error) {
	var words [2]string
	err := s.get(ctx, v, fileAt(f.ID), f.name, &words)
	f.Name, f.Type = words[0], words[1]
	return f.File, err
}

func (s *Store) files(ctx context.Context, v unit.View, sc people.Scope, where string, args ...any) ([]casework.File, error) {
	ok, a := sees(sc)
	mine, b := seesItem(sc)
	rows, err := sqldb.All(ctx, v, scanFile, fileColumns+where+" and "+ok+" and "+mine+" order by i.number, f.n", join(args, a, b)...)
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	out := make([]casework.File, len(rows))
	for n, row := range rows {
		if out[n], err = s.openFile(ctx, v, row); err != nil {
			return nil, err
		}
	}
	return out, nil
}
