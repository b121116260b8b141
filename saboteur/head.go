package main

import (
	"bufio"
	"bytes"
	"errors"
	"strconv"
)

// head is the part of a message (RFC 9112) before its body. It goes on byte for byte as it came, in the order and with the
// letters in which it came, without what is meant for one connection only.
type head struct {
	// raw is all of it, from the start line to the empty one.
	raw []byte
	// start is the start line without its end.
	start []byte
	// gone are the lines that do not go on: Connection, Keep-Alive, Proxy-Connection, Upgrade, and what Connection names.
	gone []span
	// length of the body as Content-Length says it, -1 without.
	length  int64
	chunked bool
	// close: whoever sent this closes, or asks to close, the connection after it.
	close bool
	// expects: the sender waits for a 100 before it sends the body.
	expects bool
}

type span struct{ from, to int }

const headLimit = 64 << 10

var (
	errHead    = errors.New("not a head of HTTP/1.1")
	errTooLong = errors.New("a head of more than 64 KiB")
)

// readHead appends a head to into. What is read of one that is cut short is returned with the error.
func readHead(from *bufio.Reader, into []byte) ([]byte, error) {
	line := len(into)
	for {
		part, err := from.ReadSlice('\n')
		into = append(into, part...)
		if len(into) > headLimit {
			return into, errTooLong
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil {
			return into, err
		}
		switch got := into[line:]; {
		case len(got) == 2 && got[0] == '\r':
			if line > 0 {
				return into, nil
			}
			// RFC 9112, 2.2: an empty line before the start line says nothing.
			into = into[:0]
		default:
			line = len(into)
		}
	}
}

// parse reads raw, which readHead gave and which must stay as it is while the head is in use.
func (h *head) parse(raw []byte) error {
	*h = head{raw: raw, length: -1, gone: h.gone[:0]}
	end := bytes.IndexByte(raw, '\n')
	if end < 1 || raw[end-1] != '\r' {
		return errHead
	}
	h.start = raw[:end-1]
	named := false
	for at := end + 1; ; {
		end := at + bytes.IndexByte(raw[at:], '\n')
		if end <= at || raw[end-1] != '\r' {
			return errHead
		}
		line := raw[at : end-1]
		if len(line) == 0 {
			break
		}
		name, value, found := cutField(line)
		if !found {
			return errHead
		}
		goes, err := h.field(name, value, &named)
		if err != nil {
			return err
		}
		if !goes {
			h.gone = append(h.gone, span{at, end + 1})
		}
		at = end + 1
	}
	if named {
		h.dropNamed()
	}
	if h.chunked && h.length >= 0 {
		return errHead
	}
	return nil
}

func cutField(line []byte) (name, value []byte, found bool) {
	name, value, found = bytes.Cut(line, []byte(":"))
	// A space before the colon, or a line that goes on from the one before it, is how requests are smuggled.
	if !found || len(name) == 0 || bytes.ContainsAny(name, " \t\r") {
		return nil, nil, false
	}
	return name, bytes.Trim(value, " \t"), true
}

// field takes note of a field, and tells whether it goes on.
func (h *head) field(name, value []byte, named *bool) (goes bool, err error) {
	switch len(name) {
	case len("Expect"):
		if is(name, "Expect") {
			h.expects = is(value, "100-continue")
		}
	case len("Upgrade"):
		return !is(name, "Upgrade"), nil
	case len("Connection"):
		if is(name, "Keep-Alive") {
			return false, nil
		}
		if is(name, "Connection") {
			for option := range bytes.SplitSeq(value, []byte(",")) {
				switch option = bytes.Trim(option, " \t"); {
				case is(option, "close"):
					h.close = true
				case len(option) > 0 && !is(option, "keep-alive"):
					*named = true
				}
			}
			return false, nil
		}
	case len("Content-Length"):
		if is(name, "Content-Length") {
			length, err := strconv.ParseUint(string(value), 10, 62)
			if err != nil || (h.length >= 0 && h.length != int64(length)) {
				return false, errHead
			}
			h.length = int64(length)
		}
	case len("Proxy-Connection"):
		return !is(name, "Proxy-Connection"), nil
	case len("Transfer-Encoding"):
		if is(name, "Transfer-Encoding") {
			if h.chunked || !is(value, "chunked") {
				return false, errHead
			}
			h.chunked = true
		}
	}
	return true, nil
}

// dropNamed leaves out the fields that Connection names. What the message's own length goes by stays.
func (h *head) dropNamed() {
	names := map[string]bool{}
	h.lines(func(name, value []byte, _ span) {
		if is(name, "Connection") {
			for option := range bytes.SplitSeq(value, []byte(",")) {
				names[string(bytes.ToLower(bytes.Trim(option, " \t")))] = true
			}
		}
	})
	for _, kept := range []string{"content-length", "transfer-encoding", "host"} {
		delete(names, kept)
	}
	gone := []span{}
	already := h.gone
	h.lines(func(name, _ []byte, at span) {
		if len(already) > 0 && already[0] == at {
			already = already[1:]
			gone = append(gone, at)
		} else if names[string(bytes.ToLower(name))] {
			gone = append(gone, at)
		}
	})
	h.gone = gone
}

func (h *head) lines(each func(name, value []byte, at span)) {
	for at := len(h.start) + 2; ; {
		end := at + bytes.IndexByte(h.raw[at:], '\n')
		name, value, found := cutField(h.raw[at : end-1])
		if !found {
			return
		}
		each(name, value, span{at, end + 1})
		at = end + 1
	}
}

// appendFields appends the head as it goes on, up to but without the empty line.
func (h *head) appendFields(to []byte) []byte {
	at := 0
	for _, gone := range h.gone {
		to = append(to, h.raw[at:gone.from]...)
		at = gone.to
	}
	return append(to, h.raw[at:len(h.raw)-2]...)
}

// appendWithLength is appendFields with the body's length told as another one, in the place where it was told. A chunked
// body's encoding and the announcement of its trailers are left out.
func (h *head) appendWithLength(to []byte, length int64) []byte {
	to = append(append(to, h.start...), "\r\n"...)
	gone, told := h.gone, false
	h.lines(func(name, _ []byte, at span) {
		switch {
		case len(gone) > 0 && gone[0] == at:
			gone = gone[1:]
		case is(name, "Content-Length") && !told:
			told = true
			to = strconv.AppendInt(append(append(to, name...), ": "...), length, 10)
			to = append(to, "\r\n"...)
		case is(name, "Content-Length"), is(name, "Transfer-Encoding"), is(name, "Trailer"):
		default:
			to = append(to, h.raw[at.from:at.to]...)
		}
	})
	if !told {
		to = append(strconv.AppendInt(append(to, "Content-Length: "...), length, 10), "\r\n"...)
	}
	return to
}

// requestLine is method and target of a request's start line.
func (h *head) requestLine() (method, target []byte, version []byte, ok bool) {
	method, rest, one := bytes.Cut(h.start, []byte(" "))
	target, version, two := bytes.Cut(rest, []byte(" "))
	return method, target, version, one && two && len(method) > 0 && len(target) > 0 && bytes.HasPrefix(version, []byte("HTTP/"))
}

// statusLine is the status of an answer's start line, and whether it is of HTTP/1.1; of HTTP/1.0 it may be too.
func (h *head) statusLine() (status int, ok bool) {
	line := h.start
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte("HTTP/1.")) || line[8] != ' ' {
		return 0, false
	}
	if line[7] == '0' {
		h.close = true
	}
	status, err := strconv.Atoi(string(line[9:12]))
	return status, err == nil && status >= 100 && (len(line) == 12 || line[12] == ' ')
}

// is compares without regard to case, as HTTP does with names of fields and options.
func is(got []byte, want string) bool {
	return len(got) == len(want) && bytes.EqualFold(got, []byte(want))
}
