package ledger

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"go.k6.io/k6/v2/metrics"
	"go.k6.io/k6/v2/output"
)

const patience = 10 * time.Second

func makeFIFO(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// reader opens the FIFO as the holder does.
func reader(t *testing.T, path string) *os.File {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

func makeOutput(t *testing.T, path string, log io.Writer) *ledgerOutput {
	t.Helper()
	logger := logrus.New()
	logger.SetOutput(log)
	made, err := newOutput(output.Params{ConfigArgument: path, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	o := made.(*ledgerOutput)
	o.SetBuiltinMetrics(metrics.RegisterBuiltinMetrics(metrics.NewRegistry()))
	return o
}

func within(t *testing.T, limit time.Duration, what string, act func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { act(); close(done) }()
	select {
	case <-done:
	case <-time.After(limit):
		t.Fatalf("%s took longer than %s", what, limit)
	}
}

// requests makes n answered requests.
func requests(a *account, n int) {
	b := a.open("steady", timeout)
	s := a.seriesOf(seriesKey{b.kind, "app-v1", "v1", reused})
	for i := range n {
		b.begin(int64(i))
		b.endAnswered(b.find(1), s, a.now(), time.Millisecond, noToken, nil)
	}
}

// Would catch: rows that are still queued when k6 ends and never reach the reader; a reader that waits for ever
// because the FIFO is left open.
func TestEverythingIsWrittenBeforeTheEnd(t *testing.T) {
	path := makeFIFO(t)
	from := reader(t, path)
	o := makeOutput(t, path, io.Discard)
	if err := o.Start(); err != nil {
		t.Fatal(err)
	}
	const n = 100_000
	for range 10 {
		requests(o.account, n/10)
		o.flush()
	}
	got := make(chan []byte, 1)
	go func() { all, _ := io.ReadAll(from); got <- all }()
	within(t, patience, "stopping", func() { _ = o.Stop() })
	rows := decode(t, <-got, 0)
	expect(t, rows[len(rows)-1], map[string]any{"type": "end", "issued": float64(n), "answered": float64(n), "lost": 0.0})
	sum := 0.0
	for _, row := range rows {
		if row["type"] == "answered" {
			sum += row["count"].(float64)
		}
	}
	if sum != n {
		t.Errorf("%v of %d requests are in rows", sum, n)
	}
}

// Would catch: k6 held up by a holder that takes nothing; rows given up without a word; a hole in the sequence; a k6
// that never ends.
func TestAReaderThatStopsReading(t *testing.T) {
	path := makeFIFO(t)
	from := reader(t, path)
	o := makeOutput(t, path, io.Discard)
	o.limit = 100_000
	if err := o.Start(); err != nil {
		t.Fatal(err)
	}
	const lots, each = 400, 50
	within(t, patience, "a load whose rows nobody takes", func() {
		for range lots {
			requests(o.account, each)
			o.flush()
		}
	})
	if o.queue.lostSoFar() == 0 {
		t.Fatal("nothing was given up, so nothing was shown")
	}
	got := make(chan []byte, 1)
	go func() { all, _ := io.ReadAll(from); got <- all }()
	within(t, patience, "stopping", func() { _ = o.Stop() })
	rows := decode(t, <-got, 0)
	end, sum := rows[len(rows)-1], 0.0
	for _, row := range rows {
		if row["type"] == "answered" {
			sum += row["count"].(float64)
		}
	}
	expect(t, end, map[string]any{"type": "end", "answered": float64(lots * each)})
	if lost := end["lost"].(float64); lost == 0 || sum+lost != lots*each {
		t.Errorf("%v in rows and %v lost are not %d", sum, lost, lots*each)
	}
}

// Would catch: a k6 that waits for ever at its end for a holder that is there and takes nothing.
func TestAReaderThatNeverReadsAgain(t *testing.T) {
	path := makeFIFO(t)
	reader(t, path)
	log := &bytes.Buffer{}
	o := makeOutput(t, path, log)
	o.write = 200 * time.Millisecond
	if err := o.Start(); err != nil {
		t.Fatal(err)
	}
	for range 400 {
		requests(o.account, 50)
		o.flush()
	}
	within(t, patience, "stopping", func() { _ = o.Stop() })
	if !strings.Contains(log.String(), "the ledger is cut short") {
		t.Errorf("the log says: %s", log)
	}
}

// Would catch: a k6 that dies with its holder, by SIGPIPE or by an error.
func TestTheReaderDies(t *testing.T) {
	path := makeFIFO(t)
	from := reader(t, path)
	log := &bytes.Buffer{}
	o := makeOutput(t, path, log)
	if err := o.Start(); err != nil {
		t.Fatal(err)
	}
	if err := from.Close(); err != nil {
		t.Fatal(err)
	}
	requests(o.account, 50)
	o.flush()
	within(t, patience, "noticing that the reader died", func() { <-o.queue.done })
	requests(o.account, 30)
	o.flush()
	if lost := o.queue.lostSoFar(); lost != 80 {
		t.Errorf("%d requests are lost, not 80", lost)
	}
	within(t, patience, "stopping", func() { _ = o.Stop() })
	if n := strings.Count(log.String(), "the ledger is cut short"); n != 1 {
		t.Errorf("the log says: %s", log)
	}
}

// Would catch: a k6 that waits for ever for its holder, or does not wait for one that is about to come.
func TestOpeningWaitsForAReader(t *testing.T) {
	path := makeFIFO(t)
	o := makeOutput(t, path, io.Discard)
	o.open = 100 * time.Millisecond
	if err := o.Start(); err == nil || !strings.Contains(err.Error(), "a reader of "+path+" was awaited for 100ms") {
		t.Errorf("nobody reads, and yet: %v", err)
	}
	o.open = patience
	opened := make(chan *os.File, 1)
	time.AfterFunc(100*time.Millisecond, func() { opened <- reader(t, path) })
	if err := o.Start(); err != nil {
		t.Fatal(err)
	}
	from := <-opened
	go func() { _, _ = io.Copy(io.Discard, from) }()
	within(t, patience, "stopping", func() { _ = o.Stop() })
	if err := makeOutput(t, path+".other", io.Discard).Start(); err == nil {
		t.Error("there is no such FIFO, and yet k6 starts")
	}
	if _, err := newOutput(output.Params{Logger: logrus.New()}); err == nil {
		t.Error("an output without a path, and yet k6 starts")
	}
}
