package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"mime"
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
//	                              410: rows after SEQ were acknowledged before, or SEQ is the last row of a ledger
//	                              that k6 did not close. 409: there is no row SEQ yet.
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
	if gone := (goneError{}); errors.As(err, &gone) || errors.Is(err, errCutShort) {
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
	if _, state := s.rows.last(); err != nil || !whole(name, content, state) {
		http.Error(w, "not there yet", fileNotReady)
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(filepath.Ext(name)))
	_, _ = w.Write(content)
}

// whole tells whether a file is complete. k6 writes its files in place: a JSON object that is cut short is never valid,
// and a page is complete when it is closed; k6 writes it when it has ended its outputs, one of which is the ledger.
func whole(name string, content []byte, state state) bool {
	if filepath.Ext(name) == ".json" {
		return json.Valid(content)
	}
	return state != going && bytes.HasSuffix(bytes.TrimSpace(content), []byte("</html>"))
}

func (s *service) postAck(w http.ResponseWriter, r *http.Request) {
	after, err := strconv.ParseInt(r.FormValue("after"), 10, 64)
	if last, state := s.rows.last(); err != nil || state != ended || after != last {
		http.Error(w, "only the last row can be acknowledged, after the end", http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusNoContent)
	s.once.Do(func() { close(s.acknowledged) })
}

func (s *service) getHealth(w http.ResponseWriter, _ *http.Request) {
	seq, state := s.rows.last()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"ended": state == ended, "seq": seq})
}

func (s *service) getClock(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]float64{"nowMs": float64(time.Now().UnixMicro()) / 1000})
}
