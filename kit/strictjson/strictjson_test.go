package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// part and whole have every kind of field.
type part struct {
	_    struct{}        `strict:"min=1,unknown=refuse"`
	Name string          `json:"name,omitempty" strict:"empty"`
	More []part          `json:"more,omitempty" strict:"unique"`
	Raw  json.RawMessage `json:"raw,omitempty" strict:"object,min=1"`
}

type whole struct {
	ID     string                     `json:"id" strict:"req,like=word,len=2-5"`
	Count  int                        `json:"count,omitempty" strict:"min=1,max=9"`
	Score  *float64                   `json:"score,omitempty" strict:"max=10,null"`
	On     bool                       `json:"on,omitempty"`
	Kind   string                     `json:"kind,omitempty" strict:"enum=a|b"`
	List   []string                   `json:"list,omitempty" strict:"unique,items=2-3"`
	Part   *part                      `json:"part,omitempty"`
	Parts  []part                     `json:"parts,omitempty" strict:"items=0"`
	ByName map[string]part            `json:"by_name,omitempty"`
	Any    json.RawMessage            `json:"any,omitempty"`
	Rest   map[string]json.RawMessage `json:"-" strict:"rest=x_"`
}

var wholes = For[whole](Rules{
	NonEmpty: true,
	Formats:  map[string]Format{"word": {"a word", func(s string) bool { return !strings.Contains(s, " ") }}},
	Checks: []Check{On(func(w *whole, o *Object) {
		if o.Has("count") && w.Kind == "b" {
			o.Wrong("count", "b counts nothing")
		}
		if o.Has("on") && !o.Has("kind") {
			o.Wrong("", "on needs a kind")
		}
	})},
})

func TestProblemsAndTheirPlaces(t *testing.T) {
	cases := map[string]struct{ in, want string }{
		"nothing is wrong":                   {`{"id":"ab","count":9,"score":null,"on":false,"kind":"a","list":["x","y"],"part":{"name":""},"parts":[],"by_name":{"k":{"name":""}},"any":[1],"x_y":{}}`, ""},
		"a member is missing":                {`{}`, `1:1 /id: the member "id" is missing`},
		"a text is empty":                    {`{"id":""}`, `1:7 /id: an empty string`},
		"a text is too long":                 {`{"id":"abcdef"}`, `1:7 /id: longer than 5 characters`},
		"characters count, not bytes":        {`{"id":"ööööö"}`, ""},
		"a text is too short":                {`{"id":"ö"}`, `1:7 /id: shorter than 2 characters`},
		"a format does not fit":              {`{"id":"a b"}`, `1:7 /id: "a b" is not a word`},
		"an enum does not fit":               {`{"id":"ab","kind":"c"}`, `1:19 /kind: "c" is none of a, b`},
		"a number is out of bounds":          {`{"id":"ab","count":10}`, `1:20 /count: 10 is not between 1 and 9`},
		"a number is too large for a float":  {`{"id":"ab","score":1e999}`, `1:20 /score: 1e999 is too large`},
		"a float is no integer":              {`{"id":"ab","count":1.5}`, `1:20 /count: 1.5 is no integer`},
		"1.0 is an integer":                  {`{"id":"ab","count":1.0}`, ""},
		"null is not allowed":                {`{"id":null}`, `1:7 /id: a string is expected, not null`},
		"an array has too few items":         {`{"id":"ab","list":["x"]}`, `1:19 /list: at least 2 items are needed`},
		"an array has too many items":        {`{"id":"ab","list":["x","y","z","u"]}`, `1:19 /list: more than 3 items`},
		"texts repeat":                       {`{"id":"ab","list":["x","\u0078"]}`, `1:24 /list/1: equal to item 0`},
		"objects repeat in another order":    {`{"id":"ab","part":{"more":[{"name":"n","raw":{"b":[1,{}],"a":1}},{"raw":{"a":1.0,"b":[1e0,{}]},"name":"n"}]}}`, `1:66 /part/more/1: equal to item 0`},
		"objects differ in what is raw":      {`{"id":"ab","part":{"more":[{"raw":{"a":1}},{"raw":{"a":2}}]}}`, ""},
		"an unknown member is refused":       {`{"id":"ab","part":{"name":"n","other":1}}`, `1:31 /part/other: the standard does not know this member and forbids it`},
		"an unknown member is warned of":     {`{"id":"ab","other":1}`, `1:12 /other: the standard does not know this member`},
		"members are too few":                {`{"id":"ab","part":{}}`, `1:19 /part: at least 1 of its members are needed`},
		"raw is of another type":             {`{"id":"ab","part":{"raw":[]}}`, `1:26 /part/raw: an object is expected, not an array`},
		"raw has too few members":            {`{"id":"ab","part":{"raw":{}}}`, `1:26 /part/raw: at least 1 of its members are needed`},
		"a member occurs twice":              {`{"id":"ab","id":"cd"}`, `1:12 /id: the member "id" occurs twice`},
		"an escaped name is the same name":   {`{"id":"ab","\u0069d":"cd"}`, `1:12 /id: the member "id" occurs twice`},
		"a member of raw occurs twice":       {`{"id":"ab","any":[{"a":1,"a":2}]}`, `1:26 /any/0/a: the member "a" occurs twice`},
		"a key of a map occurs twice":        {`{"id":"ab","by_name":{"k":{"name":""},"k":{"name":""}}}`, `1:39 /by_name/k: the member "k" occurs twice`},
		"a check names a member":             {`{"id":"ab","count":1,"kind":"b"}`, `1:20 /count: b counts nothing`},
		"a check names the object":           {`{"id":"ab","on":true}`, `1:1 : on needs a kind`},
		"names are escaped in pointers":      {`{"id":"ab","a/b~c":1}`, `1:12 /a~1b~0c: the standard does not know this member`},
		"a byte order mark":                  {"\uFEFF{}", "1:1 : begins with a byte order mark"},
		"not UTF-8":                          {"{\"id\":\"a\xff\"}", "1:9 : not UTF-8"},
		"half a surrogate pair":              {`{"id":"\ud800x"}`, "1:8 : half a surrogate pair"},
		"an unknown escape":                  {`{"id":"\x"}`, "1:8 : an unknown escape"},
		"a control character":                {"{\"id\":\"\n\"}", "1:8 : a control character in a string"},
		"a string without end":               {`{"id":"`, "1:7 : a string without end"},
		"a number with leading zeros":        {`{"count":01}`, "1:10 : not a number"},
		"a number without digits":            {`{"count":-}`, "1:10 : not a number"},
		"a comma too many":                   {`{"id":"ab",}`, "1:12 : a member's name is expected"},
		"a comma too many in an array":       {`{"id":"ab","list":["x",]}`, "1:24 : no JSON value begins here"},
		"half a literal":                     {`{"on":tru}`, "1:7 : no JSON value begins here"},
		"an end too early":                   {`{"id"`, "1:6 : a colon is expected"},
		"lines and columns count characters": {"{\"id\":\"ab\",\n\"é\": 1,\"é\":1}", "2:8 /é: the member \"é\" occurs twice"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, problems := wholes.Read([]byte(c.in), Limits{})
			if c.want == "" && len(problems) > 0 || !strings.Contains("\n"+problems.Error()+"\n", "\n"+c.want+"\n") {
				t.Errorf("got %v, want %s", problems, c.want)
			}
		})
	}
}

