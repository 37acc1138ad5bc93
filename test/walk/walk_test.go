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
	})
}
