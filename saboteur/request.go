package main

import (
	"bytes"
	"net/http"
)

// request is one request as far as it is read.
type request struct {
	head           head
	raw            []byte
	method, target []byte
	// refused is the status that answers a request which is none that this proxy reads; 0 for one that it does.
	refused int
	// first on its connection.
	first   bool
	framing framing
	// into tells the reader where the body goes, nil for nowhere; handed: it was told. sent tells that all of it has been read, or why not.
	into   chan *upstreamConn
	handed bool
	sent   chan error
	// whole: all of it has been read.
	whole bool
	// continued: the client was told to send the body.
	continued bool
}

// begin reads a request's head.
func (q *request) begin(raw []byte, first bool) {
	// Of an exchange that nobody waited for.
	select {
	case <-q.sent:
	default:
	}
	*q = request{head: head{gone: q.head.gone}, raw: raw, first: first, into: q.into, sent: q.sent, framing: noBody, whole: true}
	if len(raw) > headLimit {
		q.refused = http.StatusRequestHeaderFieldsTooLarge
		return
	}
	if err := q.head.parse(raw); err != nil {
		q.refused = http.StatusBadRequest
		return
	}
	method, target, version, ok := q.head.requestLine()
	switch {
	case !ok:
		q.refused = http.StatusBadRequest
	case !bytes.Equal(version, []byte("HTTP/1.1")):
		q.refused = http.StatusHTTPVersionNotSupported
	case bytes.Equal(method, []byte("CONNECT")):
		q.refused = http.StatusNotImplemented
	case q.head.chunked:
		q.framing = byChunks
	case q.head.length > 0:
		q.framing = byLength
	}
	q.method, q.target = method, target
	q.whole = q.framing == noBody
}

// hand tells the reader where the body goes.
func (q *request) hand(u *upstreamConn) {
	if q.framing != noBody && !q.handed {
		q.handed = true
		q.into <- u
	}
}

func (q *request) connection() string {
	if q.first {
		return connNew
	}
	return connKept
}

func (q *request) path() []byte {
	path, _, _ := bytes.Cut(q.target, []byte("?"))
	return path
}
