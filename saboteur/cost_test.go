package main

import (
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
)

var benchRequest = []byte("POST / HTTP/1.1\r\nHost: zerodrop\r\nUser-Agent: k6/2.2.0\r\nContent-Length: 0\r\nAccept-Encoding: gzip\r\n\r\n")

const benchBody = `{"version":"v1","cluster":"zerodrop-8hck9","replica":"default#Zerodrop#q8z6vk2s"}`

var benchAnswer = []byte(fmt.Sprintf("HTTP/1.1 200 OK\r\ndate: Thu, 26 Nov 2026 09:00:00 GMT\r\nserver: uvicorn\r\ncontent-length: %d\r\ncontent-type: application/json\r\nx-envoy-upstream-service-time: 2\r\n\r\n%s", len(benchBody), benchBody))

// echo is an upstream that costs nothing to speak of, so that what is measured is the proxy and the loopback.
func echo(b *testing.B) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				request := make([]byte, len(benchRequest))
				for {
					if _, err := io.ReadFull(conn, request); err != nil {
						return
					}
					if _, err := conn.Write(benchAnswer); err != nil {
						return
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}

func ask(b *testing.B, conn net.Conn, answer []byte) {
	if _, err := conn.Write(benchRequest); err != nil {
		b.Error(err)
	}
	if _, err := io.ReadFull(conn, answer); err != nil {
		b.Error(err)
	}
}

// reportCPU adds the CPU time of the whole process, user and system, which is what counts on a machine that has other work.
func reportCPU(b *testing.B) func() {
	begun := cpuTime(b)
	return func() { b.ReportMetric(float64(cpuTime(b)-begun)/float64(b.N), "cpu-ns/op") }
}

func cpuTime(b *testing.B) int64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return used.Utime.Nano() + used.Stime.Nano()
}

func benchDial(b *testing.B, address string) net.Conn {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return conn
}

func benchProxy(b *testing.B, rules string) string {
	p, err := newProxy("127.0.0.1:0", echo(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { p.end(0) })
	list, err := readRules([]byte(rules))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := p.setRules(list); err != nil {
		b.Fatal(err)
	}
	return p.gate.address
}

// BenchmarkRequest is what a request costs on a kept connection, client and upstream included: without the proxy, with it, and with it when it
// looks at each answer for rules that never hurt.
func BenchmarkRequest(b *testing.B) {
	const (
		onRequest = `[{"id":"a","do":{"kind":"reset"},"on":{"every":2000000000}}]`
		onAnswer  = `[{"id":"a","do":{"kind":"wrong-body"},"on":{"every":2000000000,"version":"v1","share":[0,1]}}]`
		keeping   = `[{"id":"a","do":{"kind":"replay","version":"v1"},"on":{"version":"v2"}}]`
	)
	for _, c := range []struct{ name, rules string }{
		{"without-proxy", ""}, {"transparent", `[]`}, {"rule-on-request", onRequest}, {"rule-on-answer", onAnswer}, {"keeping-answers", keeping},
	} {
		b.Run(c.name, func(b *testing.B) {
			address := ""
			if c.rules == "" {
				address = echo(b)
			} else {
				address = benchProxy(b, c.rules)
			}
			conn, answer := benchDial(b, address), make([]byte, len(benchAnswer))
			b.ReportAllocs()
			defer reportCPU(b)()
			for b.Loop() {
				ask(b, conn, answer)
			}
		})
	}
}

// BenchmarkManyClients is the same with 64 clients at once, whose requests would wait for each other at a lock.
func BenchmarkManyClients(b *testing.B) {
	for _, c := range []struct{ name, rules string }{
		{"transparent", `[]`},
		{"rule-on-answer", `[{"id":"a","do":{"kind":"wrong-body"},"on":{"every":2000000000,"version":"v1"}}]`},
	} {
		b.Run(c.name, func(b *testing.B) {
			address := benchProxy(b, c.rules)
			var left atomic.Int64
			b.ReportAllocs()
			defer reportCPU(b)()
			left.Store(int64(b.N))
			done := make(chan struct{})
			const clients = 64
			for range clients {
				go func() {
					defer func() { done <- struct{}{} }()
					conn, err := net.Dial("tcp", address)
					if err != nil {
						b.Error(err)
						return
					}
					defer conn.Close()
					answer := make([]byte, len(benchAnswer))
					for left.Add(-1) >= 0 {
						ask(b, conn, answer)
					}
				}()
			}
			for range clients {
				<-done
			}
		})
	}
}

// BenchmarkHead is the reading of a request's head alone.
func BenchmarkHead(b *testing.B) {
	var h head
	b.ReportAllocs()
	for b.Loop() {
		if err := h.parse(benchRequest); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNewConnection is a request on a connection of its own, as clients send that do not keep any.
func BenchmarkNewConnection(b *testing.B) {
	address := benchProxy(b, `[]`)
	answer := make([]byte, len(benchAnswer))
	b.ReportAllocs()
	defer reportCPU(b)()
	for b.Loop() {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		ask(b, conn, answer)
		conn.Close()
	}
}
