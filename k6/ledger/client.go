package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/common"
	"go.k6.io/k6/v2/js/modules"
	"go.k6.io/k6/v2/js/modules/k6/http"
	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/lib/netext/httpext"
	"go.k6.io/k6/v2/metrics"
)

// Metrics by which k6's own summary, thresholds and other outputs are told who answered, and how long the first token of
// a streamed answer took.
const (
	answersMetric    = "zerodrop_answers"
	firstTokenMetric = "zerodrop_time_to_first_token"
)

// rootModule is the JS module `k6/x/ledger`.
type rootModule struct{}

type moduleInstance struct{ vu modules.VU }

// NewModuleInstance is called once per VU.
func (rootModule) NewModuleInstance(vu modules.VU) modules.Instance { return &moduleInstance{vu} }

// Exports makes `import { Client } from "k6/x/ledger"` work.
func (m *moduleInstance) Exports() modules.Exports {
	return modules.Exports{Named: map[string]any{"Client": m.newClient}}
}

// client is one VU's Client: its book, and what it remembers of its answers. A VU runs one piece of script at a time, so
// nothing here needs a lock.
type client struct {
	vu      modules.VU
	name    string
	timeout time.Duration
	session bool
	// tells is nil where answers tell who gave them as the application under test does.
	tells *tells
	// status is that of a good answer.
	status      int
	answers     *metrics.Metric
	firstTokens *metrics.Metric
	outcomes    [3]sobek.Value
	// send is k6's own http.post, if the client was given it.
	send   sobek.Callable
	tokens []sobek.Value

	// book is opened with the first request, when it is known where the run's account is.
	book *book

	senders senders
	routes  []*route
	before  *sender
	// stream is what chat reads into.
	stream *stream
}

func (m *moduleInstance) newClient(call sobek.ConstructorCall) *sobek.Object {
	rt := m.vu.Runtime()
	c := &client{vu: m.vu}
	if err := c.configure(call, rt); err != nil {
		common.Throw(rt, err)
	}
	for o := range c.outcomes {
		c.outcomes[o] = rt.ToValue(outcome(o).String())
	}
	// Functions of this type are called without reflection.
	for name, method := range map[string]func(sobek.FunctionCall) sobek.Value{
		"begin": c.begin, "end": c.end, "endTimed": c.endTimed, "post": c.post, "chat": c.chat,
	} {
		if err := call.This.Set(name, method); err != nil {
			common.Throw(rt, err)
		}
	}
	return nil
}

func (c *client) configure(call sobek.ConstructorCall, rt *sobek.Runtime) error {
	init := c.vu.InitEnv()
	if init == nil {
		return errors.New("a ledger's Client can be made in the init context only")
	}
	c.name = call.Argument(0).String()
	if sobek.IsUndefined(call.Argument(0)) || c.name == "" {
		return errors.New("a ledger's Client needs the name of its kind of client")
	}
	if common.IsNullish(call.Argument(1)) {
		return errors.New("a ledger's Client needs options with requestTimeoutMs")
	}
	options := call.Argument(1).ToObject(rt)
	timeout := options.Get("requestTimeoutMs")
	if timeout == nil || !(timeout.ToFloat() > 0) {
		return errors.New("requestTimeoutMs must be a number above 0")
	}
	c.timeout = time.Duration(timeout.ToFloat() * float64(time.Millisecond))
	if session := options.Get("session"); session != nil {
		c.session = session.ToBoolean()
	}
	if send := options.Get("post"); !isNothing(send) {
		callable, ok := sobek.AssertFunction(send)
		if !ok {
			return errors.New("post must be the function of k6/http")
		}
		c.send = callable
	}
	var err error
	if c.status, err = statusIn(options); err != nil {
		return err
	}
	if given := options.Get("tells"); !isNothing(given) {
		if c.tells, err = newTells(given.ToObject(rt), rt); err != nil {
			return err
		}
	}
	if c.answers, err = init.Registry.NewMetric(answersMetric, metrics.Counter); err != nil {
		return fmt.Errorf("metric %s: %w", answersMetric, err)
	}
	if c.firstTokens, err = init.Registry.NewMetric(firstTokenMetric, metrics.Trend, metrics.Time); err != nil {
		return fmt.Errorf("metric %s: %w", firstTokenMetric, err)
	}
	return nil
}

// statusIn reads the status of a good answer.
func statusIn(options *sobek.Object) (int, error) {
	given := options.Get("status")
	if isNothing(given) {
		return 200, nil
	}
	status := given.ToInteger()
	if float64(status) != given.ToFloat() || status < 100 || status > 599 {
		return 0, fmt.Errorf("status must be a whole number from 100 to 599, not %s", given)
	}
	return int(status), nil
}

// isNothing tells whether an option was left out.
func isNothing(option sobek.Value) bool { return option == nil || common.IsNullish(option) }

// begin() counts a request as issued and in flight, and returns its token.
func (c *client) begin(sobek.FunctionCall) sobek.Value { return c.token(c.start()) }

