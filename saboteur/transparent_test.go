package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"
)

// Would catch: a field that is added, lost, reordered or written with other letters, on the way there or back; a hop-by-hop one that goes on;
// a chunk that is cut otherwise; lost trailers.
func TestBytesGoOnAsTheyCame(t *testing.T) {
	const (
		request = "POST /a?b=%20c HTTP/1.1\r\nhOST: somewhere\r\nX-b: 2\r\nx-A:1\r\nUser-Agent: me\r\nAccept-Encoding: br, gzip\r\nCookie: a\r\ncookie: b\r\n"
		chunked = "5;x=y\r\nhello\r\n06\r\n world\r\n0\r\nX-After: yes\r\n\r\n"
		answer  = "HTTP/1.1 200 Fine\r\nserver: envoy\r\nx-two: 1\r\nX-Two:  2 \r\nTrailer: X-After\r\ndate: never\r\n"
	)
	upstream := answering(t, "yes\r\n\r\n",
		answer+"transfer-encoding: chunked\r\nconnection: keep-alive, x-hop\r\nx-hop: 1\r\nkeep-alive: timeout=5\r\n\r\n"+chunked,
		answer+"content-length: 4\r\n\r\n\x00\xff\r\n")
	s := before(t, upstream.Addr().String())
	conn, in := dial(t, s)
	say(t, conn, request+"Connection: X-Mine, keep-alive\r\nx-mine: 1\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n"+chunked)
	hear(t, in, answer+"transfer-encoding: chunked\r\n\r\n"+chunked)
	if got := <-upstream.got; got != request+"Transfer-Encoding: chunked\r\n\r\n"+chunked {
		t.Errorf("upstream got %q", got)
	}
	say(t, conn, request+"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"+chunked)
	hear(t, in, answer+"content-length: 4\r\nConnection: close\r\n\r\n\x00\xff\r\n")
	if got := <-upstream.got; got != request+"Transfer-Encoding: chunked\r\n\r\n"+chunked {
		t.Errorf("upstream got %q", got)
	}
	if _, err := in.ReadByte(); err != io.EOF {
		t.Errorf("a client that wants the connection closed sees %v", err)
	}
}

// Would catch: a body awaited that never comes, which takes the next answer's head for it.
func TestAnswersWithoutABody(t *testing.T) {
	const (
		head        = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
		none        = "HTTP/1.1 204 No Content\r\n\r\n"
		notModified = "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n"
		empty       = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
		last        = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	)
	answers := []string{head, none, notModified, empty, last}
	upstream := answering(t, "\r\n\r\n", answers...)
	conn, in := dial(t, before(t, upstream.Addr().String()))
	for i, method := range []string{"HEAD", "POST", "GET", "DELETE", "POST"} {
		say(t, conn, method+" / HTTP/1.1\r\nHost: a\r\n\r\n")
		hear(t, in, answers[i])
	}
}

// Would catch: an answer whose end is the connection's, taken for one that was cut, or a client that waits for more.
func TestAnAnswerThatEndsWithItsConnection(t *testing.T) {
	upstream := answering(t, "\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nas long as it takes")
	s := before(t, upstream.Addr().String())
	conn, in := dial(t, s)
	say(t, conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	read, err := io.ReadAll(in)
	if want := "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nas long as it takes"; err != nil || string(read) != want {
		t.Errorf("%q %v", read, err)
	}
	if troubles := s.told().TroublesTotal; len(troubles) != 0 {
		t.Errorf("troubles: %v", troubles)
	}
}

// Would catch: bytes lost or changed in large bodies, both ways at once; connections that do not live on; one upstream connection per request.
func TestLargeBodiesBothWaysOnKeptConnections(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Length", fmt.Sprint(r.ContentLength))
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(upstream.Close)
	v := visit(t, before(t, upstream.Listener.Addr().String()).url())
	text := make([]byte, 3<<20)
	for i := range text {
		text[i] = byte(i * i >> 7)
	}
	for range 5 {
		g := v.ask("/", string(text))
		g.is(t, 200, string(text))
		if g.header.Get("X-Length") != fmt.Sprint(len(text)) {
			t.Errorf("the length became %q", g.header.Get("X-Length"))
		}
	}
	if n := v.dialled.Load(); n != 1 {
		t.Errorf("%d connections for 5 requests", n)
	}
}

// Would catch: chunks held back until there are more, an answer that is held until its end, and a request's.
func TestStreamsAreNotHeldBack(t *testing.T) {
	heard := make(chan string)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		w.WriteHeader(200)
		buffer := make([]byte, 100)
		for {
			w.(http.Flusher).Flush()
			n, err := r.Body.Read(buffer)
			if n > 0 {
				heard <- string(buffer[:n])
			}
			if err != nil {
				return
			}
			_, _ = fmt.Fprintf(w, "got %s", buffer[:n])
		}
	}))
	t.Cleanup(upstream.Close)
	body, talk := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), "POST", before(t, upstream.Listener.Addr().String()).url(), body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	for _, word := range []string{"one", "two", "three"} {
		say := word
		go func() { _, _ = io.WriteString(talk, say) }()
		if got := <-heard; got != word {
			t.Fatalf("upstream heard %q", got)
		}
		hear(t, response.Body, "got "+word)
	}
	talk.Close()
	if rest, err := io.ReadAll(response.Body); err != nil || len(rest) > 0 {
		t.Errorf("%q %v", rest, err)
	}
}

