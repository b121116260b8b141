package main

import (
	"sync/atomic"
	"time"
)

// ruleSet is a list of rules in effect. It never changes but for its counts, so that requests go by it without a lock.
type ruleSet struct {
	since time.Time
	// Those that are asked on the request and on the answer, in order.
	onRequest, onAnswer []*active
	// refuses is the rule under which nobody listens.
	refuses *active
	// looks: some rule goes by how a body begins.
	looks bool
	// keeps are the versions whose good answers are kept to be given again.
	keeps map[string]bool
	all   []*active
}

// active is a rule in effect and what became of it.
type active struct {
	rule
	// index among all rules that there ever were.
	index int
	since time.Time
	// seen are the requests that it was asked about; of those it fits matched; of those again hurt were hurt.
	seen, matched, hurt atomic.Int64
}

func newRuleSet(rules []rule, firstIndex int, since time.Time) *ruleSet {
	set := &ruleSet{since: since}
	for i, r := range rules {
		a := &active{rule: r, index: firstIndex + i, since: since}
		set.all = append(set.all, a)
		switch {
		case r.Do.Kind == refuse:
			set.refuses = a
		case r.needsAnswer():
			set.onAnswer = append(set.onAnswer, a)
		default:
			set.onRequest = append(set.onRequest, a)
		}
		set.looks = set.looks || r.On.goesByAnswer() || r.Do.Kind == relabel || r.Do.Kind == replay || r.Do.Kind == wrongBody
		if r.Do.Kind == replay {
			if set.keeps == nil {
				set.keeps = map[string]bool{}
			}
			set.keeps[r.Do.Version] = true
		}
	}
	return set
}

// pick asks whether the rule hurts what it is asked about now; fits tells what it depends on beside time and number.
func (a *active) pick(now time.Time, fits func(*active) bool) bool {
	if a.On.ForMs > 0 && float64(now.Sub(a.since)) >= a.On.ForMs*float64(time.Millisecond) {
		return false
	}
	a.seen.Add(1)
	if !fits(a) {
		return false
	}
	if n := a.matched.Add(1); a.On.Every > 1 && n%a.On.Every != 0 {
		return false
	}
	for {
		n := a.hurt.Load()
		if a.On.Times > 0 && n >= a.On.Times {
			return false
		}
		if a.hurt.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func first(rules []*active, now time.Time, fits func(*active) bool) *active {
	for _, a := range rules {
		if a.pick(now, fits) {
			return a
		}
	}
	return nil
}

func unixMs(t time.Time) float64 { return float64(t.UnixMicro()) / 1000 }