// start does begin's work. The token is a place from 1.
func (c *client) start() int {
	state := c.state()
	if c.book == nil {
		c.book = current.Load().open(c.name, c.timeout)
	}
	return c.book.begin(state.Iteration)
}

// state is the VU's; it has none in the init context.
func (c *client) state() *lib.State {
	state := c.vu.State()
	if state == nil {
		common.Throw(c.vu.Runtime(), errors.New("no request can begin in the init context"))
	}
	return state
}

// post(url, body, params) is begin, http.post and end in one: every step from the script into Go costs about as much as
// keeping the account of a request does.
func (c *client) post(call sobek.FunctionCall) sobek.Value {
	if c.send == nil {
		common.Throw(c.vu.Runtime(), errors.New("a ledger's Client posts only if it was given http.post as its option post"))
	}
	token := c.start()
	r := c.book.find(int64(token))
	response, err := c.send(sobek.Undefined(), call.Arguments...)
	if err != nil {
		// As if the script had called it: the request stays in flight, and has been broken off when the next one begins.
		common.Throw(c.vu.Runtime(), err)
	}
	return c.conclude(r, response, sobek.Undefined(), false)
}

// token is a number as a script sees it, made once.
func (c *client) token(n int) sobek.Value {
	for len(c.tokens) < n {
		c.tokens = append(c.tokens, c.vu.Runtime().ToValue(len(c.tokens)+1))
	}
	return c.tokens[n-1]
}

// end(token, response, flaw) ends a request now.
func (c *client) end(call sobek.FunctionCall) sobek.Value { return c.finish(call, false) }

// endTimed(token, response, flaw) ends a request after the time k6 says it took.
func (c *client) endTimed(call sobek.FunctionCall) sobek.Value { return c.finish(call, true) }

func (c *client) finish(call sobek.FunctionCall, timed bool) sobek.Value {
	token := call.Argument(0).ToInteger()
	var r *request
	if c.book != nil {
		r = c.book.find(token)
	}
	if r == nil {
		common.Throw(c.vu.Runtime(), fmt.Errorf("no request with the token %d is in flight", token))
	}
	return c.conclude(r, call.Argument(1), call.Argument(2), timed)
}

// conclude ends a request by the response to it. flawOfBody is what the script found wrong with the body.
func (c *client) conclude(r *request, responded, flawOfBody sobek.Value, timed bool) sobek.Value {
	now := time.Now()
	response, ok := responded.Export().(*http.Response)
	if !ok || response == nil || response.Response == nil {
		common.Throw(c.vu.Runtime(), errors.New("a request ends with the response that k6/http returned"))
	}
	body := textOf(response.Body)
	line, flaw := body, ""
	if c.tells == nil {
		var rest string
		line, rest, _ = strings.Cut(body, "\n")
		if strings.TrimSpace(rest) != "" {
			// Nobody else looks at the rest.
			flaw = severalLines
		}
	}
	if !common.IsNullish(flawOfBody) {
		flaw = flawOfBody.String()
	}
	ctx := c.vu.Context()
	if ctx.Err() != nil {
		// The load was stopped: the error is the stop's, not the target's. The request stays in flight.
		c.book.interrupt(r)
		return c.outcomes[failed]
	}
	took := byOwnClock
	if timed {
		took = durationOf(response.Response)
		if hung(response.Response) {
			// k6 does not time what never came; its deadline passed all the same.
			took = max(took, min(c.timeout, now.Sub(r.at)))
		}
	}
	who := nobody
	switch {
	case response.Status == 0:
	case c.tells == nil:
		who = c.senders.of(line)
	default:
		who = c.tells.of(response.Headers, body)
	}
	message := flawOf(response.Response, c.status, who, flaw)
	return c.outcomes[c.settle(ctx, r, response.Response, who, message, now, took, noToken)]
}

// settle ends a request by the response to it, which is from who and is flawed unless message is empty.
func (c *client) settle(
	ctx context.Context, r *request, response *httpext.Response, who *sender, message string,
	now time.Time, took, firstToken time.Duration,
) outcome {
	came, connection := answered, connectionOf(response)
	switch {
	case hung(response):
		came = hanging
	case response.Status != c.status || message != "":
		came = failed
	}
	taken := c.routeOf(came, who, connection)
	if came == answered {
		c.book.endAnswered(r, taken.series, now, took, firstToken, c.turn(who))
	} else {
		c.book.endFailed(r, failure{
			hanging: came == hanging, status: response.Status, errorCode: response.ErrorCode, message: message,
			cluster: who.cluster, version: who.version, connection: connection,
		}, now, took)
	}
	c.sample(ctx, taken, now)
	return came
}

// hung tells whether nothing, or not all, had come by the request's deadline.
func hung(response *httpext.Response) bool {
	return response.Status == 0 && response.ErrorCode == codeTimeout
}

// turn notes when a session was answered by another RayCluster or version than before.
func (c *client) turn(who *sender) *sessionSwitch {
	if !c.session {
		return nil
	}
	before := c.before
	c.before = who
	if before == nil || (before.cluster == who.cluster && before.version == who.version) {
		return nil
	}
	return &sessionSwitch{session: c.vu.State().VUIDGlobal, from: before, to: who}
}
