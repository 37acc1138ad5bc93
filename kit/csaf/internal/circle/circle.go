// Package circle finds the products of a CSAF document whose definition ends up in a
// circle (6.1.3 of CSAF 2.0 and 2.1).
package circle

// Find returns, for each node of a graph, whether it is on a circle or is made of nodes
// that are; parts[n] are the nodes that n is made of. It is Tarjan's algorithm without recursion, so that a chain
// of a hundred thousand products takes no stack and no squared time.
func Find(parts [][]int32) []bool {
	c := circles{parts: parts, state: make([]visit, len(parts)), on: make([]bool, len(parts))}
	for n := range parts {
		if len(parts[n]) > 0 && c.state[n].found == 0 {
			c.visit(int32(n))
		}
	}
	return c.on
}

type circles struct {
	parts [][]int32
	state []visit
	on    []bool  // ends up in a circle
	stack []int32 // nodes whose component is not known yet
	next  int32   // order of discovery
}

type visit struct {
	found, low int32
	edge       int32 // next part to look at
	open       bool
}

func (c *circles) visit(start int32) {
	path := []int32{start}
	c.enter(start)
	for len(path) > 0 {
		at := path[len(path)-1]
		s := &c.state[at]
		if int(s.edge) < len(c.parts[at]) {
			to := c.parts[at][s.edge]
			s.edge++
			switch t := &c.state[to]; {
			case to == at:
				c.on[at] = true
			case t.found == 0:
				c.enter(to)
				path = append(path, to)
			case t.open:
				s.low = min(s.low, t.found)
			}
			continue
		}
		path = path[:len(path)-1]
		if len(path) > 0 {
			up := &c.state[path[len(path)-1]]
			up.low = min(up.low, s.low)
		}
		if s.low == s.found {
			c.leave(at)
		}
	}
}

func (c *circles) enter(n int32) {
	c.next++
	c.state[n].found, c.state[n].low, c.state[n].open = c.next, c.next, true
	c.stack = append(c.stack, n)
}

// leave closes the component whose first node is n. Its nodes end up in a circle when
// there are several, or when a part of one does; what is below is known by now.
func (c *circles) leave(n int32) {
	first := len(c.stack) - 1
	for c.stack[first] != n {
		first--
	}
	members := c.stack[first:]
	ends := len(members) > 1
	for _, m := range members {
		for _, part := range c.parts[m] {
			ends = ends || c.on[part]
		}
	}
	for _, m := range members {
		c.state[m].open = false
		c.on[m] = c.on[m] || ends
	}
	c.stack = c.stack[:first]
}
