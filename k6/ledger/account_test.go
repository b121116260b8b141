package ledger

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

var base = time.Date(2026, 4, 23, 22, 15, 30, 0, time.UTC)

func at(ms float64) time.Time { return base.Add(time.Duration(ms * float64(time.Millisecond))) }

func unix(ms float64) float64 { return float64(base.UnixMilli()) + ms }

// books is an account with a clock that stands where it is put.
type books struct {
	t       *testing.T
	account *account
	clock   float64
	seq     int64
}

const timeout = 5 * time.Second

func newBooks(t *testing.T) *books {
	b := &books{t: t}
	b.account = newAccount(func() time.Time { return at(b.clock) })
	return b
}

// pending is a request, in a book of its own.
type pending struct {
	*book
	*request
}

func (b *books) begin(kind string, ms float64) pending {
	b.clock = ms
	its := b.account.open(kind, timeout)
	return pending{its, its.find(int64(its.begin(1)))}
}

func (b *books) answeredBy(p pending, version string, ms float64) {
	s := b.account.seriesOf(seriesKey{p.kind, "app-" + version, version, reused})
	p.endAnswered(p.request, s, at(ms), byOwnClock, noToken, nil)
}

func (b *books) failed(p pending, f failure, ms float64) {
	p.endFailed(p.request, f, at(ms), byOwnClock)
}

// flush returns the rows of a flush as a reader in another language sees them; the last is the heartbeat.
func (b *books) flush(ms float64) []map[string]any {
	b.t.Helper()
	b.clock = ms
	taken := b.account.take()
	rows, seq := taken.appendRows(nil, b.seq)
	return b.decode(appendHeartbeat(rows, seq+1, &taken, 0))
}

// close returns the rows of the end.
func (b *books) close(ms float64) []map[string]any {
	b.t.Helper()
	b.clock = ms
	last, found := b.account.close()
	rows, seq := last.appendRows(nil, b.seq)
	rows, seq = found.appendRows(appendHeartbeat(rows, seq+1, &last, 0), seq+1)
	return b.decode(appendEnd(rows, seq+1, &found, 0))
}

func (b *books) decode(text []byte) []map[string]any {
	b.t.Helper()
	rows := decode(b.t, text, b.seq)
	b.seq += int64(len(rows))
	return rows
}

// decode reads rows that must be numbered after seq.
func decode(t *testing.T, text []byte, seq int64) []map[string]any {
	t.Helper()
	var rows []map[string]any
	for line := range strings.Lines(string(text)) {
		var row map[string]any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if seq++; row["seq"] != float64(seq) {
			t.Fatalf("sequence number %v where %d follows: %s", row["seq"], seq, line)
		}
		rows = append(rows, row)
	}
	return rows
}

func expect(t *testing.T, row map[string]any, want map[string]any) {
	t.Helper()
	for key, value := range want {
		got := row[key]
		if n, isNumber := got.(float64); isNumber {
			if w, ok := value.(float64); ok && math.Abs(n-w) < 1e-3 {
				continue
			}
		}
		if !reflect.DeepEqual(got, value) {
			t.Errorf("%s is %v, not %v, in %v", key, got, value, row)
		}
	}
}

// types of rows, for a look at a lot of them.
func types(rows []map[string]any) string {
	var names []string
	for _, row := range rows {
		names = append(names, row["type"].(string))
	}
	return strings.Join(names, " ")
}

