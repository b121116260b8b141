package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
)

// store holds rows as k6 wrote them until the runner has them. Rows carry an unbroken sequence from 1. A reader asks
// for what comes after the last row it has, and thereby acknowledges all up to there: a lost answer is asked for again,
// and nothing comes twice.
type store struct {
	mutex   sync.Mutex
	limit   int
	rows    [][]byte // from sequence number first on
	first   int64
	size    int
	state   state
	changed chan struct{} // closed and replaced at every change
}

// state tells whether rows may follow.
type state int

const (
	going    state = iota
	ended          // no row follows: k6 closed its ledger
	cutShort       // no row follows: k6 is gone and has not closed it
)

var errCutShort = errors.New("the ledger was cut short: k6 ended without closing it")

func newStore(limit int) *store {
	return &store{limit: limit, first: 1, changed: make(chan struct{})}
}

func (s *store) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// add takes rows, lines without their newline. It refuses whatever is not the row that follows the last one: a ledger
// with a row missing would be worse than none.
func (s *store) add(lines [][]byte) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	defer s.notify()
	for _, line := range lines {
		var row struct {
			Type string `json:"type"`
			Seq  int64  `json:"seq"`
		}
		if err := json.Unmarshal(line, &row); err != nil {
			return fmt.Errorf("k6 wrote a row that is no JSON object (%w): %.300s", err, line)
		}
		if want := s.first + int64(len(s.rows)); row.Seq != want {
			return fmt.Errorf("k6 wrote row %d where row %d follows: %.300s", row.Seq, want, line)
		}
		if s.state == ended {
			return fmt.Errorf("k6 wrote a row after the end: %.300s", line)
		}
		if row.Type == "end" {
			s.state = ended
		}
		kept := append(append(make([]byte, 0, len(line)+1), line...), '\n')
		s.rows = append(s.rows, kept)
		s.size += len(kept)
	}
	return nil
}

// close says that k6 is gone and no row will follow.
func (s *store) close() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.state == going {
		s.state = cutShort
	}
	s.notify()
}

// awaitRoom returns when the store is below its limit.
func (s *store) awaitRoom(ctx context.Context) error {
	for {
		s.mutex.Lock()
		room, changed := s.size < s.limit, s.changed
		s.mutex.Unlock()
		if room {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// last is the sequence number of the newest row, 0 before there is one, and whether rows may follow it.
func (s *store) last() (int64, state) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.first + int64(len(s.rows)) - 1, s.state
}

// goneError is the answer to a request for rows that were acknowledged before.
type goneError struct{ first int64 }

func (e goneError) Error() string {
	return fmt.Sprintf("rows before %d were acknowledged and are gone", e.first)
}

// aheadError is the answer to an acknowledgement of rows that do not exist.
type aheadError struct{ last int64 }

func (e aheadError) Error() string { return fmt.Sprintf("the newest row is %d", e.last) }

// after drops the rows up to seq and returns the rows that follow, whole rows up to about limit bytes. complete says
// that it is no use waiting for more before answering. changed is closed at the next change.
func (s *store) after(seq int64, limit int) (body []byte, complete bool, changed <-chan struct{}, err error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	last := s.first + int64(len(s.rows)) - 1
	if seq < s.first-1 {
		return nil, true, s.changed, goneError{s.first}
	}
	if seq > last {
		return nil, true, s.changed, aheadError{last}
	}
	if drop := int(seq - s.first + 1); drop > 0 {
		for _, line := range s.rows[:drop] {
			s.size -= len(line)
		}
		s.rows = append([][]byte(nil), s.rows[drop:]...)
		s.first = seq + 1
		s.notify()
	}
	if s.state == cutShort && len(s.rows) == 0 {
		return nil, true, s.changed, errCutShort
	}
	var out bytes.Buffer
	for _, line := range s.rows {
		if out.Len() > 0 && out.Len()+len(line) > limit {
			return out.Bytes(), true, s.changed, nil
		}
		out.Write(line)
	}
	return out.Bytes(), s.state != going, s.changed, nil
}
