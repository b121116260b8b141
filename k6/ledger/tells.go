package ledger

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/grafana/sobek"
	"github.com/tidwall/gjson"
)

// tells is how the answers to a client tell who gave them.
type tells struct {
	version telling
	// cluster is nil where the version alone says which RayCluster it was.
	cluster *telling
	senders senders
}

// telling is where an answer says something: in a header, at a JSON path, or in the first group of a pattern. One of the
// three is set.
type telling struct {
	header, path string
	pattern      *regexp.Regexp
	// missing is what is wrong with an answer that does not say it.
	missing string
	// last is the last body that was read, and lastSaid what it said: many answers are the same.
	last, lastSaid string
}

// longestTold bounds what is taken for a version's or a RayCluster's name, in bytes: rows and metrics carry it.
const longestTold = 256

// ownTells says what the application under test tells in each line of its own.
func ownTells() *tells {
	return &tells{
		version: telling{path: "version", missing: missingIn("version", "json version")},
		cluster: &telling{path: "cluster", missing: missingIn("cluster", "json cluster")},
	}
}

func missingIn(what, where string) string {
	return fmt.Sprintf("the answer does not tell its %s (%s)", what, where)
}

func newTells(options *sobek.Object, rt *sobek.Runtime) (*tells, error) {
	t := &tells{}
	version := options.Get("version")
	if isNothing(version) {
		return nil, errors.New("tells needs version")
	}
	if err := t.version.configure("version", version.ToObject(rt)); err != nil {
		return nil, err
	}
	if cluster := options.Get("cluster"); !isNothing(cluster) {
		t.cluster = &telling{}
		if err := t.cluster.configure("cluster", cluster.ToObject(rt)); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *telling) configure(what string, options *sobek.Object) error {
	given := 0
	for _, form := range [...]string{"header", "json", "pattern"} {
		value := options.Get(form)
		if isNothing(value) {
			continue
		}
		text := value.String()
		if text == "" {
			return fmt.Errorf("tells.%s.%s must not be empty", what, form)
		}
		given++
		t.missing = missingIn(what, form+" "+text)
		switch form {
		case "header":
			// As Go's HTTP client writes it, whatever came.
			t.header = http.CanonicalHeaderKey(text)
		case "json":
			t.path = text
		case "pattern":
			pattern, err := regexp.Compile(text)
			if err != nil {
				return fmt.Errorf("tells.%s.pattern: %w", what, err)
			}
			if pattern.NumSubexp() == 0 {
				return fmt.Errorf("tells.%s.pattern needs a group, and %s has none", what, text)
			}
			t.pattern = pattern
		}
	}
	if given != 1 {
		return fmt.Errorf("tells.%s must have exactly one of header, json and pattern, and has %d of them", what, given)
	}
	return nil
}

// of reads who gave an answer. Headers have their canonical names.
func (t *tells) of(headers map[string]string, body string) *sender {
	version, cluster := t.version.in(headers, body), ""
	if t.cluster != nil {
		cluster = t.cluster.in(headers, body)
	}
	return t.sender(version, cluster)
}

// sender is who has told this much; what is empty was not told.
func (t *tells) sender(version, cluster string) *sender {
	who := sender{cluster: cluster, version: version}
	switch {
	case version == "":
		who.flaw = t.version.missing
	case t.cluster != nil && cluster == "":
		who.flaw = t.cluster.missing
	}
	for _, known := range t.senders.different {
		if *known == who {
			return known
		}
	}
	// What it is remembered by must not hold the body.
	return t.senders.unique(&sender{
		cluster: strings.Clone(who.cluster), version: strings.Clone(who.version), flaw: who.flaw,
	})
}

// in reads what an answer says, empty when it does not.
func (t *telling) in(headers map[string]string, body string) string {
	if t.header != "" {
		return told(headers[t.header])
	}
	if body == t.last {
		return t.lastSaid
	}
	said := ""
	// A path that begins with ".." is of lines of JSON.
	if t.pattern != nil || strings.HasPrefix(t.path, "..") || gjson.Valid(body) {
		said = t.find(body)
	}
	if len(body) <= longestKnown {
		t.last, t.lastSaid = body, said
	}
	return said
}

// find reads what a text says that is known to be JSON where a path is looked for, empty when it does not.
func (t *telling) find(text string) string {
	if t.pattern != nil {
		if groups := t.pattern.FindStringSubmatchIndex(text); groups != nil && groups[2] >= 0 {
			return told(text[groups[2]:groups[3]])
		}
		return ""
	}
	switch value := gjson.Get(text, t.path); value.Type {
	case gjson.String:
		return told(value.Str)
	case gjson.Number, gjson.True, gjson.False:
		// As it stands there: 1.10 is not 1.1.
		return told(value.Raw)
	default:
		return ""
	}
}

func told(text string) string {
	if len(text) > longestTold {
		return ""
	}
	return text
}
