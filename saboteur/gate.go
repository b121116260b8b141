package main

import (
	"errors"
	"net"
	"sync"
	"time"
)

// gate listens for clients, and can stop to. While it is shut nobody listens on the port, so that the kernel refuses who dials;
// connections that were not accepted yet are reset by it.
type gate struct {
	accept func(*net.TCPConn)
	mu     sync.Mutex
	// address is the one that was really listened on, so that it is the same again.
	address  string
	listener net.Listener
	ended    bool
}

func newGate(address string, accept func(*net.TCPConn)) (*gate, error) {
	g := &gate{address: address, accept: accept}
	if err := g.open(); err != nil {
		return nil, err
	}
	g.address = g.listener.Addr().String()
	return g, nil
}

// open listens, and does nothing if it does already.
func (g *gate) open() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listener != nil || g.ended {
		return nil
	}
	listener, err := net.Listen("tcp", g.address)
	if err != nil {
		return err
	}
	g.listener = listener
	go func() {
		for {
			conn, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				// Of one connection, or for want of descriptors: the others are not to be given up for it.
				time.Sleep(time.Millisecond)
				continue
			}
			g.accept(conn.(*net.TCPConn))
		}
	}()
	return nil
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listener != nil {
		_ = g.listener.Close()
		g.listener = nil
	}
}

// end shuts it for good.
func (g *gate) end() {
	g.mu.Lock()
	g.ended = true
	g.mu.Unlock()
	g.shut()
}
