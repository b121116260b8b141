package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func heartbeats(s *store, n int) {
	for range n {
		s.add(&heartbeatRow{})
	}
}

// Would catch: rows lost when an answer was, rows given twice, rows kept for ever.
func TestRowsAreHeldUntilAcknowledged(t *testing.T) {
	s := newStore(1 << 20)
	heartbeats(s, 3)
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
	heartbeats(s, 1)
	if next, _, _, _ := s.after(3, 1<<20); !strings.Contains(string(next), `"seq":4,`) {
		t.Errorf("after an empty store the sequence goes on with %q", next)
	}
}

// Would catch: an answer without bounds after a long absence of the runner, or a row cut at the bound.
func TestAnswersAreBounded(t *testing.T) {
	s := newStore(1 << 20)
	heartbeats(s, 10)
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
	s := newStore(100)
	heartbeats(s, 1)
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
