// Command echo is the target of `npm run bench -- --target echo`: it answers every request at once, and says how many it answered.
//
// It reads HTTP/1.1 by hand, because net/http would cost more CPU a request than a fast generator does, and the bench would
// then measure the server. It knows just what generators send: a head, and a body with a Content-Length or none.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
)

func main() {
	load, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	// Of its own, so that asking is not counted.
	status, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := &server{}
	http.HandleFunc("GET /answered", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(server.counts())
	})
	go func() { log.Fatal(http.Serve(status, nil)) }()
	// Whoever started it reads where it listens, and ends it by closing its input.
	fmt.Printf("{\"url\":\"http://%s\",\"status\":\"http://%s/answered\"}\n", load.Addr(), status.Addr())
	go func() { log.Fatal(server.serve(load)) }()
	buffer := make([]byte, 1)
	for {
		if _, err := os.Stdin.Read(buffer); err != nil {
			return
		}
	}
}
