package server

import (
	"fmt"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
)

const demoChair = "mira@lanterna.example"

// demoProject is the example's project and its embargo terms.
func demoProject() (people.Project, string) {
	policy := people.DefaultPolicy()
	policy.Zone = "Europe/Helsinki"
	policy.Holidays = []string{"2026-12-24", "2026-12-25", "2027-01-01"}
	return people.Project{
		Slug: "lanterna", Name: "Lanterna", Addresses: []string{"security@lanterna.example"}, Series: "LAN", Policy: policy,
		Lists: people.Lists{Dev: "lanterna-devel@lists.lanterna.example", Announce: "lanterna-announce@lists.lanterna.example"},
		Public: people.PublicText{
			Policy:   "Every report is read by a person of the security team. We tell you what we think of it, agree a date with you, fix the main branch and both stable branches, and credit you as you wish.",
			Scope:    "Anything by which lanternd, its tools or its libraries do what their user did not ask for: reading or changing data without the right, running code, or stopping the service from afar.",
			Conduct:  "Members come from the project's core developers and from distributions that ship Lanterna. To join, write to the role address; a member vouches for you, the team decides.",
			TeamPage: true, Website: "https://lanterna.example",
		},
		Publisher: people.Publisher{Namespace: "https://lanterna.example", Category: "vendor", Contact: "security@lanterna.example", Authority: "The Lanterna security team publishes for all Lanterna products."},
		Langs:     []string{"en", "zh"},
	}, "I keep what I learn here to myself and to those of my team who need it for the fix, until the date that the team agreed on. I use it for nothing but getting the problem fixed. If something leaks, I say at once what and to whom."
}

// demoMail is one mail of the example.
type demoMail struct{ From, Subject, Text string }

// raw writes the mail as its sender's program would.
func (m demoMail) raw(to string, at time.Time) string {
	return fmt.Sprintf("From: %s\nTo: %s\nSubject: %s\nDate: %s\nMessage-ID: <%d.demo@mail.example>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n%s\n",
		m.From, to, m.Subject, at.Format(time.RFC1123Z), at.UnixNano(), m.Text)
}

// demoBranch is what the team found for one branch.
type demoBranch struct {
	Name, Affected, Fixed string
	Status                casework.Status
	Reason                string
}

// demoCase is one case of the example and what its advisory says.
type demoCase struct {
	Mail                    demoMail
	Title, Why, CWE         string
	Vector31, Vector40      string
	Branches                []demoBranch
	Summary, Impact, Around string
	CVE                     string
	Credit                  string
	Reply, Note             string
}

// write puts what the example knows into the advisory record.
func (c demoCase) write(r *advisory.Record, now time.Time) {
	r.Title, r.Summary, r.Impact, r.Workarounds = c.Title, c.Summary, c.Impact, c.Around
	r.CVSS31, r.CVSS40 = c.Vector31, c.Vector40
	if c.CVE != "" {
		r.CVE, r.AssignedBy = c.CVE, "Wei Lan, for the distribution's CNA"
	} else {
		r.NoCVE = "The request is with the CNA; the number follows in a revision."
	}
	if c.Credit != "" {
		r.Credits = []record.Credit{{Name: c.Credit, For: "reporting the problem"}}
	}
	r.References = []record.Reference{{URL: "https://lanterna.example/security/", Text: "How Lanterna handles security problems"}}
	r.Timeline = []record.Moment{{At: now.AddDate(0, 0, -3), Text: "The problem was reported."}}
	for i := range r.CWE {
		if r.CWE[i].Name == "" {
			r.CWE[i].Name = demoWeakness(r.CWE[i].ID)
		}
	}
	for i := range r.Branches {
		if r.Branches[i].Status == record.NotAffected {
			r.Branches[i].Justification = "vulnerable_code_not_present"
			continue
		}
		r.Branches[i].FixURL = "https://git.lanterna.example/lanternd/commits/" + r.Branches[i].Name
	}
}

// demoWeakness is the official name of the weaknesses in the example.
func demoWeakness(id string) string {
	return map[string]string{
		"CWE-22":  "Improper Limitation of a Pathname to a Restricted Directory ('Path Traversal')",
		"CWE-287": "Improper Authentication",
		"CWE-532": "Insertion of Sensitive Information into Log File",
		"CWE-787": "Out-of-bounds Write",
		"CWE-312": "Cleartext Storage of Sensitive Information",
	}[id]
}

