package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	longestWait  = 30 * time.Second
	answerLimit  = 1 << 20
	fileNotReady = http.StatusAccepted
)

// service serves the store to the runner:
//
//	GET  /rows?after=SEQ&wait=MS  rows with a sequence number above SEQ, one JSON object a line; acknowledges those up
//	                              to SEQ. Collects for wait ms, less when a full answer or the end is there sooner.
//	                              410: rows after SEQ were acknowledged before. 409: there is no row SEQ yet.
//	GET  /files/NAME              a file k6 leaves behind. 202: not there yet, or not whole yet.
//	POST /ack?after=SEQ           the runner has every row up to the last one, SEQ, and every file: done. 409 otherwise.
//	GET  /healthz                 {"ended": bool, "seq": number}
//	GET  /clock                   {"nowMs": number}: the clock that dates the rows, Unix ms with µs
type service struct {
	mux          *http.ServeMux
	rows         *store
	files        string
	names        []string
	acknowledged chan struct{}
	once         sync.Once
}

func newService(rows *store, files string, names []string) *service {
	s := &service{mux: http.NewServeMux(), rows: rows, files: files, names: names, acknowledged: make(chan struct{})}
	s.mux.HandleFunc("GET /rows", s.getRows)
	s.mux.HandleFunc("GET /files/{name}", s.getFile)
	s.mux.HandleFunc("POST /ack", s.postAck)
	s.mux.HandleFunc("GET /healthz", s.getHealth)
	s.mux.HandleFunc("GET /clock", s.getClock)
	return s
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *service) getRows(w http.ResponseWriter, r *http.Request) {
	after, afterErr := strconv.ParseInt(r.FormValue("after"), 10, 64)
	wait, waitErr := strconv.ParseInt(r.FormValue("wait"), 10, 64)
	if afterErr != nil || waitErr != nil || after < 0 || wait < 0 {
		http.Error(w, "after and wait must be whole numbers of at least 0", http.StatusBadRequest)
		return
	}
	waiting, cancel := context.WithTimeout(r.Context(), min(time.Duration(wait)*time.Millisecond, longestWait))
	defer cancel()
	for {
		body, complete, changed, err := s.rows.after(after, answerLimit)
		if err != nil {
			http.Error(w, err.Error(), statusOf(err))
			return
		}
		if !complete && waiting.Err() == nil {
			select {
			case <-changed:
			case <-waiting.Done():
			}
			continue
		}
		w.Header().Set("Content-Type", "application/x-ndjson")
		_, _ = w.Write(body)
		return
	}
}

func statusOf(err error) int {
	if gone := (goneError{}); errors.As(err, &gone) {
		return http.StatusGone
	}
	return http.StatusConflict
}

func (s *service) getFile(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if !slices.Contains(s.names, name) {
		http.Error(w, "there is no such file", http.StatusNotFound)
		return
	}
	content, err := os.ReadFile(filepath.Join(s.files, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	// k6 writes its files in place; a JSON object that is cut short is never valid, so validity means whole.
	if err != nil || !json.Valid(content) {
		http.Error(w, "not there yet", fileNotReady)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(content)
}

func (s *service) postAck(w http.ResponseWriter, r *http.Request) {
	after, err := strconv.ParseInt(r.FormValue("after"), 10, 64)
	if last, ended := s.rows.last(); err != nil || !ended || after != last {
		http.Error(w, "only the last row can be acknowledged, after the end", http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusNoContent)
	s.once.Do(func() { close(s.acknowledged) })
}

func (s *service) getHealth(w http.ResponseWriter, _ *http.Request) {
	seq, ended := s.rows.last()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"ended": ended, "seq": seq})
}

func (s *service) getClock(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]float64{"nowMs": float64(time.Now().UnixMicro()) / 1000})
}
