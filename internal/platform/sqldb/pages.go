package sqldb

import (
	"sync"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// How many pages SQLite has memory of its own for, all connections together, and how large
// one is with SQLite's own words about it (some 270 bytes): the caches of the writer and of
// one busy reader fit, 9 MB, all of which counts as used from the start; pages beyond come
// from the allocator, one by one.
const (
	pageSlots = 2048
	slotSize  = 4096 + 512
)

// givePages gives SQLite one block of memory for pages. Each reader drops all that it has
// read at the first look after a write; the driver's allocator hands every page beyond some
// 500 free ones back to the kernel, by a system call each, and that took longer than what
// was read. It must run before the first connection is made; later it changes nothing.
var givePages = sync.OnceFunc(func() {
	tls := libc.NewTLS()
	defer tls.Close()
	block := libc.Xmalloc(tls, pageSlots*slotSize)
	if block == 0 {
		return
	}
	args := libc.NewVaList(block, int32(slotSize), int32(pageSlots))
	defer libc.Xfree(tls, args)
	if sqlite3.Xsqlite3_config(tls, sqlite3.SQLITE_CONFIG_PAGECACHE, args) != sqlite3.SQLITE_OK {
		libc.Xfree(tls, block)
	}
})
