// Command zerodrop-ledger turns what k6 says about every request into the run's ledger and holds it until the
// runner has it all. It stands beside k6 in the load's pod, because k6's own samples (several KB a request) are
// too much to store or to send, and because a finished pod's files are gone before anyone could fetch them.
//
//	zerodrop-ledger prepare --fifo PATH     makes the FIFO, as the pod's init container
//	zerodrop-ledger hold --fifo PATH ...    reads it, and serves the ledger over HTTP
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Exit codes, for whoever reads the pod's status.
const (
	exitAcknowledged   = 0 // the runner has everything
	exitBroken         = 1 // the account cannot be trusted, the log says why
	exitUsage          = 2
	exitUnacknowledged = 3 // k6 ended, and nobody fetched the rest in time
	exitTerminated     = 143
)

func main() {
	log.SetFlags(log.LUTC | log.Ldate | log.Ltime | log.Lmicroseconds)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

// options of `hold`.
type options struct {
	fifo           string
	listen         string
	files          string
	names          []string
	requestTimeout time.Duration
	flushEvery     time.Duration
	margin         time.Duration
	start          time.Duration
	linger         time.Duration
	holdBytes      int
}

func run(ctx context.Context, args []string, stderr io.Writer) int {
	if len(args) == 0 || (args[0] != "prepare" && args[0] != "hold") {
		fmt.Fprintln(stderr, "zerodrop-ledger: the first argument must be prepare or hold")
		return exitUsage
	}
	set := flag.NewFlagSet("zerodrop-ledger "+args[0], flag.ContinueOnError)
	set.SetOutput(stderr)
	var o options
	set.StringVar(&o.fifo, "fifo", "", "FIFO that k6 writes its JSON samples to")
	names := ""
	if args[0] == "hold" {
		set.StringVar(&o.listen, "listen", ":6566", "address to serve HTTP on")
		set.StringVar(&o.files, "files", "", "folder of the files to serve")
		set.StringVar(&names, "names", "k6-summary.json", "files to serve from it, JSON, comma-separated")
		set.DurationVar(&o.requestTimeout, "request-timeout", 0, "deadline of every request; required")
		set.DurationVar(&o.flushEvery, "flush", 200*time.Millisecond, "time between two heartbeats")
		set.DurationVar(&o.margin, "margin", 250*time.Millisecond, "how far k6's samples may be out of order")
		set.DurationVar(&o.start, "start-deadline", 2*time.Minute, "time k6 has to write its first sample")
		set.DurationVar(&o.linger, "linger", 2*time.Minute, "time the runner has, after k6's end, to fetch the rest")
		set.IntVar(&o.holdBytes, "hold-bytes", 64<<20, "rows held for the runner; k6's output waits when there are more")
	}
	if err := set.Parse(args[1:]); err != nil {
		return exitUsage
	}
	if o.fifo == "" || set.NArg() > 0 || (args[0] == "hold" && (o.requestTimeout <= 0 || o.files == "")) {
		fmt.Fprintln(stderr, "zerodrop-ledger: --fifo is required, hold needs --request-timeout and --files too, and there are no other arguments")
		return exitUsage
	}
	if args[0] == "prepare" {
		if err := makeFIFO(o.fifo); err != nil {
			log.Print(err)
			return exitBroken
		}
		return 0
	}
	o.names = strings.Split(names, ",")
	return hold(ctx, o)
}

// hold follows k6 to its end and serves the rows until the runner has acknowledged them all.
func hold(ctx context.Context, o options) int {
	rows := newStore(o.holdBytes)
	account := newAccount(o.requestTimeout, o.margin)
	service := newService(rows, o.files, o.names)

	// Before anything can be asked: who gets an answer may rely on it that nothing k6 writes is missed.
	fifo, err := openFIFO(o.fifo)
	if err != nil {
		log.Print(err)
		return exitBroken
	}
	defer fifo.Close()
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		log.Printf("cannot serve on %s: %v", o.listen, err)
		return exitBroken
	}
	server := &http.Server{Handler: service, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Printf("serving stopped: %v", err)
		}
	}()
	defer func() {
		closing, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_ = server.Shutdown(closing)
	}()

	followed := make(chan error, 1)
	go func() { followed <- follow(ctx, o, fifo, account, rows) }()
	select {
	case err := <-followed:
		if ctx.Err() != nil {
			return exitTerminated
		}
		if err != nil {
			log.Print(err)
			return exitBroken
		}
	case <-ctx.Done():
		return exitTerminated
	}
	log.Printf("k6 has ended after %d requests; holding its ledger for %s", account.issued, o.linger)

	select {
	case <-service.acknowledged:
		return exitAcknowledged
	case <-time.After(o.linger):
		log.Printf("nobody acknowledged the ledger within %s", o.linger)
		return exitUnacknowledged
	case <-ctx.Done():
		return exitTerminated
	}
}

// follow reads the FIFO to its end, flushing the account into the store every o.flushEvery, idle or not.
func follow(ctx context.Context, o options, fifo *os.File, account *account, rows *store) error {
	account.opened(time.Now())
	if err := awaitWriter(ctx, fifo, o.start); err != nil {
		return err
	}

	var mutex sync.Mutex // the account's
	done := make(chan struct{})
	var flusher sync.WaitGroup
	flusher.Go(func() {
		ticker := time.NewTicker(o.flushEvery)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				// A full store gets no rows: what was read stays in the account until there is room.
				if !rows.full() {
					mutex.Lock()
					account.flush(time.Now(), rows)
					mutex.Unlock()
				}
			}
		}
	})
	err := readLines(fifo, func(lines [][]byte) error {
		if err := rows.awaitRoom(ctx); err != nil {
			return err
		}
		mutex.Lock()
		defer mutex.Unlock()
		return account.takeLines(lines)
	})
	close(done)
	flusher.Wait()
	if err != nil {
		return err
	}
	account.end(time.Now(), rows)
	return nil
}
