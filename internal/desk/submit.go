package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/netip"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk/spool"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Limits of what the web form and the API take.
const (
	MaxFiles      = 10
	MaxFileBytes  = 20 << 20 // one file
	MaxFilesBytes = 40 << 20 // all files of one report
	maxFormText   = 256 << 10
	maxFormLine   = 300
	maxFormKey    = 64 << 10
	// FormsPerDay is how many reports and additions one address on the network (for
	// IPv6 one /64) may send on one day. A report by mail is always possible.
	FormsPerDay = 20
	// filesPerDay is the same for files, which are stored before their form is whole.
	filesPerDay = 60
)

// Submission is a report from the web form or the API. Everything but Project and
// What may be empty: a half-answered report is better than none.
type Submission struct {
	Project people.ProjectID
	Via     Via
	Form    string // ident id of the form that was filled in, so that a second click makes no second report; may be empty
	Title   string
	What    string
	Claims  Claims
	Name    string
	Address string
	Lang    string   // what our letters to the reporter are written in, BCP 47; "": the project's first language
	Files   []Upload // still to be read
	Staged  []Staged // stored before, by Stage with the same Form
	Remote  netip.Addr
}

// Staged is a file that was stored before its form was complete, so that it need
// not be chosen again when something else in the form has to be mended.
type Staged struct {
	File string `json:"file"`
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// Stage stores one file for a form, within the limits left by what is staged
// already. It fails with fault.TooLarge and the field "files" above them, and with
// fault.TooMany when the sender's network stored its share for today. A file whose
// form never comes is removed after a day.
func (s *Service) Stage(ctx context.Context, form string, remote netip.Addr, have []Staged, u Upload) (Staged, error) {
	room := int64(MaxFilesBytes)
	for _, h := range have {
		room -= h.Size
	}
	most := min(room, MaxFileBytes)
	if len(have) >= MaxFiles || most <= 0 {
		return Staged{}, filesTooLarge()
	}
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		n, err := s.Intakes.Count(ctx, tx, people.Anyone(), "stage", network(remote))
		if err == nil && n > filesPerDay {
			err = fault.New(fault.TooMany, "desk.fault.too_many_forms")
		}
		return err
	})
	if err != nil {
		return Staged{}, err
	}
	id, size, err := s.Files.Write(ctx, Intake{ID: IntakeID(form)}.Confidence(), io.LimitReader(u.Body, most+1), most+1)
	if err != nil {
		return Staged{}, err
	}
	if size > most {
		return Staged{}, filesTooLarge()
	}
	return Staged{File: id, Name: fileName(u.Name), Type: clip(u.Type, 100), Size: size}, nil
}

func filesTooLarge() error {
	return &fault.Error{Kind: fault.TooLarge, Key: "desk.fault.files", Fields: []fault.Field{{
		Path: "files", Key: "desk.field.files", Args: []any{"count", MaxFiles, "each", MaxFileBytes >> 20, "all", MaxFilesBytes >> 20}}}}
}

// Upload is one file on its way in.
type Upload struct {
	Name string
	Type string
	Body io.Reader
}

// KeyReader reads the public key that a reporter gives: people.PGP is one.
type KeyReader interface {
	ParseKeys(raw []byte) ([]people.KeyInfo, error)
}

// Submit is the operation of the web form and the API: a held report, durable when
// it returns, and the same answer as to a mail. It returns the report with its
// secret link. It fails with fault.Invalid and every problem beside its field,
// fault.TooLarge for the files, and fault.TooMany above FormsPerDay.
func (s *Service) Submit(ctx context.Context, sub Submission) (Report, error) {
	if err := s.checkSubmission(&sub); err != nil {
		return Report{}, err
	}
	id := sub.Form
	if !ident.Valid(id) {
		id = ident.New()
	}
	row := Intake{ID: IntakeID(id), Source: sub.Via.String(), Envelope: Envelope{Remote: network(sub.Remote)}}
	sum := sha256.New()
	io.WriteString(sum, sub.Title+"\x00"+sub.What)
	row.Key = id + "\x00" + hex.EncodeToString(sum.Sum(nil))
	m := Message{
		ID: MessageID(ident.New()), Intake: row.ID, Inbound: true, Subject: sub.Title, Text: sub.What,
		From: Address{Name: sub.Name, Mail: sub.Address}, Auth: Auth{Remote: row.Envelope.Remote},
	}
	for _, f := range sub.Staged {
		m.Parts = append(m.Parts, Part{Path: itoa(len(m.Parts) + 1), Type: f.Type, Name: f.Name, Size: f.Size, File: f.File})
	}
	kept, err := s.takeFiles(ctx, row.Confidence(), sub.Files, &m)
	if err != nil {
		return Report{}, err
	}
	answerID := s.Post.NewMessageID()
	var out Report
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
		out, err = s.submit(ctx, tx, sub, row, m, kept, answerID)
		return err
	})
	return out, err
}

