package ledger

import "bytes"

// longestEvent bounds what is kept of a stream, in bytes.
const longestEvent = 1 << 20

// events cuts a stream of server-sent events, which comes in pieces of any size, into the data of each event. What else
// an event may have, its name and number, is of no use here.
// Source of the format: HTML Living Standard, 9.2.6 "Interpreting an event stream".
type events struct {
	// line is what has come of a line whose end has not.
	line []byte
	// data is that of the event which has begun.
	data    []byte
	hasData bool
	begun   bool
	afterCR bool
	// tooLong: an event was longer than is kept, and nothing is read any more.
	tooLong bool
}

// reset makes it ready for another stream, with the room it has unless that is much.
func (e *events) reset() {
	line, data := e.line[:0], e.data[:0]
	if cap(line)+cap(data) > longestEvent/8 {
		line, data = nil, nil
	}
	*e = events{line: line, data: data}
}

// feed calls each with the data of every event that ends in the piece; it is theirs for the call only.
func (e *events) feed(piece []byte, each func(data []byte)) {
	for len(piece) > 0 && !e.tooLong {
		if e.afterCR {
			e.afterCR = false
			if piece[0] == '\n' {
				// Of one end of a line with the CR before it.
				piece = piece[1:]
				continue
			}
		}
		end := bytes.IndexAny(piece, "\r\n")
		if end < 0 {
			e.keep(piece)
			return
		}
		line := piece[:end]
		e.afterCR = piece[end] == '\r'
		piece = piece[end+1:]
		if len(e.line) > 0 {
			e.keep(line)
			line = e.line
		}
		e.take(line, each)
		e.line = e.line[:0]
	}
}

func (e *events) keep(part []byte) {
	if len(e.line)+len(e.data)+len(part) > longestEvent {
		e.tooLong = true
		return
	}
	e.line = append(e.line, part...)
}

func (e *events) take(line []byte, each func(data []byte)) {
	if !e.begun {
		e.begun = true
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	}
	if len(line) == 0 {
		e.dispatch(each)
		return
	}
	field, value, _ := bytes.Cut(line, []byte(":"))
	if string(field) != "data" {
		return
	}
	value = bytes.TrimPrefix(value, []byte(" "))
	if len(e.data)+len(value) >= longestEvent {
		e.tooLong = true
		return
	}
	if e.hasData {
		e.data = append(e.data, '\n')
	}
	e.data = append(e.data, value...)
	e.hasData = true
}

func (e *events) dispatch(each func(data []byte)) {
	if e.hasData && !e.tooLong {
		each(e.data)
	}
	e.data, e.hasData = e.data[:0], false
}

// end is called when the stream has ended. An event whose end has not come is none, but for the stream's last one, to
// which nothing can be missing: some leave out its empty line.
func (e *events) end(each func(data []byte)) {
	if len(e.line) > 0 {
		e.take(e.line, each)
	}
	if e.hasData && isDone(e.data) {
		e.dispatch(each)
	}
}

// isDone tells whether an event is the last one of OpenAI's streams.
func isDone(data []byte) bool { return string(bytes.TrimSpace(data)) == "[DONE]" }
