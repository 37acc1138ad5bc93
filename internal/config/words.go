package config

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

func envName(name string) string {
	return "TOCSIN_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

func trimSlash(s string) string { return strings.TrimRight(s, "/") }

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

func splitList(v string) []string {
	return strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
}

// protocols are those of the addresses of repositories.
func protocols(at func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, v string) error {
		*at(c) = splitList(v)
		for _, p := range *at(c) {
			if p != "https" && p != "http" && p != "file" {
				return fmt.Errorf("%q is none of https, http and file", p)
			}
		}
		return nil
	}
}

// folders are absolute, since a relative one would depend on where the server is started.
func folders(at func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, v string) error {
		*at(c) = splitList(v)
		for _, f := range *at(c) {
			if !filepath.IsAbs(f) {
				return fmt.Errorf("%q does not begin with /", f)
			}
		}
		return nil
	}
}

// meant proposes the known name that is nearest to an unknown one, when it is
// near enough to be a slip.
func meant(name string, known map[string]Option) string {
	best, at := "", 3
	for k := range known {
		if d := distance(name, k); d < at || d == at && best != "" && k < best {
			best, at = k, d
		}
	}
	if best == "" {
		return " (`tocsin config` lists all)"
	}
	return ", did you mean " + best + "?"
}

// distance is the Levenshtein distance of two short words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal, row[j] = row[j], min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