// Would catch: an upstream that goes on for nobody, and one that is given up although its client is there.
func TestAClientThatGoesAwayEndsTheUpstreamsWork(t *testing.T) {
	for _, streamed := range []bool{false, true} {
		working, ended := make(chan struct{}), make(chan error, 1)
		upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if streamed {
				_, _ = io.WriteString(w, "begun")
				w.(http.Flusher).Flush()
			}
			close(working)
			<-r.Context().Done()
			ended <- r.Context().Err()
		}))
		s := before(t, upstream.Listener.Addr().String())
		ctx, leave := context.WithCancel(t.Context())
		go func() { visit(t, s.url()).askWith(ctx, "/", "") }()
		<-working
		leave()
		select {
		case <-ended:
		case <-time.After(patience):
			t.Fatal("the upstream still works")
		}
		eventually(t, "the account of who left", func() bool { return s.told().Left == 1 })
		if r := s.told(); len(r.TroublesTotal) != 0 || r.Asked != 1 {
			t.Errorf("%+v", r)
		}
		upstream.Close()
	}
}

// Would catch: a 100 that the proxy gives in the upstream's place or swallows, other interim answers lost, and a client left waiting whose body
// is not wanted.
func TestExpectContinue(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/no" {
			http.Error(w, "not that", http.StatusExpectationFailed)
			return
		}
		w.Header().Set("Link", "</style>")
		w.WriteHeader(http.StatusEarlyHints)
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(upstream.Close)
	s := before(t, upstream.Listener.Addr().String())
	conn, in := dial(t, s)
	say(t, conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
	hear(t, in, "HTTP/1.1 103 Early Hints\r\nLink: </style>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
	say(t, conn, "hello")
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(response.Body); string(body) != "hello" || response.Close {
		t.Errorf("%q, closing %v", body, response.Close)
	}

	var interim []int
	trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
		interim = append(interim, code)
		return nil
	}}
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), "POST", s.url()+"/no", strings.NewReader("a body"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Expect", "100-continue")
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: patience}}
	response, err = client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); string(body) != "not that\n" || err != nil || len(interim) > 0 {
		t.Errorf("%q %v after %v", body, err, interim)
	}
}

