package main

import (
	"reflect"
	"strings"
	"testing"
)

// Would catch: a rule read as something else than it says.
func TestRulesAsRead(t *testing.T) {
	rules, err := readRules([]byte(`[
		{"id":"a-1","do":{"kind":"delay","factor":10},"on":{"every":2,"forMs":0.5,"times":3,"connection":"kept","path":"/a","version":"v2","cluster":"c","share":[0,4]}},
		{"do":{"kind":"truncate","properly":true},"id":"b"},
		{"id":"c","do":{"kind":"replay","version":"v1","after":"answer"},"on":{}},
		{"id":"d","do":{"kind":"refuse"},"on":{"forMs":200}}]`))
	want := []rule{
		{"a-1", deed{Kind: delay, Factor: 10}, condition{2, 0.5, 3, connKept, "/a", "v2", "c", &[2]int64{0, 4}}},
		{"b", deed{Kind: truncate, Properly: true}, condition{}},
		{"c", deed{Kind: replay, Version: "v1", After: afterAnswer}, condition{}},
		{"d", deed{Kind: refuse}, condition{ForMs: 200}},
	}
	if err != nil || !reflect.DeepEqual(rules, want) {
		t.Errorf("%+v %v", rules, err)
	}
}

// Would catch: a misspelt rule that does nothing, or something else, and says nothing; one that spoils those before it.
func TestWrongRules(t *testing.T) {
	s := before(t, application(t).address())
	s.rulesAre(`[{"id":"good",` + hurts + `}]`)
	do := func(do string) string { return `[{"id":"a","do":` + do + `}]` }
	on := func(on string) string { return `[{"id":"a",` + hurts + `,"on":` + on + `}]` }
	for _, c := range []struct{ body, sentence string }{
		{``, `the body must be a JSON list of rules; received nothing`},
		{`{}`, `the body must be a JSON list of rules; received {}`},
		{`null`, `the body must be a JSON list of rules; received null`},
		{`[] []`, `the body must be a JSON list of rules; received [] []`},
		{`[1]`, `rule 0 must be an object with the keys id, do, on; received 1`},
		{`[{"id":"a"}]`, `rule 0: do is missing`},
		{`[{"do":{"kind":"reset"}}]`, `rule 0: id is missing`},
		{`[{"id":"a b","do":{"kind":"reset"}}]`, `rule 0: id must be 1 to 64 letters, digits, . _ or -; received "a b"`},
		{`[{"id":"a","do":{"kind":"reset"}},{"id":"a","do":{"kind":"reset"}}]`, `rule 1: id must be unlike any other; received "a" again`},
		{`[{"id":"a","id":"b","do":{"kind":"reset"}}]`, `rule 0: id must be there once; received it twice`},
		{`[{"id":"a","DO":{"kind":"reset"}}]`, `rule 0: "DO" is no key here; those are id, do, on`},
		{`[{"id":"a","do":{"kind":"refuse"}},{"id":"b","do":{"kind":"refuse"}}]`, `the list must have at most 1 rule that refuses; received 2`},
		{do(`{}`), `rule 0: do must be an object whose kind is one of delay, hang, other-body, refuse, relabel, replay, reset, status, truncate, wrong-body; received {}`},
		{do(`{"kind":"stop"}`), `rule 0: do must be an object whose kind is one of delay, hang, other-body, refuse, relabel, replay, reset, status, truncate, wrong-body; received {"kind":"stop"}`},
		{do(`{"kind":"reset","status":503}`), `rule 0: do: "status" is no key here; those are kind, after`},
		{do(`{"kind":"status"}`), `rule 0: do: status is missing`},
		{do(`{"kind":"status","status":"503"}`), `rule 0: do: status must be a whole number from 200 to 599; received "503"`},
		{do(`{"kind":"status","status":100}`), `rule 0: do: status must be a whole number from 200 to 599; received 100`},
		{do(`{"kind":"status","status":204}`), `rule 0: do: status must be one of an answer with a body; received 204`},
		{do(`{"kind":"delay"}`), `rule 0: do must have either factor or plusMs for a delay`},
		{do(`{"kind":"delay","factor":2,"plusMs":3}`), `rule 0: do must have either factor or plusMs for a delay`},
		{do(`{"kind":"delay","factor":1}`), `rule 0: do: factor must be a number above 1, at most 1000; received 1`},
		{do(`{"kind":"delay","plusMs":null}`), `rule 0: do: plusMs must be a number above 0, at most 600000; received null`},
		{do(`{"kind":"relabel"}`), `rule 0: do must have version, cluster or both to relabel`},
		{do(`{"kind":"relabel","version":""}`), `rule 0: do: version must be text; received ""`},
		{do(`{"kind":"wrong-body","offset":-1}`), `rule 0: do: offset must be a whole number from 0 to 2147483647; received -1`},
		{do(`{"kind":"truncate","properly":1}`), `rule 0: do: properly must be true or false; received 1`},
		{do(`{"kind":"hang","after":"never"}`), `rule 0: do: after must be request or answer; received "never"`},
		{on(`[]`), `rule 0: on must be an object with the keys every, forMs, times, connection, path, version, cluster, share; received []`},
		{on(`{"every":0}`), `rule 0: on: every must be a whole number from 1 to 2147483647; received 0`},
		{on(`{"every":1.5}`), `rule 0: on: every must be a whole number from 1 to 2147483647; received 1.5`},
		{on(`{"times":0}`), `rule 0: on: times must be a whole number from 1 to 2147483647; received 0`},
		{on(`{"forMs":0}`), `rule 0: on: forMs must be a number above 0, at most 86400000; received 0`},
		{on(`{"connection":"old"}`), `rule 0: on: connection must be new or kept; received "old"`},
		{on(`{"path":"/a?b"}`), `rule 0: on: path must be a path that begins with a slash, without a query; received "/a?b"`},
		{on(`{"share":[4,4]}`), `rule 0: on: share must be [k, n], whole numbers with 0 <= k < n <= 1024; received [4,4]`},
		{on(`{"share":[1]}`), `rule 0: on: share must be [k, n], whole numbers with 0 <= k < n <= 1024; received [1]`},
		{`[{"id":"a","do":{"kind":"reset","after":"request"},"on":{"version":"v1"}}]`, `rule 0: do.after must be answer or left out where on has version, cluster or share`},
		{`[{"id":"a","do":{"kind":"refuse"},"on":{"times":1}}]`, `rule 0: on may have nothing but forMs for refuse, which is not done to requests`},
		{"[" + strings.Repeat(`{},`, mostRules) + "{}]", `the list must have at most 64 rules; received 65`},
	} {
		if status, body := s.put(c.body); status != 400 || body != c.sentence+"\n" {
			t.Errorf("%s: status %d, %q, not %q", c.body, status, body, c.sentence)
		}
	}
	if status, _ := s.put("[" + strings.Repeat(" ", mostRuleBytes) + "]"); status != 400 {
		t.Errorf("status %d for a list that is too long", status)
	}
	same(t, statuses(visit(t, s.url()), 1, "/"), "x")
}