func (s *Service) submit(ctx context.Context, tx unit.Tx, sub Submission, row Intake, m Message, kept []keptFile, answerID string) (Report, error) {
	row.ReceivedAt, m.At = tx.Now(), tx.Now()
	had, fresh, err := s.Intakes.AddIntake(ctx, tx, people.Anyone(), row)
	if err != nil {
		return Report{}, err
	}
	// An intake by form has the id of its report.
	id := ReportID(had)
	sc := people.AsJob("desk.submit", string(id))
	if !fresh {
		return s.Reports.Get(ctx, tx, sc, id)
	}
	if err := s.limit(ctx, tx, sub.Remote); err != nil {
		return Report{}, err
	}
	if err := s.Intakes.FinishIntake(ctx, tx, sc, had); err != nil {
		return Report{}, err
	}
	project, err := s.Projects.Project(ctx, tx, people.Anyone(), sub.Project)
	if err != nil {
		return Report{}, err
	}
	if m, err = s.nameFiles(ctx, tx, row.Confidence(), m, kept); err != nil {
		return Report{}, err
	}
	m.Object = string(id)
	h := Holding{Project: project, Message: m, AnswerTo: sub.Address, AnswerID: answerID, Report: Report{
		ID: id, Project: sub.Project, Via: sub.Via, Title: sub.Title, From: m.From, Claims: sub.Claims, Lang: sub.Lang,
	}}
	if sub.Address == "" {
		h.Silence = SilentNotThere
	} else if h.Silence = MayAnswer(AnswerFacts{ReturnPath: sub.Address, From: sub.Address, Own: project.Addresses}); h.Silence != NoSilence {
		h.AnswerTo = ""
	}
	if err := s.Hold(ctx, tx, sc, h); err != nil {
		return Report{}, err
	}
	return s.Reports.Get(ctx, tx, sc, id)
}

// limit counts what one address sent today.
func (s *Service) limit(ctx context.Context, tx unit.Tx, remote netip.Addr) error {
	n, err := s.Intakes.Count(ctx, tx, people.Anyone(), "form", network(remote))
	if err != nil {
		return err
	}
	if n > FormsPerDay {
		return fault.New(fault.TooMany, "desk.fault.too_many_forms")
	}
	return nil
}

// network is what one sender holds: an IPv4 address or an IPv6 /64.
func network(a netip.Addr) string {
	a = a.Unmap()
	if a.Is6() {
		p, _ := a.WithZone("").Prefix(64)
		return p.String()
	}
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// keptFile is an upload between its arrival and the transaction that names it.
type keptFile struct {
	part int
	spool.File
}

// takeFiles stores uploads before the transaction that names them.
func (s *Service) takeFiles(ctx context.Context, confidence string, files []Upload, m *Message) ([]keptFile, error) {
	if len(files) > MaxFiles {
		return nil, filesTooLarge()
	}
	var kept []keptFile
	room := int64(MaxFilesBytes)
	small := spool.Total
	for _, f := range files {
		most := min(room, MaxFileBytes)
		sp, err := spool.Take(ctx, s.Files, confidence, io.LimitReader(f.Body, most+1), most+1, small)
		if err != nil {
			return nil, err
		}
		if sp.Size > most {
			return nil, filesTooLarge()
		}
		room -= sp.Size
		small -= len(sp.Bytes)
		kept = append(kept, keptFile{part: len(m.Parts), File: sp})
		m.Parts = append(m.Parts, Part{Path: itoa(len(m.Parts) + 1), Type: clip(f.Type, 100), Name: fileName(f.Name), Size: sp.Size})
	}
	return kept, nil
}

func (s *Service) nameFiles(ctx context.Context, tx unit.Tx, confidence string, m Message, kept []keptFile) (Message, error) {
	m.Parts = append([]Part(nil), m.Parts...)
	for _, p := range m.Parts {
		if p.File == "" {
			continue
		}
		// Staged: it must be of this very form, which the name's confidence binds.
		if err := s.Files.Name(ctx, tx, p.File, FileOwner(confidence)); err != nil {
			return m, err
		}
	}
	for _, k := range kept {
		id, err := k.Keep(ctx, tx, s.Files, confidence, FileOwner(confidence))
		if err != nil {
			return m, err
		}
		m.Parts[k.part].File = id
	}
	return m, nil
}

// fileName keeps the last element of what a browser says is a file's name, without
// control characters.
func fileName(s string) string {
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xFFFD {
			return -1
		}
		return r
	}, s)
	return clip(s, 200)
}

