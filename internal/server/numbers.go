package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	emit "github.com/tocsin-sec/tocsin/internal/advisory/emit/cve"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/cve"
	"github.com/tocsin-sec/tocsin/internal/cve/cvedb"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/egress"
	"github.com/tocsin-sec/tocsin/kit/cve/services"
)

// wireNumbers makes the service of CVE numbers: clients of the CVE Services go out
// through egress, and records come from the published advisories.
func (a *Services) wireNumbers(s *Store) {
	store := &cvedb.Store{Seal: s.Seal}
	out := egress.Client(egress.Config{Allow: s.Config.EgressAllow, Timeout: time.Minute, MaxBytes: maxAnswer, UserAgent: "tocsin-cna"})
	out.Transport = killable{out.Transport}
	locks := &services.Locks{}
	a.Numbers = &cve.Service{
		Work: s.Work, Setups: store, Numbers: store, Cases: a.Cases, Grants: a.Grants, Projects: a.Directory, Post: a.Post,
		Records: cveRecords{a}, Origin: s.Config.URL,
		Dial: func(acc cve.Account) (cve.API, error) {
			return services.New(services.Config{URL: acc.URL, Org: acc.Org, User: acc.User, Key: services.NewKey(acc.Key.Reveal()),
				HTTP: out, Locker: locks, MaxBytes: maxAnswer})
		},
	}
}

// organisations tells advisories under which CNA a project publishes; it implements
// advisory.Numbering.
type organisations struct{ numbers *cve.Service }

// CNA implements advisory.Numbering.
func (o organisations) CNA(ctx context.Context, v unit.View, _ people.Scope, project people.ProjectID) (record.CNA, error) {
	id, name, err := o.numbers.Organisation(ctx, v, project)
	return record.CNA{OrgID: id, ShortName: name}, err
}

// maxAnswer bounds an answer of the CVE Services; a page of ids has 500.
const maxAnswer = 8 << 20

// killable lets the kill test end the process between a write and its read-back.
type killable struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (k killable) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := k.RoundTripper.RoundTrip(r)
	if r.Method != http.MethodGet {
		killpoint.At("cve.answered")
	}
	return answer, err
}

// cveRecords makes the records of published advisories; it implements cve.Records.
type cveRecords struct{ a *Services }

// Container implements cve.Records.
func (r cveRecords) Container(ctx context.Context, v unit.View, sc people.Scope, _ casework.CaseID, id string) (string, []byte, error) {
	in, err := r.a.Advisories.Released(ctx, v, sc, advisory.ID(id))
	if err != nil {
		return "", nil, err
	}
	name := in.Content.Record.CVE
	if name == "" || in.Content.Withdrawn != "" {
		return name, nil, nil
	}
	c, err := emit.Container(in)
	if err != nil {
		return "", nil, err
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return "", nil, fmt.Errorf("write the record of %s: %w", name, err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return "", nil, fmt.Errorf("read the record of %s: %w", name, err)
	}
	delete(members, "providerMetadata") // the CVE Services set it
	raw, err = json.Marshal(members)
	return name, raw, err
}
