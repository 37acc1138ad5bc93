// Package strictjson reads JSON documents of a known format strictly: in one pass over
// the bytes into typed values, with every problem named by JSON pointer, line and
// column. It is the engine under the readers of csaf, csaf21, osv, cve and vex.
//
// # A plan
//
// The format is a struct with tags; Plan reads it:
//
//	type Host struct {
//		_     struct{} `strict:"min=2"`
//		Name  string   `json:"name" strict:"req,like=host"`
//		Ports []int    `json:"ports,omitempty" strict:"unique,min=1,max=65535"`
//		State string   `json:"state" strict:"req,enum=up|down"`
//	}
//
//	var hosts = strictjson.For[Host](strictjson.Rules{
//		NonEmpty: true,
//		Formats:  map[string]strictjson.Format{"host": {What: "a host name", Match: isHost}},
//	})
//
//	host, problems := hosts.Read(data, strictjson.Limits{})
//	if problems.Fatal() {
//		return problems
//	}
//
// The tags are compiled at the first Read. Fields are structs, pointers to them,
// slices, maps with string keys, string, bool, float64, int, int64 (an integer in the
// sense of JSON schema: 1.0 is one) and json.RawMessage, which keeps a value as it is
// written. The words of a tag:
//
//	req          the member must be there (the first word)
//	enum=a|b     the text is one of these
//	like=name    the text follows the Format of that name
//	len=2-10     least and most characters of a text; len=2 has no upper limit
//	items=2-10   the same for the items of an array
//	empty        a text may be empty although Rules.NonEmpty is set
//	min=, max=   the number's bounds; max alone means not below 0
//	unique       no two equal items, in the sense of JSON schema
//	null         null is allowed and leaves the zero value
//	object       of a json.RawMessage: an object; min= is the least number of its members
//	array        of a json.RawMessage: an array
//	rest=x_      of a map[string]json.RawMessage: it takes the members that no field has
//	             and whose names begin so; see WithRest for writing them
//
// Words about texts hold for the items of an array of texts. The field named _ speaks of
// the struct itself: min= and max= bound the number of its members, unknown=warn,
// refuse or ignore is the policy for members that no field has.
//
// Rules that concern several members are functions, see On:
//
//	Checks: []strictjson.Check{strictjson.On(func(s *Span, o *strictjson.Object) {
//		if o.Has("to") && s.To < s.From {
//			o.Wrong("to", "%d is before %d", s.To, s.From)
//		}
//	})}
//
// # What is read
//
// All problems of a document are found in one pass; only a Syntax problem ends the
// reading. When problems are fatal the result still holds what could be read: a value of
// the wrong type is left zero, of members that occur twice the first counts. An array
// that is there is never nil, even when it is empty. Texts are parts of one copy of the
// input; copy a text (strings.Clone) to keep it longer than the document.
//
// # Hostile input
//
// Bytes, nesting, problems, the length of the report and the memory of the result are
// bounded (Limits). Time grows with the length of the input and never with its square:
// members are found by hashing, names of large objects are kept in a map, and equal
// items are found by their canonical texts. What is refused: anything but UTF-8, byte
// order marks, text after the end, halves of surrogate pairs, control characters in
// texts, and members that occur twice, at any depth, also within what is unknown.
//
// # Places of findings
//
// Place and Places return line and column of JSON pointers later, for rules that know
// only the typed values. Inspect tells beside the result whether all members are in
// alphabetical order, and Unsorted names those that are not.
// Write writes values canonically.
package strictjson
