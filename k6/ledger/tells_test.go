package ledger

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// models is a target whose answers tell who gave them in other ways than the application under test does.
func models(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	handle := func(path string, status int, body string, headers ...string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	}
	asked := 0
	handle("/headers", 200, "<p>one</p>\n<p>two</p>", "x-model-version", "1.3.0", "X-Ray-Cluster", "app-abc")
	handle("/clusterless", 200, "", "X-Model-Version", "1.3.0")
	handle("/silent", 200, `{"model":{"version":"1.3.0"}}`)
	handle("/long", 200, "", "X-Model-Version", strings.Repeat("1", longestTold+1), "X-Ray-Cluster", "app-abc")
	handle("/away", 503, "", "X-Model-Version", "1.3.0", "X-Ray-Cluster", "app-abc")
	handle("/created", 201, `{"model":{"version":1.10},"pod":{"cluster":"app-abc"}}`)
	handle("/json", 200, `{"model":{"version":"1.3.0"},"pod":{"cluster":"app-abc"},"more":"`+strings.Repeat("x", 2*longestKnown)+`"}`)
	handle("/null", 200, `{"model":{"version":null},"pod":{"cluster":"app-abc"}}`)
	handle("/torn", 200, `{"model":{"version":"1.3.0"},"pod":{"cluster":"app-abc"}`)
	handle("/lines", 200, "{\"model\":{\"version\":\"1.3.0\"}}\n{\"model\":{\"version\":\"1.3.0\"}}\n")
	handle("/text", 200, `<html data-version="1.3.0" data-cluster="app-abc">`)
	handle("/other", 200, `<html data-version="" data-cluster="app-abc">`)
	mux.HandleFunc("/upgraded", func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, _ = io.WriteString(w, `<html data-version="`+strconv.Itoa(1+asked/3)+`" data-cluster="">`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

const tellsScript = `
import http from "k6/http";
import { Client } from "k6/x/ledger";
export const options = { systemTags: ["scenario"], scenarios: { one: { executor: "per-vu-iterations", vus: 1, iterations: 1 } } };
const headers = { version: { header: "X-MODEL-version" }, cluster: { header: "x-ray-cluster" } };
const json = { version: { json: "model.version" }, cluster: { json: "pod.cluster" } };
const pattern = { version: { pattern: 'version="([^"]*)"' }, cluster: { pattern: 'cluster="([^"]*)"' } };
const alone = { version: { pattern: 'version="([^"]*)"' } };
const kinds = {
  headers: ["/headers", headers], clusterless: ["/clusterless", headers], silent: ["/silent", headers], long: ["/long", headers],
  away: ["/away", headers], versionOnly: ["/clusterless", { version: headers.version }], mixed: ["/text", { version: pattern.version, cluster: headers.cluster }],
  json: ["/json", json], "null": ["/null", json], torn: ["/torn", json], noCluster: ["/silent", json], noJson: ["/text", json],
  created: ["/created", json, 201], notCreated: ["/json", json, 201], wasCreated: ["/created", json],
  lines: ["/lines", { version: { json: "..1.model.version" } }],
  pattern: ["/text", pattern], patternless: ["/other", pattern], noPattern: ["/headers", pattern],
  session: ["/upgraded", alone],
};
const clients = {};
for (const [kind, [, tells, status]] of Object.entries(kinds))
  clients[kind] = new Client(kind, { requestTimeoutMs: 1000, post: http.post, session: kind === "session", tells, status });
const flawed = new Client("flawed", { requestTimeoutMs: 1000, tells: headers });
const own = new Client("own", { requestTimeoutMs: 1000, post: http.post, status: 503, tells: null });
export default function () {
  for (const [kind, [path]] of Object.entries(kinds)) for (let i = 0; i < (kind === "session" ? 5 : 2); i++)
    console.log(kind + "=" + clients[kind].post(__ENV.TARGET + path));
  const token = flawed.begin();
  flawed.end(token, http.post(__ENV.TARGET + "/headers"), "no label");
  own.post(__ENV.OWN + "/away");
}
`

// Would catch: a version or RayCluster not found where the user says it stands, or found where it does not; an answer
// that does not tell it let pass, or one that tells it otherwise than the application under test does failed for that.
func TestAnswersTellAsTheUserSays(t *testing.T) {
	rows, summary, log := runK6(t, tellsScript, "TARGET="+models(t), "OWN="+target(t))
	const version = "the answer does not tell its version "
	const cluster = "the answer does not tell its cluster "
	for client, want := range map[string]struct{ version, cluster, message string }{
		"headers":     {"1.3.0", "app-abc", ""},
		"versionOnly": {"1.3.0", "", ""},
		"clusterless": {"1.3.0", "", cluster + "(header x-ray-cluster)"},
		"silent":      {"", "", version + "(header X-MODEL-version)"},
		"long":        {"", "app-abc", version + "(header X-MODEL-version)"},
		"away":        {"1.3.0", "app-abc", "status 503"},
		"mixed":       {"1.3.0", "", cluster + "(header x-ray-cluster)"},
		"json":        {"1.3.0", "app-abc", ""},
		"null":        {"", "app-abc", version + "(json model.version)"},
		"torn":        {"", "", version + "(json model.version)"},
		"noCluster":   {"1.3.0", "", cluster + "(json pod.cluster)"},
		"noJson":      {"", "", version + "(json model.version)"},
		"created":     {"1.10", "app-abc", ""},
		"notCreated":  {"1.3.0", "app-abc", "status 200"},
		"wasCreated":  {"1.10", "app-abc", "status 201"},
		"lines":       {"1.3.0", "", ""},
		"pattern":     {"1.3.0", "app-abc", ""},
		"patternless": {"", "app-abc", version + `(pattern version="([^"]*)")`},
		"noPattern":   {"", "", version + `(pattern version="([^"]*)")`},
		"flawed":      {"1.3.0", "app-abc", "no label"},
		"own":         {"v1", "app-v1", ""},
	} {
		t.Run(client, func(t *testing.T) {
			its := of(rows, client)
			if len(its) == 0 {
				t.Fatalf("no rows: %s", log)
			}
			for _, row := range its {
				expect(t, row, map[string]any{"version": want.version, "cluster": want.cluster})
				if want.message == "" {
					expect(t, row, map[string]any{"type": "answered"})
				} else {
					expect(t, row, map[string]any{"type": "failed", "outcome": "failed", "message": want.message})
				}
			}
		})
	}
	its := of(rows, "session")
	if types(its) != "answered answered session" && types(its) != "answered session answered" {
		t.Fatal(its)
	}
	for _, row := range its {
		if row["type"] == "session" {
			expect(t, row, map[string]any{"fromVersion": "1", "version": "2", "fromCluster": "", "cluster": ""})
		}
	}
	expect(t, rows[len(rows)-1], map[string]any{"httpReqs": counted(summary, "http_reqs"), "interrupted": 0.0})
}

// Would catch: what one body said taken for what the next one says; a body kept alive, or a list that grows, by names
// that are never the same.
func TestTellingsAreRemembered(t *testing.T) {
	its := ownTells()
	first := its.of(nil, good)
	if again := its.of(nil, strings.Clone(good)); again != first || *first != (sender{cluster: "app-v1", version: "v1"}) {
		t.Errorf("%+v, then %+v", first, again)
	}
	if other := its.of(nil, strings.ReplaceAll(good, "v1", "v2")); *other != (sender{cluster: "app-v2", version: "v2"}) {
		t.Errorf("%+v", other)
	}
	if empty := its.of(nil, ""); empty.version != "" || empty.flaw == "" {
		t.Errorf("%+v", empty)
	}
	if again := its.of(nil, good+strings.Repeat(" ", 2*longestKnown)); again != first {
		t.Errorf("%+v of a long body", again)
	}
	if len(its.version.last) > longestKnown {
		t.Error("a long body is kept")
	}
	for i := range 10 * mostKnown {
		its.sender("v"+strconv.Itoa(i), "c")
	}
	if len(its.senders.different) > mostKnown {
		t.Errorf("%d senders are kept", len(its.senders.different))
	}
}