// Would catch: answers dated at their end, latencies in other units, versions added together.
func TestAnswersAreCountedByTheBinOfTheirStart(t *testing.T) {
	b := newBooks(t)
	one, two := b.begin("steady", 199), b.begin("steady", 200)
	b.answeredBy(two, "v1", 210)
	b.answeredBy(one, "v1", 450)
	b.answeredBy(b.begin("steady", 220), "v1", 230)
	b.answeredBy(b.begin("steady", 240), "v2", 250)
	rows := b.flush(1001)
	if types(rows) != "answered answered answered heartbeat" {
		t.Fatal(types(rows))
	}
	expect(t, rows[0], map[string]any{
		"binMs": unix(100), "count": 1.0, "version": "v1", "cluster": "app-v1", "client": "steady", "connection": "reused",
		// 251 ms: ln(251) / ln(1.01 / 0.99) = 276.3.
		"latency": map[string]any{"277": 1.0},
	})
	// 10 ms, twice: ln(10) / ln(1.01 / 0.99) = 115.1.
	expect(t, rows[1], map[string]any{"binMs": unix(200), "count": 2.0, "version": "v1", "latency": map[string]any{"116": 2.0}})
	expect(t, rows[2], map[string]any{"binMs": unix(200), "count": 1.0, "version": "v2"})
	expect(t, rows[3], map[string]any{
		"issued": 4.0, "answered": 4.0, "failed": 0.0, "hanging": 0.0, "inFlight": 0.0, "oldestStartMs": nil,
		"settledMs": unix(1001), "atMs": unix(1001), "lost": 0.0,
	})
	if rows := b.flush(1201); types(rows) != "heartbeat" {
		t.Errorf("an idle flush is a heartbeat alone, not %v", rows)
	}
}

// Would catch: a bucket whose representative is off by more than the 1 % promised.
func TestHistogramIsWithinOnePercent(t *testing.T) {
	gamma := 1.01 / 0.99
	for ms := 0.001; ms < 1e6; ms *= 1.0007 {
		value := 2 * math.Pow(gamma, float64(bucket(ms))) / (gamma + 1)
		if math.Abs(value-ms)/ms > 0.0100001 {
			t.Fatalf("%g ms is represented by %g", ms, value)
		}
	}
	if bucket(0) != bucket(leastLatency) {
		t.Error("no latency at all has no bucket")
	}
}

// Would catch: an error message, which k6 quotes, that breaks the row; a start that is the end.
func TestFailuresAreRowsOfTheirOwn(t *testing.T) {
	b := newBooks(t)
	b.failed(b.begin("steady", 100), failure{
		status: 503, errorCode: 1503, message: "say \"no\"\nplease <now> \xff", connection: reused,
	}, 130.5)
	b.failed(b.begin("steady", 300), failure{
		hanging: true, errorCode: 1050, message: "request timeout", connection: unknown, cluster: "app-v1", version: "v1",
	}, 5300)
	rows := b.flush(5400)
	expect(t, rows[0], map[string]any{
		"type": "failed", "outcome": "failed", "startMs": unix(100), "durationMs": 30.5, "status": 503.0, "errorCode": 1503.0,
		"message": "say \"no\"\nplease <now> \ufffd", "client": "steady", "connection": "reused", "cluster": "", "version": "",
	})
	expect(t, rows[1], map[string]any{
		"type": "failed", "outcome": "hanging", "startMs": unix(300), "durationMs": 5000.0, "status": 0.0, "errorCode": 1050.0,
		"connection": "unknown", "cluster": "app-v1", "version": "v1",
	})
	expect(t, rows[2], map[string]any{"type": "heartbeat", "issued": 2.0, "answered": 0.0, "failed": 1.0, "hanging": 1.0})
}

