package ledger

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// cut feeds a stream in pieces of a size and returns the data of its events.
func cut(e *events, stream string, size int) []string {
	var got []string
	each := func(data []byte) { got = append(got, string(data)) }
	for piece := range slices.Chunk([]byte(stream), size) {
		e.feed(piece, each)
	}
	e.end(each)
	return got
}

// Would catch: an event lost, torn or doubled because a piece of the stream ended within it; ends of lines, comments and
// fields read otherwise than browsers and SDKs read them.
func TestEventsHoweverTheyCome(t *testing.T) {
	for name, c := range map[string]struct {
		stream string
		want   []string
	}{
		"LF":                       {"data: 1\n\ndata: 2\n\n", []string{"1", "2"}},
		"CR LF":                    {"data: 1\r\n\r\ndata: 2\r\n\r\n", []string{"1", "2"}},
		"CR":                       {"data: 1\r\rdata: 2\r\r", []string{"1", "2"}},
		"several lines of data":    {"data: {\ndata: }\n\n", []string{"{\n}"}},
		"one space belongs to it":  {"data:1\n\ndata:  2\n\n", []string{"1", " 2"}},
		"other fields":             {": ping\n\nevent: token\nid: 7\ndata: 1\nretry: 5\n\nid: 8\n\n", []string{"1"}},
		"no data":                  {"data\n\ndata:\n\n", []string{"", ""}},
		"byte order mark":          {"\xef\xbb\xbfdata: 1\n\n", []string{"1"}},
		"an event without its end": {"data: 1\n\ndata: 2\n", []string{"1"}},
		"a line without its end":   {"data: 1\n\ndata: 2", []string{"1"}},
		"the last one without":     {"data: 1\n\ndata: [DONE]", []string{"1", "[DONE]"}},
		"the last one torn":        {"data: 1\n\ndata: [DON", []string{"1"}},
		"nothing":                  {"", nil},
		"no stream":                {"<html>502</html>\n\n", nil},
	} {
		e := &events{}
		for size := 1; size <= max(1, len(c.stream)); size++ {
			if got := cut(e, c.stream, size); !slices.Equal(got, c.want) {
				t.Errorf("%s in pieces of %d: %q, not %q", name, size, got, c.want)
			}
			e.reset()
		}
	}
}

// Would catch: memory without bounds on a stream without ends of lines, or on an event of many lines; room that a VU
// keeps for ever after one large event.
func TestEventsAreBounded(t *testing.T) {
	line := "data: " + strings.Repeat("x", 1000) + "\n"
	for name, piece := range map[string]string{"one line": strings.Repeat("x", 1000), "many lines": line, "empty lines of data": "data\n"} {
		e := &events{}
		e.feed([]byte("data: "), nil)
		for range 10 * longestEvent / len(piece) {
			e.feed([]byte(piece), func([]byte) { t.Fatal("an event without an end") })
		}
		if !e.tooLong {
			t.Errorf("%s: goes on for ever", name)
		}
		if kept := cap(e.line) + cap(e.data); kept > 3*longestEvent {
			t.Errorf("%s: %d bytes are kept", name, kept)
		}
		e.end(func([]byte) { t.Errorf("%s: an event that is not whole", name) })
		e.reset()
		if kept := cap(e.line) + cap(e.data); kept > longestEvent/8 {
			t.Errorf("%s: %d bytes are kept for the next stream", name, kept)
		}
		if got := cut(e, "data: 1\n\n", 4); !slices.Equal(got, []string{"1"}) {
			t.Errorf("%s: then %q", name, got)
		}
	}
	e := &events{}
	longest := bytes.Repeat([]byte("x"), longestEvent-len("data: ")-1)
	got := 0
	e.feed(append(append([]byte("data: "), longest...), "\n\n"...), func(data []byte) { got = len(data) })
	if got != len(longest) {
		t.Errorf("an event of %d bytes, of which %d came", len(longest), got)
	}
}
