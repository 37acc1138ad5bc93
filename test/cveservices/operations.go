package cveservices

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

type org struct {
	short, name, uuid string
	quota             int
	users             map[string]string // name, key
}

type id struct {
	id                 string
	year               int
	owner, user, state string
	reserved, modified time.Time
}

type record struct {
	state     string
	container map[string]any
	published time.Time
}

// asked is a request that has been held against the description.
type asked struct {
	r    *http.Request
	org  *org
	user string
	body map[string]any
}

// work does what an operation does and returns status and body of the answer.
func (s *Server) work(op *operation, r *http.Request, data []byte) (int, any) {
	q := asked{r: r}
	if slices.ContainsFunc(op.Parameters, func(p parameter) bool { return p.Name == "CVE-API-KEY" }) {
		q.org, q.user = s.orgs[r.Header.Get("CVE-API-ORG")], r.Header.Get("CVE-API-USER")
		if q.org == nil || q.org.users[q.user] == "" || q.org.users[q.user] != r.Header.Get("CVE-API-KEY") {
			return refuse(http.StatusUnauthorized, "UNAUTHORIZED", "Unauthorized")
		}
	}
	body, wrong := s.spec.request(op, r, data)
	if len(wrong) > 0 {
		return http.StatusBadRequest, map[string]any{"error": "BAD_INPUT", "message": "Parameters were invalid", "details": wrong}
	}
	q.body, _ = body.(map[string]any)
	do := map[string]func(asked) (int, any){
		"cveIdGetFiltered": s.listIDs, "cveIdReserve": s.reserve, "cveIdGetSingle": s.getID, "cveIdUpdateSingle": s.putID,
		"cveGetSingle": s.getRecord, "cveCnaCreateSingle": s.createRecord, "cveCnaUpdateSingle": s.updateRecord,
		"cveCnaCreateReject": s.createReject, "cveCnaUpdateReject": s.updateReject,
		"orgSingle": s.getOrg, "orgIdQuota": s.getQuota, "userOrgAll": s.listUsers, "userSingle": s.getUser,
		"healthCheck": func(asked) (int, any) { return http.StatusOK, nil },
	}[op.OperationID]
	if do == nil {
		return refuse(http.StatusForbidden, "SECRETARIAT_ONLY", "This function can only be used by the Secretariat")
	}
	return do(q)
}

