package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// binWidth is the resolution at which answered requests are counted, by their start.
const binWidth = 100 * time.Millisecond

// account pairs the beginning and the end of every request, by the VU that made it: a VU makes one request at a
// time. So at any moment it knows which requests are in flight and when each was started, also those that never
// get an end because the load was stopped.
//
// Both times are those of k6's samples, which k6 takes when the scenario adds them: immediately before the request
// and immediately after its answer was read. It is not safe for concurrent use.
type account struct {
	requestTimeout time.Duration
	// margin is how far samples of different VUs may be out of order: a VU takes the time first and queues the
	// sample then, and in between it may have to wait for a processor.
	margin time.Duration

	inFlight map[string]started
	pending  map[answeredKey]histogram
	failures []*failedRow

	// newest is the latest time of any sample read: everything sampled a margin before it has been read as well,
	// because k6 queues all samples in one place and `vus` is sampled every second even when nothing else is.
	newest time.Time

	issued, answered, failed, hanging, dropped int64
}

type started struct {
	at     time.Time
	client string
}

type answeredKey struct {
	bin                                  int64
	client, cluster, version, connection string
}

func newAccount(requestTimeout, margin time.Duration) *account {
	return &account{
		requestTimeout: requestTimeout,
		margin:         margin,
		inFlight:       map[string]started{},
		pending:        map[answeredKey]histogram{},
	}
}

// opened notes a time before k6's first sample was read: what is before it is settled, there being nothing.
func (a *account) opened(now time.Time) { a.newest = now }

// takeLines takes lines of k6's output in the order written. It fails on a line that cannot be accounted for: a
// ledger with a request missing would be worse than none.
func (a *account) takeLines(lines [][]byte) error {
	for i, line := range lines {
		// The last line of a lot tells how far k6's output has come, whatever it is about.
		last := i == len(lines)-1
		concerns := concernsAccount(line)
		if !concerns && !last {
			continue
		}
		p, err := parsePoint(line)
		if err != nil {
			return err
		}
		if p.Type != "Point" {
			continue
		}
		if p.Data.Time.After(a.newest) {
			a.newest = p.Data.Time
		}
		if concerns {
			if err := a.take(p); err != nil {
				return fmt.Errorf("%w: %.300s", err, line)
			}
		}
	}
	return nil
}

func (a *account) take(p point) error {
	switch p.Metric {
	case metricDropped:
		a.dropped += int64(p.Data.Value)
	case metricBegin:
		vu := p.Data.Tags.VU
		if vu == "" {
			return fmt.Errorf("a request began without a VU")
		}
		if before, busy := a.inFlight[vu]; busy {
			// The iteration broke off between the two samples, by an exception in the script.
			a.fail(before, p.Data.Time, failedRow{Outcome: "failed", Message: "the client broke off without an outcome"})
		}
		a.inFlight[vu] = started{p.Data.Time, p.Data.Tags.Client}
		a.issued++
	case metricEnd:
		begin, busy := a.inFlight[p.Data.Tags.VU]
		if !busy {
			return fmt.Errorf("a request ended that had not begun")
		}
		delete(a.inFlight, p.Data.Tags.VU)
		return a.takeEnd(begin, p)
	}
	return nil
}

func (a *account) takeEnd(begin started, p point) error {
	t := p.Data.Tags
	switch t.Outcome {
	case "answered":
		key := answeredKey{
			bin:     begin.at.Truncate(binWidth).UnixMilli(),
			client:  begin.client,
			cluster: t.Cluster, version: t.Version, connection: t.Connection,
		}
		latencies := a.pending[key]
		if latencies == nil {
			latencies = histogram{}
			a.pending[key] = latencies
		}
		latencies[bucket(float64(p.Data.Time.Sub(begin.at))/float64(time.Millisecond))]++
		a.answered++
		return nil
	case "failed", "hanging":
		status, statusErr := strconv.Atoi(t.Status)
		code, codeErr := strconv.Atoi(t.ErrorCode)
		if statusErr != nil || codeErr != nil {
			return fmt.Errorf("a request failed with a status or error code that is no number")
		}
		a.fail(begin, p.Data.Time, failedRow{
			Outcome: t.Outcome, Status: status, ErrorCode: code, Message: p.Data.Metadata.Message,
			Cluster: t.Cluster, Version: t.Version, Connection: t.Connection,
		})
		return nil
	default:
		return fmt.Errorf("a request ended with the unknown outcome %q", t.Outcome)
	}
}

