package desk

import "testing"

func TestMayAnswer(t *testing.T) {
	own := []string{"security@lanterna.example", "bounce@lanterna.example"}
	ok := AnswerFacts{ReturnPath: "ada@mail.example", From: "ada@mail.example", Own: own, SPF: "none"}
	with := func(f func(*AnswerFacts)) AnswerFacts { c := ok; f(&c); return c }
	for _, c := range []struct {
		name string
		in   AnswerFacts
		want Silence
	}{
		{"a plain mail is answered", ok, NoSilence},
		{"Auto-Submitted: no is answered", with(func(f *AnswerFacts) { f.AutoSubmitted = " No (by hand)" }), NoSilence},
		{"a softfail is answered", with(func(f *AnswerFacts) { f.SPF = "softfail" }), NoSilence},
		{"a quoted odd sender with a plus is answered", with(func(f *AnswerFacts) { f.ReturnPath = "ada+sec@mail.example" }), NoSilence},
		{"first-class precedence is answered", with(func(f *AnswerFacts) { f.Precedence = "first-class" }), NoSilence},
		{"an empty return path is a bounce", with(func(f *AnswerFacts) { f.ReturnPath = "" }), SilentBounce},
		{"a literal <> is a bounce", with(func(f *AnswerFacts) { f.ReturnPath = "<>" }), SilentBounce},
		{"multipart/report is a bounce", with(func(f *AnswerFacts) { f.Report = true }), SilentBounce},
		{"auto-replied is a machine's", with(func(f *AnswerFacts) { f.AutoSubmitted = "auto-replied" }), SilentAuto},
		{"auto-generated with parameters", with(func(f *AnswerFacts) { f.AutoSubmitted = "Auto-Generated; type=x" }), SilentAuto},
		{"an unknown Auto-Submitted counts as automatic", with(func(f *AnswerFacts) { f.AutoSubmitted = "x-future" }), SilentAuto},
		{"suppression by Exchange", with(func(f *AnswerFacts) { f.Suppress = "DR, AutoReply" }), SilentAuto},
		{"a list field", with(func(f *AnswerFacts) { f.List = true }), SilentList},
		{"Precedence: bulk", with(func(f *AnswerFacts) { f.Precedence = "Bulk" }), SilentList},
		{"Precedence: junk", with(func(f *AnswerFacts) { f.Precedence = "junk" }), SilentList},
		{"MAILER-DAEMON", with(func(f *AnswerFacts) { f.ReturnPath = "MAILER-DAEMON@mx.example" }), SilentMachine},
		{"owner-list", with(func(f *AnswerFacts) { f.ReturnPath = "owner-talk@lists.example" }), SilentMachine},
		{"list-request", with(func(f *AnswerFacts) { f.ReturnPath = "talk-request@lists.example" }), SilentMachine},
		{"list-bounces with VERP", with(func(f *AnswerFacts) { f.ReturnPath = "talk-bounces+ada=x@lists.example" }), SilentMachine},
		{"noreply", with(func(f *AnswerFacts) { f.ReturnPath = "no-reply@shop.example" }), SilentMachine},
		{"our own role address", with(func(f *AnswerFacts) { f.ReturnPath = "Security@Lanterna.example" }), SilentOwn},
		{"our own tagged address in From only", with(func(f *AnswerFacts) { f.From = "security+ab12@lanterna.example" }), SilentOwn},
		{"SPF disowns the sender", with(func(f *AnswerFacts) { f.SPF = "fail" }), SilentForged},
		{"a return path without a domain", with(func(f *AnswerFacts) { f.ReturnPath = "ada" }), SilentAddress},
		{"a return path with a line break", with(func(f *AnswerFacts) { f.ReturnPath = "a@b.example\r\nBcc: x@y" }), SilentAddress},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := MayAnswer(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
