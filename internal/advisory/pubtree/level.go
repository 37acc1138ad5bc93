package pubtree

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// Level is a TLP label of CSAF 2.0 (3.2.1.5.2). It decides in which folder a document
// lies and who may read it.
type Level string

// The levels, the most open first. TLP:AMBER+STRICT is none of them: CSAF 2.0 cannot say
// it, and published as AMBER it would have more readers than its author allowed.
const (
	White Level = csaf.White
	Green Level = csaf.Green
	Amber Level = csaf.Amber
	Red   Level = csaf.Red
)

// Levels returns all of them, the most open first.
func Levels() []Level { return []Level{White, Green, Amber, Red} }

// LevelOf reads a label. CLEAR is what TLP 2.0 and CSAF 2.1 call WHITE; a document
// without a label is WHITE. It answers false for anything else.
func LevelOf(label string) (Level, bool) {
	switch label {
	case "", "CLEAR", csaf.White:
		return White, true
	case csaf.Green, csaf.Amber, csaf.Red:
		return Level(label), true
	}
	return "", false
}

// Free reports whether everybody may read it at its address: CSAF 2.0 asks for protection
// of AMBER and RED (7.1.5). The zero level, that of files about no document, is free.
func (l Level) Free() bool { return l != Amber && l != Red }

// Told reports whether it may be told on channels that anybody listens to: list mails,
// Atom, OSV, the site's own lists. GREEN has a page and feeds, and is not told.
func (l Level) Told() bool { return l == "" || l == White }

func (l Level) lower() string { return strings.ToLower(string(l)) }
