package main

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// readRules reads a list of rules. The error is a sentence about the first thing that is not as it must be. encoding/json alone would
// take keys in any case of letters, and repeat them.
func readRules(body []byte) ([]rule, error) {
	var items []json.RawMessage
	if json.Unmarshal(body, &items) != nil || items == nil {
		return nil, fmt.Errorf("the body must be a JSON list of rules; received %s", shown(body))
	}
	if len(items) > mostRules {
		return nil, fmt.Errorf("the list must have at most %d rules; received %d", mostRules, len(items))
	}
	rules := make([]rule, 0, len(items))
	refusing := 0
	for i, item := range items {
		r, err := readRule(item, fmt.Sprintf("rule %d", i))
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(rules, func(other rule) bool { return other.ID == r.ID }) {
			return nil, fmt.Errorf("rule %d: id must be unlike any other; received %q again", i, r.ID)
		}
		if r.Do.Kind == refuse {
			refusing++
		}
		rules = append(rules, r)
	}
	if refusing > 1 {
		return nil, fmt.Errorf("the list must have at most 1 rule that refuses; received %d", refusing)
	}
	return rules, nil
}

func readRule(raw json.RawMessage, at string) (rule, error) {
	var r rule
	o := readObject(raw, at, "id", "do", "on")
	o.needs("id", "do")
	o.read("id", "1 to 64 letters, digits, . _ or -", &r.ID, func() bool { return plain(r.ID) })
	if o.err == nil {
		r.Do, o.err = readDeed(o.values["do"], at+": do")
	}
	if on, there := o.values["on"]; there && o.err == nil {
		r.On, o.err = readCondition(on, at+": on")
	}
	if o.err != nil {
		return rule{}, o.err
	}
	if err := r.check(); err != nil {
		return rule{}, fmt.Errorf("%s: %w", at, err)
	}
	return r, nil
}

func plain(id string) bool {
	return id != "" && len(id) <= 64 && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == ""
}

// deedKeys are the keys of each kind, beside kind; those that it needs end in "!".
var deedKeys = map[kind][]string{
	wrongBody:    {"offset"},
	otherBody:    {"body!"},
	answerStatus: {"status!", "after"},
	truncate:     {"properly"},
	reset:        {"after"},
	refuse:       {},
	delay:        {"factor", "plusMs"},
	hang:         {"after"},
	relabel:      {"version", "cluster"},
	replay:       {"version!", "after"},
}

func readDeed(raw json.RawMessage, at string) (deed, error) {
	var d deed
	var named struct{ Kind string }
	_ = json.Unmarshal(raw, &named)
	keys, known := deedKeys[kind(named.Kind)]
	if !known {
		kinds := make([]string, 0, len(deedKeys))
		for k := range deedKeys {
			kinds = append(kinds, string(k))
		}
		slices.Sort(kinds)
		return d, fmt.Errorf("%s must be an object whose kind is one of %s; received %s", at, strings.Join(kinds, ", "), shown(raw))
	}
	names := []string{"kind"}
	var needed []string
	for _, key := range keys {
		name, must := strings.CutSuffix(key, "!")
		names = append(names, name)
		if must {
			needed = append(needed, name)
		}
	}
	o := readObject(raw, at, names...)
	o.needs(append(needed, "kind")...)
	o.text("kind", (*string)(&d.Kind))
	o.whole("offset", 0, math.MaxInt32, &d.Offset)
	o.text("body", &d.Body)
	var status int64
	o.whole("status", 200, 599, &status)
	d.Status = int(status)
	if status == 204 || status == 205 || status == 304 {
		o.fail("status", "one of an answer with a body")
	}
	o.boolean("properly", &d.Properly)
	o.number("factor", 1, 1000, &d.Factor)
	o.number("plusMs", 0, 600_000, &d.PlusMs)
	o.text("version", &d.Version)
	o.text("cluster", &d.Cluster)
	o.oneOf("after", &d.After, afterRequest, afterAnswer)
	return d, o.err
}

func readCondition(raw json.RawMessage, at string) (condition, error) {
	var c condition
	o := readObject(raw, at, "every", "forMs", "times", "connection", "path", "version", "cluster", "share")
	o.whole("every", 1, math.MaxInt32, &c.Every)
	o.number("forMs", 0, 86_400_000, &c.ForMs)
	o.whole("times", 1, math.MaxInt32, &c.Times)
	o.oneOf("connection", &c.Connection, connNew, connKept)
	o.text("path", &c.Path)
	if c.Path != "" && (c.Path[0] != '/' || strings.ContainsAny(c.Path, "?#")) {
		o.fail("path", "a path that begins with a slash, without a query")
	}
	o.text("version", &c.Version)
	o.text("cluster", &c.Cluster)
	if share, there := o.values["share"]; there {
		var pair []int64
		if json.Unmarshal(share, &pair) != nil || len(pair) != 2 || pair[0] < 0 || pair[0] >= pair[1] || pair[1] > 1024 {
			o.fail("share", "[k, n], whole numbers with 0 <= k < n <= 1024")
		} else {
			c.Share = &[2]int64{pair[0], pair[1]}
		}
	}
	return c, o.err
}