func TestWhatWasReadIsThere(t *testing.T) {
	w, problems := wholes.Read([]byte(`{"score":2.5,"list":[],"any":{"a":[1]},"x_a":1,"by_name":{"k":{"name":"n"}},"parts":7,"count":3,"id":"aé\ud83d\ude00\n"}`), Limits{})
	if *w.Score != 2.5 || w.List == nil || len(w.List) != 0 || string(w.Any) != `{"a":[1]}` || string(w.Rest["x_a"]) != "1" ||
		w.ByName["k"].Name != "n" || w.Parts != nil || w.Count != 3 || w.ID != "aé😀\n" {
		t.Errorf("read %+v", w)
	}
	if len(problems) != 2 { // list is too short, parts is no array
		t.Errorf("problems %v", problems)
	}
}

func TestRestIsWrittenToo(t *testing.T) {
	for _, in := range []string{`{"x_b":[1],"id":"ab","x_a":{"k":"<&>"}}`, `{"id":"ab"}`} {
		w, _ := wholes.Read([]byte(in), Limits{})
		out, err := WithRest(*w, w.Rest)
		if err != nil {
			t.Fatal(err)
		}
		var before, after any
		if err := errors.Join(json.Unmarshal([]byte(in), &before), json.Unmarshal(out, &after)); err != nil || !reflect.DeepEqual(before, after) {
			t.Errorf("%s became %s (%v)", in, out, err)
		}
	}
}

