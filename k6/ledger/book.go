package ledger

import (
	"sync"
	"time"
)

// book knows every request of one client (of one kind, in one VU) from its beginning to its outcome, and what of it no
// row tells yet. Each VU has its own, so that VUs neither wait for each other nor take memory out of each other's
// processor caches; only who makes rows comes by, every 200 ms.
type book struct {
	account *account
	kind    *kind
	timeout time.Duration
	closed  bool

	mutex sync.Mutex
	// Requests of the current iteration; a token is the place of its request, from 1.
	iteration int64
	requests  []request
	// Requests of earlier iterations that stay in flight.
	left     []request
	inFlight int
	// When anything was last heard of the client: what was in flight then was not yet interrupted.
	heard                             time.Time
	issued, answered, failed, hanging int64

	answers []answer
	// firsts are the first tokens of those answers that were read as streams.
	firsts   []answer
	failures []failure
	further  map[furtherKey]further
	switches []sessionSwitch
}

// request is in flight until it is ended. One that is interrupted stays in flight, and cannot be ended any more.
type request struct {
	at                 time.Time
	ended, interrupted bool
}

// answer is one answered request, by how long it took or its first token did. Answers are kept one by one, 24 bytes each, and added up when rows are made of them:
// appending is the least that can be done while the VU waits.
type answer struct {
	bin    int64
	series *series
	bucket int32
}

type failure struct {
	kind       *kind
	startMs    float64
	durationMs float64
	hanging    bool
	status     int
	errorCode  int
	message    string
	cluster    string
	version    string
	connection string
}

type furtherKey struct {
	bin                          int64
	kind                         *kind
	hanging                      bool
	status, errorCode            int
	cluster, version, connection string
}

// further are failures that have no row of their own.
type further struct {
	count     int64
	longestMs float64
}

// sessionSwitch says that a session was answered by another sender than before.
type sessionSwitch struct {
	kind    *kind
	startMs float64
	session uint64
	from    *sender
	to      *sender
}

// byOwnClock as a duration says that the request took from its beginning to its end.
const byOwnClock time.Duration = -1

// noToken as the time to the first token says that nobody read the answer as a stream.
const noToken time.Duration = -1

// begin counts a request of an iteration as issued and in flight from now on, and returns its token.
//
// What an earlier iteration left in flight was broken off by an exception in the script. (One that was interrupted has
// no iteration after it, as its VU was stopped with it.)
func (b *book) begin(iteration int64) int {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	// Under the lock: who makes rows relies on it that what began before it looked is there to be seen.
	now := b.account.now()
	if b.iteration != iteration {
		for i := range b.requests {
			r := &b.requests[i]
			if r.interrupted {
				b.left = append(b.left, *r)
			} else if !r.ended {
				b.fail(r, failure{connection: unknown, message: "the client broke off without an outcome"}, now.Sub(r.at))
			}
		}
		b.requests, b.iteration = b.requests[:0], iteration
	}
	b.requests = append(b.requests, request{at: now})
	b.issued++
	b.inFlight++
	b.heard = now
	return len(b.requests)
}

// find returns the request of a token, nil when it is not to be ended (any more). The book's own client alone adds
// requests, so it may look without the lock.
func (b *book) find(token int64) *request {
	if token < 1 || token > int64(len(b.requests)) {
		return nil
	}
	if r := &b.requests[token-1]; !r.ended && !r.interrupted {
		return r
	}
	return nil
}

// interrupt says that a request was broken off by the end of the load.
func (b *book) interrupt(r *request) {
	b.mutex.Lock()
	r.interrupted = true
	b.mutex.Unlock()
}

// endAnswered ends a request as answered at end, after took, with its first token after firstToken.
func (b *book) endAnswered(r *request, s *series, end time.Time, took, firstToken time.Duration, turn *sessionSwitch) {
	if took == byOwnClock {
		took = end.Sub(r.at)
	}
	a := answer{bin: binOf(r.at), series: s, bucket: bucketOf(took)}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.land(r, end)
	b.answered++
	if b.closed {
		return
	}
	b.answers = append(b.answers, a)
	if firstToken != noToken {
		a.bucket = bucketOf(firstToken)
		b.firsts = append(b.firsts, a)
	}
	if turn != nil {
		turn.kind, turn.startMs = b.kind, milliseconds(r.at)
		b.switches = append(b.switches, *turn)
	}
}

// endFailed ends a request as failed or hanging at end, after took. The failure's kind and times are the request's.
func (b *book) endFailed(r *request, f failure, end time.Time, took time.Duration) {
	if took == byOwnClock {
		took = end.Sub(r.at)
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.heard = end
	b.fail(r, f, took)
}

func (b *book) land(r *request, end time.Time) {
	r.ended = true
	b.inFlight--
	b.heard = end
}

func (b *book) fail(r *request, f failure, took time.Duration) {
	b.land(r, b.heard)
	f.kind, f.startMs, f.durationMs = b.kind, milliseconds(r.at), float64(took.Microseconds())/1000
	if f.hanging {
		b.hanging++
	} else {
		b.failed++
	}
	switch {
	case b.closed:
	case b.account.ownRows.Add(1) <= ownRows:
		b.failures = append(b.failures, f)
	default:
		if b.further == nil {
			b.further = map[furtherKey]further{}
		}
		more := further{1, f.durationMs}
		more.addTo(b.further, furtherKey{
			bin: binOf(r.at), kind: f.kind, hanging: f.hanging, status: f.status, errorCode: f.errorCode,
			cluster: f.cluster, version: f.version, connection: f.connection,
		})
	}
}

func (f further) addTo(all map[furtherKey]further, key furtherKey) {
	sum := all[key]
	all[key] = further{sum.count + f.count, max(sum.longestMs, f.longestMs)}
}

// flying calls look for each request in flight.
func (b *book) flying(look func(*request)) {
	if b.inFlight == 0 {
		return
	}
	for _, requests := range [...][]request{b.left, b.requests} {
		for i := range requests {
			if r := &requests[i]; !r.ended {
				look(r)
			}
		}
	}
}
