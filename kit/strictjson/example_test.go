package strictjson_test

import (
	"fmt"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// Host is a format: its tags are the rules.
type Host struct {
	Name  string `json:"name" strict:"req,like=host"`
	Ports []int  `json:"ports,omitempty" strict:"unique,min=1,max=65535"`
	State string `json:"state" strict:"req,enum=up|down"`
}

// Every problem is found in one pass and named with its place.
func ExamplePlan_Read() {
	hosts := strictjson.For[Host](strictjson.Rules{
		NonEmpty: true,
		Formats: map[string]strictjson.Format{
			"host": {What: "a host name", Match: func(s string) bool { return !strings.ContainsAny(s, " /") }},
		},
	})
	host, problems := hosts.Read([]byte(`{
  "name": "mail server",
  "ports": [25, 70000, 25],
  "owner": "ops"
}`), strictjson.Limits{})
	fmt.Println(host.Ports[0], problems.Fatal())
	fmt.Println(problems.Error())
	// Output:
	// 25 true
	// 1:1 /state: the member "state" is missing
	// 2:11 /name: "mail server" is not a host name
	// 3:17 /ports/1: 70000 is not between 1 and 65535
	// 3:24 /ports/2: equal to item 0
	// 4:3 /owner: the standard does not know this member
}

// A finding that knows only a JSON pointer gets its place.
func ExamplePlace() {
	at := strictjson.Place([]byte("{\n  \"ports\": [25, 587]\n}"), "/ports/1")
	fmt.Println(at.Line, at.Column, at.Exact)
	// Output: 2 17 true
}

// Unsorted finds members out of order.
func ExampleUnsorted() {
	strictjson.Unsorted([]byte(`{"b": {"d": 1, "c": 2}, "a": 3}`), func(pointer string) bool {
		fmt.Println(pointer)
		return true
	})
	// Output:
	// /b/c
	// /a
}
