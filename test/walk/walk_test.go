package walk

import "testing"

// TestWalk walks steps 1 to 7 on both engines.
func TestWalk(t *testing.T) {
	engines(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		w.step("the first administrator uses the printed link", (*world).firstAdministrator)
		w.step("a project with its chair, lists and texts", (*world).makeProject)
		w.step("two more join by invitation, word and terms", (*world).joinTeam)
		w.step("a moderator goes on duty", (*world).onDuty)
		w.step("a product with two stable branches", (*world).products)
		w.step("a researcher mails an encrypted report", (*world).mailReport)
		w.step("he gets one fixed answer", (*world).heldAnswer)
		w.step("a moderator releases it by keyboard", (*world).moderates)
		w.step("a report by the web form", (*world).formReport)
		w.step("severity, weakness, state", (*world).assesses)
		w.step("what is affected", (*world).affected)
		w.step("replies reach the reporter", (*world).replies)
		w.step("the reporter answers, signed and unsigned", (*world).answersBack)
		w.step("an observer joins, and reads no note", (*world).vendor)
		later(w)
	})
}

// later is the walk from the draft of the advisory to the judges.
func later(w *world) {
	w.step("the advisory is written, problems beside the fields", (*world).drafts)
	w.step("a second person approves it", (*world).approves)
	w.step("the embargo ends soon, by the page", (*world).embargoSoon)
	w.step("armed, confirmed, held, let go", (*world).arms)
	w.step("a second advisory about what is public already", (*world).secondAdvisory)
	w.step("eighteen old advisories are imported", (*world).imports)
	w.step("the embargo ends and it is published", (*world).published)
	w.step("the second advisory is corrected", (*world).revises)
	w.step("an imported advisory is withdrawn", (*world).withdraws)
	w.step("csaf_checker passes the site", (*world).checker)
	w.step("csaf_downloader fetches all", (*world).downloader)
	w.step("gpg verifies every signature", (*world).signatures)
	w.step("the public site, without script", (*world).publicSite)
	w.step("the rest stays sealed", (*world).sealed)
}
