package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"strconv"
)

const sinkBytes = 16 << 10

// sink collects what goes to one side of an exchange. It is written when it is full and, by the source of the other side,
// before anybody waits: nothing that has come is held back, and what came together goes on together.
type sink struct {
	// to is nil for what is to be dropped.
	to  net.Conn
	buf []byte
	// err is the first failure; what is written after it is dropped.
	err error
	// copy gets all of it too, as long as it has room.
	copy *copied
}

func (s *sink) write(p []byte) {
	if s.copy != nil {
		s.copy.add(p)
	}
	if s.to == nil || s.err != nil {
		return
	}
	if len(s.buf)+len(p) > sinkBytes {
		s.flush()
	}
	if len(p) > sinkBytes {
		if s.err == nil {
			_, s.err = s.to.Write(p)
		}
		return
	}
	s.buf = append(s.buf, p...)
}

func (s *sink) flush() {
	if len(s.buf) == 0 {
		return
	}
	if s.err == nil {
		_, s.err = s.to.Write(s.buf)
	}
	s.buf = s.buf[:0]
}

// copied is what went through a sink, unless it was too much.
type copied struct {
	bytes []byte
	most  int
	over  bool
}

func (c *copied) add(p []byte) {
	if c.over = c.over || len(c.bytes)+len(p) > c.most; !c.over {
		c.bytes = append(c.bytes, p...)
	}
}

// source reads a connection, and has what was read before written before it waits.
type source struct {
	net.Conn
	// ahead is where what is read goes. Its failure is no reason to stop reading: a client that was answered early may
	// still send, and one that has gone ends the exchange by itself.
	ahead *sink
}

func (s *source) Read(p []byte) (int, error) {
	if s.ahead != nil {
		s.ahead.flush()
	}
	return s.Conn.Read(p)
}

// framing is how a body's end is known.
type framing int

const (
	noBody framing = iota
	byLength
	byChunks
	byClose
)

// endedEarly: the body was ended before its end, as it was asked for, with the data of a chunk of this size still to be read.
type endedEarly struct{ size int64 }

func (endedEarly) Error() string { return "ended after its first chunk" }

var errChunk = errors.New("not a chunked body")

// options of how a body is relayed, which is as it is without any.
type options struct {
	// edit may change the data in place; it gets all of it in order, in pieces of whatever size.
	edit func(data []byte)
	// withoutEnd leaves out a chunked body's last chunk (the empty one) and all after it.
	withoutEnd bool
	// onlyFirst ends a chunked body properly when its second chunk begins, and reads no further; a body of one chunk stays whole.
	onlyFirst bool
}

// relay passes a body on as it is framed, in the same chunks and with the same trailers. The last of it may still be in the sink.
func relay(from *bufio.Reader, to *sink, how framing, length int64, o options) error {
	switch how {
	case byLength:
		return relayLength(from, to, length, o.edit)
	case byChunks:
		return relayChunks(from, to, o)
	case byClose:
		for {
			if _, err := from.Peek(1); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
			if err := relayLength(from, to, int64(from.Buffered()), o.edit); err != nil {
				return err
			}
		}
	default:
		return nil
	}
}

func relayLength(from *bufio.Reader, to *sink, left int64, edit func([]byte)) error {
	for left > 0 {
		if _, err := from.Peek(1); err != nil {
			return unexpected(err)
		}
		data, _ := from.Peek(int(min(left, int64(from.Buffered()))))
		if edit != nil {
			edit(data)
		}
		to.write(data)
		_, _ = from.Discard(len(data))
		left -= int64(len(data))
	}
	return nil
}

func relayChunks(from *bufio.Reader, to *sink, o options) error {
	for n := 0; ; n++ {
		line, size, err := readChunkLine(from)
		if err != nil {
			return err
		}
		if o.onlyFirst && n == 1 && size > 0 {
			to.write(lastChunk)
			return endedEarly{size}
		}
		if size == 0 {
			if o.withoutEnd {
				return nil
			}
			to.write(line)
			return relayTrailers(from, to)
		}
		to.write(line)
		if err := relayLength(from, to, size, o.edit); err != nil {
			return err
		}
		if err := chunkEnd(from); err != nil {
			return err
		}
		to.write(crlf)
	}
}

var (
	crlf      = []byte("\r\n")
	lastChunk = []byte("0\r\n\r\n")
)

// readChunkLine reads the line before a chunk's data. The line is good until the next read.
func readChunkLine(from *bufio.Reader) (line []byte, size int64, err error) {
	line, err = from.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		return nil, 0, errChunk
	}
	if err != nil {
		return nil, 0, unexpected(err)
	}
	size, err = chunkSize(line)
	return line, size, err
}

func chunkSize(line []byte) (int64, error) {
	digits, found := bytes.CutSuffix(line, crlf)
	if !found {
		return 0, errChunk
	}
	// What follows a semicolon are extensions, which nobody uses.
	digits, _, _ = bytes.Cut(digits, []byte(";"))
	size, err := strconv.ParseUint(string(bytes.TrimRight(digits, " \t")), 16, 62)
	if err != nil {
		return 0, errChunk
	}
	return int64(size), nil
}

func chunkEnd(from *bufio.Reader) error {
	end, err := from.Peek(2)
	if err != nil {
		return unexpected(err)
	}
	if !bytes.Equal(end, crlf) {
		return errChunk
	}
	_, _ = from.Discard(2)
	return nil
}

func relayTrailers(from *bufio.Reader, to *sink) error {
	for total := 0; ; {
		line, err := from.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			return errChunk
		}
		if err != nil {
			return unexpected(err)
		}
		to.write(line)
		if len(line) == 2 && line[0] == '\r' {
			return nil
		}
		if total += len(line); total > headLimit {
			return errTooLong
		}
	}
}

// unexpected: in the middle of a message its end is none.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
