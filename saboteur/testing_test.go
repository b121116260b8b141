package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const patience = 5 * time.Second

// eventually waits for a condition that nothing announces.
func eventually(t *testing.T, what string, reached func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !reached(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s was awaited for %s", what, patience)
		}
	}
}

// stand is a proxy with its rules' API, before an upstream.
type stand struct {
	t *testing.T
	*proxy
	admin string
}

func before(t *testing.T, address string) *stand {
	t.Helper()
	p, err := newProxy("127.0.0.1:0", address)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(admin(p))
	t.Cleanup(func() { server.Close(); p.end(0) })
	return &stand{t, p, server.URL}
}

func (s *stand) url() string { return "http://" + s.gate.address }

func (s *stand) put(rules string) (int, string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), "PUT", s.admin+"/rules", strings.NewReader(rules))
	if err != nil {
		s.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// rulesAre sets rules that are good.
func (s *stand) rulesAre(rules string) {
	s.t.Helper()
	if status, body := s.put(rules); status != 200 {
		s.t.Fatalf("status %d: %s", status, body)
	}
}

// idle is how many connections to the upstream wait for a request.
func (s *stand) idle() int {
	s.upstream.mu.Lock()
	defer s.upstream.mu.Unlock()
	return len(s.upstream.idle)
}

func (s *stand) told() report {
	s.t.Helper()
	response, err := http.Get(s.admin + "/report")
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	var r report
	decoder := json.NewDecoder(response.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		s.t.Fatal(err)
	}
	return r
}

// did is what the report says of each injection.
func (s *stand) did() []string {
	var all []string
	for _, i := range s.told().Injections {
		all = append(all, i.Did)
	}
	return all
}

// app answers as the application does: short, as a stream, and large.
type app struct {
	*httptest.Server
	version  atomic.Pointer[string]
	replica  atomic.Int64
	requests atomic.Int64
	// dialled counts the connections to it.
	dialled atomic.Int64
}

const (
	chunks = 4
	// The line that the application answers with; what it says by version is in the test's hands.
	line = `{"version":"%s","cluster":"zerodrop-%s","replica":"replica-%d"`
)

func application(t *testing.T) *app {
	t.Helper()
	a := &app{}
	a.is("v1")
	handler := func(w http.ResponseWriter, r *http.Request) {
		a.requests.Add(1)
		version := *a.version.Load()
		opening := fmt.Sprintf(line, version, version, a.replica.Load())
		w.Header().Set("X-Of", version)
		switch r.URL.Path {
		case "/stream":
			w.Header().Set("Content-Type", "application/x-ndjson")
			for n := range chunks {
				fmt.Fprintf(w, `%s,"chunk":%d}`+"\n", opening, n)
				w.(http.Flusher).Flush()
			}
		case "/large":
			sent, _ := io.ReadAll(r.Body)
			body := fmt.Sprintf(`%s,"received":%d,"payload":"%s"}`, opening, len(sent), strings.Repeat("large ", 20_000))
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			_, _ = io.WriteString(w, body)
		case "/slow":
			time.Sleep(50 * time.Millisecond)
			fallthrough
		default:
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, opening+"}")
		}
	}
	a.Server = httptest.NewUnstartedServer(http.HandlerFunc(handler))
	a.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			a.dialled.Add(1)
		}
	}
	a.Start()
	t.Cleanup(a.Close)
	return a
}

func (a *app) is(version string) { a.version.Store(&version) }

func (a *app) address() string { return a.Listener.Addr().String() }

// visitor is a real client that keeps its connections, or does not, and counts those that it opened.
type visitor struct {
	t       *testing.T
	url     string
	client  *http.Client
	dialled atomic.Int64
}

func visit(t *testing.T, url string) *visitor {
	v := &visitor{t: t, url: url}
	dialer := &net.Dialer{}
	transport := &http.Transport{MaxIdleConnsPerHost: 100, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		if err == nil {
			v.dialled.Add(1)
		}
		return conn, err
	}}
	v.client = &http.Client{Transport: transport}
	t.Cleanup(transport.CloseIdleConnections)
	return v
}

// got is an answer, or what there was instead of it.
type got struct {
	status int
	header http.Header
	body   string
	err    error
}

// ask sends a POST, as the load does: Go's client sends a GET again by itself.
func (v *visitor) ask(path, body string) got {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), patience)
	defer cancel()
	return v.askWith(ctx, path, body)
}

func (v *visitor) askWith(ctx context.Context, path, body string) got {
	v.t.Helper()
	request, err := http.NewRequestWithContext(ctx, "POST", v.url+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	response, err := v.client.Do(request)
	if err != nil {
		return got{err: err}
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	return got{response.StatusCode, response.Header, string(read), err}
}

func (g got) is(t *testing.T, status int, body string) {
	t.Helper()
	if g.err != nil || g.status != status || g.body != body {
		t.Fatalf("%d %q %v, not %d %q", g.status, g.body, g.err, status, body)
	}
}

func short(version string) string {
	return fmt.Sprintf(line, version, version, 0) + "}"
}

// wire is an upstream that says byte for byte what a test wants, and tells what it got.
type wire struct {
	net.Listener
	got chan string
}

// answering serves each connection: until requests end with `until`, it answers each with the next of these; then it closes.
func answering(t *testing.T, until string, answers ...string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	w := &wire{listener, make(chan string, 100)}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for _, answer := range answers {
					read, err := readUntil(conn, until)
					w.got <- read
					if err != nil {
						return
					}
					_, _ = io.WriteString(conn, answer)
				}
			}()
		}
	}()
	return w
}

func readUntil(from io.Reader, until string) (string, error) {
	var read bytes.Buffer
	one := make([]byte, 1)
	for !strings.HasSuffix(read.String(), until) {
		if _, err := from.Read(one); err != nil {
			return read.String(), err
		}
		read.Write(one)
	}
	return read.String(), nil
}

// dial is a connection on which a test writes and reads bytes itself.
func dial(t *testing.T, s *stand) (*net.TCPConn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", s.gate.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return conn.(*net.TCPConn), bufio.NewReader(conn)
}

func say(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

// hear reads exactly what is expected.
func hear(t *testing.T, from io.Reader, want string) {
	t.Helper()
	read := make([]byte, len(want))
	if n, err := io.ReadFull(from, read); err != nil || string(read) != want {
		t.Fatalf("%q (%v), not %q", read[:n], err, want)
	}
}
