package main

import (
	"errors"
	"fmt"
)

// rule says whom to hurt, and how. As JSON:
//
//	{"id": "...", "do": {"kind": "...", ...}, "on": {...}}
//
// Rules are asked in their order, in two turns. Those that need no answer are asked when a request's head has been read; what
// they pick is hurt without asking the upstream. The others are asked when the upstream's answer begins. The first rule
// that picks a request hurts it, and no other is asked then. A rule is asked by what the list is at that moment.
type rule struct {
	ID string
	Do deed
	On condition
}

// kind of deed. Each is precise about what a client gets:
type kind string

const (
	// wrongBody changes one byte of an answer with status 200: bit 0 of the byte at `offset` (0 when left out: where the
	// application's answers have their brace) is flipped. Head and length stay. Only of answers whose body is longer than
	// offset; of a chunked one, whose first chunk is.
	wrongBody kind = "wrong-body"
	// otherBody puts `body` in the place of the body of an answer with status 200. The head stays, but for the length, which is
	// that of the new body. The upstream's answer is read to its end first.
	otherBody kind = "other-body"
	// answerStatus gives a short answer with `status` and a body of its own.
	answerStatus kind = "status"
	// truncate closes the connection half-way through a body: after length/2 bytes of one with Content-Length, which goes on as the
	// upstream said; after all chunks but the empty last one of a chunked one. With `properly` the answer ends well instead,
	// and still too early: Content-Length is the half's, and a chunked body ends after its first chunk.
	truncate kind = "truncate"
	// reset resets the connection (RST) before any byte of the answer.
	reset kind = "reset"
	// refuse: while the rule is active no new connection is accepted: nobody listens, so that who dials is refused. Those that are
	// open live on. It is active from the list's PUT on for `forMs`, or until the next list.
	refuse kind = "refuse"
	// delay holds the answer back: from its head on it begins `factor` times as late after the request was passed on as the
	// upstream began it, or `plusMs` later. What follows the head comes as it comes.
	delay kind = "delay"
	// hang never answers; it lasts until the client goes away, also when the rules change.
	hang kind = "hang"
	// relabel has the answer say another `version`, `cluster` or both. The application says them in its body, in the first line of
	// JSON and of a streamed answer in every line; the length changes with them. Only of answers that name what is to be changed
	// and say something else; with Content-Length up to 4 MiB, or chunked.
	relabel kind = "relabel"
	// replay gives the last good answer of `version` to the same method and target: status 200, complete, no larger than 256 KiB, one of
	// the first 64 such targets. Answers are kept from the first list with a replay rule until one without. Without one
	// the rule does not match.
	replay kind = "replay"
)

// deed is what is done to a request, and with what.
type deed struct {
	Kind     kind
	Offset   int64
	Body     string
	Status   int
	Properly bool
	Factor   float64
	PlusMs   float64
	Version  string
	Cluster  string
	// After, of status, reset, hang and replay: "answer" has the upstream asked and its answer read to the end first, so that it did
	// and counted what it would have; "request" (when left out) has not, unless `on` goes by the answer.
	After string
}

// condition says whom a rule is for. What is left out (zero) does not matter.
type condition struct {
	// Every Nth of the requests that all else holds for, counted from 1: N, 2N, ...
	Every int64
	// ForMs after the rule took effect it is over.
	ForMs float64
	// Times is how often at most.
	Times int64
	// Connection is "new" for the first request on a client's connection, "kept" for a later one.
	Connection string
	// Path of the request, without its query.
	Path string
	// Version and Cluster, as the answer names them.
	Version string
	Cluster string
	// Share [k, n] is for answers of replicas in class k of n: FNV-1a (32 bits) of the replica's name as the answer gives it, modulo
	// n. Answers that name no replica are in none.
	Share *[2]int64
}

// goesByAnswer tells whether the condition needs to know who answered.
func (c condition) goesByAnswer() bool { return c.Version != "" || c.Cluster != "" || c.Share != nil }

// needsAnswer tells whether the rule is asked when the answer begins.
func (r rule) needsAnswer() bool {
	switch r.Do.Kind {
	case wrongBody, otherBody, truncate, delay, relabel:
		return true
	default:
		return r.Do.After == afterAnswer || r.On.goesByAnswer()
	}
}

const (
	afterRequest = "request"
	afterAnswer  = "answer"

	connNew  = "new"
	connKept = "kept"
)

const (
	mostRules     = 64
	mostRulesEver = 4096
)

// check tells what makes no sense in a rule whose values are each good.
func (r rule) check() error {
	d := r.Do
	switch {
	case d.Kind == delay && (d.Factor == 0) == (d.PlusMs == 0):
		return fmt.Errorf("do must have either factor or plusMs for a delay")
	case d.Kind == relabel && d.Version == "" && d.Cluster == "":
		return fmt.Errorf("do must have version, cluster or both to relabel")
	case d.After == afterRequest && r.On.goesByAnswer():
		return fmt.Errorf("do.after must be answer or left out where on has version, cluster or share")
	case d.Kind == refuse && r.On != (condition{ForMs: r.On.ForMs}):
		return fmt.Errorf("on may have nothing but forMs for refuse, which is not done to requests")
	}
	return nil
}

var errTooMany = errors.New("too many rules since the start")
