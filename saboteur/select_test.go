package main

import (
	"fmt"
	"hash/fnv"
	"reflect"
	"strings"
	"testing"
	"time"
)

const hurts = `"do":{"kind":"status","status":503}`

// statuses are those of so many requests.
func statuses(v *visitor, n int, path string) string {
	var all strings.Builder
	for range n {
		if v.ask(path, "").status == 503 {
			all.WriteByte('x')
		} else {
			all.WriteByte('.')
		}
	}
	return all.String()
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

// Would catch: a count that begins elsewhere, is by chance, or counts requests that do not match; a bound that is not kept.
func TestEveryAndTimes(t *testing.T) {
	_, s, v := hurting(t, `[{"id":"a",`+hurts+`,"on":{"every":3,"times":2,"path":"/"}}]`)
	same(t, statuses(v, 4, "/"), "..x.")
	same(t, statuses(v, 4, "/stream"), "....")
	same(t, statuses(v, 6, "/?query"), ".x....")
	r := s.told().Rules[0]
	if r.Seen != 14 || r.Matched != 10 || r.Hurt != 2 {
		t.Errorf("%+v", r)
	}
	// A new list counts anew.
	s.rulesAre(`[{"id":"a",` + hurts + `,"on":{"every":3}}]`)
	same(t, statuses(v, 3, "/"), "..x")
}

// Would catch: kept connections hurt where new ones are meant, and the other way round.
func TestConnection(t *testing.T) {
	_, s, v := hurting(t, `[{"id":"a",`+hurts+`,"on":{"connection":"new"}}]`)
	same(t, statuses(v, 3, "/"), "x..")
	s.rulesAre(`[{"id":"a",` + hurts + `,"on":{"connection":"kept"}}]`)
	same(t, statuses(v, 2, "/"), "xx")
	same(t, statuses(visit(t, s.url()), 3, "/"), ".xx")
	var told []string
	for _, i := range s.told().Injections {
		told = append(told, i.Connection)
	}
	if want := []string{"new", "kept", "kept", "kept", "kept"}; !reflect.DeepEqual(told, want) {
		t.Errorf("%v", told)
	}
}

// Would catch: a window that stays open, or that counts from somewhere else than the answer says.
func TestForMs(t *testing.T) {
	a := application(t)
	s := before(t, a.address())
	v := visit(t, s.url())
	asked := float64(time.Now().UnixMicro()) / 1000
	status, body := s.put(`[{"id":"a",` + hurts + `,"on":{"forMs":200}}]`)
	var from float64
	if _, err := fmt.Sscanf(body, `{"effectiveMs":%f}`, &from); err != nil || status != 200 || from < asked-1 || from > float64(time.Now().UnixMicro())/1000+1 {
		t.Fatalf("%d %q %v", status, body, err)
	}
	same(t, statuses(v, 1, "/"), "x")
	eventually(t, "the window's end", func() bool { return v.ask("/", "").status == 200 })
	until := float64(time.Now().UnixMicro()) / 1000
	if until < from+200 {
		t.Errorf("over after %.1f ms", until-from)
	}
	r := s.told()
	if r.Rules[0].FromMs != from || r.Rules[0].UntilMs != nil || r.Rules[0].Seen != r.InjectionsTotal {
		t.Errorf("%+v", r.Rules)
	}
	for _, i := range r.Injections {
		if i.AtMs < from || i.AtMs > from+200 {
			t.Errorf("hurt %.3f ms after the rule took effect", i.AtMs-from)
		}
	}
}

// Would catch: the wrong side hurt, or hurt before it has answered.
func TestVersionAndCluster(t *testing.T) {
	a, s, v := hurting(t, `[{"id":"a",`+hurts+`,"on":{"version":"v2","every":2}},{"id":"b","do":{"kind":"status","status":504},"on":{"cluster":"zerodrop-v3"}}]`)
	for _, path := range []string{"/", "/stream", "/large"} {
		a.is("v1")
		same(t, statuses(v, 3, path), "...")
		a.is("v2")
		same(t, statuses(v, 4, path), ".x.x")
		a.is("v3")
		if g := v.ask(path, ""); g.status != 504 {
			t.Errorf("%s: %d", path, g.status)
		}
	}
	r := s.told()
	if n := a.requests.Load(); n != 24 || r.InjectionsTotal != 9 {
		t.Errorf("%d requests, %d injections", n, r.InjectionsTotal)
	}
	if from := r.Injections[0].Answer; from == nil || *from != (sender{"v2", "zerodrop-v2", "replica-0"}) {
		t.Errorf("%v", from)
	}
}

// Would catch: replicas that are hurt or spared against their class, classes that are not by the replica's name, one replica that is hurt only
// now and then.
func TestShare(t *testing.T) {
	a, s, v := hurting(t, `[{"id":"a",`+hurts+`,"on":{"share":[1,4]}}]`)
	hurt := 0
	for replica := range 24 {
		a.replica.Store(int64(replica))
		hash := fnv.New32a()
		fmt.Fprintf(hash, "replica-%d", replica)
		want := ".."
		if hash.Sum32()%4 == 1 {
			want = "xx"
			hurt++
		}
		same(t, statuses(v, 2, "/"), want)
	}
	if hurt == 0 || hurt == 24 {
		t.Fatalf("%d of 24 replicas are in the class", hurt)
	}
	if r := s.told(); r.InjectionsTotal != int64(2*hurt) {
		t.Errorf("%d injections", r.InjectionsTotal)
	}
}

// Would catch: a request that is hurt twice or counted by a rule that was not asked, rules asked in another order.
func TestTheFirstRuleThatPicksARequestHurtsIt(t *testing.T) {
	a, s, v := hurting(t, `[
		{"id":"answer","do":{"kind":"other-body","body":"other"}},
		{"id":"second","do":{"kind":"status","status":500},"on":{"every":2}},
		{"id":"third",`+hurts+`,"on":{"every":2}}]`)
	for _, want := range []int{200, 500, 503, 500} {
		if g := v.ask("/", ""); g.status != want {
			t.Errorf("%d, not %d", g.status, want)
		}
	}
	var counts [][3]int64
	for _, r := range s.told().Rules {
		counts = append(counts, [3]int64{r.Seen, r.Matched, r.Hurt})
	}
	if want := [][3]int64{{1, 1, 1}, {4, 4, 2}, {2, 2, 1}}; !reflect.DeepEqual(counts, want) || a.requests.Load() != 1 {
		t.Errorf("%v, %d requests", counts, a.requests.Load())
	}
}

// Would catch: a list that is longer than the memory for it, an account that forgets or miscounts what it has no room for.
func TestTheReportIsBounded(t *testing.T) {
	_, s, v := hurting(t, `[{"id":"a","do":{"kind":"status","status":503}}]`)
	i := injection{}
	for range mostInjections - 1 {
		s.ledger.injected(i)
	}
	same(t, statuses(v, 3, "/"+strings.Repeat("x", 300)), "xxx")
	r := s.told()
	if len(r.Injections) != mostInjections || r.InjectionsTotal != mostInjections+2 || len(r.Injections[mostInjections-1].Path) != longestPath {
		t.Errorf("%d of %d", len(r.Injections), r.InjectionsTotal)
	}
	for range mostRulesEver - 1 {
		if status, body := s.put(`[{"id":"a",` + hurts + `}]`); status != 200 {
			t.Fatal(body)
		}
	}
	if status, _ := s.put(`[{"id":"a",` + hurts + `}]`); status != 409 {
		t.Errorf("status %d", status)
	}
	if rules := s.told().Rules; len(rules) != mostRulesEver || rules[0].UntilMs == nil || *rules[0].UntilMs != rules[1].FromMs {
		t.Errorf("%d rules", len(rules))
	}
}

// Would catch: an identity read from other than top-level text, or missed when it is spread over packets.
func TestNames(t *testing.T) {
	for text, want := range map[string]sender{
		`{"version": "v1", "cluster": "c", "replica": "r", "x": 1}`: {"v1", "c", "r"},
		`{"a":{"version":"no"},"b":["version","v0"],"version":"v1"`: {"v1", "", ""},
		`{"replica":"r","cluster":"a\"b","version":1}`:              {"", `a"b`, "r"},
		`{"version":"v1","clus`:                                     {"v1", "", ""},
		`["version","v1"]`:                                          {},
		`not JSON`:                                                  {},
		``:                                                          {},
	} {
		if got := readNames([]byte(text)).sender; got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	changed := relabelFirstLine([]byte(`{ "cluster" : "a\"b", "n":1,"version":"v1"}`+"\n"+`{"version":"v1"}`), deed{Version: `v"2`, Cluster: "c"})
	same(t, string(changed), `{ "cluster" : "c", "n":1,"version":"v\"2"}`+"\n"+`{"version":"v1"}`)
}
