package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func row(kind string, seq int) []byte {
	return fmt.Appendf(nil, `{"type":%q,"seq":%d,"atMs":1795648002108.88}`, kind, seq)
}

func add(t *testing.T, s *store, lines ...[]byte) {
	t.Helper()
	if err := s.add(lines); err != nil {
		t.Error(err)
	}
}

// heartbeats adds n rows after those that are there.
func heartbeats(t *testing.T, s *store, n int) {
	t.Helper()
	last, _ := s.last()
	for i := range n {
		add(t, s, row("heartbeat", int(last)+i+1))
	}
}

// Would catch: rows lost when an answer was, rows given twice, rows kept for ever.
func TestRowsAreHeldUntilAcknowledged(t *testing.T) {
	s := newStore(1 << 20)
	heartbeats(t, s, 3)
	first, _, _, _ := s.after(0, 1<<20)
	again, _, _, _ := s.after(0, 1<<20)
	if string(first) != string(again) || strings.Count(string(first), "\n") != 3 {
		t.Fatalf("asked again, %q became %q", first, again)
	}
	rest, _, _, err := s.after(2, 1<<20)
	if err != nil || strings.Count(string(rest), "\n") != 1 || !strings.Contains(string(rest), `"seq":3,`) {
		t.Fatalf("after 2: %q, %v", rest, err)
	}
	gone := goneError{}
	if _, _, _, err := s.after(1, 1<<20); !errors.As(err, &gone) || gone.first != 3 {
		t.Errorf("row 2 was acknowledged, and yet: %v", err)
	}
	ahead := aheadError{}
	if _, _, _, err := s.after(4, 1<<20); !errors.As(err, &ahead) || ahead.last != 3 {
		t.Errorf("row 4 does not exist, and yet: %v", err)
	}
	if s.after(3, 1<<20); s.size != 0 {
		t.Errorf("%d bytes are held of acknowledged rows", s.size)
	}
	heartbeats(t, s, 1)
	if next, _, _, _ := s.after(3, 1<<20); !strings.Contains(string(next), `"seq":4,`) {
		t.Errorf("after an empty store the sequence goes on with %q", next)
	}
}

// Would catch: an answer without bounds after a long absence of the runner, or a row cut at the bound.
func TestAnswersAreBounded(t *testing.T) {
	s := newStore(1 << 20)
	heartbeats(t, s, 10)
	body, complete, _, _ := s.after(0, 500)
	if len(body) > 500 || !complete || !strings.HasSuffix(string(body), "}\n") {
		t.Errorf("%d bytes, complete %v: %q", len(body), complete, body)
	}
	if body, _, _, _ := s.after(0, 1); strings.Count(string(body), "\n") != 1 {
		t.Errorf("a row longer than the bound must still come: %q", body)
	}
}

// Would catch: memory without bounds while the runner is away.
func TestAFullStoreMakesTheReaderWait(t *testing.T) {
	s := newStore(50)
	heartbeats(t, s, 1)
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := s.awaitRoom(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("there is no room, and yet: %v", err)
	}
	woken := make(chan error, 1)
	go func() { woken <- s.awaitRoom(t.Context()) }()
	if _, _, _, err := s.after(1, 1<<20); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-woken:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(2 * time.Second):
		t.Error("room was made, and nobody was told")
	}
}

// Would catch: a ledger with a hole, a row twice, or something that is no row, passed on as whole.
func TestWhatDoesNotFollowIsRefused(t *testing.T) {
	for name, bad := range map[string][]byte{
		"a row is missing":    row("heartbeat", 4),
		"a row twice":         row("heartbeat", 2),
		"no number":           []byte(`{"type":"heartbeat"}`),
		"cut short":           []byte(`{"type":"heartbeat","seq":3,"atMs":17`),
		"no object":           []byte(`[3]`),
		"two rows on a line":  append(row("heartbeat", 3), row("heartbeat", 4)...),
		"a number as text":    []byte(`{"type":"heartbeat","seq":"3"}`),
		"an empty line":       {},
		"a number of halves":  []byte(`{"type":"heartbeat","seq":3.5}`),
		"something after end": nil,
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(1 << 20)
			heartbeats(t, s, 2)
			lines := [][]byte{bad}
			if bad == nil {
				lines = [][]byte{row("end", 3), row("heartbeat", 4)}
			}
			if err := s.add(lines); err == nil {
				t.Error("no error")
			}
		})
	}
}

// Would catch: a ledger whose end is missing taken for a finished one, or its last rows withheld.
func TestALedgerThatWasNotClosed(t *testing.T) {
	s := newStore(1 << 20)
	heartbeats(t, s, 3)
	s.close()
	body, complete, _, err := s.after(1, 1<<20)
	if err != nil || !complete || strings.Count(string(body), "\n") != 2 {
		t.Fatalf("%q, complete %v, %v", body, complete, err)
	}
	for range 2 { // the answer to the first may have been lost
		if body, _, _, err := s.after(3, 1<<20); !errors.Is(err, errCutShort) {
			t.Errorf("after the last row: %q, %v", body, err)
		}
	}
}
