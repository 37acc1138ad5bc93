// Command gen makes english.gz of package spell from plain word lists, one word a line:
// those of the Debian packages wamerican and wbritish (SCOWL, see COPYING.SCOWL).
// Possessives go, since the checker takes 's away.
//
//	go run ./kit/csaf/spell/gen american-english british-english > kit/csaf/spell/english.gz
package main

import (
	"compress/gzip"
	"fmt"
	"os"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(files []string) error {
	var words []string
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for word := range strings.FieldsSeq(string(raw)) {
			if !strings.HasSuffix(word, "'s") {
				words = append(words, word)
			}
		}
	}
	slices.Sort(words)
	words = slices.Compact(words)
	if len(words) < 50000 {
		return fmt.Errorf("only %d words: give the lists as arguments", len(words))
	}
	z, err := gzip.NewWriterLevel(os.Stdout, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write([]byte(strings.Join(words, "\n") + "\n")); err != nil {
		return err
	}
	return z.Close()
}
