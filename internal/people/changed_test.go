package people

import (
	"strings"
	"testing"
)

// The record said that somebody had changed the settings, and not which.
func TestWhichSettingsChanged(t *testing.T) {
	old := Project{Name: "Lanterna", Policy: DefaultPolicy(), Version: 3}
	now := old
	now.Version, now.Name, now.Langs, now.Policy.Assess, now.Lists.Dev = 4, "Lantern", []string{}, 20, "dev@lists.example"
	if got := strings.Join(now.changed(old), " "); got != "name policy.assess lists.dev" {
		t.Errorf("got %q", got)
	}
}
