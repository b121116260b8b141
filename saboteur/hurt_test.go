package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func hurting(t *testing.T, rules string) (*app, *stand, *visitor) {
	t.Helper()
	a := application(t)
	s := before(t, a.address())
	s.rulesAre(rules)
	return a, s, visit(t, s.url())
}

func stream(version string, say string) string {
	var text strings.Builder
	for n := range chunks {
		fmt.Fprintf(&text, line+`,"chunk":%d}`+"\n", say, version, 0, n)
	}
	return text.String()
}

func (s *stand) didAre(want ...string) {
	s.t.Helper()
	if got := s.did(); !reflect.DeepEqual(got, want) {
		s.t.Errorf("the report says %q, not %q", got, want)
	}
}

// Would catch: a body that is right after all, of another length or in more than one byte; a connection that does not survive it.
func TestWrongBody(t *testing.T) {
	a, s, v := hurting(t, `[{"id":"a","do":{"kind":"wrong-body"},"on":{"every":2}}]`)
	v.ask("/", "").is(t, 200, short("v1"))
	v.ask("/", "").is(t, 200, "z"+short("v1")[1:])
	v.ask("/stream", "").is(t, 200, stream("v1", "v1"))
	v.ask("/stream", "").is(t, 200, "z"+stream("v1", "v1")[1:])
	want := `byte 0 changed from '{' to 'z'`
	s.didAre(want, want)

	s.rulesAre(`[{"id":"a","do":{"kind":"wrong-body","offset":100000}}]`)
	v.ask("/", "").is(t, 200, short("v1"))
	v.ask("/stream", "").is(t, 200, stream("v1", "v1"))
	g := v.ask("/large", "")
	s.rulesAre(`[]`)
	whole := v.ask("/large", "").body
	differ := 0
	for i := range whole {
		if i < len(g.body) && g.body[i] != whole[i] {
			differ++
		}
	}
	if len(g.body) != len(whole) || differ != 1 || g.body[100_000] == whole[100_000] {
		t.Errorf("%d of %d bytes differ", differ, len(g.body))
	}
	if n := a.requests.Load(); n != 8 || v.dialled.Load() != 1 {
		t.Errorf("%d requests, %d connections", n, v.dialled.Load())
	}
	// Nothing but an answer with status 200 and a body can be hurt so.
	if r := s.told().Rules[1]; r.Seen != 3 || r.Matched != 1 || r.Hurt != 1 {
		t.Errorf("%+v", r)
	}
}

// Would catch: a head that does not fit the other body, an upstream that was not asked, a lost header.
func TestOtherBody(t *testing.T) {
	a, s, v := hurting(t, `[{"id":"a","do":{"kind":"other-body","body":"{\"ok\":true}"}}]`)
	for _, path := range []string{"/", "/stream", "/large"} {
		g := v.ask(path, "body")
		g.is(t, 200, `{"ok":true}`)
		if g.header.Get("Content-Length") != "11" || g.header.Get("X-Of") != "v1" {
			t.Errorf("%s: %v", path, g.header)
		}
	}
	if a.requests.Load() != 3 || a.dialled.Load() != 1 || v.dialled.Load() != 1 {
		t.Errorf("%d requests, connections %d and %d", a.requests.Load(), v.dialled.Load(), a.dialled.Load())
	}
	s.didAre("another body of 11 bytes", "another body of 11 bytes", "another body of 11 bytes")
}

