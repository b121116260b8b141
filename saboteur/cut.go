package main

import (
	"fmt"
	"time"
)

// Time for the rest of an answer that the client does not get any more: the upstream is to do all that it would have done.
const restPatience = 30 * time.Second

func (c *client) changeByte(do deed, x *exchanged, say func(string)) (again bool) {
	closing := c.closesAfter(x)
	c.begin(c.answer.appendFields(c.room()), closing)
	var at int64
	edit := func(data []byte) {
		if n := do.Offset - at; n >= 0 && n < int64(len(data)) {
			say(fmt.Sprintf("byte %d changed from %q to %q", do.Offset, data[n], data[n]^1))
			data[n] ^= 1
		}
		at += int64(len(data))
	}
	return c.finish(x, relay(x.upstream.in, &c.out, x.framing, c.answer.length, options{edit: edit}), closing)
}

func (c *client) truncate(do deed, x *exchanged, say func(string)) (again bool) {
	from, half := x.upstream.in, c.answer.length/2
	closing := !do.Properly || c.closesAfter(x)
	switch {
	case x.framing == byLength && do.Properly:
		say(fmt.Sprintf("ended after %d of %d bytes", half, c.answer.length))
		c.begin(c.answer.appendWithLength(c.room(), half), closing)
	case x.framing == byLength:
		say(fmt.Sprintf("cut after %d of %d bytes", half, c.answer.length))
		c.begin(c.answer.appendFields(c.room()), false)
	case do.Properly:
		say("ended after the first chunk")
		c.begin(c.answer.appendFields(c.room()), closing)
	default:
		say("cut before the last chunk")
		c.begin(c.answer.appendFields(c.room()), false)
	}
	left := c.answer.length - half
	rest := func() error { return relayLength(from, &sink{}, left, nil) }
	var err error
	if x.framing == byLength {
		err = relayLength(from, &c.out, half, nil)
	} else {
		rest = func() error { return relayTrailers(from, &sink{}) }
		err = relayChunks(from, &c.out, options{withoutEnd: !do.Properly, onlyFirst: do.Properly})
		if early, ended := err.(endedEarly); ended {
			err = nil
			rest = func() error {
				if err := relayLength(from, &sink{}, early.size, nil); err != nil {
					return err
				}
				if err := chunkEnd(from); err != nil {
					return err
				}
				return relayChunks(from, &sink{}, options{})
			}
		} else if err == nil && do.Properly {
			say("nothing: there was one chunk only")
			rest = func() error { return nil }
		}
	}
	if err != nil {
		return c.finish(x, err, closing)
	}
	// Before the client can go because of what it gets: its going would end the upstream's answer too.
	mine := c.using.CompareAndSwap(x.upstream, nil)
	c.out.flush()
	if !do.Properly {
		_ = c.conn.CloseWrite()
	}
	if mine {
		c.readRest(x, rest)
	}
	return !closing && x.whole && c.out.err == nil
}

// readRest reads what the client does not get of an answer, whether the client is still there or not, and keeps nobody waiting for it. The
// upstream's connection is the caller's alone.
func (c *client) readRest(x *exchanged, rest func() error) {
	u, pool := x.upstream, c.p.upstream
	more := c.awaitSent(x.request, sendingPatience) && c.reusable(x)
	u.src.ahead = nil
	go func() {
		_ = u.SetReadDeadline(time.Now().Add(restPatience))
		if err := rest(); err != nil || !more {
			_ = u.Close()
			return
		}
		_ = u.SetReadDeadline(time.Time{})
		pool.put(u)
	}()
}
