package ledger

import (
	"encoding/json"
	"strconv"
)

// Rows are encoded by hand: with encoding/json's reflection they would be the largest part of what the ledger costs.
// Their format is a contract: orchestrator/history/ledger.ts says what each field means.

// Values of the rows' field connection.
const (
	fresh   = "new"
	reused  = "reused"
	unknown = "unknown"
)

func outcomeOf(hung bool) string {
	if hung {
		return hanging.String()
	}
	return failed.String()
}

// fields encodes what all rows of the series have in common.
func (k *seriesKey) fields() []byte {
	return appendWho(appendText(nil, "client", k.kind.name), k.cluster, k.version, k.connection)
}

func appendWho(out []byte, cluster, version, connection string) []byte {
	return appendText(appendText(appendText(out, "cluster", cluster), "version", version), "connection", connection)
}

// appendHistogram encodes answers of one bin and series, sorted by bucket.
func appendHistogram(out []byte, seq int64, name string, answers []answer) []byte {
	out = appendInt(appendType(out, name, seq), "binMs", answers[0].bin)
	out = append(out, answers[0].series.fields...)
	out = appendInt(out, "count", int64(len(answers)))
	out = append(out, `,"latency":{`...)
	for rest := answers; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].bucket == rest[0].bucket {
			n++
		}
		out = append(out, '"')
		out = strconv.AppendInt(out, int64(rest[0].bucket), 10)
		out = append(out, '"', ':')
		out = strconv.AppendInt(out, int64(n), 10)
		rest = rest[n:]
		if len(rest) > 0 {
			out = append(out, ',')
		}
	}
	return append(out, "}}\n"...)
}

func appendFailed(out []byte, seq int64, f *failure) []byte {
	out = appendType(out, "failed", seq)
	out = appendFloat(out, "startMs", f.startMs)
	out = appendFloat(out, "durationMs", f.durationMs)
	out = appendText(out, "client", f.kind.name)
	out = appendText(out, "outcome", outcomeOf(f.hanging))
	out = appendInt(out, "status", int64(f.status))
	out = appendInt(out, "errorCode", int64(f.errorCode))
	out = appendText(out, "message", f.message)
	return append(appendWho(out, f.cluster, f.version, f.connection), "}\n"...)
}

func appendFailures(out []byte, seq int64, key *furtherKey, more further) []byte {
	out = appendInt(appendType(out, "failures", seq), "binMs", key.bin)
	out = appendText(out, "client", key.kind.name)
	out = appendText(out, "outcome", outcomeOf(key.hanging))
	out = appendInt(out, "status", int64(key.status))
	out = appendInt(out, "errorCode", int64(key.errorCode))
	out = appendWho(out, key.cluster, key.version, key.connection)
	out = appendInt(out, "count", more.count)
	return append(appendFloat(out, "durationMs", more.longestMs), "}\n"...)
}

func appendSession(out []byte, seq int64, s *sessionSwitch) []byte {
	out = appendFloat(appendType(out, "session", seq), "startMs", s.startMs)
	out = appendText(out, "client", s.kind.name)
	out = appendInt(out, "session", int64(s.session))
	out = appendText(out, "fromCluster", s.from.cluster)
	out = appendText(out, "fromVersion", s.from.version)
	out = appendText(out, "cluster", s.to.cluster)
	return append(appendText(out, "version", s.to.version), "}\n"...)
}

func appendHeartbeat(out []byte, seq int64, b *batch, lost int64) []byte {
	out = appendFloat(appendType(out, "heartbeat", seq), "atMs", milliseconds(b.at))
	out = appendFloat(out, "settledMs", b.settledMs)
	out = appendOutcomes(out, &b.totals)
	out = appendInt(out, "inFlight", b.totals.inFlight)
	out = appendOldest(out, b.oldestMs)
	return appendRest(out, &b.totals, lost)
}

func appendEnd(out []byte, seq int64, b *batch, lost int64) []byte {
	out = appendFloat(appendType(out, "end", seq), "atMs", milliseconds(b.at))
	out = appendOutcomes(out, &b.totals)
	out = appendInt(out, "interrupted", b.totals.inFlight)
	out = appendInt(out, "httpReqs", b.totals.httpReqs)
	return appendRest(out, &b.totals, lost)
}

func appendOutcomes(out []byte, t *totals) []byte {
	out = appendInt(out, "issued", t.issued)
	out = appendInt(out, "answered", t.answered)
	out = appendInt(out, "failed", t.failed)
	return appendInt(out, "hanging", t.hanging)
}

func appendRest(out []byte, t *totals, lost int64) []byte {
	out = appendInt(out, "dropped", t.dropped)
	out = append(out, `,"clients":{`...)
	for i, c := range t.clients {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendQuoted(out, c.name)
		out = append(out, `:{"issued":`...)
		out = strconv.AppendInt(out, c.issued, 10)
		out = appendInt(out, "inFlight", c.inFlight)
		out = appendOldest(out, c.oldestMs)
		out = append(appendInt(out, "dropped", c.dropped), '}')
	}
	return append(appendInt(append(out, '}'), "lost", lost), "}\n"...)
}

// appendOldest tells when the oldest request in flight began; 0: there is none.
func appendOldest(out []byte, ms float64) []byte {
	if ms == 0 {
		return append(out, `,"oldestStartMs":null`...)
	}
	return appendFloat(out, "oldestStartMs", ms)
}

func appendType(out []byte, name string, seq int64) []byte {
	out = append(append(append(out, `{"type":"`...), name...), '"')
	return appendInt(out, "seq", seq)
}

func appendKey(out []byte, key string) []byte {
	return append(append(append(out, ',', '"'), key...), '"', ':')
}

func appendInt(out []byte, key string, n int64) []byte {
	return strconv.AppendInt(appendKey(out, key), n, 10)
}

func appendFloat(out []byte, key string, x float64) []byte {
	return strconv.AppendFloat(appendKey(out, key), x, 'f', -1, 64)
}

func appendText(out []byte, key, text string) []byte { return appendQuoted(appendKey(out, key), text) }

func appendQuoted(out []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			// A message that quotes what came over the wire; encoding/json also mends what is no UTF-8.
			quoted, err := json.Marshal(text)
			if err != nil {
				panic(err) // a string always has an encoding
			}
			return append(out, quoted...)
		}
	}
	return append(append(append(out, '"'), text...), '"')
}
