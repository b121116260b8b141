package ledger

import (
	"context"
	"time"

	"go.k6.io/k6/v2/metrics"
)

// outcome of a request.
type outcome uint8

const (
	answered outcome = iota
	failed
	hanging
)

func (o outcome) String() string { return [...]string{"answered", "failed", "hanging"}[o] }

// route is an outcome by a sender on a kind of connection: what it is counted under, and the tags of its sample.
type route struct {
	outcome    outcome
	sender     *sender
	connection string
	series     *series
	// tags are those of the scenario, base, and the route's own.
	base, tags *metrics.TagSet
	// unsampled requests are counted by the next sample; sampled is when the last one was made.
	unsampled int64
	sampled   time.Time
}

// sampleEvery bounds how often a client adds to k6's metric of answers: a sample for each request would cost as much as all
// the rest of its account. What came after the last sample of a client that was stopped is in the rows alone.
const sampleEvery = 200 * time.Millisecond

// routeOf finds the route among the few that there are.
func (c *client) routeOf(came outcome, who *sender, connection string) *route {
	for _, known := range c.routes {
		if known.sender == who && known.outcome == came && known.connection == connection {
			return known
		}
	}
	if len(c.routes) >= mostKnown {
		c.routes = nil
	}
	made := &route{
		outcome: came, sender: who, connection: connection,
		series: c.book.account.seriesOf(seriesKey{c.book.kind, who.cluster, who.version, connection}),
	}
	c.routes = append(c.routes, made)
	return made
}

// sample adds a request to k6's metric of answers, now or with those that follow it.
func (c *client) sample(ctx context.Context, taken *route, now time.Time) {
	taken.unsampled++
	if now.Sub(taken.sampled) < sampleEvery {
		return
	}
	state := c.vu.State()
	values := state.Tags.GetCurrentValues()
	if taken.base != values.Tags {
		taken.base, taken.tags = values.Tags, values.Tags
		for _, tag := range [...][2]string{
			{"client", c.name}, {"cluster", taken.sender.cluster}, {"connection", taken.connection},
			{"outcome", taken.outcome.String()}, {"version", taken.sender.version},
		} {
			if tag[1] != "" {
				taken.tags = taken.tags.With(tag[0], tag[1])
			}
		}
	}
	metrics.PushIfNotDone(ctx, state.Samples, metrics.Sample{
		TimeSeries: metrics.TimeSeries{Metric: c.answers, Tags: taken.tags},
		Time:       now, Value: float64(taken.unsampled), Metadata: values.Metadata,
	})
	taken.unsampled, taken.sampled = 0, now
}
