package ledger

import (
	"strconv"
	"strings"
	"time"

	"github.com/grafana/sobek"
	"github.com/tidwall/gjson"
	"go.k6.io/k6/v2/lib/netext/httpext"
)

// sender is who gave an answer, as the first line of its body says it, or what a client's tells are read from.
type sender struct {
	cluster, version string
	// flaw is what is wrong with that; empty when it names all that it should.
	flaw string
}

const (
	noObject = "the body is no JSON object"
	noName   = "the body does not name version, cluster and replica"
)

var nobody = &sender{flaw: noObject}

// senders remembers what the lines read so far said. The application repeats them byte for byte, and comparing is
// much cheaper than parsing.
type senders struct {
	last       string
	lastSender *sender
	byLine     map[string]*sender
	// different are the senders there are, so that equal ones are one.
	different []*sender
}

const (
	// A longer line is rather the answer to a large request, and not the same again.
	longestKnown = 512
	// Bounds what is remembered of answers that are never the same.
	mostKnown = 64
)

// of reads the first line of a body.
func (s *senders) of(line string) *sender {
	if line == s.last && s.lastSender != nil {
		return s.lastSender
	}
	if len(line) > longestKnown {
		return s.unique(readSender(line))
	}
	who := s.byLine[line]
	if who == nil {
		who = s.unique(readSender(line))
		if s.byLine == nil || len(s.byLine) >= mostKnown {
			s.byLine = map[string]*sender{}
		}
		s.byLine[line] = who
	}
	s.last, s.lastSender = line, who
	return who
}

func (s *senders) unique(who *sender) *sender {
	for _, known := range s.different {
		if *known == *who {
			return known
		}
	}
	if len(s.different) >= mostKnown {
		s.different = nil
	}
	s.different = append(s.different, who)
	return who
}

func textOf(body any) string {
	switch b := body.(type) {
	case string:
		return b
	case []byte:
		return string(b)
	case sobek.ArrayBuffer:
		return string(b.Bytes())
	}
	return ""
}

func readSender(line string) *sender {
	if !gjson.Valid(line) {
		return nobody
	}
	value := gjson.Parse(line)
	if !value.IsObject() {
		return nobody
	}
	who, replica := &sender{}, ""
	value.ForEach(func(key, field gjson.Result) bool {
		text := ""
		if field.Type == gjson.String {
			text = field.String()
		}
		switch key.String() {
		case "version":
			who.version = strings.Clone(text)
		case "cluster":
			who.cluster = strings.Clone(text)
		case "replica":
			replica = text
		}
		return true
	})
	if who.version == "" || who.cluster == "" || replica == "" {
		who.flaw = noName
	}
	return who
}

// k6's error codes, see lib/netext/httpext/error_codes.go of k6.
const (
	codeTimeout   = 1050
	codeDNS       = 1100
	codeTCP       = 1200
	codeDial      = 1210
	codeReset     = 1220
	codeTLS       = 1300
	codeAfterTLS  = 1400
	codeBrokePipe = 1201
)

// connectionOf tells how the request reached the gateway, as far as k6 knows.
func connectionOf(r *httpext.Response) string {
	switch code := r.ErrorCode; {
	case r.Timings.Connecting > 0:
		// k6 gives no time to connecting on a kept connection, and nanoseconds on a new one.
		return fresh
	case r.Status != 0:
		return reused
	case code >= codeDNS && code < codeTCP, code >= codeDial && code < codeReset, code >= codeTLS && code < codeAfterTLS:
		// It failed on the way to a connection: looking up the name, dialling, or in the handshake.
		return fresh
	case code == codeBrokePipe, code == codeReset, r.Timings.Blocked > 0:
		// It had a connection (only then is the time known for which it waited for one), and had not dialled it.
		return reused
	case code == codeTimeout:
		// It never had one: nobody answered its dialling.
		return fresh
	default:
		return unknown
	}
}

// durationOf is how long a request took by k6's own timing. k6's `blocked` lasts until there is a connection, so it
// contains connecting and the handshake. Without a connection k6 times nothing; then the caller's clock has to do.
func durationOf(r *httpext.Response) time.Duration {
	if r.Timings.Blocked <= 0 {
		return byOwnClock
	}
	return time.Duration((r.Timings.Blocked + r.Timings.Duration) * float64(time.Millisecond))
}

const severalLines = "the body goes on after its first line"

// flawOf says what makes a response a failure, empty when nothing does. status is that of a good one, who is what it says
// of its sender.
func flawOf(r *httpext.Response, status int, who *sender, flaw string) string {
	switch {
	case r.Status == 0:
		return r.Error
	case r.Status != status:
		return "status " + strconv.Itoa(r.Status)
	case who.flaw != "":
		return who.flaw
	default:
		return flaw
	}
}
