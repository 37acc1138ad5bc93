package arch

// Exemption lets one rule pass at one place, for a reason.
type Exemption struct {
	Rule string
	Has  string // part of the finding: a file or a name
	Why  string
}

// exemptions are all there are. "file limit" takes none.
var exemptions = [...]Exemption{
	{"contexts", "internal/desk/group.go", "a queued write keeps its caller's context until the shared transaction runs it"},
	{"contexts", "internal/platform/blob/read.go", "io.Reader has no place for a context"},
	{"contexts", "internal/platform/pgp/decrypt.go", "io.Reader has no place for a context"},
	{"imports", "internal/advisory/emit/page/page.go", "the advisory's page is one of its outputs, made from the document alone; the template is what quotes foreign text"},
	{"variables", "page.parsed", "a template that is parsed at its first use; nothing changes it"},
	{"variables", "pubtree.deflaters", "compressors to use again, which a pool empties before it lends them"},
	{"variables", "sqldb.givePages", "SQLite's own settings belong to the process and are made once"},
	{"variables", "killpoint.passed", "counts steps in the kill test's build only; absent from the shipped binary"},
	{"variables", "sqldb.watcher", "takes scope checks out of the SQL in the build of test/scope only; absent from the shipped binary"},
}

// all are the rules, in the order of the design's sections.
var all = [...]Rule{
	{"imports", imports},
	{"main", mainIsThin},
	{"tables", tables},
	{"stores", stores},
	{"contexts", contexts},
	{"inits", inits},
	{"variables", variables},
	{"sizes", sizes},
	{"package names", packageNames},
	{"package comments", packageComments},
	{"docs", docs},
	{"clocks", clocks},
	{"outgoing", outgoing},
	{"hygiene", hygiene},
}
