package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

// makeFIFO makes a FIFO at path, and takes one that is there already (an init container may run twice).
func makeFIFO(path string) error {
	err := syscall.Mkfifo(path, 0o600)
	if err == nil {
		return nil
	}
	if info, statErr := os.Stat(path); statErr == nil && info.Mode()&os.ModeNamedPipe != 0 {
		return nil
	}
	return fmt.Errorf("cannot make the FIFO %s: %w", path, err)
}

// openFIFO opens path for reading, whether or not k6 has opened it for writing, so that a k6 that opens and closes it
// in an instant is seen as well.
func openFIFO(path string) (*os.File, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("cannot read k6's ledger: %w", err)
	} else if info.Mode()&os.ModeNamedPipe == 0 {
		return nil, fmt.Errorf("cannot read k6's ledger: %s is no FIFO", path)
	}
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot read k6's ledger: %w", err)
	}
	widen(file)
	return file, nil
}

// awaitWriter returns when someone writes to the FIFO, or has closed it. Before that, reading would find an end.
func awaitWriter(ctx context.Context, fifo *os.File, deadline time.Duration) error {
	poll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return fmt.Errorf("cannot await k6: %w", err)
	}
	defer syscall.Close(poll)
	raw, err := fifo.SyscallConn()
	if err != nil {
		return fmt.Errorf("cannot await k6: %w", err)
	}
	var addErr error
	err = raw.Control(func(fd uintptr) {
		event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)}
		addErr = syscall.EpollCtl(poll, syscall.EPOLL_CTL_ADD, int(fd), &event)
	})
	if err := errors.Join(err, addErr); err != nil {
		return fmt.Errorf("cannot await k6: %w", err)
	}
	const step = 100 // ms, to look at ctx
	events := make([]syscall.EpollEvent, 1)
	for start := time.Now(); time.Since(start) < deadline; {
		n, err := syscall.EpollWait(poll, events, step)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && !errors.Is(err, syscall.EINTR):
			return fmt.Errorf("cannot await k6: %w", err)
		case n > 0:
			return nil
		}
	}
	return fmt.Errorf("k6 was awaited for %s, and has not written to %s", deadline, fifo.Name())
}

// widen asks for a larger pipe than the usual 64 KiB, so that k6 rarely waits for this side: it writes all rows of
// 200 ms at a time. Best effort: a smaller pipe costs time, not correctness.
func widen(file *os.File) {
	const setPipeSize = 1031 // F_SETPIPE_SZ
	if raw, err := file.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			_, _, _ = syscall.Syscall(syscall.SYS_FCNTL, fd, setPipeSize, 1<<20)
		})
	}
}

// maxLine is the longest row that k6 is believed to write; a longer one means that it is not k6 who writes.
const maxLine = 1 << 20

// readLines hands whole lines, without their newline, to take, as many at a time as there are, until EOF. The lines
// are valid during the call only. A last line cut short (k6 was killed while writing) is left out.
func readLines(r io.Reader, take func([][]byte) error) error {
	buffer := make([]byte, maxLine)
	fill := 0
	var lines [][]byte
	for {
		n, err := r.Read(buffer[fill:])
		fill += n
		lines = lines[:0]
		rest := buffer[:fill]
		for {
			i := bytes.IndexByte(rest, '\n')
			if i < 0 {
				break
			}
			lines = append(lines, rest[:i])
			rest = rest[i+1:]
		}
		if len(lines) > 0 {
			if takeErr := take(lines); takeErr != nil {
				return takeErr
			}
			fill = copy(buffer, rest)
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("reading k6's ledger: %w", err)
		case fill == len(buffer):
			return fmt.Errorf("reading k6's ledger: a line is longer than %d bytes", maxLine)
		}
	}
}
