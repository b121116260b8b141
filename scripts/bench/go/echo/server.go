package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"strconv"
	"sync/atomic"
)

// What the application under test answers with, about as long.
const body = `{"version":"v1","cluster":"zerodrop-echo","replica":"echo#1"}`

var answer = []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)

// counts is what the server saw since it began.
type counts struct {
	// Requests whose answer was given to the kernel.
	Answered int64 `json:"answered"`
	// Connections that are open.
	Open int64 `json:"open"`
	// Connections that were closed because of what was sent on them.
	Refused int64 `json:"refused"`
}

type server struct {
	answered, open, refused atomic.Int64
}

func (s *server) counts() counts {
	return counts{Answered: s.answered.Load(), Open: s.open.Load(), Refused: s.refused.Load()}
}

func (s *server) serve(listener net.Listener) error {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		s.open.Add(1)
		go func() {
			defer s.open.Add(-1)
			defer connection.Close()
			if err := s.converse(connection); errors.Is(err, errNotRead) {
				s.refused.Add(1)
			}
		}()
	}
}

// converse answers request after request until the client closes or asks to.
func (s *server) converse(connection net.Conn) error {
	reader := bufio.NewReader(connection)
	for {
		head, err := readHead(reader)
		if err != nil {
			return err
		}
		if _, err := io.CopyN(io.Discard, reader, head.length); err != nil {
			return err
		}
		if _, err := connection.Write(answer); err != nil {
			return err
		}
		s.answered.Add(1)
		if head.last {
			return nil
		}
	}
}

// errNotRead: the client sent what this server does not know.
var errNotRead = errors.New("not a request that this server reads")

type head struct {
	length int64
	// The client asked to close the connection after the answer.
	last bool
}

// readHead reads a request's line and headers, up to the empty line.
func readHead(reader *bufio.Reader) (head, error) {
	line, err := reader.ReadSlice('\n')
	if err != nil {
		return head{}, err
	}
	if !bytes.HasSuffix(line, []byte(" HTTP/1.1\r\n")) {
		return head{}, errNotRead
	}
	var read head
	for {
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return head{}, err
		}
		name, value, found := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(":"))
		switch {
		case !found && len(name) == 0:
			return read, nil
		case !found:
			return head{}, errNotRead
		case bytes.EqualFold(name, []byte("Content-Length")):
			read.length, err = strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64)
			if err != nil || read.length < 0 {
				return head{}, errNotRead
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			return head{}, errNotRead
		case bytes.EqualFold(name, []byte("Connection")):
			read.last = bytes.EqualFold(bytes.TrimSpace(value), []byte("close"))
		}
	}
}
