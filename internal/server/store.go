package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/config"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/blob"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/ledger"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Store is the open store with the platform on it: what the administrative
// commands need, and what the domains are wired on.
type Store struct {
	Config config.Config
	Log    *slog.Logger
	DB     *sqldb.DB
	Work   *sqldb.Work
	Queue  *jobs.Queue
	Seal   *seal.Sealer
	Ring   seal.Ring
	Blobs  *blob.Store
	Ledger *ledger.Ledger
	Key    seal.Loaded // where the site key came from; the key itself does not print
}

// Operator is the scope of the command line: whoever can open the store and the site
// key runs the site. It sees no case.
func Operator() people.Scope { return people.AsJob(account.JobAdmin) }

// DatabaseFile is the embedded database below --data.
const DatabaseFile = "tocsin.db"

// OpenDB opens the database alone, without the site key: enough for migrate,
// restore and the first checks of doctor.
func OpenDB(ctx context.Context, cfg config.Config) (*sqldb.DB, error) {
	if cfg.Database.Empty() {
		if err := makeData(cfg.Data); err != nil {
			return nil, err
		}
	}
	return sqldb.Open(ctx, sqldb.Config{Path: filepath.Join(cfg.Data, DatabaseFile), URL: cfg.Database})
}

// LoadKey reads the site key from the source that the settings name. make says
// whether one may be made in the user's configuration folder when none is named.
func LoadKey(ctx context.Context, cfg config.Config, mayMake bool) (seal.Loaded, error) {
	home, err := os.UserConfigDir()
	if err != nil && cfg.SiteKeyFile == "" && cfg.SiteKeyCommand == "" {
		return seal.Loaded{}, fault.New(fault.Unavailable, "seal.no_site_key").Because(err)
	}
	return seal.LoadSiteKey(ctx, seal.Source{File: cfg.SiteKeyFile, Command: cfg.SiteKeyCommand, Home: home, Make: mayMake})
}

// OpenStore opens and migrates the store and unlocks it with the site key.
func OpenStore(ctx context.Context, cfg config.Config, log *slog.Logger) (*Store, error) {
	return openStore(ctx, cfg, log, true)
}

// LookAtStore opens a store for who only examines it: nothing is migrated, no site key is
// made, and a store that has none is bound to none (fault.NotFound "seal.unused").
func LookAtStore(ctx context.Context, cfg config.Config, log *slog.Logger) (*Store, error) {
	return openStore(ctx, cfg, log, false)
}

func openStore(ctx context.Context, cfg config.Config, log *slog.Logger, mayWrite bool) (_ *Store, err error) {
	db, err := OpenDB(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	if mayWrite {
		if err := db.Migrate(ctx, Sources()); err != nil {
			return nil, err
		}
	}
	key, err := LoadKey(ctx, cfg, mayWrite)
	if err != nil {
		return nil, err
	}
	s := &Store{Config: cfg, Log: log, DB: db, Key: key, Queue: jobs.NewQueue()}
	s.Work = &sqldb.Work{DB: db, Queue: s.Queue}
	if mayWrite {
		s.Seal, err = seal.New(ctx, s.Work, key.Key)
	} else {
		s.Seal, err = seal.Look(ctx, s.Work, key.Key)
	}
	if err != nil {
		return nil, fmt.Errorf("unlock the store: %w", err)
	}
	s.Ring = seal.Ring{Sealer: s.Seal}
	s.Blobs = &blob.Store{Work: s.Work, Seal: s.Seal}
	s.Ledger = &ledger.Ledger{Work: s.Work, Seal: s.Seal, Origin: origin(cfg)}
	s.Work.Ledger = s.Ledger
	return s, nil
}

// Now is the time by the clock of the store's transactions.
func (s *Store) Now() time.Time {
	if s.Work.Clock != nil {
		return s.Work.Clock()
	}
	return time.Now()
}

// Close closes the store; running transactions end first.
func (s *Store) Close() error { return s.DB.Close() }

// origin names the site's log in checkpoints.
func origin(cfg config.Config) string { return "tocsin/" + cfg.MailDomain }