// Would catch: another status, an upstream that was asked or not asked against the rule, a connection that is closed by it, a body that is
// taken for the next request.
func TestStatus(t *testing.T) {
	a, s, v := hurting(t, `[{"id":"a","do":{"kind":"status","status":503}}]`)
	v.ask("/", "").is(t, 503, "status 503\n")
	v.ask("/large", strings.Repeat("x", 100_000)).is(t, 503, "status 503\n")
	if a.requests.Load() != 0 {
		t.Error("the upstream was asked")
	}
	s.rulesAre(`[{"id":"a","do":{"kind":"status","status":429,"after":"answer"}}]`)
	v.ask("/stream", "").is(t, 429, "status 429\n")
	v.ask("/large", strings.Repeat("x", 100_000)).is(t, 429, "status 429\n")
	if a.requests.Load() != 2 || v.dialled.Load() != 1 {
		t.Errorf("%d requests, %d connections", a.requests.Load(), v.dialled.Load())
	}
	response, err := http.Head(s.url())
	if err != nil || response.StatusCode != 429 || response.ContentLength != 11 {
		t.Errorf("%v %v", response, err)
	}
	// A client that waits to be told to send its body is not told, and may not send it.
	s.rulesAre(`[{"id":"a","do":{"kind":"status","status":503}}]`)
	conn, in := dial(t, s)
	say(t, conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
	hear(t, in, "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 11\r\nConnection: close\r\n\r\nstatus 503\n")
}

// Would catch: a cut answer that looks whole, more or less than half of it, a wrong length in its head; an upstream connection wasted by it.
func TestTruncate(t *testing.T) {
	a, s, v := hurting(t, `[{"id":"a","do":{"kind":"truncate"}}]`)
	whole := short("v1")
	half := len(whole) / 2
	for _, c := range []struct{ path, body, did string }{
		{"/", whole[:half], fmt.Sprintf("cut after %d of %d bytes", half, len(whole))},
		// All of the data has come, and still not the answer's end.
		{"/stream", stream("v1", "v1"), "cut before the last chunk"},
	} {
		g := v.ask(c.path, "")
		if !errors.Is(g.err, io.ErrUnexpectedEOF) || g.status != 200 || g.body != c.body {
			t.Errorf("%s: %d %q %v", c.path, g.status, g.body, g.err)
		}
		if told := s.did(); told[len(told)-1] != c.did {
			t.Errorf("%s: %q", c.path, told)
		}
		if c.path == "/" && g.header.Get("Content-Length") != strconv.Itoa(len(whole)) {
			t.Errorf("%v", g.header)
		}
		eventually(t, "the rest read", func() bool { return s.idle() == 1 })
	}
	if v.dialled.Load() != 2 {
		t.Errorf("%d connections for 2 requests that were each cut", v.dialled.Load())
	}
	s.rulesAre(`[]`)
	v.ask("/", "").is(t, 200, whole)
	if a.dialled.Load() != 1 {
		t.Errorf("%d connections to the upstream", a.dialled.Load())
	}
}

// Would catch: an answer that ends too early in a way that HTTP tells, when it should look whole; a connection that ends with it.
func TestTruncateProperly(t *testing.T) {
	a, s, v := hurting(t, `[{"id":"a","do":{"kind":"truncate","properly":true}}]`)
	whole := short("v1")
	half := len(whole) / 2
	for range 3 {
		v.ask("/", "").is(t, 200, whole[:half])
		v.ask("/stream", "").is(t, 200, strings.SplitAfter(stream("v1", "v1"), "\n")[0])
	}
	s.rulesAre(`[]`)
	v.ask("/stream", "").is(t, 200, stream("v1", "v1"))
	if v.dialled.Load() != 1 {
		t.Errorf("%d connections", v.dialled.Load())
	}
	// A rest may still be read when the next request wants a connection, so there may be two.
	if n := a.dialled.Load(); n > 2 {
		t.Errorf("%d connections to the upstream for 7 requests", n)
	}
	said := fmt.Sprintf("ended after %d of %d bytes", half, len(whole))
	s.didAre(said, "ended after the first chunk", said, "ended after the first chunk", said, "ended after the first chunk")
}

// Would catch: a connection that is closed where it should be reset, bytes of an answer before it, an upstream that was asked or not asked
// against the rule, other connections that go with it.
func TestReset(t *testing.T) {
	a, s, v := hurting(t, `[]`)
	other := visit(t, s.url())
	other.ask("/", "").is(t, 200, short("v1"))
	for _, c := range []struct {
		after string
		asked int64
	}{{"request", 1}, {"answer", 4}} {
		s.rulesAre(`[{"id":"a","do":{"kind":"reset","after":"` + c.after + `"},"on":{"times":1}}]`)
		conn, in := dial(t, s)
		say(t, conn, "POST / HTTP/1.1\r\nHost: a\r\n\r\n")
		if read, err := io.ReadAll(in); !errors.Is(err, syscall.ECONNRESET) || len(read) > 0 {
			t.Errorf("after the %s: %q %v", c.after, read, err)
		}
		if n := a.requests.Load(); n != c.asked {
			t.Errorf("after the %s: %d requests, not %d", c.after, n, c.asked)
		}
		other.ask("/", "").is(t, 200, short("v1"))
		v.ask("/", "")
	}
	if other.dialled.Load() != 1 {
		t.Error("another client's connection went too")
	}
	s.didAre("connection reset without an answer", "connection reset without an answer")
}

// Would catch: a client who is let in after all, or refused for longer; a kept connection that is closed; a listener that is not there again,
// or a time that the report does not tell.
func TestRefuse(t *testing.T) {
	_, s, v := hurting(t, `[]`)
	refused := func() bool {
		conn, err := net.Dial("tcp", s.gate.address)
		if err == nil {
			conn.Close()
		}
		return errors.Is(err, syscall.ECONNREFUSED)
	}
	v.ask("/", "").is(t, 200, short("v1"))
	if refused() {
		t.Fatal("refused without a rule")
	}
	s.rulesAre(`[{"id":"a","do":{"kind":"refuse"}}]`)
	for range 3 {
		if !refused() {
			t.Fatal("not refused")
		}
		v.ask("/", "").is(t, 200, short("v1"))
	}
	s.didAre("nobody listens")
	s.rulesAre(`[]`)
	if refused() {
		t.Fatal("still refused")
	}
	begun := time.Now()
	s.rulesAre(`[{"id":"b","do":{"kind":"refuse"},"on":{"forMs":150}}]`)
	if !refused() {
		t.Fatal("not refused")
	}
	eventually(t, "the listener", func() bool { return !refused() })
	if took := time.Since(begun); took < 150*time.Millisecond || took > 2*time.Second {
		t.Errorf("refused for %s", took)
	}
	v.ask("/", "").is(t, 200, short("v1"))
	if v.dialled.Load() != 1 {
		t.Error("a kept connection was closed")
	}
	eventually(t, "the account", func() bool {
		return strings.HasPrefix(s.did()[1], "nobody listened for 15") || strings.HasPrefix(s.did()[1], "nobody listened for 1")
	})
	if r := s.told(); r.InjectionsTotal != 2 || r.Rules[1].Hurt != 1 || r.Injections[1].Rule != 1 {
		t.Errorf("%+v", r)
	}
}

// Would catch: an answer that comes in time or too late, a delay that is not of what the upstream took, a changed answer, a request that is
// still worked at when its client has gone.
func TestDelay(t *testing.T) {
	_, s, v := hurting(t, `[{"id":"a","do":{"kind":"delay","plusMs":200}}]`)
	timed := func(path string) time.Duration {
		begun := time.Now()
		v.ask(path, "").is(t, 200, short("v1"))
		return time.Since(begun)
	}
	if took := timed("/"); took < 200*time.Millisecond || took > 2*time.Second {
		t.Errorf("took %s", took)
	}
	s.rulesAre(`[{"id":"b","do":{"kind":"delay","factor":5}}]`)
	if took := timed("/slow"); took < 250*time.Millisecond || took > 3*time.Second {
		t.Errorf("5 times 50 ms took %s", took)
	}
	told := s.did()
	for i, least := range []float64{200, 200} {
		var held, took float64
		if _, err := fmt.Sscanf(told[i], "held back for %f ms, after the upstream took %f ms", &held, &took); err != nil || held < least || i == 1 && (took < 50 || held < 3.9*took) {
			t.Errorf("%q: %v", told[i], err)
		}
	}
	if v.dialled.Load() != 1 {
		t.Errorf("%d connections", v.dialled.Load())
	}
	s.rulesAre(`[{"id":"c","do":{"kind":"delay","plusMs":60000}}]`)
	ctx, leave := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer leave()
	if g := v.askWith(ctx, "/", ""); !errors.Is(g.err, context.DeadlineExceeded) {
		t.Errorf("%+v", g)
	}
	eventually(t, "the account of who left", func() bool {
		told := s.did()
		return s.told().Left == 1 && strings.HasSuffix(told[2], "until the client went away")
	})
}

// Would catch: an answer after all, a connection that the proxy ends, a hang that nobody accounts for.
func TestHang(t *testing.T) {
	a, s, _ := hurting(t, `[{"id":"a","do":{"kind":"hang"},"on":{"times":1}}]`)
	conn, in := dial(t, s)
	// The second one, sent without waiting, must not keep the client's going from being noticed.
	say(t, conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbodyPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
	eventually(t, "the hang", func() bool { return len(s.did()) == 1 })
	s.rulesAre(`[]`)
	_ = conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	if _, err := in.ReadByte(); !isTimeout(err) {
		t.Errorf("instead of nothing there is %v", err)
	}
	s.didAre("no answer")
	conn.Close()
	eventually(t, "the hang's end", func() bool { return strings.HasSuffix(s.did()[0], "ms, until the client went away") })
	if a.requests.Load() != 0 {
		t.Error("the upstream was asked")
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// Would catch: a label that stays, one in a line of a stream that differs, a length that does not fit, another byte that changes.
func TestRelabel(t *testing.T) {
	_, s, v := hurting(t, `[{"id":"a","do":{"kind":"relabel","version":"v1.2-long"}}]`)
	said := strings.Replace(short("v1"), `"v1"`, `"v1.2-long"`, 1)
	v.ask("/", "").is(t, 200, said)
	v.ask("/stream", "").is(t, 200, stream("v1", "v1.2-long"))
	large := v.ask("/large", "body")
	s.rulesAre(`[]`)
	if want := strings.Replace(v.ask("/large", "body").body, `"v1"`, `"v1.2-long"`, 1); large.err != nil || large.body != want {
		t.Errorf("%d bytes, not %d: %v", len(large.body), len(want), large.err)
	}
	s.rulesAre(`[{"id":"b","do":{"kind":"relabel","cluster":"c","version":"v1"}}]`)
	v.ask("/", "").is(t, 200, strings.Replace(short("v1"), "zerodrop-v1", "c", 1))
	// What would change nothing is no injection.
	s.rulesAre(`[{"id":"c","do":{"kind":"relabel","version":"v1"}}]`)
	v.ask("/", "").is(t, 200, short("v1"))
	told := "v1 on zerodrop-v1 told as v1.2-long on zerodrop-v1"
	s.didAre(told, told, told, "v1 on zerodrop-v1 told as v1 on c")
	if v.dialled.Load() != 1 {
		t.Errorf("%d connections", v.dialled.Load())
	}
}

// Would catch: a new version's answer where the old one's is to be replayed, one to another question, one that is not byte for byte what
// it was, a replay before there is anything to replay.
func TestReplay(t *testing.T) {
	a, s, v := hurting(t, `[{"id":"a","do":{"kind":"replay","version":"v1"},"on":{"version":"v2"}}]`)
	a.replica.Store(1)
	v.ask("/", "").is(t, 200, strings.Replace(short("v1"), "replica-0", "replica-1", 1))
	a.replica.Store(0)
	v.ask("/", "").is(t, 200, short("v1"))
	v.ask("/stream", "").is(t, 200, stream("v1", "v1"))
	a.is("v2")
	for range 2 {
		g := v.ask("/", "")
		g.is(t, 200, short("v1"))
		if g.header.Get("X-Of") != "v1" {
			t.Errorf("%v", g.header)
		}
		v.ask("/stream", "").is(t, 200, stream("v1", "v1"))
		// Never asked of the old version.
		v.ask("/?other", "").is(t, 200, short("v2"))
	}
	r := s.told()
	if r.InjectionsTotal != 4 || !strings.HasPrefix(r.Injections[0].Did, "the answer that v1 on zerodrop-v1 gave ") || r.Injections[0].Answer.Version != "v2" {
		t.Errorf("%+v", r)
	}
	before := a.requests.Load()
	s.rulesAre(`[{"id":"b","do":{"kind":"replay","version":"v1"},"on":{"times":1}}]`)
	v.ask("/", "").is(t, 200, short("v1"))
	if a.requests.Load() != before || v.dialled.Load() != 1 {
		t.Error("the upstream was asked, or a connection was lost")
	}
	// Without such a rule nothing is kept.
	s.rulesAre(`[]`)
	s.rulesAre(`[{"id":"c","do":{"kind":"replay","version":"v1"}}]`)
	v.ask("/", "").is(t, 200, short("v2"))
}

// Would catch: a label that is missed because a line is spread over chunks, or told twice because a chunk has two; lost trailers.
func TestRelabelGoesByLines(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	upstream := answering(t, "\r\n\r\n", head+"10\r\n{\"version\":\"v1\"}\r\n11\r\n\n{\"version\":\"v1\"}\r\n3\r\n\n{\"\r\n"+"e\r\nversion\":\"v1\"}\r\n0\r\nX-End: 1\r\n\r\n")
	s := before(t, upstream.Addr().String())
	s.rulesAre(`[{"id":"a","do":{"kind":"relabel","version":"v22"}}]`)
	conn, in := dial(t, s)
	say(t, conn, "POST / HTTP/1.1\r\nHost: a\r\n\r\n")
	line := "12\r\n{\"version\":\"v22\"}\n\r\n"
	hear(t, in, head+line+line+"11\r\n{\"version\":\"v22\"}\r\n0\r\nX-End: 1\r\n\r\n")
}

// Would catch: a rule that hurts answers which the proxy itself gives for want of an upstream, or trouble counted as an injection.
func TestTroubleIsNotHurt(t *testing.T) {
	upstream := answering(t, "\r\n\r\n", "")
	s := before(t, upstream.Addr().String())
	s.rulesAre(`[{"id":"a","do":{"kind":"delay","plusMs":1}},{"id":"b","do":{"kind":"status","status":500,"after":"answer"}}]`)
	visit(t, s.url()).ask("/", "").is(t, 502, "status 502\n")
	r := s.told()
	if r.InjectionsTotal != 0 || r.Rules[0].Seen != 0 || r.TroublesTotal[unanswered] != 1 {
		t.Errorf("%+v", r)
	}
	// An answer that breaks off before it could be hurt was not hurt as it was to be, and the report says so.
	broken := answering(t, "\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
	s = before(t, broken.Addr().String())
	s.rulesAre(`[{"id":"b","do":{"kind":"status","status":500,"after":"answer"}}]`)
	if g := visit(t, s.url()).ask("/", ""); g.err == nil {
		t.Errorf("%+v", g)
	}
	s.didAre("nothing: the upstream's answer ended before its end")
	if n := s.told().TroublesTotal[cut]; n != 1 {
		t.Errorf("%d troubles", n)
	}
}
