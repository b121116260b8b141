package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Names of the metrics that make the account. The first two are the scenario's own (k6/lib/ledger.ts).
const (
	metricBegin   = "zerodrop_begin"
	metricEnd     = "zerodrop_end"
	metricDropped = "dropped_iterations"
)

var accountMetrics = [][]byte{[]byte(`"` + metricBegin + `"`), []byte(`"` + metricEnd + `"`), []byte(`"` + metricDropped + `"`)}

// point is a line of k6's JSON output, as far as the account needs it.
type point struct {
	Metric string `json:"metric"`
	Type   string `json:"type"`
	Data   struct {
		Time     time.Time `json:"time"`
		Value    float64   `json:"value"`
		Tags     tags      `json:"tags"`
		Metadata struct {
			Message string `json:"zerodrop_message"`
		} `json:"metadata"`
	} `json:"data"`
}

// tags are what the scenario puts on its samples.
type tags struct {
	VU         string `json:"vu_id"`
	Client     string `json:"client"`
	Cluster    string `json:"cluster"`
	Version    string `json:"version"`
	Outcome    string `json:"outcome"`
	Connection string `json:"connection"`
	Status     string `json:"status"`
	ErrorCode  string `json:"error_code"`
}

// concernsAccount tells cheaply whether a line may be one of the account's: of about sixteen lines that k6 writes
// for a request only two are, and parsing them all would cost more than everything else here.
func concernsAccount(line []byte) bool {
	for _, name := range accountMetrics {
		if bytes.Contains(line, name) {
			return true
		}
	}
	return false
}

func parsePoint(line []byte) (point, error) {
	var p point
	if err := json.Unmarshal(line, &p); err != nil {
		return p, fmt.Errorf("k6 wrote a line that is not understood (%w): %.300s", err, line)
	}
	return p, nil
}

// milliseconds since 1970, with k6's own resolution kept.
func milliseconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1000 }
