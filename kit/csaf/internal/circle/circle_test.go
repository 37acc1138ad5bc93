package circle

import (
	"slices"
	"testing"
)

func TestCircles(t *testing.T) {
	for name, c := range map[string]struct {
		parts [][]int32
		want  []int
	}{
		"none":                        {[][]int32{{1, 2}, {2}, nil}, nil},
		"a product of itself":         {[][]int32{{0}, nil}, []int{0}},
		"two of each other":           {[][]int32{{1}, {0}, nil}, []int{0, 1}},
		"what leads to a circle":      {[][]int32{{1}, {2}, {1}, {3, 0}, nil}, []int{0, 1, 2, 3}},
		"what a circle is made of":    {[][]int32{{1, 2}, {0}, {3}, nil}, []int{0, 1}},
		"parts that are shared twice": {[][]int32{{1, 2}, {3}, {3}, nil}, nil},
	} {
		var got []int
		for i, on := range Find(c.parts) {
			if on {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	chain := make([][]int32, 200000)
	for i := range len(chain) - 1 {
		chain[i] = []int32{int32(i + 1)}
	}
	if slices.Contains(Find(chain), true) {
		t.Error("a long chain has a circle")
	}
}
