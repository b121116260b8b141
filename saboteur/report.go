package main

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	mostInjections = 5000
	mostTroubles   = 1000
	longestPath    = 200
)

// Kinds of the proxy's own trouble, which no rule caused. The client of all but the last two gets a 502, that of `cut` a connection
// that is closed in the middle of an answer.
const (
	// unreachable: no connection to the upstream.
	unreachable = "unreachable"
	// unanswered: the connection ended before an answer had begun. The request may have reached the upstream; it is not sent again.
	unanswered = "unanswered"
	// malformed: the answer's head is none.
	malformed = "malformed"
	// cut: the answer ended before its end.
	cut = "cut"
	// listening: the port could not be opened again at once.
	listening = "listening"
)

// injection is one hurt request, or one time in which nobody listened.
type injection struct {
	// Rule is the index of its rule in the report.
	Rule int `json:"rule"`
	// AtMs is when it was decided, Unix ms with µs.
	AtMs       float64 `json:"atMs"`
	Connection string  `json:"connection"`
	// Path is the request's target, up to 200 bytes.
	Path string `json:"path"`
	// Did is what was really done, in words.
	Did string `json:"did"`
	// Answer is who gave the answer that was hurt, as far as that was looked at.
	Answer *sender `json:"answer,omitempty"`
}

type trouble struct {
	AtMs float64 `json:"atMs"`
	Kind string  `json:"kind"`
	Path string  `json:"path"`
	Why  string  `json:"why"`
}

// ledger is the account of what the proxy did. Requests only count by atomics; a lock is taken where something is written down.
type ledger struct {
	connections, requests, asked, left atomic.Int64

	mu         sync.Mutex
	sets       []*ruleSet
	until      []time.Time
	rules      int
	injections []*injection
	total      int64
	troubles   []trouble
	counts     map[string]int64
}

// injected writes down an injection; what `did` says of it may be changed by said, until it is over.
func (l *ledger) injected(i injection) *injection {
	i.Path = i.Path[:min(len(i.Path), longestPath)]
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total++
	if len(l.injections) < mostInjections {
		l.injections = append(l.injections, &i)
	}
	return &i
}

func (l *ledger) said(i *injection, did string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i.Did = did
}

func (l *ledger) troubled(now time.Time, kind, path, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = map[string]int64{}
	}
	l.counts[kind]++
	if len(l.troubles) < mostTroubles {
		l.troubles = append(l.troubles, trouble{unixMs(now), kind, path[:min(len(path), longestPath)], why})
	}
}

type ruleReport struct {
	Rule int    `json:"rule"`
	ID   string `json:"id"`
	// FromMs is when it took effect, UntilMs when its list was replaced; null while it is in effect.
	FromMs  float64  `json:"fromMs"`
	UntilMs *float64 `json:"untilMs"`
	Seen    int64    `json:"seen"`
	Matched int64    `json:"matched"`
	Hurt    int64    `json:"hurt"`
}

// report is what GET /report answers with.
type report struct {
	NowMs float64 `json:"nowMs"`
	// Connections of clients and Requests on them; Asked are those that were sent on; of those that Left the client went away first.
	Connections int64 `json:"connections"`
	Requests    int64 `json:"requests"`
	Asked       int64 `json:"asked"`
	Left        int64 `json:"left"`
	// Rules are all that there ever were, in the order of their PUTs.
	Rules []ruleReport `json:"rules"`
	// Injections are the first 5,000 of InjectionsTotal.
	Injections      []injection `json:"injections"`
	InjectionsTotal int64       `json:"injectionsTotal"`
	// Troubles are the first 1,000 of those that TroublesTotal counts by kind.
	Troubles      []trouble        `json:"troubles"`
	TroublesTotal map[string]int64 `json:"troublesTotal"`
}

func (l *ledger) report(now time.Time) report {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := report{
		NowMs:           unixMs(now),
		Connections:     l.connections.Load(),
		Requests:        l.requests.Load(),
		Asked:           l.asked.Load(),
		Left:            l.left.Load(),
		Rules:           []ruleReport{},
		Injections:      make([]injection, 0, len(l.injections)),
		InjectionsTotal: l.total,
		Troubles:        append([]trouble{}, l.troubles...),
		TroublesTotal:   map[string]int64{},
	}
	for n, set := range l.sets {
		for _, a := range set.all {
			entry := ruleReport{Rule: a.index, ID: a.ID, FromMs: unixMs(a.since), Seen: a.seen.Load(), Matched: a.matched.Load(), Hurt: a.hurt.Load()}
			if n < len(l.until) {
				until := unixMs(l.until[n])
				entry.UntilMs = &until
			}
			r.Rules = append(r.Rules, entry)
		}
	}
	for _, i := range l.injections {
		r.Injections = append(r.Injections, *i)
	}
	for kind, n := range l.counts {
		r.TroublesTotal[kind] = n
	}
	return r
}
