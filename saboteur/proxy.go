package main

import (
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const reopenEvery = 20 * time.Millisecond

// proxy stands between clients and the upstream.
type proxy struct {
	upstream *upstream
	rules    atomic.Pointer[ruleSet]
	kept     keptAnswers
	ledger   ledger
	gate     *gate
	// inFlight are the exchanges under way; idle is closed when there are none any more after the end has begun.
	inFlight atomic.Int64
	ending   atomic.Bool
	idle     chan struct{}
	once     sync.Once

	// changing is held while the rules are replaced, or nobody listens because of one.
	changing sync.Mutex
	shut     *shutting
}

// shutting is a time in which nobody listens.
type shutting struct {
	set    *ruleSet
	since  time.Time
	noted  *injection
	reopen *time.Timer
}

// newProxy listens at once, without any rules.
func newProxy(listen, address string) (*proxy, error) {
	p := &proxy{upstream: &upstream{address: address}, idle: make(chan struct{})}
	p.rules.Store(newRuleSet(nil, 0, time.Now()))
	gate, err := newGate(listen, func(conn *net.TCPConn) { go newClient(p, conn).serve() })
	p.gate = gate
	return p, err
}

// setRules replaces the rules and returns when that took effect.
func (p *proxy) setRules(rules []rule) (time.Time, error) {
	p.changing.Lock()
	defer p.changing.Unlock()
	l := &p.ledger
	l.mu.Lock()
	if l.rules+len(rules) > mostRulesEver {
		l.mu.Unlock()
		return time.Time{}, errTooMany
	}
	now := time.Now()
	set := newRuleSet(rules, l.rules, now)
	if len(l.sets) > 0 {
		l.until = append(l.until, now)
	}
	l.sets = append(l.sets, set)
	l.rules += len(rules)
	l.mu.Unlock()

	p.rules.Store(set)
	if set.keeps == nil {
		p.kept.forget()
	}
	if p.shut != nil {
		p.reopen(set.refuses == nil)
	}
	if set.refuses != nil {
		p.refuse(set)
	}
	return now, nil
}

// refuse shuts the gate for a rule. The caller holds changing.
func (p *proxy) refuse(set *ruleSet) {
	a := set.refuses
	a.seen.Add(1)
	a.matched.Add(1)
	a.hurt.Add(1)
	p.gate.shut()
	now := time.Now()
	noted := p.ledger.injected(injection{Rule: a.index, AtMs: unixMs(now), Connection: connNew, Did: "nobody listens"})
	p.shut = &shutting{set: set, since: now, noted: noted}
	if a.On.ForMs > 0 {
		left := time.Duration(a.On.ForMs*float64(time.Millisecond)) - now.Sub(a.since)
		p.shut.reopen = time.AfterFunc(left, func() {
			p.changing.Lock()
			defer p.changing.Unlock()
			if p.shut != nil && p.shut.set == set {
				p.reopen(true)
			}
		})
	}
}

// reopen ends the time in which nobody listens, and listens again unless the next one begins. The caller holds changing.
func (p *proxy) reopen(listen bool) {
	shut := p.shut
	p.shut = nil
	if shut.reopen != nil {
		shut.reopen.Stop()
	}
	for troubled := false; listen; troubled = true {
		err := p.gate.open()
		if err == nil {
			break
		}
		if !troubled {
			p.ledger.troubled(time.Now(), listening, "", err.Error())
		}
		time.Sleep(reopenEvery)
	}
	p.ledger.said(shut.noted, fmt.Sprintf("nobody listened for %s ms", ms(time.Since(shut.since))))
}

func (p *proxy) begin() { p.inFlight.Add(1) }

func (p *proxy) done() {
	if p.inFlight.Add(-1) == 0 && p.ending.Load() {
		p.once.Do(func() { close(p.idle) })
	}
}

// end stops listening and waits for what is in flight, `patience` at most.
func (p *proxy) end(patience time.Duration) {
	p.gate.end()
	p.begin()
	p.ending.Store(true)
	p.done()
	select {
	case <-p.idle:
	case <-time.After(patience):
	}
}

// ms is a duration in ms with one decimal.
func ms(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond)) }
