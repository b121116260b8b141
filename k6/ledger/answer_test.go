package ledger

import (
	"strings"
	"testing"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/lib/netext/httpext"
)

// Would catch: a body taken for another's because it was remembered; memory without bounds on bodies that never repeat.
func TestSendersAreRemembered(t *testing.T) {
	known := &senders{}
	first := known.of(good)
	if again := known.of(strings.Clone(good)); again != first || *first != (sender{cluster: "app-v1", version: "v1"}) {
		t.Errorf("%+v, then %+v", first, again)
	}
	if other := known.of(strings.ReplaceAll(good, "v1", "v2")); other.version != "v2" || other.cluster != "app-v2" {
		t.Errorf("%+v", other)
	}
	// Another replica of the same cluster, a body of lines, and bytes: the same sender.
	for _, body := range []any{
		strings.ReplaceAll(good, "r1", "r2"), good + "\n" + good, []byte(good), sobek.New().NewArrayBuffer([]byte(good)),
		good[:len(good)-1] + `,"payload":"` + strings.Repeat("x", 2*longestKnown) + `"}`,
	} {
		if again := known.of(firstLineOf(body)); again != first {
			t.Errorf("%+v of %.80v", again, body)
		}
	}
	for i := range 10 * mostKnown {
		known.of(`{"version":"v1","cluster":"c","replica":"` + strings.Repeat("r", i+1) + `"}`)
	}
	if len(known.byLine) > mostKnown || len(known.different) > mostKnown {
		t.Errorf("%d lines and %d senders are kept", len(known.byLine), len(known.different))
	}
	for _, body := range []any{nil, "", "null", "{", "7", "\n" + good, `"text"`} {
		if who := known.of(firstLineOf(body)); who.flaw != noObject {
			t.Errorf("%q is taken for %+v", body, who)
		}
	}
}

// Would catch: the time of connecting counted twice, or a request without a connection that took no time.
func TestK6sOwnTiming(t *testing.T) {
	r := &httpext.Response{Timings: httpext.ResponseTimings{Blocked: 7, Connecting: 4, TLSHandshaking: 2, Duration: 30}}
	if took := durationOf(r); took != 37*time.Millisecond {
		t.Errorf("%s", took)
	}
	if took := durationOf(&httpext.Response{ErrorCode: codeDial}); took != byOwnClock {
		t.Errorf("%s", took)
	}
}

// Would catch: a broken kept connection blamed on a new one, or the reverse.
func TestConnectionOfAFailure(t *testing.T) {
	for name, c := range map[string]struct {
		r    httpext.Response
		want string
	}{
		"reset on a kept connection":        {httpext.Response{ErrorCode: codeReset}, reused},
		"reset on a new connection":         {httpext.Response{ErrorCode: codeReset, Timings: httpext.ResponseTimings{Connecting: 0.1}}, fresh},
		"end of a kept connection":          {httpext.Response{ErrorCode: 1000, Timings: httpext.ResponseTimings{Blocked: 0.01}}, reused},
		"dialling took too long":            {httpext.Response{ErrorCode: 1211}, fresh},
		"no such name":                      {httpext.Response{ErrorCode: 1101}, fresh},
		"no handshake":                      {httpext.Response{ErrorCode: 1310}, fresh},
		"deadline on a kept connection":     {httpext.Response{ErrorCode: codeTimeout, Timings: httpext.ResponseTimings{Blocked: 0.01}}, reused},
		"deadline without a connection":     {httpext.Response{ErrorCode: codeTimeout}, fresh},
		"a request that cannot be sent":     {httpext.Response{ErrorCode: 1020}, unknown},
		"any answer on a kept connection":   {httpext.Response{Status: 503}, reused},
		"an answer on a connection dialled": {httpext.Response{Status: 200, Timings: httpext.ResponseTimings{Connecting: 0.1}}, fresh},
	} {
		if got := connectionOf(&c.r); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}

func firstLineOf(body any) string {
	line, _, _ := strings.Cut(textOf(body), "\n")
	return line
}
