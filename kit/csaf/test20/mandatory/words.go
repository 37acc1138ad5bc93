package mandatory

import (
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/internal/cvss"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// inconsistent is 6.1.10: the properties do not contradict the vector. One that the
// vector leaves out contradicts nothing: the valid cases of 6.2.19 have such.
func inconsistent(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	scores(doc, func(at score, s *csaf.Score) {
		differ := func(below string) cvss.Differ {
			return func(member string, given, want any) {
				f := report(at.of(below+member), "the vector says %v, not %v", want, given)
				f.Fix = rule.Replace(f.Pointer, want)
			}
		}
		if s.CVSSv3 != nil {
			cvss.Words3(s.CVSSv3, differ("/cvss_v3/"))
		}
		if s.CVSSv2 != nil {
			cvss.Words2(s.CVSSv2, differ("/cvss_v2/"))
		}
	})
}

// circular is 6.1.3: a product that a relationship defines is not made of itself, nor
// of one that is: it does not "end up in a circle".
func circular(doc *csaf.Advisory, env *rule.Env, report rule.Report) {
	if doc.ProductTree == nil || len(doc.ProductTree.Relationships) == 0 {
		return
	}
	c := circles{env: env, parts: make([][]int32, env.Numbers()), state: make([]visit, env.Numbers())}
	all := env.ProductRefs()
	for r := range all {
		if all[r].Where == rule.OfRelationship {
			id := env.Number(doc.ProductTree.Relationships[all[r].Item].FullProductName.ProductID)
			c.parts[id] = append(c.parts[id], all[r].Numbers[0])
		}
	}
	for i := range doc.ProductTree.Relationships {
		id := doc.ProductTree.Relationships[i].FullProductName.ProductID
		if n := int32(env.Number(id)); c.circular(n) {
			report(rule.At("/product_tree/relationships/%/full_product_name/product_id", i), "%q is made of itself or of a product that is", id)
		}
	}
}

// circles finds products that lead to a circle of the graph of parts, by Tarjan's algorithm without recursion, so that a chain of a hundred
// thousand relationships takes no stack and no squared time.
type circles struct {
	env   *rule.Env
	parts [][]int32
	state []visit
	stack []int32 // of products whose component is not known yet
	next  int32   // order of discovery
}

type visit struct {
	found, low int32
	edge       int32 // next part to look at
	open       bool
	circle     bool
}

func (c *circles) circular(start int32) bool {
	if c.state[start].found == 0 {
		c.visit(start)
	}
	return c.state[start].circle
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
				s.circle = true
			case t.found == 0:
				c.enter(to)
				path = append(path, to)
			case t.open:
				s.low = min(s.low, t.found)
			default:
				s.circle = s.circle || t.circle
			}
			continue
		}
		path = path[:len(path)-1]
		if s.low == s.found {
			c.leave(at)
		}
		if len(path) > 0 {
			up := &c.state[path[len(path)-1]]
			up.low = min(up.low, s.low)
			up.circle = up.circle || s.circle
		}
	}
}

func (c *circles) enter(n int32) {
	c.next++
	c.state[n].found, c.state[n].low, c.state[n].open = c.next, c.next, true
	c.stack = append(c.stack, n)
}

// leave closes the component whose first product is n; of more than one, all are on
// a circle.
func (c *circles) leave(n int32) {
	first := len(c.stack) - 1
	for c.stack[first] != n {
		first--
	}
	for _, m := range c.stack[first:] {
		c.state[m].open = false
		c.state[m].circle = c.state[m].circle || len(c.stack)-first > 1
	}
	c.stack = c.stack[:first]
}
