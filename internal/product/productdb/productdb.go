// Package productdb keeps the table of products. What it holds is public
// knowledge about public software, so that nothing is sealed; it is nevertheless
// shown only to those who hold a role on the project. The rules are in product.
package productdb

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/product"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations returns the tables of this package.
func Migrations() sqldb.Source { return sqldb.Embedded("product", migrations) }

// Store implements product.Store.
type Store struct{}

var _ product.Store = Store{}

// body is what the JSON column holds.
type body struct {
	Branches []product.Branch  `json:"branches,omitempty"`
	Releases []product.Release `json:"releases,omitempty"`
}

// sees is the rule of who sees a product p: who holds a role on its project, and jobs
// that name the project or the product.
func sees(sc people.Scope) (string, []any) {
	team, args := peopledb.Sees(sc, "p.project_id")
	own, more := peopledb.Sees(sc, "p.id")
	return "(" + team + " or " + own + ")", append(args, more...)
}

const columns = `select p.id, p.project_id, p.name, p.purl, p.repository, p.body, p.created_at, p.version from product_product p where `

func scan(row sqldb.Row) (product.Product, error) {
	var p product.Product
	var text string
	var created int64
	if err := row.Scan(&p.ID, &p.Project, &p.Name, &p.Purl, &p.Repository, &text, &created, &p.Version); err != nil {
		return p, err
	}
	var b body
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		return p, fmt.Errorf("read product %s: %w", p.ID, err)
	}
	p.Branches, p.Releases, p.Created = b.Branches, b.Releases, sqldb.Time(created)
	return p, nil
}

// Get implements product.Store.
func (Store) Get(ctx context.Context, v unit.View, sc people.Scope, id product.ID) (product.Product, error) {
	ok, args := sees(sc)
	return sqldb.One(ctx, v, scan, columns+`p.id = ? and `+ok, append([]any{id}, args...)...)
}

// List implements product.Store.
func (Store) List(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]product.Product, error) {
	ok, args := sees(sc)
	return sqldb.All(ctx, v, scan, columns+`(p.project_id = ? or ? = '') and `+ok+` order by p.name, p.id`,
		append([]any{project, project}, args...)...)
}

// Insert implements product.Store. The service has checked that the scope's
// person belongs to the project's team.
func (Store) Insert(ctx context.Context, tx unit.Tx, sc people.Scope, p product.Product) error {
	text, err := json.Marshal(body{p.Branches, p.Releases})
	if err != nil {
		return err
	}
	_, err = sqldb.Of(tx).Exec(ctx, `insert into product_product (id, project_id, name, purl, repository, body, created_at, version)
		values (?, ?, ?, ?, ?, ?, ?, 1)`, p.ID, p.Project, p.Name, p.Purl, p.Repository, string(text), p.Created)
	return unique(err, "insert product")
}

// Save implements product.Store.
func (s Store) Save(ctx context.Context, tx unit.Tx, sc people.Scope, p product.Product) error {
	text, err := json.Marshal(body{p.Branches, p.Releases})
	if err != nil {
		return err
	}
	if _, err := s.Get(ctx, tx, sc, p.ID); err != nil {
		return err
	}
	n, err := sqldb.Of(tx).Exec(ctx, `update product_product set name = ?, purl = ?, repository = ?, body = ?, version = version + 1
		where id = ? and version = ?`, p.Name, p.Purl, p.Repository, string(text), p.ID, p.Version)
	if err != nil {
		return unique(err, "save product")
	}
	if n == 0 {
		return fault.New(fault.Conflict, "product.fault.changed")
	}
	return nil
}

// unique turns a second product of the same name into a fault beside the field.
func unique(err error, what string) error {
	if sqldb.IsUnique(err) {
		return &fault.Error{Kind: fault.Conflict, Key: "product.fault.exists", Fields: []fault.Field{{Path: "name", Key: "product.fault.exists"}}}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
