// Command zerodrop-ledger holds the ledger that k6 writes (k6/ledger) until the runner has it all. It stands beside k6
// in the load's pod, because the pod's log rotates and a finished container's files are gone before anyone could fetch
// them.
//
//	zerodrop-ledger prepare --fifo PATH     makes the FIFO, as the pod's init container
//	zerodrop-ledger hold --fifo PATH ...    reads its rows, and serves them over HTTP
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
	"syscall"
	"time"
)

// Exit codes, for whoever reads the pod's status.
const (
	exitAcknowledged   = 0 // the runner has everything
	exitBroken         = 1 // the ledger is not whole, the log says why
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
	fifo      string
	listen    string
	files     string
	names     []string
	start     time.Duration
	linger    time.Duration
	holdBytes int
}

func run(ctx context.Context, args []string, stderr io.Writer) int {
	if len(args) == 0 || (args[0] != "prepare" && args[0] != "hold") {
		fmt.Fprintln(stderr, "zerodrop-ledger: the first argument must be prepare or hold")
		return exitUsage
	}
	set := flag.NewFlagSet("zerodrop-ledger "+args[0], flag.ContinueOnError)
	set.SetOutput(stderr)
	var o options
	set.StringVar(&o.fifo, "fifo", "", "FIFO that k6 writes its ledger to")
	names := ""
	if args[0] == "hold" {
		set.StringVar(&o.listen, "listen", ":6566", "address to serve HTTP on")
		set.StringVar(&o.files, "files", "", "folder of the files to serve")
		set.StringVar(&names, "names", "k6-summary.json,k6-dashboard.html", "files to serve from it, .json or .html, comma-separated")
		set.DurationVar(&o.start, "start-deadline", 2*time.Minute, "time k6 has to write its first row")
		set.DurationVar(&o.linger, "linger", 2*time.Minute, "time the runner has, after k6's end, to fetch the rest")
		set.IntVar(&o.holdBytes, "hold-bytes", 64<<20, "rows held for the runner; what k6 writes waits when there are more")
	}
	if err := set.Parse(args[1:]); err != nil {
		return exitUsage
	}
	if o.fifo == "" || set.NArg() > 0 || (args[0] == "hold" && o.files == "") {
		fmt.Fprintln(stderr, "zerodrop-ledger: --fifo is required, hold needs --files too, and there are no other arguments")
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
	go func() { followed <- follow(ctx, o, fifo, rows) }()
	var broken error
	select {
	case broken = <-followed:
		if ctx.Err() != nil {
			return exitTerminated
		}
		if broken != nil {
			log.Print(broken)
			rows.close()
			if last, _ := rows.last(); last == 0 {
				return exitBroken
			}
			// What came before it is good, and may not have been fetched yet.
		}
	case <-ctx.Done():
		return exitTerminated
	}
	last, state := rows.last()
	code := exitUnacknowledged
	if broken != nil {
		code = exitBroken
	} else if state == cutShort {
		log.Print(errCutShort)
		code = exitBroken
	}
	log.Printf("k6 has ended with row %d; holding its ledger for %s", last, o.linger)

	select {
	case <-service.acknowledged:
		return exitAcknowledged
	case <-time.After(o.linger):
		log.Printf("nobody acknowledged the ledger within %s", o.linger)
		return code
	case <-ctx.Done():
		return exitTerminated
	}
}

// follow reads the FIFO to its end, row by row into the store.
func follow(ctx context.Context, o options, fifo *os.File, rows *store) error {
	if err := awaitWriter(ctx, fifo, o.start); err != nil {
		return err
	}
	err := readLines(fifo, func(lines [][]byte) error {
		// Meanwhile the FIFO fills and k6 queues its rows, and counts as lost what it has to give up.
		if err := rows.awaitRoom(ctx); err != nil {
			return err
		}
		return rows.add(lines)
	})
	if err != nil {
		return err
	}
	rows.close()
	return nil
}
