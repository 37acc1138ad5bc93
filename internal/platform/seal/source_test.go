package seal

import (
	"path/filepath"
	"slices"
	"testing"
)

// The folder of a new site key is often new itself; only the key's own was synced.
func TestTheFoldersThatHoldNewFoldersAreSyncedToo(t *testing.T) {
	there := t.TempDir()
	for dir, want := range map[string][]string{
		there:                                  nil,
		filepath.Join(there, "a"):              {there},
		filepath.Join(there, "a", "b", "site"): {filepath.Join(there, "a", "b"), filepath.Join(there, "a"), there},
	} {
		if got := missing(dir); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", dir, got, want)
		}
	}
}
