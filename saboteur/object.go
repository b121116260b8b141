package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// object is a JSON object whose values are read one by one. Its first error stays.
type object struct {
	at     string
	values map[string]json.RawMessage
	err    error
}

func readObject(raw json.RawMessage, at string, keys ...string) *object {
	o := &object{at: at, values: map[string]json.RawMessage{}}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		o.err = fmt.Errorf("%s must be an object with the keys %s; received %s", at, strings.Join(keys, ", "), shown(raw))
		return o
	}
	for decoder.More() {
		token, err := decoder.Token()
		key, _ := token.(string)
		var value json.RawMessage
		if err != nil || decoder.Decode(&value) != nil {
			o.err = fmt.Errorf("%s must be JSON; received %s", at, shown(raw))
			return o
		}
		if !slices.Contains(keys, key) {
			o.err = fmt.Errorf("%s: %q is no key here; those are %s", at, key, strings.Join(keys, ", "))
			return o
		}
		if _, twice := o.values[key]; twice {
			o.err = fmt.Errorf("%s: %s must be there once; received it twice", at, key)
			return o
		}
		o.values[key] = value
	}
	return o
}

func (o *object) fail(key, expected string) {
	if o.err == nil {
		o.err = fmt.Errorf("%s: %s must be %s; received %s", o.at, key, expected, shown(o.values[key]))
	}
}

func (o *object) needs(keys ...string) {
	for _, key := range keys {
		if _, there := o.values[key]; !there && o.err == nil {
			o.err = fmt.Errorf("%s: %s is missing", o.at, key)
		}
	}
}

// read reads a value into `into` if it is there, good if `fits` says so afterwards.
func (o *object) read(key, expected string, into any, fits func() bool) {
	value, there := o.values[key]
	if there && (bytes.Equal(value, []byte("null")) || json.Unmarshal(value, into) != nil || !fits()) {
		o.fail(key, expected)
	}
}

func (o *object) text(key string, into *string) {
	o.read(key, "text", into, func() bool { return *into != "" })
}

func (o *object) boolean(key string, into *bool) {
	o.read(key, "true or false", into, func() bool { return true })
}

func (o *object) oneOf(key string, into *string, values ...string) {
	o.read(key, strings.Join(values, " or "), into, func() bool { return slices.Contains(values, *into) })
}

func (o *object) whole(key string, least, most int64, into *int64) {
	o.read(key, fmt.Sprintf("a whole number from %d to %d", least, most), into, func() bool { return *into >= least && *into <= most })
}

// number is one above `above`.
func (o *object) number(key string, above, most float64, into *float64) {
	o.read(key, fmt.Sprintf("a number above %.0f, at most %.0f", above, most), into, func() bool { return *into > above && *into <= most })
}

// shown is JSON as it was received, short and on one line.
func shown(raw []byte) string {
	var line bytes.Buffer
	if json.Compact(&line, raw) != nil {
		line.Reset()
		line.WriteString(strings.Join(strings.Fields(string(raw)), " "))
	}
	if line.Len() == 0 {
		return "nothing"
	}
	if text := line.String(); len(text) <= 60 {
		return text
	}
	return strings.ToValidUTF8(line.String()[:57], "") + "..."
}
