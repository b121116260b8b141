package main

// The rows of the ledger. Their format is a contract: orchestrator/history/ledger.ts says what each field means.

type answeredRow struct {
	Type       string    `json:"type"`
	Seq        int64     `json:"seq"`
	BinMs      int64     `json:"binMs"`
	Client     string    `json:"client"`
	Cluster    string    `json:"cluster"`
	Version    string    `json:"version"`
	Connection string    `json:"connection"`
	Count      int       `json:"count"`
	Latency    histogram `json:"latency"`
}

type failedRow struct {
	Type       string  `json:"type"`
	Seq        int64   `json:"seq"`
	StartMs    float64 `json:"startMs"`
	DurationMs float64 `json:"durationMs"`
	Client     string  `json:"client"`
	Outcome    string  `json:"outcome"`
	Status     int     `json:"status"`
	ErrorCode  int     `json:"errorCode"`
	Message    string  `json:"message"`
	Cluster    string  `json:"cluster"`
	Version    string  `json:"version"`
	Connection string  `json:"connection"`
}

type heartbeatRow struct {
	Type          string   `json:"type"`
	Seq           int64    `json:"seq"`
	AtMs          float64  `json:"atMs"`
	SettledMs     float64  `json:"settledMs"`
	Issued        int64    `json:"issued"`
	Answered      int64    `json:"answered"`
	Failed        int64    `json:"failed"`
	Hanging       int64    `json:"hanging"`
	InFlight      int      `json:"inFlight"`
	OldestStartMs *float64 `json:"oldestStartMs"`
	Dropped       int64    `json:"dropped"`
}

type endRow struct {
	Type        string  `json:"type"`
	Seq         int64   `json:"seq"`
	AtMs        float64 `json:"atMs"`
	Issued      int64   `json:"issued"`
	Answered    int64   `json:"answered"`
	Failed      int64   `json:"failed"`
	Hanging     int64   `json:"hanging"`
	Interrupted int64   `json:"interrupted"`
	Dropped     int64   `json:"dropped"`
}

func (r *answeredRow) number(seq int64)  { r.Type, r.Seq = "answered", seq }
func (r *failedRow) number(seq int64)    { r.Type, r.Seq = "failed", seq }
func (r *heartbeatRow) number(seq int64) { r.Type, r.Seq = "heartbeat", seq }
func (r *endRow) number(seq int64)       { r.Type, r.Seq = "end", seq }

// row is anything that gets its place in the sequence when it is stored.
type row interface{ number(seq int64) }
