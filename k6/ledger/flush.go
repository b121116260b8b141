package ledger

import (
	"cmp"
	"slices"
	"time"
)

// batch is what came to an outcome since the last one, and the totals with it.
type batch struct {
	at       time.Time
	answers  []answer
	firsts   []answer
	failures []failure
	further  map[furtherKey]further
	switches []sessionSwitch

	totals    totals
	oldestMs  float64
	settledMs float64
}

// totals since the load began.
type totals struct {
	issued, answered, failed, hanging, dropped, httpReqs int64
	inFlight                                             int64
	clients                                              []clientTotals
}

type clientTotals struct {
	name                      string
	issued, inFlight, dropped int64
	// oldestMs is when the oldest request in flight began, if there is one.
	oldestMs float64
}

// take takes out what has come to an outcome. Whatever began before settledMs has its outcome in this batch or in one
// before it: books are looked at after the time is taken, one after the other, and each was complete up to then.
func (a *account) take() batch {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.takeLocked(func(*book) {})
}

// takeLocked calls first with every book before it is emptied, under the book's lock.
func (a *account) takeLocked(first func(*book)) batch {
	now := a.now()
	// As much room as was needed the last time.
	t := batch{at: now, answers: make([]answer, 0, a.usual), totals: totals{dropped: a.dropped, httpReqs: a.httpReqs}}
	clients := map[*kind]*clientTotals{}
	t.totals.clients = make([]clientTotals, len(a.kinds))
	for i, k := range a.kinds {
		t.totals.clients[i] = clientTotals{name: k.name, dropped: k.dropped}
		clients[k] = &t.totals.clients[i]
	}
	for _, b := range a.books {
		b.mutex.Lock()
		first(b)
		t.empty(b)
		client := clients[b.kind]
		b.flying(func(r *request) { client.oldestMs = older(client.oldestMs, milliseconds(r.at)) })
		t.totals.add(b, client)
		b.mutex.Unlock()
	}
	a.usual = len(t.answers)
	t.settledMs = milliseconds(now)
	for _, client := range t.totals.clients {
		if client.oldestMs != 0 {
			t.oldestMs = older(t.oldestMs, client.oldestMs)
			t.settledMs = min(t.settledMs, client.oldestMs)
		}
	}
	return t
}

// older is the earlier of two moments, of which the first may be none (0).
func older(ms, otherMs float64) float64 {
	if ms == 0 {
		return otherMs
	}
	return min(ms, otherMs)
}

func (t *batch) empty(b *book) {
	t.answers = append(t.answers, b.answers...)
	b.answers = b.answers[:0]
	t.firsts = append(t.firsts, b.firsts...)
	b.firsts = b.firsts[:0]
	t.failures = append(t.failures, b.failures...)
	t.switches = append(t.switches, b.switches...)
	b.failures, b.switches = nil, nil
	if len(b.further) > 0 {
		if t.further == nil {
			t.further = map[furtherKey]further{}
		}
		for key, more := range b.further {
			more.addTo(t.further, key)
		}
		b.further = nil
	}
}

func (t *totals) add(b *book, client *clientTotals) {
	t.issued += b.issued
	t.answered += b.answered
	t.failed += b.failed
	t.hanging += b.hanging
	t.inFlight += int64(b.inFlight)
	client.issued += b.issued
	client.inFlight += int64(b.inFlight)
}

// close ends the account. A request still in flight was interrupted by the stop, but was hanging if anything was heard
// of its own kind of client at or after its deadline: then the load went on, and the answer did not come.
// Returned are the last batch of the load itself, the hanging requests found now, and the final totals, whose inFlight
// is what was interrupted.
func (a *account) close() (last, found batch) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	heard := map[*kind]time.Time{}
	last = a.takeLocked(func(b *book) {
		if b.heard.After(heard[b.kind]) {
			heard[b.kind] = b.heard
		}
	})
	found = a.takeLocked(func(b *book) {
		b.flying(func(r *request) {
			if lasted := heard[b.kind].Sub(r.at); lasted >= b.timeout {
				b.fail(r, failure{
					hanging: true, connection: unknown, message: "no answer by its deadline when the load was stopped",
				}, lasted)
			}
		})
		b.closed = true
	})
	slices.SortFunc(found.failures, func(x, y failure) int { return cmp.Compare(x.startMs, y.startMs) })
	a.closed = true
	return last, found
}

// requests is how many outcomes the batch holds. A first token is none.
func (t *batch) requests() int64 {
	n := int64(len(t.answers) + len(t.failures))
	for _, more := range t.further {
		n += more.count
	}
	return n
}

// appendRows encodes the batch's rows after out, numbering them after seq. It returns the number of the last one.
func (t *batch) appendRows(out []byte, seq int64) ([]byte, int64) {
	out, seq = appendCounted(out, seq, "answered", t.answers)
	out, seq = appendCounted(out, seq, "first-token", t.firsts)
	for i := range t.failures {
		seq++
		out = appendFailed(out, seq, &t.failures[i])
	}
	for _, key := range sortedKeys(t.further) {
		seq++
		out = appendFailures(out, seq, &key, t.further[key])
	}
	for i := range t.switches {
		seq++
		out = appendSession(out, seq, &t.switches[i])
	}
	return out, seq
}

// appendCounted encodes answers as rows of a type, one for each bin and series, and sorts them for that.
func appendCounted(out []byte, seq int64, name string, answers []answer) ([]byte, int64) {
	slices.SortFunc(answers, func(x, y answer) int {
		if c := cmp.Compare(x.bin, y.bin); c != 0 {
			return c
		}
		if x.series != y.series {
			return x.series.compare(&y.series.seriesKey)
		}
		return cmp.Compare(x.bucket, y.bucket)
	})
	for rest := answers; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].bin == rest[0].bin && rest[n].series == rest[0].series {
			n++
		}
		seq++
		out = appendHistogram(out, seq, name, rest[:n])
		rest = rest[n:]
	}
	return out, seq
}

func (k *seriesKey) compare(other *seriesKey) int {
	return cmp.Or(
		cmp.Compare(k.kind.name, other.kind.name), cmp.Compare(k.cluster, other.cluster),
		cmp.Compare(k.version, other.version), cmp.Compare(k.connection, other.connection),
	)
}

func sortedKeys(all map[furtherKey]further) []furtherKey {
	keys := make([]furtherKey, 0, len(all))
	for key := range all {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(x, y furtherKey) int {
		return cmp.Or(
			cmp.Compare(x.bin, y.bin), cmp.Compare(x.kind.name, y.kind.name),
			cmp.Compare(outcomeOf(x.hanging), outcomeOf(y.hanging)), cmp.Compare(x.status, y.status),
			cmp.Compare(x.errorCode, y.errorCode), cmp.Compare(x.cluster, y.cluster),
			cmp.Compare(x.version, y.version), cmp.Compare(x.connection, y.connection),
		)
	})
	return keys
}
