package main

import (
	"bufio"
	"context"
	"net"
	"sync"
	"syscall"
	"time"
)

const (
	dialTimeout = 5 * time.Second
	// More than are ever in flight, so that no connection is closed only to be opened again.
	mostIdle = 1024
	// Longer than any pause of a load, and shorter than a gateway keeps an idle connection.
	longestIdle     = 90 * time.Second
	upstreamReading = 8 << 10
)

// upstream keeps connections to the one server that requests go on to. It never sends a request twice: a connection that has
// died while it was idle is found before anything is sent on it, and one that dies later is the client's to hear of.
type upstream struct {
	address string
	mu      sync.Mutex
	// idle connections, that used last at the end.
	idle []*upstreamConn
}

type upstreamConn struct {
	net.Conn
	in  *bufio.Reader
	src *source
	out sink
	// peek tells whether the connection is open and silent, as an idle one is.
	peek  func() bool
	since time.Time
}

// get gives a connection that is open as far as this side knows, an idle one if there is any.
func (u *upstream) get(ctx context.Context) (*upstreamConn, error) {
	for {
		u.mu.Lock()
		last := len(u.idle) - 1
		if last < 0 {
			u.mu.Unlock()
			return u.dial(ctx)
		}
		c := u.idle[last]
		u.idle[last] = nil
		u.idle = u.idle[:last]
		u.mu.Unlock()
		if c.in.Buffered() == 0 && c.peek() {
			return c, nil
		}
		c.Close()
	}
}

// put takes a connection back whose exchange is whole.
func (u *upstream) put(c *upstreamConn) {
	c.src.ahead = nil
	c.since = time.Now()
	u.mu.Lock()
	var old *upstreamConn
	if len(u.idle) > 0 && (len(u.idle) >= mostIdle || c.since.Sub(u.idle[0].since) > longestIdle) {
		old = u.idle[0]
		u.idle = append(u.idle[:0], u.idle[1:]...)
	}
	u.idle = append(u.idle, c)
	u.mu.Unlock()
	if old != nil {
		old.Close()
	}
}

func (u *upstream) dial(ctx context.Context) (*upstreamConn, error) {
	dialer := net.Dialer{Timeout: dialTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", u.address)
	if err != nil {
		return nil, err
	}
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		conn.Close()
		return nil, err
	}
	src := &source{Conn: conn}
	c := &upstreamConn{Conn: conn, src: src, in: bufio.NewReaderSize(src, upstreamReading), out: sink{to: conn}}
	var one [1]byte
	silent := false
	look := func(fd uintptr) bool {
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		silent = err == syscall.EAGAIN
		return true
	}
	c.peek = func() bool {
		silent = false
		err := raw.Read(look)
		return err == nil && silent
	}
	return c, nil
}
