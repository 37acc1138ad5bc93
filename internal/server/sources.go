package server

import (
	"github.com/tocsin-sec/tocsin/internal/advisory/advisorydb"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworkdb"
	"github.com/tocsin-sec/tocsin/internal/cve/cvedb"
	"github.com/tocsin-sec/tocsin/internal/desk/deskdb"
	"github.com/tocsin-sec/tocsin/internal/embargo/embargodb"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/blob"
	"github.com/tocsin-sec/tocsin/internal/platform/gate"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/ledger"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/product/productdb"
	"github.com/tocsin-sec/tocsin/internal/remedy/remedydb"
)

// Sources are the migrations of every package with tables, in the order in which
// they are brought to their newest version.
func Sources() []sqldb.Source {
	return []sqldb.Source{
		seal.Migrations(), blob.Migrations(), jobs.Migrations(), ledger.Migrations(), gate.Migrations(),
		peopledb.Migrations(), productdb.Migrations(), deskdb.Migrations(), caseworkdb.Migrations(), cvedb.Migrations(), embargodb.Migrations(), remedydb.Migrations(), advisorydb.Migrations(),
	}
}
