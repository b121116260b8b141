package main

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
)

// own gives an answer of the proxy's own. Without a body that says so when it is for HEAD.
func (c *client) own(q *request, status int, closing bool) (again bool) {
	body := fmt.Sprintf("status %d\n", status)
	fields := fmt.Appendf(c.room(), "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %s\r\n",
		status, http.StatusText(status), strconv.Itoa(len(body)))
	return c.give(q, fields, []byte(body), closing)
}

// give gives an answer that is at hand, when all of the request has come.
func (c *client) give(q *request, fields, body []byte, closing bool) (again bool) {
	closing = closing || q.head.close
	if !c.takeBody(q) {
		c.patient, closing = true, true
	}
	c.begin(fields, closing)
	if !bytes.Equal(q.method, []byte("HEAD")) {
		c.out.write(body)
	}
	c.out.flush()
	return !closing && c.out.err == nil
}

// takeBody has the rest of a request's body read; false when it does not come: its client waits to be told to send it.
func (c *client) takeBody(q *request) bool {
	if q.whole || q.refused != 0 {
		return true
	}
	if q.head.expects && !q.continued {
		return c.awaitSent(q, 0)
	}
	q.hand(nil)
	select {
	case err := <-q.sent:
		q.whole = err == nil
	case <-c.gone.Done():
	}
	return q.whole
}
