package ledger

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"
)

// queueLimit bounds the rows that wait to be written, in bytes.
const queueLimit = 64 << 20

// openForWriting opens a FIFO as soon as somebody reads it. Opening it the plain way would wait for ever for a reader
// that is not there.
func openForWriting(path string, deadline time.Duration) (*os.File, error) {
	const pause = 20 * time.Millisecond
	for started := time.Now(); ; time.Sleep(pause) {
		file, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, syscall.ENXIO) {
			return nil, fmt.Errorf("cannot write the ledger: %w", err)
		}
		if time.Since(started) >= deadline {
			return nil, fmt.Errorf("cannot write the ledger: a reader of %s was awaited for %s, and none came", path, deadline)
		}
	}
}

// parcel is encoded rows, and how many requests they are about.
type parcel struct {
	rows     []byte
	requests int64
}

// queue hands rows to a goroutine that writes them, so that a reader that takes its time never holds up k6.
type queue struct {
	file    *os.File
	limit   int
	report  func(error)
	mutex   sync.Mutex
	waiting []parcel
	size    int
	broken  bool
	closed  bool
	lost    int64
	more    chan struct{} // of capacity 1: there may be something new
	done    chan struct{}
}

func newQueue(file *os.File, limit int, report func(error)) *queue {
	q := &queue{file: file, limit: limit, report: report, more: make(chan struct{}, 1), done: make(chan struct{})}
	go q.write()
	return q
}

// room tells whether rows would be taken.
func (q *queue) room() bool {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return !q.broken && q.size < q.limit
}

// giveUp counts requests whose rows are not even made.
func (q *queue) giveUp(requests int64) {
	q.mutex.Lock()
	q.lost += requests
	q.mutex.Unlock()
}

// lostSoFar is how many requests had to be given up.
func (q *queue) lostSoFar() int64 {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return q.lost
}

// add queues rows, whatever their number: who adds has asked for room.
func (q *queue) add(p parcel) {
	q.mutex.Lock()
	if q.broken {
		q.lost += p.requests
	} else {
		q.waiting = append(q.waiting, p)
		q.size += len(p.rows)
	}
	q.mutex.Unlock()
	q.wake()
}

func (q *queue) wake() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}

func (q *queue) write() {
	defer close(q.done)
	for {
		q.mutex.Lock()
		if len(q.waiting) == 0 {
			closed := q.closed
			q.mutex.Unlock()
			if closed {
				return
			}
			<-q.more
			continue
		}
		next := q.waiting[0]
		q.mutex.Unlock()

		_, err := q.file.Write(next.rows)
		q.mutex.Lock()
		if err != nil {
			q.broken = true
			for _, p := range q.waiting {
				q.lost += p.requests
			}
			lost := q.lost
			q.waiting, q.size = nil, 0
			q.mutex.Unlock()
			q.report(fmt.Errorf("the ledger is cut short, %d requests are lost so far: %w", lost, err))
			return
		}
		q.waiting[0] = parcel{}
		q.waiting = q.waiting[1:]
		q.size -= len(next.rows)
		q.mutex.Unlock()
	}
}

// close returns when everything queued is written, or was given up at the deadline, and closes the file: its reader
// sees the end.
func (q *queue) close(deadline time.Duration) {
	// What is no pipe knows no deadline, and needs none.
	_ = q.file.SetWriteDeadline(time.Now().Add(deadline))
	q.mutex.Lock()
	q.closed = true
	q.mutex.Unlock()
	q.wake()
	<-q.done
	_ = q.file.Close()
}
