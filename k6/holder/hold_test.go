package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type holding struct {
	t      *testing.T
	fifo   string
	url    string
	exit   chan int
	cancel context.CancelFunc
}

// startHolding runs the command as the pod does, on a FIFO made by `prepare`.
func startHolding(t *testing.T, more ...string) *holding {
	dir := t.TempDir()
	h := &holding{t: t, fifo: filepath.Join(dir, "rows.fifo"), exit: make(chan int, 1)}
	for range 2 { // an init container may run twice
		if code := run(t.Context(), []string{"prepare", "--fifo", h.fifo}, io.Discard); code != 0 {
			t.Fatalf("prepare ended with %d", code)
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	h.url = "http://" + address
	ctx, cancel := context.WithCancel(t.Context())
	h.cancel = cancel
	args := append([]string{"hold", "--fifo", h.fifo, "--files", dir, "--listen", address}, more...)
	go func() { h.exit <- run(ctx, args, os.Stderr) }()
	t.Cleanup(cancel)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if response, err := http.Get(h.url + "/healthz"); err == nil {
			response.Body.Close()
			return h
		} else if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func (h *holding) awaitExit(want int) {
	h.t.Helper()
	select {
	case code := <-h.exit:
		if code != want {
			h.t.Errorf("exit code %d, not %d", code, want)
		}
	case <-time.After(10 * time.Second):
		h.t.Fatal("still running after 10 s")
	}
}

// readAll fetches rows up to the end row, a lot at a time, and returns them and the last sequence number.
func (h *holding) readAll() (string, int) {
	h.t.Helper()
	var all strings.Builder
	seq := 0
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		response, err := http.Get(fmt.Sprintf("%s/rows?after=%d&wait=50", h.url, seq))
		if err != nil {
			h.t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		all.Write(body)
		seq += bytes.Count(body, []byte("\n"))
		if bytes.Contains(body, []byte(`"type":"end"`)) {
			return all.String(), seq
		}
	}
	h.t.Fatalf("no end within 10 s, but: %s", all.String())
	return "", 0
}

func (h *holding) writer() *os.File {
	h.t.Helper()
	// As k6 opens its output: for reading and writing, so that opening does not wait for the reader.
	file, err := os.Create(h.fifo)
	if err != nil {
		h.t.Fatal(err)
	}
	return file
}

func (h *holding) write(w *os.File, lines ...[]byte) {
	h.t.Helper()
	for _, line := range lines {
		if _, err := w.Write(append(line, '\n')); err != nil {
			h.t.Fatal(err)
		}
	}
}

// Would catch: anything lost, doubled or altered on the way from k6's bytes to the runner, whatever their lots.
func TestFromTheFIFOToTheAcknowledgement(t *testing.T) {
	h := startHolding(t)
	w := h.writer()
	const count = 6000
	var text bytes.Buffer
	for i := range count - 1 {
		text.Write(append(row("heartbeat", i+1), '\n'))
	}
	text.Write(append(row("end", count), '\n'))
	want := text.String()
	for rest := text.Bytes(); len(rest) > 0; { // lots that end in the middle of lines
		n := min(len(rest), 7777)
		if _, err := w.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	w.Close()
	rows, seq := h.readAll()
	if rows != want || seq != count {
		t.Errorf("%d rows of %d bytes came where %d of %d were written", seq, len(rows), count, len(want))
	}
	response, err := http.Post(fmt.Sprintf("%s/ack?after=%d", h.url, seq), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	status(t, 204, response.StatusCode, "")
	h.awaitExit(exitAcknowledged)
}

// Would catch: a pod that stays for ever because its runner died.
func TestNobodyFetchesTheLedger(t *testing.T) {
	h := startHolding(t, "--linger", "100ms")
	w := h.writer()
	h.write(w, row("end", 1))
	w.Close()
	h.awaitExit(exitUnacknowledged)
}

// Would catch: a k6 that died taken for one that ended, or its last whole rows thrown away with the broken one.
func TestK6IsKilledInTheMiddleOfARow(t *testing.T) {
	h := startHolding(t, "--linger", "1s")
	w := h.writer()
	h.write(w, row("heartbeat", 1), row("heartbeat", 2))
	if _, err := w.Write(row("heartbeat", 3)[:20]); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if got, want := h.get("/rows?after=0&wait=10000"), fmt.Sprintf("%s\n%s\n", row("heartbeat", 1), row("heartbeat", 2)); got != want {
		t.Errorf("%q, not %q", got, want)
	}
	if got := h.get("/rows?after=2&wait=10000"); got != errCutShort.Error()+"\n" {
		t.Errorf("after the last whole row: %q", got)
	}
	h.awaitExit(exitBroken)
}

func (h *holding) get(path string) string {
	h.t.Helper()
	response, err := http.Get(h.url + path)
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(body)
}

// Would catch: a k6 that opened its output and wrote nothing taken for a run without requests.
func TestK6EndsWithoutAWord(t *testing.T) {
	h := startHolding(t, "--linger", "100ms")
	h.writer().Close()
	h.awaitExit(exitBroken)
}

// Would catch: a wait without end for a k6 that failed at its start.
func TestK6NeverOpensTheFIFO(t *testing.T) {
	h := startHolding(t, "--start-deadline", "300ms")
	h.awaitExit(exitBroken)
}

// Would catch: going on with a ledger that has a hole.
func TestABrokenSequenceEndsTheHolder(t *testing.T) {
	h := startHolding(t, "--linger", "500ms")
	w := h.writer()
	defer w.Close()
	h.write(w, row("heartbeat", 1), row("heartbeat", 3))
	h.awaitExit(exitBroken)
}

// Would catch: a holder that is killed after its grace period instead of ending when told to.
func TestTermination(t *testing.T) {
	h := startHolding(t)
	w := h.writer()
	defer w.Close()
	h.cancel()
	h.awaitExit(exitTerminated)
}

// Would catch: a mistyped flag taken for its default.
func TestUsage(t *testing.T) {
	for _, args := range [][]string{
		{}, {"keep"}, {"prepare"}, {"hold", "--fifo", "x"}, {"hold", "--files", "."},
		{"hold", "--fifo", "x", "--files", ".", "--linger", "5"}, {"prepare", "--fifo", "x", "y"}, {"prepare", "--fif", "x"},
	} {
		if code := run(t.Context(), args, io.Discard); code != exitUsage {
			t.Errorf("%q ended with %d", args, code)
		}
	}
	regular := filepath.Join(t.TempDir(), "regular")
	if err := os.WriteFile(regular, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if code := run(t.Context(), []string{"prepare", "--fifo", regular}, io.Discard); code != exitBroken {
		t.Errorf("a regular file was taken for a FIFO, exit code %d", code)
	}
}

// Would catch: memory without bounds on a stream that is not k6's.
func TestALineWithoutEnd(t *testing.T) {
	err := readLines(strings.NewReader(strings.Repeat("x", 2*maxLine)), func([][]byte) error { return nil })
	if err == nil {
		t.Error("no error")
	}
}
