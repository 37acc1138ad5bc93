//go:build scopemutants

package sqldb

import "sync/atomic"

var watcher atomic.Pointer[func(string) string]

// Watch has f see, and change, the text of every statement before it runs; nil ends it.
// It is there under the build tag scopemutants only: test/scope takes single scope
// checks out of the SQL with it, and notes which statements an answer costs.
func Watch(f func(string) string) {
	if f == nil {
		watcher.Store(nil)
		return
	}
	watcher.Store(&f)
}

func watched(q string) string {
	if f := watcher.Load(); f != nil {
		return (*f)(q)
	}
	return q
}