// Would catch: a request sent twice, a failure hidden behind a second try, or a 502 that nobody can tell from an injection.
func TestARequestIsSentAtMostOnce(t *testing.T) {
	// One good answer on each connection, then the connection dies with the request.
	upstream := answering(t, "\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "")
	s := before(t, upstream.Addr().String())
	conn, in := dial(t, s)
	const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	say(t, conn, request)
	hear(t, in, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	say(t, conn, request)
	hear(t, in, "HTTP/1.1 502 Bad Gateway\r\n")
	if n := len(upstream.got); n != 2 {
		t.Errorf("%d requests reached the upstream, of 2", n)
	}
	if r := s.told(); r.TroublesTotal[unanswered] != 1 || r.InjectionsTotal != 0 || r.Asked != 2 {
		t.Errorf("%+v", r)
	}
}

// Would catch: a request lost on a connection that the upstream had closed while nobody used it, and a connection closed to a client
// who has nothing to do with it.
func TestAConnectionThatDiedIdleIsNotUsed(t *testing.T) {
	upstream := answering(t, "\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	s := before(t, upstream.Addr().String())
	v := visit(t, s.url())
	for range 20 {
		v.ask("/", "").is(t, 200, "ok")
		// The upstream closes after each answer; that has to arrive here, or else it is not idle that the connection dies.
		eventually(t, "the end of the upstream's connection", func() bool {
			s.upstream.mu.Lock()
			defer s.upstream.mu.Unlock()
			return len(s.upstream.idle) == 1 && !s.upstream.idle[0].peek()
		})
	}
	if r := s.told(); len(r.TroublesTotal) != 0 || v.dialled.Load() != 1 {
		t.Errorf("%d connections, %v", v.dialled.Load(), r.TroublesTotal)
	}
}

// Would catch: an upstream that is not there reported as done on purpose, or hidden; a client's connection that does not survive it.
func TestAnUpstreamOutOfReach(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	s := before(t, listener.Addr().String())
	v := visit(t, s.url())
	v.ask("/", "").is(t, 502, "status 502\n")
	v.ask("/", strings.Repeat("a body", 50_000)).is(t, 502, "status 502\n")
	r := s.told()
	if r.TroublesTotal[unreachable] != 2 || r.Asked != 0 || r.InjectionsTotal != 0 || v.dialled.Load() != 1 {
		t.Errorf("%d connections, %+v", v.dialled.Load(), r)
	}
}

// Would catch: an answer cut by the upstream that looks whole to the client, and one without sense passed on.
func TestBrokenAnswers(t *testing.T) {
	for _, c := range []struct{ answer, kind, hears string }{
		{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", cut, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", cut, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"},
		{"HTTP/1.1 200 OK\r\nContent-Le", unanswered, "HTTP/1.1 502 Bad Gateway\r\n"},
		{"SSH-2.0-x\r\n\r\n", malformed, "HTTP/1.1 502 Bad Gateway\r\n"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", malformed, "HTTP/1.1 502 Bad Gateway\r\n"},
	} {
		upstream := answering(t, "\r\n\r\n", c.answer)
		s := before(t, upstream.Addr().String())
		conn, in := dial(t, s)
		say(t, conn, "POST / HTTP/1.1\r\nHost: a\r\n\r\n")
		hear(t, in, c.hears)
		if c.kind == cut {
			if _, err := in.ReadByte(); err != io.EOF {
				t.Errorf("%q: after what came there is %v", c.answer, err)
			}
		}
		if r := s.told(); r.TroublesTotal[c.kind] != 1 || len(r.TroublesTotal) != 1 {
			t.Errorf("%q: %v", c.answer, r.TroublesTotal)
		}
	}
}

// Would catch: a request that is none passed on, or left without an answer.
func TestRequestsThatAreNone(t *testing.T) {
	for request, want := range map[string]string{
		"POST / HTTP/1.0\r\n\r\n":                                             "HTTP/1.1 505 ",
		"CONNECT a:1 HTTP/1.1\r\n\r\n":                                        "HTTP/1.1 501 ",
		"GET /\r\n\r\n":                                                       "HTTP/1.1 400 ",
		"GET / HTTP/1.1\r\nA : b\r\n\r\n":                                     "HTTP/1.1 400 ",
		"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n":                                "HTTP/1.1 400 ",
		"GET / HTTP/1.1\nA: b\r\n\r\n":                                        "HTTP/1.1 400 ",
		"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n":                       "HTTP/1.1 400 ",
		"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n":   "HTTP/1.1 400 ",
		"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n":                  "HTTP/1.1 400 ",
		"GET / HTTP/1.1\r\nA: " + strings.Repeat("b", headLimit) + "\r\n\r\n": "HTTP/1.1 431 ",
	} {
		upstream := answering(t, "\r\n\r\n")
		s := before(t, upstream.Addr().String())
		conn, in := dial(t, s)
		say(t, conn, request)
		hear(t, in, want)
		if read, err := io.ReadAll(in); err != nil || !strings.Contains(string(read), "Connection: close\r\n") {
			t.Errorf("%.40q: %q %v", request, read, err)
		}
		if len(upstream.got) > 0 {
			t.Errorf("%.40q was passed on", request)
		}
	}
}

// Would catch: an early answer lost in the reset that follows closing on a client that still sends.
func TestAnAnswerBeforeTheWholeRequest(t *testing.T) {
	upstream := answering(t, "\r\n\r\n", "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno\n")
	s := before(t, upstream.Addr().String())
	conn, in := dial(t, s)
	const length = 8 << 20
	say(t, conn, fmt.Sprintf("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", length))
	hear(t, in, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno\n")
	// All of it can still be sent, and then the connection is good for more.
	if _, err := conn.Write(make([]byte, length)); err != nil {
		t.Fatal(err)
	}
	say(t, conn, "POST / HTTP/1.1\r\nHost: a\r\n\r\n")
	hear(t, in, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno\n")
}

// Would catch: answers mixed up between connections, requests lost under load, idle connections used twice.
func TestManyAtOnce(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s", r.URL.Path, body)
	}))
	t.Cleanup(upstream.Close)
	s := before(t, upstream.Listener.Addr().String())
	v := visit(t, s.url())
	const clients, each = 50, 40
	var all sync.WaitGroup
	for n := range clients {
		all.Go(func() {
			for i := range each {
				path, body := fmt.Sprintf("/%d/%d", n, i), ""
				if i%3 == 0 {
					body = strings.Repeat("x", i*1000)
				}
				if g := v.ask(path, body); g.err != nil || g.body != path+" "+body {
					t.Errorf("%s: %d %.50q %v", path, g.status, g.body, g.err)
				}
			}
		})
	}
	all.Wait()
	r := s.told()
	if r.Requests != clients*each || r.Asked != clients*each || r.Left != 0 || len(r.TroublesTotal) != 0 {
		t.Errorf("%+v", r)
	}
}

// Would catch: a process that hangs on at its end, or that leaves a client without the answer that was on its way.
func TestEndsSoonAndLetsAnswersFinish(t *testing.T) {
	a := application(t)
	ctx, stop := context.WithCancel(t.Context())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := listener.Addr().String()
	listener.Close()
	code := make(chan int)
	go func() {
		code <- run(ctx, []string{"-listen", at, "-admin", "127.0.0.1:0", "-upstream", a.URL}, io.Discard)
	}()
	eventually(t, "the proxy", func() bool {
		conn, err := net.Dial("tcp", at)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	answers := make(chan got)
	go func() { answers <- visit(t, "http://"+at).ask("/slow", "") }()
	eventually(t, "the request", func() bool { return a.requests.Load() == 1 })
	begun := time.Now()
	stop()
	(<-answers).is(t, 200, short("v1"))
	if got := <-code; got != exitTerminated || time.Since(begun) > 2*time.Second {
		t.Errorf("exit code %d after %s", got, time.Since(begun))
	}
	if _, err := net.Dial("tcp", at); err == nil {
		t.Error("it still listens")
	}
}

// Would catch: a wrong command line that serves something else than was meant.
func TestWrongArguments(t *testing.T) {
	for _, args := range [][]string{{}, {"-upstream", "https://a:1"}, {"-upstream", "a:1"}, {"-upstream", "http://a:1/path"}, {"-upstream", "http://a", "more"}, {"-what"}} {
		var said strings.Builder
		if code := run(t.Context(), args, &said); code != exitUsage || said.Len() == 0 {
			t.Errorf("%v: exit code %d, %q", args, code, said.String())
		}
	}
	for text, want := range map[string]string{"http://a": "a:80", "http://[::1]:8/": "[::1]:8", "http://10.0.0.1:8080": "10.0.0.1:8080"} {
		if got, err := hostOf(text); got != want || err != nil {
			t.Errorf("%s is %q %v", text, got, err)
		}
	}
}

// Would catch: a request on a connection that the upstream said it would close, and is about to.
func TestAConnectionThatTheUpstreamGivesUpIsNotUsed(t *testing.T) {
	const first = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
	upstream := answering(t, "\r\n\r\n", first+"Connection: close\r\n\r\nfirst", first+"\r\nagain")
	conn, in := dial(t, before(t, upstream.Addr().String()))
	for range 2 {
		say(t, conn, "POST / HTTP/1.1\r\nHost: a\r\n\r\n")
		hear(t, in, first+"\r\nfirst")
	}
}

// Would catch: a connection kept on which nobody knows whether a body or the next request comes.
func TestABodyThatWasNotAskedForEndsTheConnection(t *testing.T) {
	const head = "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n"
	upstream := answering(t, "\r\n\r\n", head+"\r\nno", "")
	conn, in := dial(t, before(t, upstream.Addr().String()))
	say(t, conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
	hear(t, in, head+"Connection: close\r\n\r\nno")
	if _, err := in.ReadByte(); err != io.EOF {
		t.Errorf("then there is %v", err)
	}
}

// Would catch: a client that is reset while it still sends, before it could read why.
func TestAClientThatStillSendsIsNotReset(t *testing.T) {
	upstream := answering(t, "\r\n\r\n")
	conn, in := dial(t, before(t, upstream.Addr().String()))
	say(t, conn, "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n")
	if read, err := io.ReadAll(in); err != nil || !strings.HasPrefix(string(read), "HTTP/1.1 400 ") {
		t.Fatalf("%q %v", read, err)
	}
	for range 10 {
		say(t, conn, strings.Repeat("x", 1000))
	}
}
