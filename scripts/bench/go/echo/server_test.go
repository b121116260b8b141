package main

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func started(t *testing.T) (*server, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &server{}
	go func() { _ = server.serve(listener) }()
	t.Cleanup(func() { listener.Close() })
	return server, listener.Addr().String()
}

// eventually waits for a condition that nothing announces.
func eventually(t *testing.T, what string, reached func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !reached(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s was awaited for 5 s", what)
		}
	}
}

// Would catch: a body that is taken for the next request, an answer that Go's own client does not read, a request that is not counted.
func TestAnswersRequestsOfARealClientAndCountsEach(t *testing.T) {
	server, address := started(t)
	client := &http.Client{Timeout: 5 * time.Second}
	for _, sent := range []string{"", "POST / HTTP/1.1\r\n\r\n", strings.Repeat("x", 100_000)} {
		response, err := client.Post("http://"+address+"/", "text/plain", strings.NewReader(sent))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != 200 || string(got) != body {
			t.Fatalf("answered %d %q, %v", response.StatusCode, got, err)
		}
	}
	client.CloseIdleConnections()
	eventually(t, "the connection's end", func() bool { return server.counts().Open == 0 })
	if got := server.counts(); got.Answered != 3 || got.Refused != 0 {
		t.Fatalf("counted %+v", got)
	}
}

// Would catch: a connection kept open although the client asked to close it.
func TestClosesWhenAsked(t *testing.T) {
	_, address := started(t)
	got := conversation(t, address, "POST / HTTP/1.1\r\nHost: a\r\nconnection: Close\r\n\r\n")
	if got != string(answer) {
		t.Fatalf("answered %q", got)
	}
}

// Would catch: something other than a request counted as one, so that a broken generator's figures look right.
func TestRefusesWhatItDoesNotRead(t *testing.T) {
	for _, sent := range []string{
		"POST / HTTP/1.0\r\n\r\n",
		"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
		"POST / HTTP/1.1\r\nno header\r\n\r\n",
	} {
		server, address := started(t)
		if got := conversation(t, address, sent); got != "" {
			t.Fatalf("%q was answered with %q", sent, got)
		}
		if got := server.counts(); got.Answered != 0 || got.Refused != 1 {
			t.Fatalf("%q counted as %+v", sent, got)
		}
	}
}

// conversation sends text and returns everything that comes back until the server closes.
func conversation(t *testing.T, address, text string) string {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(connection, text); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(connection)
	if err != nil && !strings.Contains(err.Error(), "reset") {
		t.Fatal(err)
	}
	return string(got)
}
