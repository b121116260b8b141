package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
)

const longestLine = 1 << 20

// relabelling collects a stream's data into lines and writes each, relabelled, as a chunk.
type relabelling struct {
	to   *sink
	do   deed
	line []byte
}

func (r *relabelling) add(data []byte) {
	for len(data) > 0 {
		end := bytes.IndexByte(data, '\n') + 1
		if end == 0 {
			end = len(data)
		}
		r.line = append(r.line, data[:end]...)
		data = data[end:]
		if r.line[len(r.line)-1] == '\n' || len(r.line) > longestLine {
			r.end()
		}
	}
}

// end writes what has come of the last line.
func (r *relabelling) end() {
	if len(r.line) == 0 {
		return
	}
	line := relabelFirstLine(r.line, r.do)
	r.to.write(fmt.Appendf(nil, "%x\r\n", len(line)))
	r.to.write(line)
	r.to.write(crlf)
	r.line = r.line[:0]
}

// relabelFirstLine is the text with other names in its first line. All else stays byte for byte.
func relabelFirstLine(text []byte, do deed) []byte {
	line := text
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		line = text[:end]
	}
	found := readNames(line)
	type change struct {
		at span
		to string
	}
	var changes []change
	if do.Version != "" && found.Version != "" {
		changes = append(changes, change{found.version, do.Version})
	}
	if do.Cluster != "" && found.Cluster != "" {
		changes = append(changes, change{found.cluster, do.Cluster})
	}
	if len(changes) == 2 && changes[1].at.from < changes[0].at.from {
		changes[0], changes[1] = changes[1], changes[0]
	}
	var out []byte
	at := 0
	for _, change := range changes {
		quoted, _ := json.Marshal(change.to)
		out = append(append(out, text[at:change.at.from]...), quoted...)
		at = change.at.to
	}
	return append(out, text[at:]...)
}

// mostRelabelled is how much of a body with Content-Length is held for it.
const mostRelabelled = 4 << 20

func (c *client) canRelabel(do deed, x *exchanged) bool {
	found := x.opening.names
	for _, label := range [][2]string{{do.Version, found.Version}, {do.Cluster, found.Cluster}} {
		if label[0] != "" && label[1] == "" {
			return false
		}
	}
	return (do.Version != "" && do.Version != found.Version || do.Cluster != "" && do.Cluster != found.Cluster) &&
		(x.framing == byChunks || x.framing == byLength && c.answer.length <= mostRelabelled)
}

func (c *client) relabel(do deed, x *exchanged, say func(string)) (again bool) {
	was := x.opening.sender
	say(fmt.Sprintf("%s on %s told as %s on %s", was.Version, was.Cluster, either(do.Version, was.Version), either(do.Cluster, was.Cluster)))
	closing := c.closesAfter(x)
	if x.framing == byChunks {
		c.begin(c.answer.appendFields(c.room()), closing)
		return c.finish(x, relabelChunks(x.upstream.in, &c.out, do), closing)
	}
	whole := &copied{most: mostRelabelled}
	if err := relayLength(x.upstream.in, &sink{copy: whole}, c.answer.length, nil); err != nil {
		return c.finish(x, err, closing)
	}
	body := relabelFirstLine(whole.bytes, do)
	c.begin(c.answer.appendWithLength(c.room(), int64(len(body))), closing)
	c.out.write(body)
	return c.finish(x, nil, closing)
}

func either(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// relabelChunks passes a chunked body on with every line relabelled, each in a chunk of its own, and with its trailers. A line longer than
// 1 MiB is passed on as it is.
func relabelChunks(from *bufio.Reader, to *sink, do deed) error {
	lines := &relabelling{to: to, do: do}
	for {
		line, size, err := readChunkLine(from)
		if err != nil {
			return err
		}
		if size == 0 {
			lines.end()
			to.write(line)
			return relayTrailers(from, to)
		}
		if err := relayLength(from, &sink{}, size, lines.add); err != nil {
			return err
		}
		if err := chunkEnd(from); err != nil {
			return err
		}
	}
}
