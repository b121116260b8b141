package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func serve(t *testing.T) (*service, *store, string, func(method, path string) (int, string)) {
	rows, files := newStore(1<<20), t.TempDir()
	s := newService(rows, files, []string{"k6-summary.json", "k6-dashboard.html"})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, rows, files, func(method, path string) (int, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
}

func status(t *testing.T, want, got int, body string) {
	t.Helper()
	if got != want {
		t.Errorf("status %d, not %d: %s", got, want, body)
	}
}

// Would catch: a wait that never ends, or one that ends before the rows it was for.
func TestWaitingForRows(t *testing.T) {
	_, rows, _, ask := serve(t)
	begun := time.Now()
	got, body := ask("GET", "/rows?after=0&wait=150")
	status(t, 200, got, body)
	if took := time.Since(begun); body != "" || took < 140*time.Millisecond {
		t.Errorf("%q after %s", body, took)
	}
	time.AfterFunc(50*time.Millisecond, func() { heartbeats(t, rows, 1) })
	if _, body := ask("GET", "/rows?after=0&wait=200"); strings.Count(body, "\n") != 1 {
		t.Errorf("a row came while waiting, and yet: %q", body)
	}
	time.AfterFunc(50*time.Millisecond, func() { add(t, rows, row("end", 2)); rows.close() })
	begun = time.Now()
	if _, body := ask("GET", "/rows?after=1&wait=20000"); !strings.Contains(body, `"type":"end"`) || time.Since(begun) > 10*time.Second {
		t.Errorf("after the end there is nothing to wait for: %q after %s", body, time.Since(begun))
	}
}

// Would catch: a wrong question answered with the wrong rows.
func TestWrongQuestions(t *testing.T) {
	_, rows, _, ask := serve(t)
	heartbeats(t, rows, 2)
	for path, want := range map[string]int{
		"/rows":                  400,
		"/rows?after=-1&wait=0":  400,
		"/rows?after=0&wait=x":   400,
		"/rows?after=3&wait=0":   409,
		"/rows?after=2&wait=0":   200,
		"/rows?after=0&wait=0":   410,
		"/files/other.json":      404,
		"/files/..%2Fsecret.txt": 404,
	} {
		// The map's order is random, so rows are acknowledged first.
		ask("GET", "/rows?after=2&wait=0")
		got, body := ask("GET", path)
		if got != want {
			t.Errorf("%s: status %d, not %d: %s", path, got, want, body)
		}
	}
}

// Would catch: half a summary served as a whole one.
func TestAFileIsServedWhenItIsWhole(t *testing.T) {
	_, _, files, ask := serve(t)
	path := filepath.Join(files, "k6-summary.json")
	for _, content := range []string{"", `{"metrics":{"a":{"values":{"count":1`} {
		got, body := ask("GET", "/files/k6-summary.json")
		status(t, 202, got, body)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, body := ask("GET", "/files/k6-summary.json")
	status(t, 202, got, body)
	if err := os.WriteFile(path, []byte(`{"metrics":{}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	got, body = ask("GET", "/files/k6-summary.json")
	status(t, 200, got, body)
	if body != `{"metrics":{}}` {
		t.Errorf("the file came as %q", body)
	}
}

// Would catch: half a page served as a whole one, or the page of another run of k6 served while this one goes on.
func TestThePageIsServedWhenK6HasEnded(t *testing.T) {
	_, rows, files, ask := serve(t)
	path := filepath.Join(files, "k6-dashboard.html")
	write := func(content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const page = "<!DOCTYPE html>\n<html><body></body></html>\n"
	write(page)
	got, body := ask("GET", "/files/k6-dashboard.html")
	status(t, 202, got, body)
	add(t, rows, row("end", 1))
	rows.close()
	write(page[:30])
	got, body = ask("GET", "/files/k6-dashboard.html")
	status(t, 202, got, body)
	write(page)
	got, body = ask("GET", "/files/k6-dashboard.html")
	status(t, 200, got, body)
	if body != page {
		t.Errorf("the page came as %q", body)
	}
}

// Would catch: a runner that waits for rows that nobody will write, or that misses those there are.
func TestALedgerCutShortIsTold(t *testing.T) {
	_, rows, _, ask := serve(t)
	heartbeats(t, rows, 2)
	rows.close()
	got, body := ask("GET", "/rows?after=0&wait=20000")
	status(t, 200, got, body)
	if strings.Count(body, "\n") != 2 {
		t.Errorf("two rows there are, and %q came", body)
	}
	got, body = ask("GET", "/rows?after=2&wait=20000")
	status(t, 410, got, body)
	if body != "the ledger was cut short: k6 ended without closing it\n" {
		t.Errorf("the reason came as %q", body)
	}
	got, body = ask("POST", "/ack?after=2")
	status(t, 409, got, body)
}

// Would catch: an early acknowledgement that ends the pod before everything has left it.
func TestOnlyTheLastRowCanBeAcknowledged(t *testing.T) {
	s, rows, _, ask := serve(t)
	heartbeats(t, rows, 1)
	for _, path := range []string{"/ack", "/ack?after=1", "/ack?after=2"} {
		got, body := ask("POST", path)
		status(t, 409, got, body)
	}
	add(t, rows, row("end", 2))
	rows.close()
	got, body := ask("POST", "/ack?after=1")
	status(t, 409, got, body)
	select {
	case <-s.acknowledged:
		t.Error("acknowledged too early")
	default:
	}
	for range 2 { // the second: the answer to the first was lost
		got, body = ask("POST", "/ack?after=2")
		status(t, 204, got, body)
	}
	<-s.acknowledged
}

// Would catch: a health answer that says nothing about how far the ledger is.
func TestHealth(t *testing.T) {
	_, rows, _, ask := serve(t)
	heartbeats(t, rows, 2)
	if _, body := ask("GET", "/healthz"); body != `{"ended":false,"seq":2}`+"\n" {
		t.Errorf("%q", body)
	}
}

// Would catch: a clock in another unit, or one of whole ms, which hides the skew that a fast answer could measure.
func TestClock(t *testing.T) {
	_, _, _, ask := serve(t)
	const microsecond = 1e-3
	fractions := 0
	for range 20 {
		before := float64(time.Now().UnixMicro()) / 1000
		got, body := ask("GET", "/clock")
		after := float64(time.Now().UnixMicro()) / 1000
		status(t, 200, got, body)
		var answer struct{ NowMs float64 }
		if err := json.Unmarshal([]byte(body), &answer); err != nil {
			t.Fatal(err)
		}
		if answer.NowMs < before-microsecond || answer.NowMs > after+microsecond {
			t.Errorf("%f is not between %f and %f", answer.NowMs, before, after)
		}
		if answer.NowMs != float64(int64(answer.NowMs)) {
			fractions++
		}
	}
	if fractions == 0 {
		t.Error("20 answers, and every one at a whole ms")
	}
}
