package ledger

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
	"go.k6.io/k6/v2/lib/netext/httpext"
)

// stream reads an answer in the shape of OpenAI's chat completions as it comes: events of JSON, the last one `[DONE]`.
// Source: OpenAI's API reference, "Chat completions", "Streaming".
type stream struct {
	tells  *tells
	status int
	events events

	// got is the status that came, 0 before the head of the answer has.
	got     int
	kind    string
	encoded bool
	// What was told so far.
	version, cluster string
	// body is the beginning of an answer that is no stream.
	body []byte

	heard  int
	tokens int
	// first is when the first token was read.
	first time.Time
	done  bool
	// flaw is the first thing found wrong with the events.
	flaw string
}

// longestBody bounds what is kept of an answer that is no stream, in bytes.
const longestBody = 64 << 10

const tooLong = "an event of the stream is longer than 1 MiB"

// longestError bounds what of an error of the stream gets into a row, in bytes.
const longestError = 200

func (s *stream) reset() {
	s.events.reset()
	*s = stream{tells: s.tells, status: s.status, events: s.events, body: s.body[:0]}
}

// open reads the head of the answer.
func (s *stream) open(status int, header http.Header) {
	s.got, s.kind = status, header.Get("Content-Type")
	if name := s.tells.version.header; name != "" {
		s.version = told(strings.Join(header[name], ", "))
	}
	if s.tells.cluster != nil && s.tells.cluster.header != "" {
		s.cluster = told(strings.Join(header[s.tells.cluster.header], ", "))
	}
	if encoding := header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		// Nobody asked for it, and what is compressed does not come token by token.
		s.encoded = true
		s.complain("the stream is encoded (" + clipped(encoding) + ")")
	}
}

// read reads a piece of the body that came at a moment.
func (s *stream) read(piece []byte, at time.Time) {
	switch {
	case s.got != s.status:
		s.body = append(s.body, piece[:min(len(piece), longestBody-len(s.body))]...)
	case !s.encoded:
		s.events.feed(piece, func(data []byte) { s.event(data, at) })
		if s.events.tooLong {
			s.complain(tooLong)
		}
	}
}

// end is called when the whole body was read.
func (s *stream) end(at time.Time) {
	if s.got == s.status && !s.encoded {
		s.events.end(func(data []byte) { s.event(data, at) })
	}
}

func (s *stream) event(data []byte, at time.Time) {
	s.heard++
	switch {
	case s.done:
		s.complain("the stream goes on after [DONE]")
		return
	case isDone(data):
		s.done = true
		return
	case !gjson.ValidBytes(data):
		s.complain(fmt.Sprintf("event %d of the stream is no JSON", s.heard))
		return
	}
	text := string(data)
	s.listen("version", &s.tells.version, &s.version, text)
	if s.tells.cluster != nil {
		s.listen("cluster", s.tells.cluster, &s.cluster, text)
	}
	// gjson has null for what is not there, too.
	if found := gjson.Get(text, "error"); found.Type != gjson.Null && found.Type != gjson.False {
		message := found.Get("message").String()
		if message == "" {
			message = found.String()
		}
		s.complain("the stream has an error" + s.progress() + ": " + clipped(message))
		return
	}
	if content := gjson.Get(text, "choices.0.delta.content"); content.Type == gjson.String && content.Str != "" {
		s.tokens++
		if s.tokens == 1 {
			s.first = at
		}
	}
}

// listen holds what an event tells against what those before it told. Not every event has to tell it.
func (s *stream) listen(what string, t *telling, before *string, text string) {
	if t.header != "" {
		return
	}
	switch now := t.find(text); {
	case now == "" || now == *before:
	case *before == "":
		*before = strings.Clone(now)
	default:
		s.complain(fmt.Sprintf("the %s changes within the stream from %s to %s%s", what, *before, now, s.progress()))
	}
}

func (s *stream) complain(flaw string) {
	if s.flaw == "" {
		s.flaw = flaw
	}
}

// sender is who gave the answer, as far as it came.
func (s *stream) sender() *sender {
	if s.got == 0 {
		return nobody
	}
	if s.got != s.status {
		body := string(s.body)
		if s.version == "" {
			s.version = s.tells.version.in(nil, body)
		}
		if s.cluster == "" && s.tells.cluster != nil {
			s.cluster = s.tells.cluster.in(nil, body)
		}
	}
	return s.tells.sender(s.version, s.cluster)
}

// flawOf says what makes the answer a failure, empty when nothing does.
func (s *stream) flawOf(r *httpext.Response, who *sender) string {
	switch {
	case s.got == 0 || r.Status == 0 && s.got != s.status:
		return r.Error
	case hung(r):
		return r.Error + s.progress()
	case s.got != s.status:
		return "status " + strconv.Itoa(s.got)
	case s.flaw != "":
		return s.flaw
	case r.Status == 0 && s.done:
		return r.Error + s.progress()
	case r.Status == 0:
		return "the stream was truncated" + s.progress() + ": " + r.Error
	case !s.done && s.heard == 0 && !strings.HasPrefix(s.kind, "text/event-stream"):
		return "the answer is no stream of events, its Content-Type is " + strconv.Quote(clipped(s.kind))
	case !s.done:
		return "the stream was truncated" + s.progress()
	case s.tokens == 0:
		return "the stream has no token"
	default:
		return who.flaw
	}
}

func (s *stream) progress() string {
	if s.done {
		return " after [DONE]"
	}
	return fmt.Sprintf(" after %d tokens", s.tokens)
}

func clipped(text string) string {
	if len(text) <= longestError {
		return text
	}
	return strings.ToValidUTF8(text[:longestError], "") + "..."
}

// listener is a transport whose answers a stream reads along, at the moment at which they come.
type listener struct {
	http.RoundTripper
	stream *stream
}

// RoundTrip implements http.RoundTripper.
func (l listener) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := l.RoundTripper.RoundTrip(request)
	if err == nil {
		l.stream.open(response.StatusCode, response.Header)
		response.Body = listened{response.Body, l.stream}
	}
	return response, err
}

type listened struct {
	io.ReadCloser
	stream *stream
}

func (l listened) Read(into []byte) (int, error) {
	n, err := l.ReadCloser.Read(into)
	at := time.Now()
	if n > 0 {
		l.stream.read(into[:n], at)
	}
	if err == io.EOF {
		l.stream.end(at)
	}
	return n, err
}
