package ledger

import (
	"sync"
	"sync/atomic"
	"time"
)

// binWidth is the resolution at which requests are counted, by their start.
const binWidth = 100 * time.Millisecond

// ownRows is how many failed or hanging requests of a run get a row each; beyond them they are counted.
const ownRows = 10_000

// account is all books together, and what k6 itself sampled. It is safe for concurrent use.
type account struct {
	now func() time.Time
	// ownRows counts the failures that have a row of their own.
	ownRows atomic.Int64

	mutex  sync.Mutex
	kinds  []*kind
	books  []*book
	series map[seriesKey]*series
	usual  int
	// closed: outcomes are counted, but nothing is kept for rows.
	closed   bool
	httpReqs int64
	dropped  int64
}

// kind is a kind of client, by its name in the rows. Its fields are the account's to guard.
type kind struct {
	name    string
	dropped int64
}

type seriesKey struct {
	kind                         *kind
	cluster, version, connection string
}

// series is what answered rows are counted by, beside the bin.
type series struct {
	seriesKey
	// fields is its part of the encoded row.
	fields []byte
}

func newAccount(now func() time.Time) *account {
	return &account{now: now, series: map[seriesKey]*series{}}
}

// open opens a book for a client of a kind, whose requests have that long to be answered.
func (a *account) open(name string, timeout time.Duration) *book {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	b := &book{account: a, kind: a.kindLocked(name), timeout: timeout, closed: a.closed}
	if !a.closed {
		a.books = append(a.books, b)
	}
	return b
}

func (a *account) kindLocked(name string) *kind {
	for _, k := range a.kinds {
		if k.name == name {
			return k
		}
	}
	k := &kind{name: name}
	a.kinds = append(a.kinds, k)
	return k
}

// seriesOf returns the series of a key, the same for every client.
func (a *account) seriesOf(key seriesKey) *series {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	s := a.series[key]
	if s == nil {
		s = &series{seriesKey: key, fields: key.fields()}
		a.series[key] = s
	}
	return s
}

// sampled adds what k6 sampled: HTTP requests, and dropped iterations by scenario.
func (a *account) sampled(httpReqs int64, dropped map[string]int64) {
	if httpReqs == 0 && len(dropped) == 0 {
		return
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.httpReqs += httpReqs
	for scenario, n := range dropped {
		a.dropped += n
		if scenario != "" {
			// Also of a client that has not begun anything yet.
			a.kindLocked(scenario).dropped += n
		}
	}
}

// milliseconds since 1970, with a fraction of whole µs.
func milliseconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1000 }

// binOf is the start of the bin that holds t, in ms since 1970.
func binOf(t time.Time) int64 {
	ms, width := t.UnixMilli(), binWidth.Milliseconds()
	return ms - ms%width
}