func refuse(status int, name, message string) (int, any) {
	return status, map[string]any{"error": name, "message": message}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (i *id) wire() map[string]any {
	return map[string]any{"cve_id": i.id, "cve_year": strconv.Itoa(i.year), "owning_cna": i.owner, "state": i.state,
		"requested_by": map[string]any{"cna": i.owner, "user": i.user}, "reserved": stamp(i.reserved),
		"time": map[string]any{"created": stamp(i.reserved), "modified": stamp(i.modified)}}
}

// pageSize is small so that tests see pages.
const pageSize = 5

func page(q asked, key string, all []any) (int, any) {
	at, _ := strconv.Atoi(q.r.URL.Query().Get("page"))
	at = max(at, 1)
	pages := max(1, (len(all)+pageSize-1)/pageSize)
	out := map[string]any{key: all[min(len(all), (at-1)*pageSize):min(len(all), at*pageSize)]}
	if pages > 1 { // the service pages only when it must
		out["totalCount"], out["itemsPerPage"], out["pageCount"], out["currentPage"] = len(all), pageSize, pages, at
		if at < pages {
			out["nextPage"] = at + 1
		}
		if at > 1 {
			out["prevPage"] = at - 1
		}
	}
	return http.StatusOK, out
}

func (s *Server) listIDs(q asked) (int, any) {
	query := q.r.URL.Query()
	after := func(t time.Time, name string) bool {
		v := query.Get(name)
		if v == "" {
			return true
		}
		limit, _ := time.Parse(time.RFC3339, v)
		return t.After(limit)
	}
	all := []any{}
	for _, k := range slices.Sorted(maps.Keys(s.ids)) {
		i := s.ids[k]
		if i.owner == q.org.short && (query.Get("state") == "" || query.Get("state") == i.state) &&
			(query.Get("cve_id_year") == "" || query.Get("cve_id_year") == strconv.Itoa(i.year)) &&
			after(i.reserved, "time_reserved.gt") && after(i.modified, "time_modified.gt") {
			all = append(all, i.wire())
		}
	}
	return page(q, "cve_ids", all)
}

// nonSequentialMost is how many ids one request may reserve that do not follow one
// another; the service has that limit, its description does not tell.
const nonSequentialMost = 10

func (s *Server) reserve(q asked) (int, any) {
	query := q.r.URL.Query()
	amount, _ := strconv.Atoi(query.Get("amount"))
	year, _ := strconv.Atoi(query.Get("cve_year"))
	switch {
	case query.Get("short_name") != q.org.short:
		return refuse(http.StatusForbidden, "ORG_CANNOT_RESERVE_FOR_OTHER", "Only the Secretariat can reserve for others")
	case amount < 1 || amount > 1 && query.Get("batch_type") == "":
		return http.StatusBadRequest, map[string]any{"error": "BAD_INPUT", "message": "Parameters were invalid",
			"details": []detail{{"batch_type is required", "batch_type", "query"}}}
	case amount > q.org.quota-s.reserved(q.org):
		return refuse(http.StatusForbidden, "EXCEEDED_ID_QUOTA", "The requested amount exceeds the quota")
	case query.Get("batch_type") == "non-sequential" && amount > nonSequentialMost:
		return refuse(http.StatusForbidden, "OVER_NONSEQUENTIAL_MAX_AMOUNT", "Reserve fewer ids at once")
	}
	got := amount
	if left, ok := s.room[year]; ok {
		got = min(got, left)
		s.room[year] -= got
	}
	ids := []any{}
	for range got {
		i := s.add(q.org.short, q.user, year)
		w := i.wire()
		delete(w, "time")
		ids = append(ids, w)
	}
	if got < amount {
		return http.StatusPartialContent, map[string]any{"error": "CVE_IDS_NOT_FOUND", "message": "Not enough ids",
			"details": map[string]any{"amount_reserved": got}, "cve_ids": ids}
	}
	return http.StatusOK, map[string]any{"cve_ids": ids, "meta": map[string]any{"remaining_quota": q.org.quota - s.reserved(q.org)}}
}

func (s *Server) reserved(o *org) int {
	n := 0
	for _, i := range s.ids {
		if i.owner == o.short && i.state == "RESERVED" {
			n++
		}
	}
	return n
}

func (s *Server) add(owner, user string, year int) *id {
	if s.next[year] == 0 {
		s.next[year] = 40001
	}
	i := &id{id: fmt.Sprintf("CVE-%d-%d", year, s.next[year]), year: year, owner: owner, user: user, state: "RESERVED", reserved: s.now(), modified: s.now()}
	s.next[year]++
	s.ids[i.id] = i
	return i
}

func (s *Server) getID(q asked) (int, any) {
	i := s.ids[q.r.PathValue("id")]
	if i == nil {
		return refuse(http.StatusNotFound, "CVEID_NOT_FOUND", "The CVE ID does not exist")
	}
	w := i.wire()
	if i.owner != q.org.short {
		w["owning_cna"] = "[REDACTED]"
		delete(w, "requested_by")
	}
	return http.StatusOK, w
}

// mine is an id of the asking organisation.
func (s *Server) mine(q asked) (*id, int, any) {
	i := s.ids[q.r.PathValue("id")]
	if i == nil {
		status, body := refuse(http.StatusNotFound, "CVEID_NOT_FOUND", "The CVE ID does not exist")
		return nil, status, body
	}
	if i.owner != q.org.short {
		status, body := refuse(http.StatusForbidden, "OWNED_BY_OTHER_ORG", "The id is owned by another organisation")
		return nil, status, body
	}
	return i, 0, nil
}

func (s *Server) putID(q asked) (int, any) {
	i, status, body := s.mine(q)
	if i == nil {
		return status, body
	}
	if state := q.r.URL.Query().Get("state"); state != "" {
		i.state = state
	}
	i.modified = s.now()
	return http.StatusOK, map[string]any{"message": i.id + " was successfully updated.", "updated": i.wire()}
}

func (s *Server) getRecord(q asked) (int, any) {
	name := q.r.PathValue("id")
	if s.records[name] == nil {
		return refuse(http.StatusNotFound, "CVE_RECORD_DNE", "The CVE record does not exist")
	}
	return http.StatusOK, s.wire(name)
}

func (s *Server) wire(name string) map[string]any {
	r, i := s.records[name], s.ids[name]
	meta := map[string]any{"assignerOrgId": OrgID, "cveId": name, "state": r.state, "assignerShortName": i.owner,
		"dateReserved": stamp(i.reserved), "datePublished": stamp(r.published), "dateUpdated": stamp(i.modified)}
	return map[string]any{"dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": meta, "containers": map[string]any{"cna": r.container}}
}

// put writes a record and moves the id with it.
func (s *Server) put(q asked, state, what string, must bool) (int, any) {
	i, status, body := s.mine(q)
	if i == nil {
		return status, body
	}
	switch there := s.records[i.id] != nil; {
	case must && !there:
		return refuse(http.StatusForbidden, "CVE_RECORD_DNE", "The CVE record does not exist, it cannot be updated")
	case !must && there:
		return refuse(http.StatusForbidden, "CVE_RECORD_EXISTS", "The CVE record exists already")
	}
	container := map[string]any{}
	data, err := json.Marshal(q.body["cnaContainer"])
	if err == nil {
		err = json.Unmarshal(data, &container)
	}
	if err != nil {
		return refuse(http.StatusInternalServerError, "SERVICE_NOT_AVAILABLE", err.Error())
	}
	container["providerMetadata"] = map[string]any{"orgId": OrgID, "shortName": i.owner, "dateUpdated": stamp(s.now())}
	if s.bent != nil {
		s.bent(container)
	}
	r := s.records[i.id]
	if r == nil {
		r = &record{published: s.now()}
		s.records[i.id] = r
	}
	r.state, r.container = state, container
	i.state, i.modified = state, s.now()
	return http.StatusOK, map[string]any{"message": i.id + " record was successfully " + what + ".", what: s.wire(i.id)}
}

func (s *Server) createRecord(q asked) (int, any) { return s.put(q, "PUBLISHED", "created", false) }
func (s *Server) updateRecord(q asked) (int, any) { return s.put(q, "PUBLISHED", "updated", true) }
func (s *Server) createReject(q asked) (int, any) { return s.put(q, "REJECTED", "created", false) }
func (s *Server) updateReject(q asked) (int, any) { return s.put(q, "REJECTED", "updated", true) }

func (s *Server) getOrg(q asked) (int, any) {
	if q.r.PathValue("identifier") != q.org.short {
		return refuse(http.StatusForbidden, "NOT_SAME_ORG_OR_SECRETARIAT", "Not your organisation")
	}
	return http.StatusOK, map[string]any{"name": q.org.name, "short_name": q.org.short, "UUID": q.org.uuid,
		"policies": map[string]any{"id_quota": q.org.quota}, "authority": map[string]any{"active_roles": []string{"CNA"}}}
}

func (s *Server) getQuota(q asked) (int, any) {
	n := s.reserved(q.org)
	return http.StatusOK, map[string]any{"id_quota": q.org.quota, "total_reserved": n, "available": q.org.quota - n}
}

func (o *org) user(name string) map[string]any {
	return map[string]any{"username": name, "org_UUID": o.uuid, "UUID": OrgID, "active": "true", "authority": map[string]any{"active_roles": []string{}}}
}

func (s *Server) listUsers(q asked) (int, any) {
	all := []any{}
	for _, name := range slices.Sorted(maps.Keys(q.org.users)) {
		all = append(all, q.org.user(name))
	}
	return page(q, "users", all)
}

func (s *Server) getUser(q asked) (int, any) {
	if q.org.users[q.r.PathValue("username")] == "" {
		return refuse(http.StatusNotFound, "USER_DNE", "The user does not exist")
	}
	return http.StatusOK, q.org.user(q.r.PathValue("username"))
}
