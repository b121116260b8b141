package main

import (
	"bytes"
	"net/http"
	"time"
)

// exchange answers a request; false when the connection is at its end.
func (c *client) exchange(q *request) (again bool) {
	p := c.p
	if q.refused != 0 {
		c.patient = true
		return c.own(q, q.refused, true)
	}
	p.ledger.requests.Add(1)
	if set := p.rules.Load(); len(set.onRequest) > 0 {
		now := time.Now()
		if a := first(set.onRequest, now, func(a *active) bool { return c.fitsRequest(a, q) }); a != nil {
			return c.hurtRequest(a, q, now)
		}
	}
	u, began, ok := c.ask(q)
	if !ok {
		return u == nil && c.gone.Err() == nil && c.unreached(q)
	}
	status, ok := c.awaitAnswer(q, u)
	if !ok {
		return false
	}
	if status == 0 {
		return c.unreached(q)
	}
	how := c.framingOf(q, status)
	x := &exchanged{request: q, upstream: u, status: status, framing: how, began: began}
	if set := p.rules.Load(); len(set.onAnswer) > 0 || set.keeps != nil {
		return c.judge(set, x)
	}
	return c.pass(x)
}

// exchanged is an exchange whose answer has begun.
type exchanged struct {
	*request
	upstream *upstreamConn
	status   int
	framing  framing
	began    time.Time
	opening  opening
}

// ask sends the request on, its body by the reader. Of a request that could not be sent u is nil when the client can be told so.
func (c *client) ask(q *request) (u *upstreamConn, began time.Time, ok bool) {
	p := c.p
	u, err := p.upstream.get(c.gone)
	if err != nil {
		if c.gone.Err() != nil {
			p.ledger.left.Add(1)
		} else {
			p.ledger.troubled(time.Now(), unreachable, string(q.target), err.Error())
		}
		return nil, began, false
	}
	u.out.err = nil
	u.out.buf = append(q.head.appendFields(u.out.buf[:0]), "\r\n"...)
	if !c.use(u) {
		p.ledger.left.Add(1)
		return u, began, false
	}
	p.ledger.asked.Add(1)
	u.out.flush()
	// A failure of it shows in the answer's absence.
	began = time.Now()
	q.hand(u)
	return u, began, true
}

// awaitAnswer reads the answer's head, and passes on those that come before it (1xx). Status 0: there is none. False: the client
// went away.
func (c *client) awaitAnswer(q *request, u *upstreamConn) (status int, ok bool) {
	u.src.ahead = &c.out
	for {
		raw, err := readHead(u.in, c.answerRaw[:0])
		c.answerRaw = raw
		kind := unanswered
		if err == nil {
			kind = malformed
			if err = c.answer.parse(raw); err == nil {
				if status, ok = c.answer.statusLine(); !ok {
					err = errHead
				}
			}
		}
		if err == nil && status == http.StatusSwitchingProtocols {
			// It was not asked for: Upgrade does not go on.
			err = errHead
		}
		if err != nil {
			if c.gone.Err() != nil {
				c.p.ledger.left.Add(1)
				return 0, false
			}
			c.p.ledger.troubled(time.Now(), kind, string(q.target), unexpected(err).Error())
			c.release(u, false)
			return 0, true
		}
		if status >= 200 {
			return status, true
		}
		q.continued = q.continued || status == http.StatusContinue
		c.out.write(raw)
		c.out.flush()
	}
}

// unreached tells the client that there is no answer of the upstream. The connection goes on if the request is out of it.
func (c *client) unreached(q *request) (again bool) { return c.own(q, http.StatusBadGateway, false) }

func (c *client) framingOf(q *request, status int) framing {
	switch {
	case bytes.Equal(q.method, []byte("HEAD")), status == http.StatusNoContent, status == http.StatusNotModified:
		return noBody
	case c.answer.chunked:
		return byChunks
	case c.answer.length > 0:
		return byLength
	case c.answer.length == 0:
		return noBody
	default:
		return byClose
	}
}

// pass gives the client the upstream's answer as it is.
func (c *client) pass(x *exchanged) (again bool) {
	closing := c.closesAfter(x)
	c.begin(c.answer.appendFields(c.room()), closing)
	return c.finish(x, relay(x.upstream.in, &c.out, x.framing, c.answer.length, options{}), closing)
}

// closesAfter tells whether the client's connection ends with this answer: because the client wants it, or because nothing else can tell
// the end of this answer, or the next request's beginning.
func (c *client) closesAfter(x *exchanged) bool {
	closing := x.head.close || x.framing == byClose
	if x.head.expects && !x.continued && !c.awaitSent(x.request, 0) {
		// It may send the body or not, and nobody knows.
		c.patient, closing = true, true
	}
	return closing
}

// room is where the next head is put; what was there has been written.
func (c *client) room() []byte {
	c.out.flush()
	return c.out.buf
}

// begin has the head go first in what is written to the client.
func (c *client) begin(fields []byte, closing bool) {
	if closing {
		fields = append(fields, "Connection: close\r\n"...)
	}
	c.out.buf = append(fields, "\r\n"...)
}

// finish ends an exchange whose answer was relayed with that error, and has everything written.
func (c *client) finish(x *exchanged, err error, closing bool) (again bool) {
	if err != nil {
		if c.gone.Err() != nil {
			c.p.ledger.left.Add(1)
		} else {
			c.p.ledger.troubled(time.Now(), cut, string(x.target), err.Error())
		}
		c.release(x.upstream, false)
		c.out.flush()
		return false
	}
	sent := c.awaitSent(x.request, 0)
	// Before the last of it is written: the client's next request may come on another connection and find this one free.
	if sent {
		c.release(x.upstream, c.reusable(x))
	}
	c.out.flush()
	if !sent && !closing {
		sent = c.awaitSent(x.request, sendingPatience)
	}
	c.patient = c.patient || !sent
	c.release(x.upstream, false)
	return sent && !closing && c.out.err == nil
}

// reusable tells whether the upstream's connection is good for more, after a whole answer to a request of which all has been read.
func (c *client) reusable(x *exchanged) bool {
	return !c.answer.close && x.framing != byClose && x.upstream.out.err == nil
}
