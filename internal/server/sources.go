package server

import (
	"github.com/tocsin-sec/tocsin/internal/platform/blob"
	"github.com/tocsin-sec/tocsin/internal/platform/gate"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/ledger"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Sources are the migrations of every package with tables, in the order in which
// they are brought to their newest version.
func Sources() []sqldb.Source {
	return []sqldb.Source{
		seal.Migrations(), blob.Migrations(), jobs.Migrations(), ledger.Migrations(), gate.Migrations(),
	}
}
