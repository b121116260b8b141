package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/common"
	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/lib/netext/httpext"
	k6types "go.k6.io/k6/v2/lib/types"
	"go.k6.io/k6/v2/metrics"
)

// chat(url, body, params) sends a request, reads its answer as a stream and keeps the account of it.
//
// k6's own http.post returns when an answer is whole. So this is what http.post does, with k6's own request and the VU's
// own transport, cookies and tags, but for a listener between the two.
func (c *client) chat(call sobek.FunctionCall) sobek.Value {
	rt, state := c.vu.Runtime(), c.state()
	if c.stream == nil {
		c.stream = &stream{tells: c.tells, status: c.status}
		if c.tells == nil {
			c.stream.tells = ownTells()
		}
	}
	c.stream.reset()
	request, err := c.chatRequest(state, call.Argument(1), call.Argument(2))
	if err != nil {
		common.Throw(rt, err)
	}
	listening := *state
	listening.Transport = listener{state.Transport, c.stream}
	ctx := c.vu.Context()

	token := c.start()
	r := c.book.find(int64(token))
	response := request.send(ctx, &listening, call.Argument(0).Export())
	return c.concludeChat(ctx, r, response)
}

// chatRequest is a request for a stream with everything but its URL.
func (c *client) chatRequest(state *lib.State, body, params sobek.Value) (*chatRequest, error) {
	if common.IsNullish(params) {
		return nil, errors.New("chat needs params with timeout")
	}
	given := params.ToObject(c.vu.Runtime())
	timeout := given.Get("timeout")
	if isNothing(timeout) {
		return nil, errors.New("chat needs params with timeout")
	}
	patience, err := k6types.GetDurationValue(timeout.Export())
	if err != nil || patience <= 0 {
		return nil, fmt.Errorf("timeout must be a number of milliseconds above 0, not %s", timeout)
	}
	request := &chatRequest{&httpext.ParsedHTTPRequest{
		Req:     &http.Request{Method: http.MethodPost, Header: make(http.Header)},
		Timeout: patience, ResponseType: httpext.ResponseTypeNone, ActiveJar: state.CookieJar,
		ResponseCallback: func(status int) bool { return status == c.status },
		TagsAndMeta:      state.Tags.GetCurrentValues(),
	}}
	// A redirect is an answer like any other.
	request.Redirects.SetValid(0)
	if !common.IsNullish(body) {
		request.Body = bytes.NewBufferString(body.String())
	}
	request.Req.Header.Set("User-Agent", state.Options.UserAgent.String)
	if headers := given.Get("headers"); !isNothing(headers) {
		headers := headers.ToObject(c.vu.Runtime())
		for _, name := range headers.Keys() {
			value := headers.Get(name).String()
			if strings.EqualFold(name, "host") {
				request.Req.Host = value
			}
			request.Req.Header.Set(name, value)
		}
	}
	return request, nil
}

type chatRequest struct{ *httpext.ParsedHTTPRequest }

// send returns when the answer was read to its end, or k6 has given up on it.
func (r *chatRequest) send(ctx context.Context, state *lib.State, address any) *httpext.Response {
	url, err := httpext.ToURL(address)
	if err == nil {
		r.URL, r.Req.URL = &url, url.GetURL()
		if r.ActiveJar != nil {
			httpext.SetRequestCookies(r.Req, r.ActiveJar, r.Cookies)
		}
		var response *httpext.Response
		if response, err = httpext.MakeRequest(ctx, state, r.ParsedHTTPRequest); err == nil {
			return response
		}
	}
	// It could not be sent at all, or its answer is one that k6 does not read.
	state.Logger.WithField("error", err).Warn("Request Failed")
	unsent := httpext.NewResponse()
	unsent.Error = err.Error()
	if coded := (httpext.K6Error{}); errors.As(err, &coded) {
		unsent.ErrorCode = int(coded.Code)
	}
	return unsent
}

// concludeChat ends a request by what was read of its answer.
func (c *client) concludeChat(ctx context.Context, r *request, response *httpext.Response) sobek.Value {
	now := time.Now()
	came, firstToken := failed, sobek.Null()
	first := noToken
	if c.stream.tokens > 0 {
		first = c.stream.first.Sub(r.at)
		firstToken = c.vu.Runtime().ToValue(metrics.D(first))
	}
	if ctx.Err() != nil {
		// The load was stopped: the error is the stop's, not the target's. The request stays in flight.
		c.book.interrupt(r)
	} else {
		who := c.stream.sender()
		came = c.settle(ctx, r, response, who, c.stream.flawOf(response, who), now, byOwnClock, first)
		if came == answered {
			c.sampleFirstToken(ctx, who, first, now)
		}
	}
	result := c.vu.Runtime().NewObject()
	if err := errors.Join(
		result.Set("outcome", c.outcomes[came]), result.Set("tokens", c.stream.tokens), result.Set("firstTokenMs", firstToken),
	); err != nil {
		common.Throw(c.vu.Runtime(), err)
	}
	return result
}

// sampleFirstToken tells k6's own metric how long an answer's first token took.
func (c *client) sampleFirstToken(ctx context.Context, who *sender, took time.Duration, now time.Time) {
	state := c.vu.State()
	values := state.Tags.GetCurrentValues()
	metrics.PushIfNotDone(ctx, state.Samples, metrics.Sample{
		TimeSeries: metrics.TimeSeries{
			Metric: c.firstTokens, Tags: values.Tags.With("client", c.name).With("version", who.version),
		},
		Time: now, Value: metrics.D(took), Metadata: values.Metadata,
	})
}
