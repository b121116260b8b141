package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
)

var base = time.Date(2026, 4, 23, 22, 15, 30, 0, time.UTC)

func at(ms float64) time.Time { return base.Add(time.Duration(ms * float64(time.Millisecond))) }

// Lines as k6 2.2 writes them.

func line(metric string, ms float64, value string, rest string) []byte {
	return []byte(`{"metric":"` + metric + `","type":"Point","data":{"time":"` + at(ms).Format(time.RFC3339Nano) +
		`","value":` + value + `,"tags":` + rest + `}}`)
}

func begin(vu string, ms float64) []byte {
	return line("zerodrop_begin", ms, "1", `{"client":"short","vu_id":"`+vu+`"}`)
}

func answeredBy(vu, version string, ms float64) []byte {
	return line("zerodrop_end", ms, "1",
		`{"client":"short","cluster":"app-`+version+`","connection":"reused","outcome":"answered","version":"`+version+`","vu_id":"`+vu+`"}`)
}

func endedAs(vu, outcome, status, code, message string, ms float64) []byte {
	return line("zerodrop_end", ms, "1",
		`{"client":"short","cluster":"","connection":"unknown","error_code":"`+code+`","outcome":"`+outcome+`","status":"`+status+
			`","version":"","vu_id":"`+vu+`"},"metadata":{"zerodrop_message":`+message+`}`)
}

func vus(ms float64) []byte { return line("vus", ms, "3", `{}`) }

type ledger struct {
	t       *testing.T
	account *account
	rows    *store
	read    int64
}

func newLedger(t *testing.T) *ledger {
	l := &ledger{t: t, account: newAccount(5*time.Second, 250*time.Millisecond), rows: newStore(1 << 20)}
	l.account.opened(base)
	return l
}

func (l *ledger) take(lines ...[]byte) {
	l.t.Helper()
	if err := l.account.takeLines(lines); err != nil {
		l.t.Fatal(err)
	}
}

