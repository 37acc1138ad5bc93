package version

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// seeds are versions with the peculiarities of all orders.
func seeds() []string {
	return []string{"1", "1.0", "1.0.0", "v1.2.3", "1:1.0-1", "0:1.0~rc1-1", "1.0^git1", "1.2a_rc1_p2-r3", "1.0.dev1", "1.0a1.post2+l.1", "1!2", "1-sp", "1-0.1", "1.ga", "1.0-alpha-1", "2.0.a.10", "1.0.0-beta.2+x", "1.0-dev", "dev-foo", "1.2-3", "01.00", "1..2", "0-", "999999999999999999999999", "~", "-", "1_2", "αβ"}
}

// invent makes a version out of pieces.
func invent(r *rand.Rand) string {
	pieces := [...]string{"0", "1", "2", "10", "00", "01", ".", ".", ".", "-", "-", "_", "+", "~", "^", ":", "!", "a", "b", "rc", "RC", "alpha", "beta", "dev", "post", "p", "sp", "final", "snapshot", "x", "r1", "pre", "pl", "", "é"}
	var b strings.Builder
	b.WriteString(pieces[r.IntN(6)])
	for range r.IntN(8) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// excepted are the versions on which the system itself is not transitive, see the
// constants.
func excepted(o Order, v string) bool {
	if o == Packagist {
		return strings.Contains(v, "#")
	}
	if o != Maven {
		return false
	}
	for i, t := range mavenTokens(lower(v)) {
		if t.dot || i > 0 && t.null() {
			return true
		}
	}
	return false
}

// orderly asks for reflexivity, antisymmetry and transitivity of three versions.
func orderly(t *testing.T, o Order, a, b, c string) {
	t.Helper()
	vs := [3]string{a, b, c}
	var at [3][3]int
	for i, x := range vs {
		if !o.Valid(x) || excepted(o, x) {
			return
		}
		for j, y := range vs {
			at[i][j], _ = o.Compare(x, y)
		}
	}
	for i := range vs {
		if at[i][i] != 0 {
			t.Errorf("%v: %q is not equal to itself", o, vs[i])
		}
		for j := range vs {
			if at[i][j] != -at[j][i] {
				t.Errorf("%v: %q and %q: %d, back %d", o, vs[i], vs[j], at[i][j], at[j][i])
			}
			for k := range vs {
				if at[i][j] <= 0 && at[j][k] <= 0 && (at[i][k] > 0 || at[i][k] == 0 && (at[i][j] < 0 || at[j][k] < 0)) {
					t.Errorf("%v: %q %d %q %d %q, but %d", o, vs[i], at[i][j], vs[j], at[j][k], vs[k], at[i][k])
				}
			}
		}
	}
}

func TestOrdersAreTotal(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 12000 {
		a, b, c := invent(r), invent(r), invent(r)
		for o := Semver; o <= Pub && !t.Failed(); o++ {
			orderly(t, o, a, b, c)
		}
	}
	all := seeds()
	for o := Semver; o <= Pub; o++ {
		for _, a := range all {
			for _, b := range all {
				for _, c := range all {
					orderly(t, o, a, b, c)
				}
			}
		}
	}
}

func FuzzOrder(f *testing.F) {
	for i, s := range seeds() {
		f.Add(s, seeds()[(i+5)%len(seeds())], seeds()[(i+11)%len(seeds())])
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		for o := None; o <= Pub; o++ {
			orderly(t, o, a, b, c)
		}
	})
}

func TestWhatIsNoVersionIsNotCompared(t *testing.T) {
	for name, c := range map[string]struct {
		order Order
		v     string
	}{
		"no order":            {None, "1"},
		"empty":               {Debian, ""},
		"too long":            {RPM, strings.Repeat("1", MaxLength+1)},
		"words for semver":    {Semver, "latest"},
		"letters in an epoch": {Debian, "a:1"},
		"letters in a list":   {Hackage, "1.a"},
		"a gem with a space":  {RubyGems, "1 2"},
	} {
		if c.order.Valid(c.v) {
			t.Errorf("%s: %q is taken", name, c.v)
		}
	}
}

func TestEcosystemsHaveOrders(t *testing.T) {
	for ecosystem, want := range map[string]Order{"Debian:12": Debian, "Ubuntu:24.04:LTS": Debian, "AlmaLinux:9": RPM, "Red Hat:rhel_aus:8.4::appstream": RPM, "Go": Semver, "Maven:https://maven.google.com": Maven, "Root:PyPI": PyPI, "Root:Alpine:3.18": Alpine, "Root:Root:Root": None, "Homebrew": None, "GIT": None, "": None} {
		if got := For(ecosystem); got != want {
			t.Errorf("%q: %v, want %v", ecosystem, got, want)
		}
	}
}
