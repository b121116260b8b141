package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
)

// store holds encoded rows from when they are made until the runner has them. Rows get an unbroken sequence from 1.
// A reader asks for what comes after the last row it has, and thereby acknowledges all up to there: a lost answer is
// asked for again, and nothing comes twice.
type store struct {
	mutex   sync.Mutex
	limit   int
	rows    [][]byte // from sequence number first on
	first   int64
	size    int
	ended   bool
	changed chan struct{} // closed and replaced at every change
}

func newStore(limit int) *store {
	return &store{limit: limit, first: 1, changed: make(chan struct{})}
}

func (s *store) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *store) add(rows ...row) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, r := range rows {
		r.number(s.first + int64(len(s.rows)))
		line, err := json.Marshal(r)
		if err != nil {
			// Rows are structs of numbers and strings: only a defect of this program can lead here.
			panic(err)
		}
		line = append(line, '\n')
		s.rows = append(s.rows, line)
		s.size += len(line)
	}
	s.notify()
}

// close says that no row will follow.
func (s *store) close() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.ended = true
	s.notify()
}

func (s *store) full() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.size >= s.limit
}

// awaitRoom returns when the store is below its limit. Meanwhile the FIFO fills and k6 keeps its samples, so that
// memory stays bounded here and nothing is lost.
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

// last is the sequence number of the newest row, 0 before there is one, and whether it is the last one ever.
func (s *store) last() (seq int64, ended bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.first + int64(len(s.rows)) - 1, s.ended
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
	var out bytes.Buffer
	for _, line := range s.rows {
		if out.Len() > 0 && out.Len()+len(line) > limit {
			return out.Bytes(), true, s.changed, nil
		}
		out.Write(line)
	}
	return out.Bytes(), s.ended, s.changed, nil
}
