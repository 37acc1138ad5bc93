package desk

import (
	"slices"
	"strings"
)

// AnswersPerDay is the most automatic answers that one sender gets on one day from one
// project, so that two machines cannot talk to each other for ever (RFC 3834 section 2).
// No count runs over all projects: "not answered, too many" would tell a moderator of one
// that this sender wrote to another (design, law 3). Who is answered for mails in his name
// that he did not write gets at most this from each project, and nothing where his
// domain disowns the mail (MayAnswer).
const AnswersPerDay = 5

// AnswerFacts is what a mail says about whether a machine may answer it.
type AnswerFacts struct {
	ReturnPath    string   // envelope sender
	From          string   // address of From
	Own           []string // addresses that are ours, without tags
	AutoSubmitted string   // field value
	Precedence    string
	Suppress      string // X-Auto-Response-Suppress
	List          bool   // has a List-* field (RFC 2369, RFC 2919)
	Report        bool   // multipart/report: a delivery or other notification (RFC 6522)
	SPF           string // result for the envelope sender
}

// Silence is why no automatic answer is sent.
type Silence string

// The reasons for silence; the catalogue has a text for each under
// "desk.silence.". NoSilence lets the answer go.
const (
	NoSilence      Silence = ""
	SilentBounce   Silence = "bounce"    // empty return path (RFC 3834 section 2)
	SilentAuto     Silence = "automatic" // Auto-Submitted other than "no" (section 5)
	SilentList     Silence = "list"      // from a list (section 2)
	SilentMachine  Silence = "machine"   // an address that nobody reads
	SilentOwn      Silence = "own"       // one of our own addresses
	SilentForged   Silence = "forged"    // the sender's domain says that it is not from there
	SilentAddress  Silence = "address"   // the return path is no address
	SilentTooMany  Silence = "too_many"  // AnswersPerDay reached
	SilentUnread   Silence = "unread"    // it could not be read: who wrote it, and what, is not known
	SilentNotThere Silence = "no_answer" // no way to answer: a form without an address
)

// MayAnswer applies RFC 3834 section 2: no answer to bounces, lists, other
// machines or ourselves. It also gives none to an envelope sender whose domain
// disowns the mail by SPF: the answer would hit somebody who never wrote to us.
func MayAnswer(f AnswerFacts) Silence {
	path := strings.ToLower(strings.TrimSpace(f.ReturnPath))
	if path == "" || path == "<>" || f.Report {
		return SilentBounce
	}
	local, domain, ok := strings.Cut(path, "@")
	if !ok || local == "" || domain == "" || strings.ContainsAny(path, " \t\r\n<>,;\x00") {
		return SilentAddress
	}
	if v := fieldWord(f.AutoSubmitted); v != "" && v != "no" {
		return SilentAuto
	}
	if s := strings.ToLower(f.Suppress); strings.Contains(s, "all") || strings.Contains(s, "autoreply") {
		return SilentAuto
	}
	if f.List || slices.Contains([]string{"bulk", "list", "junk"}, fieldWord(f.Precedence)) {
		return SilentList
	}
	if machine(local) {
		return SilentMachine
	}
	bare, _ := SplitTag(path)
	from, _ := SplitTag(f.From)
	if slices.Contains(f.Own, bare) || slices.Contains(f.Own, from) {
		return SilentOwn
	}
	if f.SPF == "fail" {
		return SilentForged
	}
	return NoSilence
}

// fieldWord returns the first word of a structured field in lower case: comments
// and parameters behind it do not matter (RFC 3834 section 5).
func fieldWord(v string) string {
	v = strings.ToLower(strings.TrimSpace(v))
	if i := strings.IndexAny(v, " \t;("); i >= 0 {
		v = v[:i]
	}
	return v
}

// machine reports whether a local part is one of the names that RFC 3834
// section 2 and common use reserve for machines.
func machine(local string) bool {
	if bare, _, tagged := strings.Cut(local, "+"); tagged {
		local = bare
	}
	switch local {
	case "mailer-daemon", "postmaster", "bounce", "bounces", "listserv", "majordomo", "noreply", "no-reply",
		"donotreply", "do-not-reply", "nobody", "mdaemon", "root", "www-data":
		return true
	}
	return strings.HasPrefix(local, "owner-") || strings.HasSuffix(local, "-request") ||
		strings.HasSuffix(local, "-owner") || strings.HasSuffix(local, "-bounces") || strings.HasSuffix(local, "-bounce")
}
