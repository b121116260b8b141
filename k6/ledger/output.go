package ledger

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"
	"go.k6.io/k6/v2/lib/netext/httpext"
	"go.k6.io/k6/v2/metrics"
	"go.k6.io/k6/v2/output"
)

const (
	flushEvery    = 200 * time.Millisecond
	openDeadline  = 30 * time.Second
	writeDeadline = 30 * time.Second
)

// ledgerOutput is k6's `--out ledger=PATH`.
type ledgerOutput struct {
	path    string
	logger  logrus.FieldLogger
	builtin *metrics.BuiltinMetrics
	account *account
	queue   *queue
	seq     int64
	size    int
	stop    chan struct{}
	flushed sync.WaitGroup
	limit   int
	open    time.Duration
	write   time.Duration
}

// current is the account that this process's clients use: k6 makes outputs and modules apart from each other. Without
// `--out ledger` it stays one that keeps nothing, so that a scenario can be tried without.
var current atomic.Pointer[account]

func init() {
	idle := newAccount(time.Now)
	idle.closed = true
	current.Store(idle)
}

func newOutput(params output.Params) (output.Output, error) {
	if params.ConfigArgument == "" {
		return nil, errors.New("--out ledger needs the path of a FIFO: --out ledger=PATH")
	}
	o := &ledgerOutput{
		path: params.ConfigArgument, logger: params.Logger.WithField("output", "ledger"), account: newAccount(time.Now),
		stop: make(chan struct{}), limit: queueLimit, open: openDeadline, write: writeDeadline,
	}
	current.Store(o.account)
	return o, nil
}

var _ output.WithBuiltinMetrics = &ledgerOutput{}

// Description is shown by k6 at its start.
func (o *ledgerOutput) Description() string { return "ledger (" + o.path + ")" }

// SetBuiltinMetrics is called before Start.
func (o *ledgerOutput) SetBuiltinMetrics(builtin *metrics.BuiltinMetrics) { o.builtin = builtin }

// Start waits for the FIFO's reader, as without one the run would be for nothing.
func (o *ledgerOutput) Start() error {
	file, err := openForWriting(o.path, o.open)
	if err != nil {
		return err
	}
	o.queue = newQueue(file, o.limit, func(err error) { o.logger.Error(err) })
	o.flushed.Go(func() {
		ticker := time.NewTicker(flushEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				o.flush()
			case <-o.stop:
				return
			}
		}
	})
	return nil
}

// flush makes rows of what has come to an outcome. What finds no room is given up and counted, and has no number in
// the sequence.
func (o *ledgerOutput) flush() {
	b := o.account.take()
	if !o.queue.room() {
		o.queue.giveUp(b.requests())
		return
	}
	// As much room as was needed the last time.
	rows, seq := b.appendRows(make([]byte, 0, o.size), o.seq)
	o.seq = seq + 1
	rows = appendHeartbeat(rows, o.seq, &b, o.queue.lostSoFar())
	o.size = len(rows)
	o.queue.add(parcel{rows, b.requests()})
}

// Stop closes the account, as k6 has no more samples, and returns when all rows are written or were given up.
func (o *ledgerOutput) Stop() error {
	close(o.stop)
	o.flushed.Wait()
	last, found := o.account.close()
	var rows []byte
	requests := last.requests() + found.requests()
	if o.queue.room() {
		rows, o.seq = last.appendRows(rows, o.seq)
	} else {
		o.queue.giveUp(last.requests())
		requests = found.requests()
	}
	o.seq++
	rows = appendHeartbeat(rows, o.seq, &last, o.queue.lostSoFar())
	rows, o.seq = found.appendRows(rows, o.seq)
	o.seq++
	o.queue.add(parcel{appendEnd(rows, o.seq, &found, o.queue.lostSoFar()), requests})
	o.queue.close(o.write)
	return nil
}

// AddMetricSamples counts what k6 itself sampled, to close the account against it.
func (o *ledgerOutput) AddMetricSamples(containers []metrics.SampleContainer) {
	var requests int64
	var dropped map[string]int64
	take := func(s *metrics.Sample) {
		switch s.Metric {
		case o.builtin.HTTPReqs:
			requests += int64(s.Value)
		case o.builtin.DroppedIterations:
			if dropped == nil {
				dropped = map[string]int64{}
			}
			scenario, _ := s.Tags.Get("scenario")
			dropped[scenario] += int64(s.Value)
		}
	}
	for _, container := range containers {
		switch c := container.(type) {
		case *httpext.Trail:
			// One request each; its samples need no look.
			requests++
		case metrics.Sample:
			take(&c)
		default:
			samples := c.GetSamples()
			for i := range samples {
				take(&samples[i])
			}
		}
	}
	o.account.sampled(requests, dropped)
}