// checkSubmission brings what was typed into form and collects every problem. A
// lone line break or surrounding space is no problem.
func (s *Service) checkSubmission(sub *Submission) error {
	var c fault.Checks
	line := func(path string, v *string) {
		*v = strings.Join(strings.Fields(*v), " ")
		c.Require(len(*v) <= maxFormLine, path, "desk.field.too_long", "most", maxFormLine)
	}
	text := func(path string, v *string) {
		*v = strings.ToValidUTF8(strings.TrimSpace(strings.ReplaceAll(*v, "\x00", "")), "\uFFFD")
		c.Require(len(*v) <= maxFormText, path, "desk.field.too_long", "most", maxFormText)
	}
	cl := &sub.Claims
	line("title", &sub.Title)
	line("product", &cl.Product)
	line("credit", &cl.Credit)
	line("name", &sub.Name)
	text("what", &sub.What)
	text("steps", &cl.Steps)
	text("impact", &cl.Impact)
	text("told_to", &cl.ToldTo)
	text("deadline_why", &cl.DeadlineWhy)
	text("public_where", &cl.PublicWhere)
	c.Require(sub.What != "", "what", "desk.field.what_missing")
	c.Require(sub.Lang == "" || sub.Lang == "en" || sub.Lang == "zh", "lang", "people.field.lang")
	c.Require(sub.Project != "", "project", "desk.field.project_missing")
	cl.Deadline = strings.TrimSpace(cl.Deadline)
	if cl.Deadline != "" {
		_, err := span.ParseDate(cl.Deadline)
		c.Require(err == nil, "deadline", "desk.field.date")
	}
	for _, a := range []struct {
		path string
		v    Answer
	}{{"exploited", cl.Exploited}, {"already_public", cl.AlreadyPublic}} {
		c.Require(a.v >= NoAnswer && a.v <= Unsure, a.path, "desk.field.choose")
	}
	if sub.Address = strings.TrimSpace(sub.Address); sub.Address != "" {
		a, err := people.Address(sub.Address)
		c.Require(err == nil, "address", "desk.field.address")
		if err == nil {
			sub.Address = a
		}
	}
	s.checkKey(&c, cl)
	if sub.Title == "" {
		sub.Title = clip(strings.Join(strings.Fields(clip(sub.What, 120)), " "), 80)
	}
	return c.Err()
}

// checkKey reads the reporter's public key and notes its fingerprint.
func (s *Service) checkKey(c *fault.Checks, cl *Claims) {
	if cl.Key = strings.TrimSpace(cl.Key); cl.Key == "" {
		return
	}
	if len(cl.Key) > maxFormKey {
		c.Add("key", "desk.field.key_large", "most", maxFormKey>>10)
		return
	}
	keys, err := s.PGP.ParseKeys([]byte(cl.Key))
	switch {
	case err != nil || len(keys) != 1:
		c.Add("key", "desk.field.key")
	case keys[0].Revoked:
		c.Add("key", "desk.field.key_revoked")
	case !keys[0].CanEncrypt:
		c.Add("key", "desk.field.key_no_encrypt")
	default:
		cl.KeyFingerprint = keys[0].Fingerprint
	}
}
