package ident

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFreshIdsAreValidAndDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 10000 {
		id := New()
		if !Valid(id) || seen[id] {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
	}
}

func TestValid(t *testing.T) {
	good := strings.Repeat("0", Len)
	for _, c := range []struct {
		name string
		id   string
		want bool
	}{
		{"all zeros have the form", good, true},
		{"nothing is no id", "", false},
		{"one character less is no id", good[1:], false},
		{"one character more is no id", good + "0", false},
		{"upper case is no id: one thing, one spelling", strings.Repeat("A", Len), false},
		{"i is not in the alphabet", "i" + good[1:], false},
		{"l is not in the alphabet", "l" + good[1:], false},
		{"o is not in the alphabet", "o" + good[1:], false},
		{"u is not in the alphabet", "u" + good[1:], false},
		{"a percent sign is not in it", "%" + good[1:], false},
		{"a slash is not in it", "/" + good[1:], false},
		{"a quote is not in it", "'" + good[1:], false},
		{"a line break is not in it", good[1:] + "\n", false},
		{"multi-byte characters are not in it", good[2:] + "é", false},
		{"characters between digits and letters are not in it", ":" + good[1:], false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Valid(c.id); got != c.want {
				t.Errorf("Valid(%q) = %v", c.id, got)
			}
		})
	}
}

// All 128 bits are in the id and in order: encoding is injective and sorts as
// the bytes do.
func TestEncodingKeepsEveryBit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "a"))
		b := [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "b"))
		ea, eb := encode(a), encode(b)
		if !Valid(ea) {
			t.Fatalf("%x became %q", a, ea)
		}
		if back := decode(ea); back != a {
			t.Fatalf("%x became %q, which is %x", a, ea, back)
		}
		if (strings.Compare(ea, eb) < 0) != (strings.Compare(string(a[:]), string(b[:])) < 0) {
			t.Fatalf("order of %x and %x", a, b)
		}
	})
}

// decode is written another way than encode: as a number in base 32.
func decode(id string) [16]byte {
	n := new(big.Int)
	for _, c := range id {
		n.Mul(n, big.NewInt(32))
		n.Add(n, big.NewInt(int64(strings.IndexRune(alphabet, c))))
	}
	n.Rsh(n, 2) // 26 characters hold 130 bits
	var out [16]byte
	n.FillBytes(out[:])
	return out
}
