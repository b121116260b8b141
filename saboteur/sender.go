package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"hash/fnv"
)

// sender is who gave an answer, as the application says it in the first line of the body; a name that is not there is empty. No header
// tells it.
type sender struct {
	Version string `json:"version,omitempty"`
	Cluster string `json:"cluster,omitempty"`
	Replica string `json:"replica,omitempty"`
}

// inClass tells whether the replica is in class k of n.
func (s sender) inClass(k, n int64) bool {
	if s.Replica == "" {
		return false
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(s.Replica))
	return int64(hash.Sum32())%n == k
}

// names are where a line of JSON says who it is from: version and cluster as they stand there, with their quotes.
type names struct {
	sender
	version, cluster span
}

// readNames reads a line of JSON as far as it goes: it may be cut off anywhere, and names that stand before that are found.
func readNames(line []byte) (found names) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return found
	}
	for decoder.More() {
		token, err := decoder.Token()
		key, isKey := token.(string)
		if err != nil || !isKey {
			return found
		}
		before := int(decoder.InputOffset())
		token, err = decoder.Token()
		if err != nil {
			return found
		}
		if _, nested := token.(json.Delim); nested {
			if !skip(decoder) {
				return found
			}
			continue
		}
		value, isText := token.(string)
		after := int(decoder.InputOffset())
		if !isText || after > len(line) {
			continue
		}
		at := span{before + bytes.IndexByte(line[before:after], '"'), after}
		switch key {
		case "version":
			found.Version, found.version = value, at
		case "cluster":
			found.Cluster, found.cluster = value, at
		case "replica":
			found.Replica = value
		}
		if found.Version != "" && found.Cluster != "" && found.Replica != "" {
			return found
		}
	}
	return found
}

// skip passes over the rest of an array or object.
func skip(decoder *json.Decoder) bool {
	for depth := 1; depth > 0; {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return true
}

// The application's names stand in the first bytes.
const mostPeeked = 4 << 10

// opening is what the beginning of a body tells before any of it goes on.
type opening struct {
	names
	// firstChunk is the size of a chunked body's first chunk.
	firstChunk int64
}

// peekOpening looks at the beginning of a body without taking it: up to 4 KiB, of a chunked body of its first chunk, and no more
// than is needed to know the names. It waits for what has not come yet.
func peekOpening(from *bufio.Reader, how framing, length int64, known *knownLine) (opening, error) {
	var o opening
	if how != byLength && how != byChunks || (how == byLength && length == 0) {
		return o, nil
	}
	for want := 1; ; {
		if _, err := from.Peek(want); err != nil {
			return o, unexpected(err)
		}
		data, _ := from.Peek(from.Buffered())
		want = len(data) + 1
		left := length
		if how == byChunks {
			end := bytes.IndexByte(data, '\n')
			if end < 0 && len(data) < mostPeeked {
				continue
			}
			size, err := chunkSize(data[:end+1])
			if err != nil {
				return o, err
			}
			o.firstChunk = size
			left, data = size, data[end+1:]
		}
		whole := int64(len(data)) >= left
		data = data[:min(int64(len(data)), left, mostPeeked)]
		if end := bytes.IndexByte(data, '\n'); end >= 0 {
			whole, data = true, data[:end]
		}
		whole = whole || len(data) == mostPeeked
		if o.names = known.read(data, whole); whole || o.Version != "" && o.Cluster != "" && o.Replica != "" {
			return o, nil
		}
	}
}

// knownLine remembers the last line and its names: the application repeats itself byte for byte.
type knownLine struct {
	line  []byte
	names names
}

func (k *knownLine) read(line []byte, whole bool) names {
	if whole && len(k.line) > 0 && bytes.Equal(line, k.line) {
		return k.names
	}
	found := readNames(line)
	if whole {
		k.line, k.names = append(k.line[:0], line...), found
	}
	return found
}
