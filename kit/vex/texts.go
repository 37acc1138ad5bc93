package vex

// mostReached bounds the members of groups that are gone through for one document: one
// of a few megabytes could name a large group in each of very many items. Products
// beyond it have no reasons, and their statements say so.
const mostReached = 20_000_000

func (f *reader) each(products, groups []string, do func(id string)) {
	for _, id := range products {
		do(id)
	}
	for _, g := range groups {
		if f.reached += len(f.groups[g]); f.reached > mostReached {
			return
		}
		for _, id := range f.groups[g] {
			do(id)
		}
	}
}

// texts are what several items say of products. Products of which the same items speak
// share one text: a group of a hundred thousand has not a hundred thousand copies.
type texts struct {
	all  []string       // by number; 0 is none
	at   map[string]int // number by product
	next map[[2]int]int // number of a text and a detail behind it
	said map[string]int // number of a detail
}

func newTexts() *texts {
	return &texts{all: []string{""}, at: map[string]int{}, next: map[[2]int]int{}, said: map[string]int{}}
}

func (t *texts) of(id string) string { return t.all[t.at[id]] }

// adder returns what adds a detail to the text of a product.
func (t *texts) adder(detail string) func(id string) {
	d, ok := t.said[detail]
	if !ok {
		d = len(t.said)
		t.said[detail] = d
	}
	return func(id string) {
		step := [2]int{t.at[id], d}
		n, ok := t.next[step]
		if !ok {
			n = len(t.all)
			t.all = append(t.all, lines(t.all[step[0]], detail))
			t.next[step] = n
		}
		t.at[id] = n
	}
}

// maxAction bounds the text that remediations of one product add up to.
const maxAction = 64 << 10

func lines(a, b string) string {
	if a == "" || a == b {
		return b
	}
	if len(a)+len(b) > maxAction {
		return a
	}
	return a + "\n" + b
}
