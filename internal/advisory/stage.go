package advisory

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/edition"
	"github.com/tocsin-sec/tocsin/internal/advisory/keyuse"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

const (
	// StageAhead is how long before the end of an embargo the files are made.
	StageAhead = 5 * time.Minute
	// stageGood is how far the date in the documents may lie back at the flip.
	stageGood = 10 * time.Minute
)

// stagedFor reports whether what is staged may be published at now: the same
// revision, a date that has come and is not long ago.
func (a Advisory) stagedFor(now time.Time) bool {
	return a.Stage != nil && a.Working != nil && a.Stage.Hash == a.Working.Hash &&
		(a.Import || !a.Stage.For.After(now) && now.Sub(a.Stage.For) <= stageGood)
}

// scheduleStage enqueues the staging for an embargo that ends at until.
func (s *Service) scheduleStage(tx unit.Tx, a Advisory, until time.Time) {
	at := until.Add(-StageAhead)
	if at.Before(tx.Now()) {
		at = tx.Now()
	}
	tx.Enqueue(a.job(KindStage, at))
}

// StageJob is the handler of KindStage: it makes the files shortly before the end of the
// embargo when publication is armed. A hold does not keep it: the number is
// taken and the files wait.
func (s *Service) StageJob(ctx context.Context, j unit.Running) error {
	sc, id := scope(j.Job), ID(j.Args["advisory"])
	var a Advisory
	var until time.Time
	var over bool
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if a, err = s.Store.Get(ctx, v, sc, id); err != nil {
			return err
		}
		if a.Working != nil {
			until, over, err = s.until(ctx, v, sc, a)
		}
		return err
	})
	if err != nil {
		return err
	}
	if a.Arming == nil || a.Working == nil || over || !a.approved() {
		return nil // KindPublish takes it from here
	}
	return s.signerFailed(ctx, j, sc, id, s.stage(ctx, sc, id, until))
}

// stage makes the files of the advisory for the instant when, and then of what it replaces,
// which name the number that it has now.
func (s *Service) stage(ctx context.Context, sc people.Scope, id ID, when time.Time) error {
	if err := s.stageOne(ctx, sc, id, when); err != nil {
		return err
	}
	var with []Advisory
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		a, err := s.Store.Get(ctx, v, sc, id)
		if err != nil {
			return err
		}
		with, err = s.predecessors(ctx, v, a)
		return err
	})
	for _, o := range with {
		if err == nil && o.approved() {
			err = s.stageOne(ctx, o.scope(KindStage), o.ID, when)
		}
	}
	return err
}

// stageOne takes the number, renders and signs the revision for the instant when, and
// stores the files sealed. Rendering and signing are outside of any transaction.
func (s *Service) stageOne(ctx context.Context, sc people.Scope, id ID, when time.Time) error {
	a, err := s.numbered(ctx, sc, id)
	if err != nil {
		return err
	}
	killpoint.At("publish.numbered")
	var p people.Project
	var key SigningKey
	err = s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if p, err = s.Projects.Project(ctx, v, sc, a.Project); err != nil {
			return err
		}
		if key, err = s.Keys.Signing(ctx, v, a.Project); err != nil {
			return err
		}
		return s.withSuccessor(ctx, v, &a)
	})
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.Invalid, "advisory.fault.no_key")
	}
	if err != nil {
		return err
	}
	staged, err := s.render(ctx, a, p, key, when)
	if err != nil {
		return err
	}
	killpoint.At("publish.signed")
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		now, err := s.Store.Lock(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		if now.workingHash() != staged.Hash || !now.approved() {
			return fault.New(fault.Conflict, "advisory.fault.changed")
		}
		now.Failure = nil
		now.Stage = &Stage{Hash: staged.Hash, For: when, At: tx.Now(), Key: keyuse.Joined(key.Fingerprints())}
		if err := s.Store.PutStaged(ctx, tx, sc, id, staged); err != nil {
			return err
		}
		if staged.Public.Level.Told() && staged.Public.Member.ID == "" {
			tx.Record(now.entry("advisory.ledger.no_osv", sc.Actor(), map[string]string{"number": now.Number, "hash": staged.Hash}))
		}
		tx.Record(now.entry("advisory.ledger.staged", sc.Actor(), map[string]string{"number": now.Number, "hash": staged.Hash, "key": keyuse.Joined(key.Fingerprints())}))
		return s.Store.Save(ctx, tx, sc, now)
	})
	killpoint.At("publish.staged")
	return err
}

// numbered takes the number of the series unless there is one.
func (s *Service) numbered(ctx context.Context, sc people.Scope, id ID) (Advisory, error) {
	var a Advisory
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
		if a, err = s.Store.Lock(ctx, tx, sc, id); err != nil || a.Number != "" {
			return err
		}
		if a.Number, err = s.Series.Take(ctx, tx, sc, a.Project); err != nil {
			return err
		}
		tx.Record(a.entry("advisory.ledger.numbered", sc.Actor(), map[string]string{"number": a.Number}))
		if err := s.Store.Save(ctx, tx, sc, a); err != nil {
			return err
		}
		a.Version++
		return nil
	})
	return a, err
}

// input is what the document of an advisory is made from.
func (s *Service) input(a Advisory, p people.Project, when time.Time) record.Input {
	in := record.Input{Content: a.Working.Content, Number: a.Number, Project: p, Site: s.URL, History: a.History,
		Successor: a.next, Initial: a.Initial, Current: when.UTC().Truncate(time.Second), Texts: s.Render.Texts(a.Working.Content.Record.Lang)}
	if n := len(in.History); n > 0 && a.elsewhere() {
		in.History, in.Current = in.History[:n-1], a.Dated.UTC() // the last line is its own
	}
	if in.Initial.IsZero() {
		in.Initial = in.Current
	}
	if n := len(in.History); n > 0 {
		// The date of a correction comes after that of every earlier revision.
		if last, err := record.Newest(in.History).Date.Time(); err == nil && !in.Current.After(last) {
			in.Current = last.Add(time.Second)
		}
	}
	return in
}

// render makes and signs every file of the revision.
func (s *Service) render(ctx context.Context, a Advisory, p people.Project, key SigningKey, when time.Time) (Staged, error) {
	return edition.Maker{Render: s.Render, Key: key}.Make(ctx, string(a.ID), a.Working.Hash, s.input(a, p, when))
}