// TestHostileInputTakesLinearTime: were any of these quadratic, it would not end.
func TestHostileInputTakesLinearTime(t *testing.T) {
	const many = 300_000
	repeat := func(before, item, after string) string {
		return before + strings.TrimSuffix(strings.Repeat(item, many), ",") + after
	}
	var names strings.Builder
	for i := range many {
		fmt.Fprintf(&names, `"n%d":1,`, i)
	}
	different := strings.TrimSuffix(names.String(), ",")
	long := strings.Repeat("k", 1<<20)
	for name, in := range map[string]string{
		"one name again and again":         repeat(`{`, `"id":"ab",`, `}`),
		"one unknown name again and again": repeat(`{`, `"other":1,`, `}`),
		"many unknown names":               `{` + different + `}`,
		"many names within what is raw":    `{"any":{` + different + `}}`,
		"many keys of a map":               `{"by_name":{` + strings.ReplaceAll(different, ":1", `:{"name":""}`) + `}}`,
		"equal texts":                      repeat(`{"list":[`, `"x",`, `]}`),
		"different texts":                  `{"list":[` + strings.ReplaceAll(different, ":1", "") + `]}`,
		"equal objects":                    repeat(`{"part":{"more":[`, `{"name":"n"},`, `]}}`),
		"problems below a long name":       repeat(`{"any":{"`+long+`":[`, `{"a":1,"a":1},`, `]}}`),
		"problems on one long line":        repeat(`{"list":[`, `1,`, `]}`),
		"escapes":                          repeat(`{"id":"`, `\"\u0041`, `"}`),
		"strings without end":              repeat(`{"id":`, `"\"`, `"`),
		"opening brackets":                 strings.Repeat("[", many),
		"opening braces":                   strings.Repeat(`{"any":`, many),
		"white space":                      strings.Repeat(" \n\t", many),
	} {
		_, problems := wholes.Read([]byte(in), Limits{})
		if !problems.Fatal() {
			t.Errorf("%s: nothing is wrong", name)
		}
		if len(problems) > maxProblems+1 || len(problems.Error()) > 2*maxReport+2<<20 {
			t.Errorf("%s: %d problems, %d bytes of report", name, len(problems), len(problems.Error()))
		}
	}
}

func TestLimitsHold(t *testing.T) {
	for name, c := range map[string]struct {
		limits Limits
		in     string
		want   string
	}{
		"bytes":    {Limits{Bytes: 10}, `{"id":"abcd"}`, "larger than 10 bytes"},
		"depth":    {Limits{Depth: 3}, `{"any":[[[]]]}`, "nested deeper than 3"},
		"problems": {Limits{Problems: 1}, `{"id":1,"on":1,"kind":1}`, "and 2 more problems"},
		"memory":   {Limits{Memory: 1000}, `{"parts":[` + strings.Repeat(`{"name":""},`, 100) + `{}]}`, "more values than fit into 1000 bytes"},
	} {
		if _, problems := wholes.Read([]byte(c.in), c.limits); !problems.Fatal() || !strings.Contains(problems.Error(), c.want) {
			t.Errorf("%s: %v", name, problems)
		}
	}
	if _, problems := wholes.Read([]byte(`{"id":"ab","u":1,"v":1,"w":1}`), Limits{Problems: 1}); problems.Fatal() || len(problems) != 2 {
		t.Errorf("warnings over the limit are no errors: %v", problems)
	}
}

func TestPlacesOfPointers(t *testing.T) {
	doc := []byte("{\n  \"a/b\": [1, {\"é\": 2, \"c\": 3}],\n  \"d\": {}\n}")
	for pointer, want := range map[string]Position{
		"":            {1, 1, true},
		"/a~1b":       {2, 10, true},
		"/a~1b/0":     {2, 11, true},
		"/a~1b/1/c":   {2, 28, true},
		"/a~1b/1/x/y": {2, 14, false},
		"/a~1b/7":     {2, 10, false},
		"/d":          {3, 8, true},
		"/e":          {1, 1, false},
	} {
		if got := Place(doc, pointer); got != want {
			t.Errorf("%q is at %v, want %v", pointer, got, want)
		}
	}
	if got := Place([]byte("[1, x"), "/5"); got.Exact {
		t.Errorf("found %v in what is no JSON", got)
	}
}

// TestSortedAgreesWithUnsorted: the reader and the scan see the same order.
func TestSortedAgreesWithUnsorted(t *testing.T) {
	for in, want := range map[string]bool{
		`{"any":{"a":1,"b":{}},"id":"ab","x_a":1}`:   true,
		`{"id":"ab","any":1}`:                        false,
		`{"any":{"b":1,"a":{}},"id":"ab"}`:           false,
		`{"any":[{"b":1,"a":{}}],"id":"ab"}`:         false,
		`{"x_a":1,"id":"ab"}`:                        false,
		`{"by_name":{"b":{},"a":{}},"id":"ab"}`:      false,
		`{"id":"ab","parts":[{"name":"","more":1}]}`: false,
	} {
		r := wholes.Inspect([]byte(in), Limits{})
		scan := true
		Unsorted([]byte(in), func(string) bool { scan = false; return false })
		if r.Sorted != want || scan != want {
			t.Errorf("%s: the reader says %v, the scan %v", in, r.Sorted, scan)
		}
	}
}