// Would catch: a ledger without bounds when the target is down for hours, or one that no longer counts exactly.
func TestBeyondTheCapFailuresAreCounted(t *testing.T) {
	b := newBooks(t)
	refused := failure{errorCode: 1212, message: "dial: connection refused", connection: fresh}
	for range ownRows {
		b.failed(b.begin("steady", 10), refused, 11)
	}
	if rows := b.flush(20); len(rows) != ownRows+1 || rows[ownRows-1]["type"] != "failed" {
		t.Fatalf("%d rows", len(rows))
	}
	b.failed(b.begin("steady", 30), refused, 31)
	b.failed(b.begin("steady", 99), refused, 1003)
	b.failed(b.begin("steady", 100), refused, 102)
	b.failed(b.begin("long", 50), refused, 55)
	b.failed(b.begin("steady", 40), failure{hanging: true, errorCode: 1050, connection: reused}, 5040)
	rows := b.flush(6000)
	if types(rows) != "failures failures failures failures heartbeat" {
		t.Fatal(types(rows))
	}
	expect(t, rows[0], map[string]any{"binMs": unix(0), "client": "long", "count": 1.0, "durationMs": 5.0})
	expect(t, rows[1], map[string]any{
		"binMs": unix(0), "client": "steady", "outcome": "failed", "status": 0.0, "errorCode": 1212.0, "connection": "new",
		"cluster": "", "version": "", "count": 2.0, "durationMs": 904.0,
	})
	expect(t, rows[2], map[string]any{"client": "steady", "outcome": "hanging", "count": 1.0, "durationMs": 5000.0})
	expect(t, rows[3], map[string]any{"binMs": unix(100), "client": "steady", "count": 1.0, "durationMs": 2.0})
	expect(t, rows[4], map[string]any{"failed": float64(ownRows + 4), "hanging": 1.0})
	if rows := b.flush(6200); types(rows) != "heartbeat" {
		t.Errorf("counted again: %s", types(rows))
	}
}

// Would catch: calling a time settled while a request that started before it waits for its answer; an oldest request
// that is the newest, also when requests end in another order than they began.
func TestSettledIsBoundedByFlight(t *testing.T) {
	b := newBooks(t)
	expect(t, b.flush(50)[0], map[string]any{"settledMs": unix(50), "issued": 0.0, "oldestStartMs": nil})
	first, second, third, fourth := b.begin("steady", 100), b.begin("long", 150), b.begin("steady", 160), b.begin("steady", 170)
	b.answeredBy(second, "v1", 180)
	expect(t, b.flush(2050)[1], map[string]any{"settledMs": unix(100), "inFlight": 3.0, "oldestStartMs": unix(100)})
	b.answeredBy(first, "v1", 2100)
	b.answeredBy(fourth, "v1", 2100)
	rows := b.flush(2200)
	expect(t, rows[len(rows)-1], map[string]any{"settledMs": unix(160), "inFlight": 1.0, "oldestStartMs": unix(160)})
	b.answeredBy(third, "v1", 2300)
	expect(t, b.flush(9000)[1], map[string]any{"settledMs": unix(9000), "inFlight": 0.0, "oldestStartMs": nil})
}

// Would catch: totals of one kind of client in another's.
func TestClientsHaveTheirOwnTotals(t *testing.T) {
	b := newBooks(t)
	b.begin("long", 0)
	b.answeredBy(b.begin("steady", 10), "v1", 20)
	b.account.sampled(7, map[string]int64{"steady": 2, "": 1})
	rows := b.flush(200)
	expect(t, rows[1], map[string]any{"dropped": 3.0, "clients": map[string]any{
		"long":   map[string]any{"issued": 1.0, "inFlight": 1.0, "oldestStartMs": unix(0), "dropped": 0.0},
		"steady": map[string]any{"issued": 1.0, "inFlight": 0.0, "oldestStartMs": nil, "dropped": 2.0},
	}})
	rows = b.close(300)
	expect(t, rows[1], map[string]any{"type": "end", "httpReqs": 7.0, "dropped": 3.0})
}

