// Command saboteur stands between a load and a gateway and hurts clients on purpose, in exactly told ways, and says exactly what it did. It
// is how it is proven that the judge sees what happens to clients. Without rules it passes everything on byte for byte.
//
//	saboteur -listen :8000 -admin :8001 -upstream http://HOST:PORT
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
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Exit codes, for whoever reads the pod's status.
const (
	exitBroken     = 1
	exitUsage      = 2
	exitTerminated = 0 // told to end, and nothing is left to do
)

// Time that exchanges under way have when it is told to end.
const endPatience = 800 * time.Millisecond

func main() {
	log.SetFlags(log.LUTC | log.Ldate | log.Ltime | log.Lmicroseconds)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

func run(ctx context.Context, args []string, stderr io.Writer) int {
	set := flag.NewFlagSet("saboteur", flag.ContinueOnError)
	set.SetOutput(stderr)
	listen := set.String("listen", ":8000", "address where clients are served")
	adminAt := set.String("admin", ":8001", "address where rules are set and the report is given")
	upstream := set.String("upstream", "", "where requests go on to, http://HOST:PORT")
	if err := set.Parse(args); err != nil {
		return exitUsage
	}
	address, err := hostOf(*upstream)
	if err != nil || set.NArg() > 0 {
		fmt.Fprintf(stderr, "saboteur: -upstream must be http://HOST:PORT, and there are no other arguments; received %q\n", *upstream)
		return exitUsage
	}
	p, err := newProxy(*listen, address)
	if err != nil {
		log.Printf("cannot serve on %s: %v", *listen, err)
		return exitBroken
	}
	adminListener, err := net.Listen("tcp", *adminAt)
	if err != nil {
		log.Printf("cannot serve on %s: %v", *adminAt, err)
		return exitBroken
	}
	server := &http.Server{Handler: admin(p), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(adminListener) }()
	log.Printf("clients on %s, rules on %s, upstream %s", p.gate.address, adminListener.Addr(), address)
	select {
	case <-ctx.Done():
		p.end(endPatience)
		_ = server.Close()
		return exitTerminated
	case err := <-served:
		log.Printf("serving stopped: %v", err)
		return exitBroken
	}
}

// hostOf is host and port of an http URL; the port is 80 when it has none.
func hostOf(text string) (string, error) {
	at, err := url.Parse(text)
	if err != nil {
		return "", err
	}
	if at.Scheme != "http" || at.Hostname() == "" || at.User != nil || (at.Path != "" && at.Path != "/") || at.RawQuery != "" {
		return "", errors.New("not http://HOST:PORT")
	}
	port := at.Port()
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(at.Hostname(), port), nil
}