func TestFormats(t *testing.T) {
	for s, want := range map[string]bool{
		"2024-02-29T23:59:59Z": true, "2023-02-29T00:00:00Z": false, "2024-01-01t00:00:00.5z": true, "2016-12-31T23:59:60Z": true,
		"2017-01-01T00:59:60+01:00": true, "2016-12-31T22:59:60Z": false, "2024-01-01T00:00:00": false, "2024-01-01 00:00:00Z": false,
		"2024-01-01T24:00:00Z": false, "2024-01-01T00:00:00.Z": false, "2024-01-01T00:00:00+1:00": false, "2024-13-01T00:00:00Z": false,
	} {
		if IsDateTime(s) != want {
			t.Errorf("IsDateTime(%q) is %v", s, !want)
		}
	}
	for s, want := range map[string]bool{
		"https://example.com/a?b=c#d": true, "urn:a:b": true, "mailto:a@b.example": true, "https://[2001:db8::1]:443/": true, "https://[v1.x]/": true,
		"https://example.com/a b": false, "example.com": false, "": false, ":x": false, "1a:x": false, "https://a%2/": false, "https://a:b/": false,
		"https://[::1": false, "https://[x]/": false, "https://a/#b#c": false, "https://é.example/": false, "x:": true, "https://a@b@c/": false,
	} {
		if IsURI(s) != want {
			t.Errorf("IsURI(%q) is %v", s, !want)
		}
	}
	for s, want := range map[string]bool{
		"1.0.0": true, "1.0.0-rc.1+build.01": true, "1.0": false, "01.0.0": false, "1.0.0-01": false, "1.0.0-": false, "1.0.0+": false, "1.0.0-a..b": false, "1.0.0.0": false,
	} {
		if IsSemver(s) != want {
			t.Errorf("IsSemver(%q) is %v", s, !want)
		}
	}
}

// TestWrongTagsPanic: a wrong tag is a mistake of the program.
func TestWrongTagsPanic(t *testing.T) {
	for name, read := range map[string]func(){
		"an unknown word": func() {
			For[struct {
				A string `json:"a" strict:"requ"`
			}](Rules{}).Read(nil, Limits{})
		},
		"an unknown format": func() {
			For[struct {
				A string `json:"a" strict:"like=x"`
			}](Rules{}).Read(nil, Limits{})
		},
		"a type that JSON does not have": func() {
			For[struct {
				A chan int `json:"a"`
			}](Rules{}).Read(nil, Limits{})
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is not reported", name)
				}
			}()
			read()
		}()
	}
}

// FuzzRead asks that what is accepted is JSON, that JSON is only refused for reasons
// that encoding/json does not know, and that no input makes the reader fall over.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{`{"id":"ab","any":{"a":[1,2.5e-3,true,null,"\u00e9\ud83d\ude00"]}}`, `{"part":{"more":[{"name":"n"},{"name":"n"}]}}`, `{"score":1e999}`, "[", "\"\xff\""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, problems := wholes.Read(data, Limits{Bytes: 1 << 20})
		syntax := ""
		for _, p := range problems {
			if p.Code == Syntax {
				syntax = p.Message
			}
			if p.Line < 1 || p.Column < 1 {
				t.Errorf("%v has no place", p)
			}
		}
		switch valid := json.Valid(data); {
		case syntax == "" && !valid:
			t.Fatal("accepted what is no JSON")
		case syntax == "" && !utf8.Valid(data):
			t.Fatal("accepted what is not UTF-8")
		case syntax != "" && valid && !strings.Contains(syntax, "UTF-8") && !strings.Contains(syntax, "surrogate") && !strings.Contains(syntax, "deeper"):
			t.Fatalf("refused JSON: %s", syntax)
		}
		if syntax != "" {
			return
		}
		var pointers []string
		for _, p := range problems {
			pointers = append(pointers, p.Pointer)
		}
		Places(data, pointers)
		Unsorted(data, func(string) bool { return true })
		var compact bytes.Buffer
		if err := json.Compact(&compact, data); err != nil {
			t.Fatal(err)
		}
		if _, again := wholes.Read(compact.Bytes(), Limits{}); len(again) != len(problems) {
			t.Fatalf("%v, and without white space %v", problems, again)
		}
	})
}