// next returns the rows made since the last call, as a reader in another language sees them.
func (l *ledger) next() []map[string]any {
	l.t.Helper()
	body, _, _, err := l.rows.after(l.read, 1<<20)
	if err != nil {
		l.t.Fatal(err)
	}
	var rows []map[string]any
	for text := range strings.Lines(string(body)) {
		var row map[string]any
		if err := json.Unmarshal([]byte(text), &row); err != nil {
			l.t.Fatalf("%v: %s", err, text)
		}
		l.read++
		if row["seq"] != float64(l.read) {
			l.t.Fatalf("sequence number %v where %d follows", row["seq"], l.read)
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
		if got != value {
			t.Errorf("%s is %v, not %v, in %v", key, got, value, row)
		}
	}
}

func unix(ms float64) float64 { return float64(base.UnixMilli()) + ms }

// Would catch: answers dated at their end, latencies in other units, versions added together.
func TestAnswersAreCountedByTheBinOfTheirStart(t *testing.T) {
	l := newLedger(t)
	l.take(begin("1", 199), begin("2", 200), answeredBy("2", "v1", 210), answeredBy("1", "v1", 450), begin("2", 220),
		answeredBy("2", "v1", 230), begin("2", 240), answeredBy("2", "v2", 250), vus(1000))
	l.account.flush(at(1001), l.rows)
	rows := l.next()
	if len(rows) != 4 {
		t.Fatalf("%d rows: %v", len(rows), rows)
	}
	expect(t, rows[0], map[string]any{"type": "answered", "binMs": unix(100), "count": 1.0, "version": "v1", "cluster": "app-v1", "client": "short", "connection": "reused"})
	expect(t, rows[1], map[string]any{"type": "answered", "binMs": unix(200), "count": 2.0, "version": "v1"})
	expect(t, rows[2], map[string]any{"type": "answered", "binMs": unix(200), "count": 1.0, "version": "v2"})
	expect(t, rows[3], map[string]any{"type": "heartbeat", "issued": 4.0, "answered": 4.0, "inFlight": 0.0, "oldestStartMs": nil,
		"settledMs": unix(750), "atMs": unix(1001)})
	// 251 ms: ln(251) / ln(1.01 / 0.99) = 276.3.
	if latency := rows[0]["latency"].(map[string]any); latency["277"] != 1.0 || len(latency) != 1 {
		t.Errorf("latency of 251 ms: %v", latency)
	}
	l.account.flush(at(1201), l.rows)
	if rows := l.next(); len(rows) != 1 || rows[0]["type"] != "heartbeat" {
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
	l := newLedger(t)
	l.take(begin("7", 100), endedAs("7", "failed", "503", "1503", `"say \"no\"\nplease <now>"`, 130.5),
		begin("7", 300), endedAs("7", "hanging", "0", "1050", `"request timeout"`, 5300))
	l.account.flush(at(5400), l.rows)
	rows := l.next()
	expect(t, rows[0], map[string]any{"type": "failed", "outcome": "failed", "startMs": unix(100), "durationMs": 30.5, "status": 503.0,
		"errorCode": 1503.0, "message": "say \"no\"\nplease <now>", "client": "short", "connection": "unknown", "cluster": "", "version": ""})
	expect(t, rows[1], map[string]any{"type": "failed", "outcome": "hanging", "startMs": unix(300), "durationMs": 5000.0, "errorCode": 1050.0})
	expect(t, rows[2], map[string]any{"type": "heartbeat", "issued": 2.0, "answered": 0.0, "failed": 1.0, "hanging": 1.0})
}

// Would catch: calling a time settled while a request that started before it waits for its answer, or while k6's
// output may still hold one.
func TestSettledIsBoundedByFlightAndByOutput(t *testing.T) {
	l := newLedger(t)
	l.account.flush(at(50), l.rows)
	expect(t, l.next()[0], map[string]any{"settledMs": unix(-250), "issued": 0.0})
	l.take(begin("1", 100), begin("2", 150), answeredBy("2", "v1", 160), vus(2000))
	l.account.flush(at(2050), l.rows)
	expect(t, l.next()[1], map[string]any{"settledMs": unix(100), "inFlight": 1.0, "oldestStartMs": unix(100)})
	l.take(answeredBy("1", "v1", 2100), vus(3000))
	l.account.flush(at(9000), l.rows)
	expect(t, l.next()[1], map[string]any{"settledMs": unix(2750), "inFlight": 0.0, "oldestStartMs": nil})
}

// Would catch: an end whose sum is not what was issued, and a hanging request that a stop turns into an interrupted one.
func TestAtTheEndEveryRequestIsAccountedFor(t *testing.T) {
	l := newLedger(t)
	l.take(begin("1", 0), begin("2", 4000), begin("3", 4900), answeredBy("3", "v1", 4950), begin("4", 4990),
		line("dropped_iterations", 4991, "2", `{}`), line("dropped_iterations", 4992, "1", `{}`), vus(5000))
	l.account.end(at(5100), l.rows)
	rows := l.next()
	expect(t, rows[1], map[string]any{"type": "heartbeat", "issued": 4.0, "answered": 1.0, "inFlight": 3.0, "dropped": 3.0})
	expect(t, rows[2], map[string]any{"type": "failed", "outcome": "hanging", "startMs": unix(0), "durationMs": 5000.0, "client": "short"})
	expect(t, rows[3], map[string]any{"type": "end", "issued": 4.0, "answered": 1.0, "failed": 0.0, "hanging": 1.0, "interrupted": 2.0, "dropped": 3.0})
	if _, ended := l.rows.last(); !ended {
		t.Error("the store does not know that it has ended")
	}
}

// Would catch: a request lost for good when the script throws between its two samples.
func TestABrokenOffRequestIsAFailure(t *testing.T) {
	l := newLedger(t)
	l.take(begin("1", 0), begin("1", 30), answeredBy("1", "v1", 40))
	l.account.end(at(100), l.rows)
	rows := l.next()
	expect(t, rows[1], map[string]any{"type": "failed", "outcome": "failed", "startMs": unix(0), "durationMs": 30.0})
	expect(t, rows[3], map[string]any{"type": "end", "issued": 2.0, "answered": 1.0, "failed": 1.0, "interrupted": 0.0})
}

// Would catch: a line that concerns the account passed over in silence.
func TestALineThatCannotBeAccountedForIsAnError(t *testing.T) {
	for name, bad := range map[string][]byte{
		"cut short":            []byte(`{"metric":"zerodrop_end","type":"Point","data":{"time":"2026`),
		"end without begin":    answeredBy("9", "v1", 10),
		"unknown outcome":      endedAs("1", "lost", "0", "0", `""`, 10),
		"status no number":     endedAs("1", "failed", "", "0", `""`, 10),
		"begin without a VU":   line("zerodrop_begin", 10, "1", `{"client":"short"}`),
		"value is not a value": line("zerodrop_begin", 10, `"x"`, `{"client":"short","vu_id":"2"}`),
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(t)
			l.take(begin("1", 0))
			if err := l.account.takeLines([][]byte{bad, vus(20)}); err == nil {
				t.Error("no error")
			}
		})
	}
}

// Would catch: k6's own definitions and other metrics taken for requests.
func TestOtherLinesDoNotCount(t *testing.T) {
	l := newLedger(t)
	l.take([]byte(`{"type":"Metric","data":{"name":"zerodrop_end","type":"counter","contains":"default","thresholds":["count<1"],`+
		`"submetrics":[{"name":"zerodrop_end{version:v1}","suffix":"version:v1","tags":{"version":"v1"}}]},"metric":"zerodrop_end"}`),
		line("http_req_duration", 10, "1.5", `{}`), line("checks", 11, "1", `{"check":"answered by a known version"}`), vus(1000))
	l.account.end(at(1000), l.rows)
	expect(t, l.next()[1], map[string]any{"type": "end", "issued": 0.0})
}