// Would catch: an end whose sum is not what was issued; a request that the stop broke off called hanging because k6
// took its time to close its outputs; one that hung called interrupted.
func TestAtTheEndEveryRequestIsAccountedFor(t *testing.T) {
	b := newBooks(t)
	b.begin("steady", 0)
	b.begin("quiet", 10)
	b.begin("steady", 4000)
	b.answeredBy(b.begin("steady", 4900), "v1", 4950)
	b.begin("steady", 5000)
	rows := b.close(60_000)
	if types(rows) != "answered heartbeat failed end" {
		t.Fatal(types(rows))
	}
	expect(t, rows[1], map[string]any{"issued": 5.0, "answered": 1.0, "inFlight": 4.0, "settledMs": unix(0)})
	expect(t, rows[2], map[string]any{
		"outcome": "hanging", "startMs": unix(0), "durationMs": 5000.0, "client": "steady", "connection": "unknown", "errorCode": 0.0,
	})
	expect(t, rows[3], map[string]any{
		"issued": 5.0, "answered": 1.0, "failed": 0.0, "hanging": 1.0, "interrupted": 3.0,
		"clients": map[string]any{
			"steady": map[string]any{"issued": 4.0, "inFlight": 2.0, "oldestStartMs": unix(4000), "dropped": 0.0},
			"quiet":  map[string]any{"issued": 1.0, "inFlight": 1.0, "oldestStartMs": unix(10), "dropped": 0.0},
		},
	})
}

// Would catch: a request counted twice, or not at all, when many VUs begin and end while batches are taken.
func TestManyVUsAtOnce(t *testing.T) {
	account := newAccount(time.Now)
	const vus, each = 16, 2000
	var working sync.WaitGroup
	for vu := range vus {
		working.Go(func() {
			book := account.open([]string{"steady", "burst"}[vu%2], timeout)
			s := account.seriesOf(seriesKey{book.kind, "c", "v", reused})
			for i := range each {
				for range 3 {
					book.begin(int64(i))
				}
				for j := range 3 {
					r := book.find(int64(1 + (i+j)%3))
					if (i+j)%7 == 0 {
						book.endFailed(r, failure{message: "x"}, account.now(), byOwnClock)
						continue
					}
					book.endAnswered(r, s, account.now(), time.Millisecond, noToken, nil)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { working.Wait(); close(done) }()
	var rows []byte
	var seq int64
	take := func(b batch) { rows, seq = b.appendRows(rows, seq) }
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
			take(account.take())
		}
	}
	last, found := account.close()
	take(last)
	take(found)
	counts := map[string]float64{}
	for _, row := range decode(t, rows, 0) {
		n := 1.0
		if row["type"] != "failed" {
			n = row["count"].(float64)
		}
		counts[row["client"].(string)] += n
	}
	if want := float64(vus / 2 * each * 3); counts["steady"] != want || counts["burst"] != want || found.totals.inFlight != 0 {
		t.Errorf("%v in rows and %d in flight, where each kind had %v", counts, found.totals.inFlight, want)
	}
	if sum := found.totals.answered + found.totals.failed; sum != found.totals.issued || sum != vus*each*3 {
		t.Errorf("the totals do not close: %+v", found.totals)
	}
}

// Would catch: a request lost for good when the script throws before it ends it; one that was interrupted called a
// failure of the client; a token of an earlier iteration that ends a request of this one.
func TestWhatAnIterationLeavesOpen(t *testing.T) {
	b := newBooks(t)
	its := b.account.open("burst", timeout)
	for range 3 {
		its.begin(1)
	}
	third := its.find(3)
	its.endFailed(third, failure{message: "x"}, at(1), byOwnClock)
	its.interrupt(its.find(2))
	if its.find(2) != nil || its.find(3) != nil {
		t.Error("a request can be ended twice")
	}
	b.clock = 30
	its.begin(2)
	if its.find(2) != nil {
		t.Error("a token outlives its iteration")
	}
	rows := b.close(100)
	if types(rows) != "failed failed heartbeat end" {
		t.Fatal(types(rows))
	}
	expect(t, rows[1], map[string]any{"startMs": unix(0), "durationMs": 30.0, "message": "the client broke off without an outcome"})
	expect(t, rows[3], map[string]any{"issued": 4.0, "failed": 2.0, "interrupted": 2.0})
}