func demoPublished() []demoCase {
	fixed := func(name, affected, fix string) demoBranch {
		return demoBranch{Name: name, Affected: affected, Fixed: fix, Status: casework.Fixed}
	}
	return []demoCase{
		{
			Mail:  demoMail{"Ines Duarte <ines@research.example>", "lanternd: path traversal in archive import", "Importing an archive with a member named ../../x writes outside of the spool. Steps and an archive follow if you need them."},
			Title: "Path traversal when importing archives", Why: "Reproduced on all branches.", CWE: "CWE-22",
			Vector31: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:H/A:N",
			Branches: []demoBranch{fixed("main", "< 2.6.0", "2.6.0"), fixed("stable-2.4", ">= 2.4.0, < 2.4.8", "2.4.8"), fixed("stable-2.2", ">= 2.2.0, < 2.2.19", "2.2.19")},
			Summary:  "lanternd wrote members of an imported archive outside of the spool folder when their names climb upwards.",
			Impact:   "A user who may import archives can overwrite files of the service.", Around: "Take the right to import away from users who are not trusted.",
			CVE: "CVE-2026-31801", Credit: "Ines Duarte",
		},
		{
			Mail:  demoMail{"Tomasz Nowak <tomasz@uni.example>", "Session id in log file", "With log level debug the session id of every request is in the log, which is world-readable by default."},
			Title: "Session identifiers in a world-readable log", Why: "True for both stable branches.", CWE: "CWE-532",
			Vector31: "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:L/A:N",
			Branches: []demoBranch{{Name: "main", Status: casework.NotAffected, Reason: "main never logs session identifiers."}, fixed("stable-2.4", ">= 2.4.0, < 2.4.9", "2.4.9"), fixed("stable-2.2", ">= 2.2.0, < 2.2.20", "2.2.20")},
			Summary:  "At log level debug lanternd wrote session identifiers to a log that every local user may read.",
			Impact:   "A local user can take over a session.", Around: "Do not use log level debug, or set the log's mode to 0600.",
			CVE: "CVE-2026-33417", Credit: "Tomasz Nowak",
		},
		{
			Mail:  demoMail{"Sam Okafor <sam@audit.example>", "lanternd accepts an empty token?", "It looks as if an empty API token is accepted when auth.fallback is on."},
			Title: "Empty API token accepted with auth.fallback", Why: "Looks plausible from the code.", CWE: "CWE-287",
			Vector31: "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:N",
			Branches: []demoBranch{fixed("main", "< 2.6.1", "2.6.1"), fixed("stable-2.4", ">= 2.4.0, < 2.4.10", "2.4.10"), fixed("stable-2.2", ">= 2.2.0, < 2.2.21", "2.2.21")},
			Summary:  "With the setting auth.fallback lanternd accepted an empty API token.",
			Impact:   "Anybody on the network could read what the API shows.", Around: "Turn auth.fallback off.",
		},
	}
}

func demoRunning() []demoCase {
	return []demoCase{
		{
			Mail:  demoMail{"Lea Moreau <lea@research.example>", "Heap overflow in lanternd's frame parser", "A frame with a length of 0xffff and a short body makes lanternd read and write beyond its buffer. I can make it crash; with some work it runs code. I plan to talk about it in spring and have told nobody."},
			Title: "Heap overflow in the frame parser", Why: "Crash reproduced on main, stable-2.4 and stable-2.2.", CWE: "CWE-787",
			Vector31: "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H",
			Vector40: "CVSS:4.0/AV:N/AC:H/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
			Branches: []demoBranch{{Name: "main", Affected: "< 2.6.2", Fixed: "2.6.2", Status: casework.Fixed}, {Name: "stable-2.4", Affected: ">= 2.4.0", Status: casework.IsAffected}, {Name: "stable-2.2", Affected: ">= 2.2.0", Status: casework.IsAffected}},
			Summary:  "A frame whose length field is larger than its body made lanternd write beyond a buffer.",
			Impact:   "An attacker on the network can crash lanternd and perhaps run code as its user.", Around: "Restrict port 7070 to trusted networks.",
			CVE: "CVE-2026-40112", Credit: "Lea Moreau",
			Reply: "Thank you, we can reproduce the crash on all three branches. A patch for main is in review. Does the date on the case page suit you?",
			Note:  "The fuzzer finds a second overflow two lines below; the patch must cover both.",
		},
		{
			Mail:  demoMail{"Piet de Vries <piet@isp.example>", "Old archives can be decrypted without the passphrase", "Archives written before 2.3 keep the key in the header. That is fine for new ones but nobody re-encrypts the old."},
			Title: "Key of old archives lies in their header", Why: "Confirmed for archives written before 2.3.", CWE: "CWE-312",
			Vector31: "CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
			Branches: []demoBranch{{Name: "main", Affected: "< 2.6.3", Status: casework.IsAffected}, {Name: "stable-2.4", Affected: ">= 2.4.0", Status: casework.IsAffected}, {Name: "stable-2.2", Affected: ">= 2.2.0", Status: casework.IsAffected}},
		},
		{
			Mail: demoMail{"王芳 <fang@security.example>", "Lanterna 管理界面的跨站脚本", "在项目名称里输入脚本，管理员打开列表时会执行。版本 2.4.8。"},
		},
	}
}

// demoHeld are reports that wait, with the noise that a role address gets.
func demoHeld() []demoMail {
	return []demoMail{
		{"Best Bounty <hunter@bounty.example>", "Critical!!! Missing SPF record, bounty?", "Hello team, I found critical vulnerability in your website: the DMARC policy is p=none. Please tell me the reward."},
		{"Arthur Lindqvist <arthur@hosting.example>", "Request smuggling between lanternd and nginx", "lanternd takes a chunk size with a leading plus sign, nginx does not. With keep-alive one request can hide another. Version 2.4.9 on Debian 12, configuration attached on request. Already seen in our logs twice since Friday."},
		{"Newsletter <news@offers.example>", "Your security posture: special offer", "Our scanner covers 500 checks. Book a demo now."},
		{"Kofi Mensah <kofi@edu.example>", "lanternctl reads config from the current folder", "lanternctl loads ./lantern.conf before /etc/lanterna.conf. In a shared folder another user's file wins and its pager setting runs a command."},
		{"Grace Kim <grace@kim.example>", "question about CVE-2026-31801", "Which release of stable-2.2 has the fix? The advisory says 2.2.19, our mirror has 2.2.18 only."},
	}
}
