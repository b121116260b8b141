package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"sync/atomic"
	"time"
)

const (
	clientReading = 4 << 10
	// Time for a client that was answered before it had sent all, to read the answer and go: closing at once would reset
	// the connection, and take the answer with it.
	closingPatience = 500 * time.Millisecond
	// Time for the rest of a request whose answer is whole already. Long, because only a client that neither sends nor goes is waited for so long,
	// and a connection that is given up earlier hurts one who does no wrong, on a busy machine.
	sendingPatience = 10 * time.Second
)

// client is one connection of a client. One goroutine reads its requests, and notices while an answer is awaited that the client
// goes away; another one has them answered, one after the other.
type client struct {
	p    *proxy
	conn *net.TCPConn
	src  *source
	in   *bufio.Reader
	out  sink

	requests chan *request
	// gone is done when the client has gone away, or the connection is at its end.
	gone context.Context
	end  context.CancelFunc
	// using is the upstream's connection of the exchange under way; whoever takes it out closes it or puts it back.
	using atomic.Pointer[upstreamConn]
	// patient: the client may still be sending when the connection is closed.
	patient bool

	answer    head
	answerRaw []byte
	known     knownLine
}

func newClient(p *proxy, conn *net.TCPConn) *client {
	gone, end := context.WithCancel(context.Background())
	src := &source{Conn: conn}
	return &client{
		p:        p,
		conn:     conn,
		src:      src,
		in:       bufio.NewReaderSize(src, clientReading),
		out:      sink{to: conn},
		requests: make(chan *request),
		gone:     gone,
		end:      end,
	}
}

func (c *client) serve() {
	c.p.ledger.connections.Add(1)
	go c.read()
	for again := true; again; {
		select {
		case q := <-c.requests:
			c.p.begin()
			again = c.exchange(q)
			c.p.done()
		case <-c.gone.Done():
			again = false
		}
	}
	if c.patient {
		_ = c.conn.CloseWrite()
		select {
		case <-c.gone.Done():
		case <-time.After(closingPatience):
		}
	}
	c.depart()
	_ = c.conn.Close()
}

// depart: nobody is there any more who could be answered, so the upstream is not to go on for nobody.
func (c *client) depart() {
	c.end()
	if u := c.using.Swap(nil); u != nil {
		_ = u.Close()
	}
}

// use has the upstream's connection closed should the client go away; false when it has.
func (c *client) use(u *upstreamConn) bool {
	c.using.Store(u)
	if c.gone.Err() == nil {
		return true
	}
	c.depart()
	return false
}

// release gives the upstream's connection back: for more, or closed. It does nothing if depart has closed it.
func (c *client) release(u *upstreamConn, more bool) {
	if !c.using.CompareAndSwap(u, nil) {
		return
	}
	if more {
		c.p.upstream.put(u)
	} else {
		_ = u.Close()
	}
}

// read reads request after request, each one's head while the exchange before it is under way: that the client goes away shows
// in reading only.
func (c *client) read() {
	defer c.depart()
	// Two are in use at most: one being answered, one being read.
	var both [2]request
	for i := range both {
		both[i].into, both[i].sent = make(chan *upstreamConn, 1), make(chan error, 1)
	}
	for n := 0; ; n++ {
		q := &both[n%2]
		raw, err := readHead(c.in, q.raw[:0])
		if err != nil && err != errTooLong {
			return
		}
		q.begin(raw, n == 0)
		select {
		case c.requests <- q:
		case <-c.gone.Done():
			return
		}
		if q.refused != 0 {
			_, _ = io.Copy(io.Discard, c.conn)
			return
		}
		if q.framing != noBody && !c.readBody(q) {
			return
		}
	}
}

// readBody passes a request's body on to where the exchange wants it. When that takes no more, the rest is dropped.
func (c *client) readBody(q *request) bool {
	var u *upstreamConn
	select {
	case u = <-q.into:
	case <-c.gone.Done():
		return false
	}
	nowhere := sink{}
	to := &nowhere
	if u != nil {
		to = &u.out
		c.src.ahead = to
	}
	err := relay(c.in, to, q.framing, q.head.length, options{})
	c.src.ahead = nil
	to.flush()
	q.sent <- err
	return err == nil
}

// awaitSent waits until all of the request has been read, or for the client to go; false when it has not.
func (c *client) awaitSent(q *request, patience time.Duration) bool {
	if q.whole {
		return true
	}
	select {
	case err := <-q.sent:
		q.whole = err == nil
		return q.whole
	default:
	}
	if patience == 0 {
		return false
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-q.sent:
		q.whole = err == nil
	case <-c.gone.Done():
	case <-timer.C:
	}
	return q.whole
}
