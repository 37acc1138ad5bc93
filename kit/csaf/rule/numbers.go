package rule

// Every product id of a document has a number: those that the tree defines come first,
// in the order of Env.Products, then those that are only referred to. Tests of sets of
// products are quick with arrays of them: Refs.Numbers are the numbers of Refs.IDs.

// Number returns the number of a product id, -1 for one that the document has nowhere.
func (e *Env) Number(id string) int {
	e.refs()
	if n, ok := e.numbers[id]; ok {
		return int(n)
	}
	return -1
}

// Numbers is how many product ids there are: numbers are less than this.
func (e *Env) Numbers() int {
	e.refs()
	return len(e.numbers)
}

// DefinedNumber reports whether the tree defines the product id with that number.
func (e *Env) DefinedNumber(n int32) bool { return n < e.defined }

// number gives an id its number.
func (e *Env) number(id string) int32 {
	n, ok := e.numbers[id]
	if !ok {
		n = int32(len(e.numbers))
		e.numbers[id] = n
	}
	return n
}

// numberAll numbers the ids of the tree and of all references.
func (e *Env) numberAll() {
	e.tree()
	total := 0
	for i := range e.productRefs {
		total += len(e.productRefs[i].IDs)
	}
	e.numbers = make(map[string]int32, len(e.products))
	for i := range e.products {
		e.number(e.products[i].ID)
	}
	e.defined = int32(len(e.numbers))
	all := make([]int32, 0, total)
	for i := range e.productRefs {
		from := len(all)
		for _, id := range e.productRefs[i].IDs {
			all = append(all, e.number(id))
		}
		e.productRefs[i].Numbers = all[from:len(all):len(all)]
	}
}

// Marks is a small value for each product id by its number, 0 at first.
type Marks struct {
	round uint32
	at    []mark
}

type mark struct{ round, value uint32 }

// Marks returns new marks for the product ids of the document.
func (e *Env) Marks() *Marks { return &Marks{round: 1, at: make([]mark, e.Numbers())} }

// Clear sets every mark to 0; it costs nothing.
func (m *Marks) Clear() { m.round++ }

// Get returns the mark of a number.
func (m *Marks) Get(n int32) uint32 {
	if m.at[n].round != m.round {
		return 0
	}
	return m.at[n].value
}

// Set sets the mark of a number.
func (m *Marks) Set(n int32, value uint32) { m.at[n] = mark{m.round, value} }
