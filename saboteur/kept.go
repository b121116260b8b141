package main

import (
	"sync"
	"time"
)

const (
	mostKept  = 64
	keptBytes = 256 << 10
)

// keptAnswers are the last good answers by version, method and target, as they came: head and body byte for byte.
type keptAnswers struct {
	mu sync.RWMutex
	by map[keptKey]*keptAnswer
}

type keptKey struct{ version, method, target string }

type keptAnswer struct {
	// fields is the head without the empty line and without what is for one connection only.
	fields, body []byte
	from         sender
	at           time.Time
}

func (k *keptAnswers) get(key keptKey) *keptAnswer {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.by[key]
}

func (k *keptAnswers) put(key keptKey, answer *keptAnswer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, known := k.by[key]; !known && len(k.by) >= mostKept {
		return
	}
	if k.by == nil {
		k.by = map[keptKey]*keptAnswer{}
	}
	k.by[key] = answer
}

func (k *keptAnswers) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.by = nil
}

func (q *request) keptKey(version string) keptKey {
	return keptKey{version, string(q.method), string(q.target)}
}

// passAndKeep passes an answer on and, when it was whole, keeps it.
func (c *client) passAndKeep(x *exchanged) (again bool) {
	closing := c.closesAfter(x)
	answer := &keptAnswer{fields: c.answer.appendFields(nil), from: x.opening.sender}
	c.begin(append(c.room(), answer.fields...), closing)
	c.out.copy = &copied{most: keptBytes}
	err := relay(x.upstream.in, &c.out, x.framing, c.answer.length, options{})
	body := c.out.copy
	c.out.copy = nil
	if err == nil && !body.over {
		answer.body, answer.at = body.bytes, time.Now()
		c.p.kept.put(x.keptKey(x.opening.Version), answer)
	}
	return c.finish(x, err, closing)
}
