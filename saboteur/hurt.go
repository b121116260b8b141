package main

import (
	"fmt"
	"net/http"
	"time"
)

// fitsRequest tells whether a rule is for a request, as far as that shows without an answer.
func (c *client) fitsRequest(a *active, q *request) bool {
	on := a.On
	if on.Connection != "" && on.Connection != q.connection() || on.Path != "" && on.Path != string(q.path()) {
		return false
	}
	return a.Do.Kind != replay || c.p.kept.get(q.keptKey(a.Do.Version)) != nil
}

// fitsAnswer tells whether a rule is for an answer that has begun.
func (c *client) fitsAnswer(a *active, x *exchanged) bool {
	on, do, from := a.On, a.Do, x.opening.sender
	if !c.fitsRequest(a, x.request) || on.Version != "" && on.Version != from.Version || on.Cluster != "" && on.Cluster != from.Cluster {
		return false
	}
	if on.Share != nil && !from.inClass(on.Share[0], on.Share[1]) {
		return false
	}
	switch do.Kind {
	case wrongBody:
		return x.status == http.StatusOK && (x.framing == byLength && do.Offset < c.answer.length || x.framing == byChunks && do.Offset < x.opening.firstChunk)
	case otherBody:
		return x.status == http.StatusOK && x.framing != noBody
	case truncate:
		return x.framing == byLength || x.framing == byChunks
	case relabel:
		return c.canRelabel(do, x)
	default:
		return true
	}
}

func (c *client) note(a *active, q *request, x *exchanged, now time.Time, did string) *injection {
	i := injection{Rule: a.index, AtMs: unixMs(now), Connection: q.connection(), Path: string(q.target), Did: did}
	if x != nil && x.opening.sender != (sender{}) {
		from := x.opening.sender
		i.Answer = &from
	}
	return c.p.ledger.injected(i)
}

// judge has an answer that has begun hurt by the first rule that picks it, or passes it on.
func (c *client) judge(set *ruleSet, x *exchanged) (again bool) {
	if set.looks {
		opening, err := peekOpening(x.upstream.in, x.framing, c.answer.length, &c.known)
		if err != nil {
			// Passing it on comes upon the same.
			return c.pass(x)
		}
		x.opening = opening
	}
	now := time.Now()
	if a := first(set.onAnswer, now, func(a *active) bool { return c.fitsAnswer(a, x) }); a != nil {
		return c.hurtAnswer(a, x, now)
	}
	if set.keeps[x.opening.Version] && x.status == http.StatusOK && x.framing != byClose {
		return c.passAndKeep(x)
	}
	return c.pass(x)
}

// hurtRequest hurts a request that the upstream is not asked about, or has answered in full.
func (c *client) hurtRequest(a *active, q *request, now time.Time) (again bool) {
	return c.hurtWithout(a, q, nil, now, c.note(a, q, nil, now, string(a.Do.Kind)))
}

func (c *client) hurtWithout(a *active, q *request, x *exchanged, now time.Time, i *injection) (again bool) {
	say := func(did string) { c.p.ledger.said(i, did) }
	switch do := a.Do; do.Kind {
	case reset:
		say("connection reset without an answer")
		_ = c.conn.SetLinger(0)
		return false
	case hang:
		say("no answer")
		c.awaitDeparture(q)
		say(fmt.Sprintf("no answer for %s ms, until the client went away", ms(time.Since(now))))
		return false
	case otherBody:
		say(fmt.Sprintf("another body of %d bytes", len(do.Body)))
		return c.give(q, c.answer.appendWithLength(c.room(), int64(len(do.Body))), []byte(do.Body), false)
	case replay:
		kept := c.p.kept.get(q.keptKey(do.Version))
		if kept == nil {
			say("nothing: the answer to give was forgotten meanwhile")
			return c.own(q, http.StatusBadGateway, false)
		}
		say(fmt.Sprintf("the answer that %s on %s gave %s ms before", kept.from.Version, kept.from.Cluster, ms(now.Sub(kept.at))))
		return c.give(q, append(c.room(), kept.fields...), kept.body, false)
	default:
		say(fmt.Sprintf("status %d", do.Status))
		return c.own(q, do.Status, false)
	}
}

// hurtAnswer hurts an answer that has begun.
func (c *client) hurtAnswer(a *active, x *exchanged, now time.Time) (again bool) {
	i := c.note(a, x.request, x, now, string(a.Do.Kind))
	say := func(did string) { c.p.ledger.said(i, did) }
	switch a.Do.Kind {
	case delay:
		return c.delay(a.Do, x, now, say)
	case wrongBody:
		return c.changeByte(a.Do, x, say)
	case truncate:
		return c.truncate(a.Do, x, say)
	case relabel:
		return c.relabel(a.Do, x, say)
	default:
		if !c.drop(x) {
			say("nothing: the upstream's answer ended before its end")
			return false
		}
		return c.hurtWithout(a, x.request, x, now, i)
	}
}

// drop reads the upstream's answer to its end, and gives the client nothing of it.
func (c *client) drop(x *exchanged) bool {
	if err := relay(x.upstream.in, &sink{}, x.framing, c.answer.length, options{}); err != nil {
		return c.finish(x, err, true)
	}
	c.release(x.upstream, c.awaitSent(x.request, sendingPatience) && c.reusable(x))
	return true
}

func (c *client) delay(do deed, x *exchanged, now time.Time, say func(string)) (again bool) {
	took := now.Sub(x.began)
	late := time.Duration(do.PlusMs * float64(time.Millisecond))
	if do.Factor > 0 {
		late = time.Duration((do.Factor - 1) * float64(took))
	}
	say(fmt.Sprintf("to be held back for %s ms, after the upstream took %s ms", ms(late), ms(took)))
	timer := time.NewTimer(late)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.gone.Done():
		c.p.ledger.left.Add(1)
		say(fmt.Sprintf("held back for %s ms, until the client went away", ms(time.Since(now))))
		return false
	}
	say(fmt.Sprintf("held back for %s ms, after the upstream took %s ms", ms(time.Since(now)), ms(took)))
	return c.pass(x)
}

// awaitDeparture waits for the client to go. Whatever it still sends is dropped, or its going would not be noticed.
func (c *client) awaitDeparture(q *request) {
	q.hand(nil)
	for {
		select {
		case <-c.gone.Done():
			return
		case next := <-c.requests:
			next.hand(nil)
		}
	}
}
