package desk

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Threads is the table that finds the object which a mail belongs to: by the
// Message-IDs that we sent or saw, and by the tags of our own addresses
// (security+TAG@...). The store keeps keyed hashes only.
type Threads struct{ Store ThreadStore }

// ThreadStore is what Threads needs of the store.
type ThreadStore interface {
	// BindThread notes that messageID belongs to object in mail of the project; again is no
	// error.
	BindThread(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, messageID, object string) error
	// BindTag returns the tag of (object, who) and notes it. The same pair always
	// has the same tag.
	BindTag(ctx context.Context, tx unit.Tx, sc people.Scope, object, who string) (string, error)
	// ByMailIDs returns the object of the first id that is known in mail of the project,
	// or "". It and ByTag answer only the jobs that read mail; for everybody else nothing
	// is known.
	ByMailIDs(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, ids []string) (string, error)
	// ByTag returns the object of a tag, or "".
	ByTag(ctx context.Context, v unit.View, sc people.Scope, tag string) (string, error)
}

// Bind notes that mail with this Message-ID belongs to the object (a report or a
// case) of the project, so that replies to it find their way. One mail may have gone to
// two projects: each has a thread of its own, and a reply to one is never filed with the
// other. The scope must see the object; otherwise it fails with fault.NotFound.
func (t *Threads) Bind(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, messageID, object string) error {
	id := CleanMailID(messageID)
	if id == "" {
		return nil
	}
	return t.Store.BindThread(ctx, tx, sc, project, id, object)
}

// Tag returns the tag for the Reply-To address of a letter about the object to
// one recipient (a person id or an address): role+TAG@domain. It is not
// guessable and always the same for the same pair.
func (t *Threads) Tag(ctx context.Context, tx unit.Tx, sc people.Scope, object, who string) (string, error) {
	return t.Store.BindTag(ctx, tx, sc, object, strings.ToLower(who))
}

// TaggedAddress puts a tag into an address: "security@x.example" and "ab12" give
// "security+ab12@x.example". An address without @ stays as it is.
func TaggedAddress(address, tag string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 || tag == "" {
		return address
	}
	return address[:at] + "+" + tag + address[at:]
}

// SplitTag is the reverse of TaggedAddress: it returns the address without its
// tag, in lower case, and the tag, or "".
func SplitTag(address string) (bare, tag string) {
	address = strings.ToLower(strings.TrimSpace(address))
	at := strings.LastIndexByte(address, '@')
	if at < 0 || strings.Count(address, "@") > 1 {
		return address, ""
	}
	local, domain := address[:at], address[at:]
	if plus := strings.IndexByte(local, '+'); plus > 0 {
		return local[:plus] + domain, local[plus+1:]
	}
	return address, ""
}

// maxMailID bounds a Message-ID; RFC 5322 2.1.1 allows lines of 998 characters.
const maxMailID = 998

// CleanMailID returns a Message-ID without brackets and surrounding space, or ""
// when it cannot be one.
func CleanMailID(id string) string {
	id = strings.TrimSpace(id)
	id = strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">")
	if id == "" || len(id) > maxMailID || strings.ContainsAny(id, "<> \t\r\n\x00") {
		return ""
	}
	return id
}
