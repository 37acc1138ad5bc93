// Package cvedb keeps the tables of CVE numbers and of the settings with which projects
// come to them. CVE ids, who gave them and all reasons are sealed: under the case's own
// confidence, or the project's while they are in the pool. So is the API key. The rules
// are in cve.
package cvedb

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/cve"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/kit/cve/services"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations returns the tables of this package.
func Migrations() sqldb.Source { return sqldb.Embedded("cve", migrations) }

// Store implements cve.SetupStore and cve.Store.
type Store struct{ Seal *seal.Sealer }

var (
	_ cve.SetupStore = (*Store)(nil)
	_ cve.Store      = (*Store)(nil)
)

func confidence(project people.ProjectID) string { return "cve:" + string(project) }

func setupAt(project people.ProjectID, column string) seal.At {
	return seal.At{Table: "cve_setup", Row: string(project), Column: column}
}

type setupRow struct {
	cve.Setup
	detail []byte
}

// Setup implements cve.SetupStore.
func (s *Store) Setup(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) (cve.Setup, error) {
	ok, args := peopledb.Sees(sc, "s.project_id")
	r, err := sqldb.One(ctx, v, scanSetup, `select s.project_id, s.cna, s.url, s.org, s.account, case when s.api_key is null then 0 else 1 end, s.low, s.fill,
		s.outside_name, s.outside_mail, s.outside_form, s.quota, s.quota_reserved, s.quota_available, s.checked_at, s.problem, s.detail, s.alerted_at,
		s.ticket, s.ticket_at, s.org_id, s.version from cve_setup s where s.project_id = ? and `+ok, append([]any{project}, args...)...)
	if fault.Is(err, fault.NotFound) {
		return cve.Setup{Project: project}, nil
	}
	if err != nil {
		return cve.Setup{}, fmt.Errorf("read the settings for CVE numbers: %w", err)
	}
	if r.detail != nil {
		plain, err := s.Seal.Open(ctx, v, setupAt(project, "detail"), r.detail)
		if err != nil {
			return cve.Setup{}, fmt.Errorf("open a problem's detail: %w", err)
		}
		r.Detail = string(plain)
	}
	return r.Setup, nil
}

func scanSetup(row sqldb.Row) (setupRow, error) {
	var r setupRow
	var cna, key int
	var checked, alerted, ticketAt int64
	var ticket string
	err := row.Scan(&r.Project, &cna, &r.URL, &r.Org, &r.User, &key, &r.Low, &r.Fill, &r.OutsideName, &r.OutsideMail, &r.OutsideForm,
		&r.Quota.Quota, &r.Quota.Reserved, &r.Quota.Available, &checked, &r.Problem, &r.detail, &alerted, &ticket, &ticketAt, &r.OrgID, &r.Version)
	if err != nil {
		return r, err
	}
	r.CNA, r.HasKey = cna == 1, key == 1
	r.Checked, r.Alerted, r.TicketAt = sqldb.Time(checked), sqldb.Time(alerted), sqldb.Time(ticketAt)
	if ticket != "" {
		r.Ticket = &services.Ticket{}
		err = json.Unmarshal([]byte(ticket), r.Ticket)
	}
	return r, err
}

// SaveSetup implements cve.SetupStore.
func (s *Store) SaveSetup(ctx context.Context, tx unit.Tx, sc people.Scope, in cve.Setup) error {
	var detail []byte
	var err error
	if in.Detail != "" {
		if detail, err = s.Seal.Seal(ctx, tx, confidence(in.Project), setupAt(in.Project, "detail"), []byte(in.Detail)); err != nil {
			return fmt.Errorf("seal a problem's detail: %w", err)
		}
	}
	ticket := ""
	if in.Ticket != nil {
		raw, err := json.Marshal(in.Ticket)
		if err != nil {
			return err
		}
		ticket = string(raw)
	}
	n, err := sqldb.Of(tx).Exec(ctx, `insert into cve_setup (project_id, cna, url, org, account, low, fill, outside_name, outside_mail, outside_form,
		quota, quota_reserved, quota_available, checked_at, problem, detail, alerted_at, ticket, ticket_at, org_id, version)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
		on conflict (project_id) do update set cna = excluded.cna, url = excluded.url, org = excluded.org, account = excluded.account,
		low = excluded.low, fill = excluded.fill, outside_name = excluded.outside_name, outside_mail = excluded.outside_mail,
		outside_form = excluded.outside_form, quota = excluded.quota, quota_reserved = excluded.quota_reserved,
		quota_available = excluded.quota_available, checked_at = excluded.checked_at, problem = excluded.problem, detail = excluded.detail,
		alerted_at = excluded.alerted_at, ticket = excluded.ticket, ticket_at = excluded.ticket_at, org_id = excluded.org_id,
		version = cve_setup.version + 1 where cve_setup.version = ?`,
		in.Project, in.CNA, in.URL, in.Org, in.User, in.Low, in.Fill, in.OutsideName, in.OutsideMail, in.OutsideForm,
		in.Quota.Quota, in.Quota.Reserved, in.Quota.Available, in.Checked, in.Problem, detail, in.Alerted, ticket, in.TicketAt, in.OrgID, in.Version)
	if err != nil {
		return fmt.Errorf("save the settings for CVE numbers: %w", err)
	}
	if n == 0 {
		return sqldb.Raced()
	}
	return nil
}

// Key implements cve.SetupStore.
func (s *Store) Key(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) (secret.String, error) {
	if _, _, job := sc.Job(); !job {
		return secret.String{}, errors.New("the key of CVE Services is for jobs")
	}
	ok, args := peopledb.Sees(sc, "s.project_id")
	sealed, err := sqldb.One(ctx, v, sqldb.Value[[]byte], `select s.api_key from cve_setup s where s.project_id = ? and s.api_key is not null and `+ok,
		append([]any{project}, args...)...)
	if err != nil {
		return secret.String{}, err
	}
	plain, err := s.Seal.Open(ctx, v, setupAt(project, "api_key"), sealed)
	if err != nil {
		return secret.String{}, fmt.Errorf("open the key of CVE Services: %w", err)
	}
	return secret.New(string(plain)), nil
}

// PutKey implements cve.SetupStore; an empty key removes what is stored.
func (s *Store) PutKey(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, key secret.String) error {
	var sealed []byte
	if !key.Empty() {
		var err error
		if sealed, err = s.Seal.Seal(ctx, tx, confidence(project), setupAt(project, "api_key"), []byte(key.Reveal())); err != nil {
			return fmt.Errorf("seal the key of CVE Services: %w", err)
		}
	}
	ok, args := peopledb.Sees(sc, "s.project_id")
	n, err := sqldb.Of(tx).Exec(ctx, `update cve_setup as s set api_key = ? where s.project_id = ? and `+ok, append([]any{sealed, project}, args...)...)
	if err == nil && n == 0 {
		err = fault.Missing()
	}
	return err
}
