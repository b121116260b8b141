package main

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

const mostRuleBytes = 1 << 20

// admin serves the runner:
//
//	PUT /rules    a JSON list of rules, which replaces the one before; [] makes the proxy transparent. Answers {"effectiveMs": number},
//	              Unix ms with µs: who is asked about from then on is asked by the new list. 400 with a sentence for a list that is not
//	              as it must be, and then the one before stays; 409 after 4,096 rules altogether.
//	GET /report   what was done so far, see report
//	GET /healthz  {}: it runs. That nobody listens for clients because of a rule is no illness.
func admin(p *proxy) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /rules", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostRuleBytes))
		if err != nil {
			http.Error(w, "the list must have at most 1 MiB; received more, or not all of it", http.StatusBadRequest)
			return
		}
		rules, err := readRules(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		since, err := p.setRules(rules)
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		answer(w, map[string]float64{"effectiveMs": unixMs(since)})
	})
	mux.HandleFunc("GET /report", func(w http.ResponseWriter, _ *http.Request) { answer(w, p.ledger.report(time.Now())) })
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, struct{}{}) })
	return mux
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