func (a *account) fail(begin started, end time.Time, r failedRow) {
	r.StartMs = milliseconds(begin.at)
	r.DurationMs = float64(end.Sub(begin.at).Microseconds()) / 1000
	r.Client = begin.client
	if r.Connection == "" {
		r.Connection = "unknown"
	}
	a.failures = append(a.failures, &r)
	if r.Outcome == "hanging" {
		a.hanging++
	} else {
		a.failed++
	}
}

// flush stores what has come to an end since the last flush, and a heartbeat.
func (a *account) flush(now time.Time, rows *store) {
	settled := a.newest.Add(-a.margin)
	var oldest *float64
	for _, s := range a.inFlight {
		if ms := milliseconds(s.at); oldest == nil || ms < *oldest {
			oldest = &ms
		}
		if s.at.Before(settled) {
			settled = s.at
		}
	}
	rows.add(append(a.drain(), &heartbeatRow{
		AtMs: milliseconds(now), SettledMs: milliseconds(settled),
		Issued: a.issued, Answered: a.answered, Failed: a.failed, Hanging: a.hanging,
		InFlight: len(a.inFlight), OldestStartMs: oldest, Dropped: a.dropped,
	})...)
}

// drain empties what waits to be stored into rows, in an order that depends on the requests alone.
func (a *account) drain() []row {
	answered := make([]*answeredRow, 0, len(a.pending))
	for key, latencies := range a.pending {
		count := 0
		for _, n := range latencies {
			count += n
		}
		answered = append(answered, &answeredRow{
			BinMs: key.bin, Client: key.client, Cluster: key.cluster, Version: key.version,
			Connection: key.connection, Count: count, Latency: latencies,
		})
	}
	slices.SortFunc(answered, func(x, y *answeredRow) int {
		return cmp.Or(
			cmp.Compare(x.BinMs, y.BinMs), cmp.Compare(x.Client, y.Client), cmp.Compare(x.Cluster, y.Cluster),
			cmp.Compare(x.Version, y.Version), cmp.Compare(x.Connection, y.Connection),
		)
	})
	rows := make([]row, 0, len(answered)+len(a.failures)+1)
	for _, r := range answered {
		rows = append(rows, r)
	}
	for _, r := range a.failures {
		rows = append(rows, r)
	}
	clear(a.pending)
	a.failures = nil
	return rows
}

// end closes the account when k6's output has ended. A request still in flight was interrupted by the stop, but was
// hanging if k6 still sampled anything at or after its deadline.
func (a *account) end(now time.Time, rows *store) {
	a.flush(now, rows)
	left := make([]started, 0, len(a.inFlight))
	for _, s := range a.inFlight {
		left = append(left, s)
	}
	slices.SortFunc(left, func(x, y started) int { return x.at.Compare(y.at) })
	var interrupted int64
	for _, s := range left {
		if a.newest.Sub(s.at) < a.requestTimeout {
			interrupted++
			continue
		}
		a.fail(s, a.newest, failedRow{Outcome: "hanging", Message: "no answer by its deadline when the load was stopped"})
	}
	clear(a.inFlight)
	rows.add(append(a.drain(), &endRow{
		AtMs: milliseconds(now), Issued: a.issued, Answered: a.answered, Failed: a.failed, Hanging: a.hanging,
		Interrupted: interrupted, Dropped: a.dropped,
	})...)
	rows.close()
}
