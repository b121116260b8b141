package ledger

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tokenBy is an event with a token, by a version.
func tokenBy(version string) string {
	return `data: {"model":"` + version + `","pod":"app-` + version + `","choices":[{"delta":{"content":"word"}}]}` + "\n\n"
}

const (
	role  = `data: {"model":"v1","pod":"app-v1","choices":[{"delta":{"role":"assistant","content":""}}]}` + "\n\n"
	usage = `data: {"choices":[],"usage":{"completion_tokens":3},"error":null}` + "\n\n"
	ended = "data: [DONE]\n\n"
)

// chatting answers with streams, whole ones and others, as its paths say.
func chatting(t *testing.T) *httptest.Server {
	t.Helper()
	done := make(chan struct{})
	mux := http.NewServeMux()
	// A step is sent when the one before it has gone; a number is a pause in ms, below 0 for ever.
	handle := func(path string, status int, contentType string, steps ...any) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("X-Model-Version", "v1")
			w.WriteHeader(status)
			flush := http.NewResponseController(w).Flush
			for _, step := range steps {
				switch s := step.(type) {
				case string:
					_, _ = io.WriteString(w, s)
				case int:
					_ = flush()
					pause := time.Duration(s) * time.Millisecond
					if s < 0 {
						pause = time.Hour
					}
					select {
					case <-time.After(pause):
					case <-r.Context().Done():
						return
					case <-done:
						return
					}
				case error:
					_ = flush()
					panic(http.ErrAbortHandler)
				}
			}
		})
	}
	const stream = "text/event-stream; charset=utf-8"
	cutOff := http.ErrAbortHandler
	v1, v2 := tokenBy("v1"), tokenBy("v2")
	handle("/whole", 200, stream, ": hello\n\n", role, v1[:40], 5, v1[40:], usage, v1, v1, ended)
	handle("/crlf", 200, stream, strings.ReplaceAll(role+v1+ended, "\n", "\r\n"))
	handle("/slow", 200, stream, role, 250, v1, 1000, v1, ended)
	handle("/truncated", 200, stream, role, v1, v1)
	handle("/torn", 200, stream, role, v1, v1[:len(v1)-10])
	handle("/cut", 200, stream, role, v1, v1, 20, cutOff)
	handle("/cutLate", 200, stream, v1, ended, 20, cutOff)
	handle("/error", 200, stream, role, v1, `data: {"error":{"message":"CUDA out of memory","code":500}}`+"\n\n", ended)
	handle("/errorText", 200, stream, `data: {"error":"`+strings.Repeat("é", 150)+`"}`+"\n\n", cutOff)
	handle("/changed", 200, stream, role, v1, v1, v2, ended)
	handle("/moved", 200, stream, role, v1, strings.Replace(v1, "app-v1", "app-v9", 1), ended)
	handle("/tokenless", 200, stream, role, usage, ended)
	handle("/noJson", 200, stream, role, v1, "data: {\"model\":\n\n", v1, ended)
	handle("/after", 200, stream, role, v1, ended, v1)
	handle("/anonymous", 200, stream, `data: {"choices":[{"delta":{"content":"word"}}]}`+"\n\n", ended)
	handle("/plain", 200, "application/json", `{"model":"v1","pod":"app-v1","choices":[{"message":{"content":"word"}}]}`)
	handle("/empty", 200, stream)
	handle("/endless", 200, stream, v1, "data: "+strings.Repeat("x", 3*longestEvent), "\n\n", ended)
	handle("/away", 503, "application/json", `{"model":"v1","pod":"app-v1","error":{"message":"no replica"}}`)
	handle("/large", 500, "text/html", strings.Repeat("x", 4*longestBody))
	handle("/stalled", 200, stream, role, -1)
	handle("/stuck", 200, stream, role, v1, v1, -1)
	handle("/open", 200, stream, role, v1, ended, -1)
	mux.HandleFunc("/never", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-done:
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("/moving", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/whole", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/packed", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, "\x1f\x8b")
	})
	mux.HandleFunc("/asked", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		cookie, _ := r.Cookie("sticky")
		if cookie == nil {
			http.SetCookie(w, &http.Cookie{Name: "sticky", Value: "pod-7"})
		}
		said := strings.Join([]string{r.Method, r.Host, r.Header.Get("X-Key"), string(body), fmt.Sprint(cookie), r.Proto}, " ")
		w.Header().Set("X-Model-Version", said)
		w.Header().Set("Content-Type", stream)
		_, _ = io.WriteString(w, v1+ended)
	})
	server := httptest.NewUnstartedServer(mux)
	t.Cleanup(func() { close(done); server.Close() })
	return server
}

func chatTarget(t *testing.T) string {
	t.Helper()
	server := chatting(t)
	server.Start()
	return server.URL
}

const chatScript = `
import { Client } from "k6/x/ledger";
export const options = {
  systemTags: ["scenario"], scenarios: { one: { executor: "per-vu-iterations", vus: 1, iterations: 1 } },
  thresholds: { "zerodrop_time_to_first_token{client:slow,version:v1}": ["min>0"], "zerodrop_time_to_first_token{client:cut}": ["min>=0"] },
  summaryTrendStats: ["min", "max", "count"],
};
const tells = { version: { json: "model" }, cluster: { json: "pod" } };
const byHeader = { version: { header: "X-Model-Version" } };
const paths = __ENV.PATHS.split(",");
const clients = {};
for (const path of paths) clients[path] = new Client(path, { requestTimeoutMs: 400, tells });
const also = {
  header: ["/changed", new Client("header", { requestTimeoutMs: 400, tells: byHeader })],
  pattern: ["/whole", new Client("pattern", { requestTimeoutMs: 400, tells: { version: { pattern: '"model":"(\\w+)"' } } })],
  expected: ["/away", new Client("expected", { requestTimeoutMs: 400, tells, status: 503 })],
  untold: ["/whole", new Client("untold", { requestTimeoutMs: 400 })],
};
const hanging = ["stalled", "stuck", "open", "never"];
const told = (kind, answer) => console.log(kind + "=" + answer.outcome + "," + answer.tokens + "," + (answer.firstTokenMs === null ? "none" : answer.firstTokenMs > 0 && answer.firstTokenMs < 900 ? "soon" : "late") + ";");
export default function () {
  for (const path of paths) {
    const url = path === "refused" ? "http://" + __ENV.CLOSED : path === "nowhere" ? "http://%zz/" : __ENV.TARGET + "/" + path;
    told(path, clients[path].chat(url, "{}", { timeout: hanging.includes(path) ? 400 : 10000 }));
  }
  for (const [kind, [path, client]] of Object.entries(also)) told(kind, client.chat(__ENV.TARGET + path, "{}", { timeout: 10000 }));
}
`

// Would catch: a stream that is not whole, not of one version or without an answer called answered; a whole one called
// failed; a wrong or missing message; a deadline in the middle of a stream called a failure of another kind; a first
// token dated at the end; requests that k6's own metrics do not count.
func TestWhatChatsComeTo(t *testing.T) {
	wants := map[string]struct{ told, message, version, cluster string }{
		"whole":     {"answered,3,soon", "", "v1", "app-v1"},
		"crlf":      {"answered,1,soon", "", "v1", "app-v1"},
		"slow":      {"answered,2,soon", "", "v1", "app-v1"},
		"truncated": {"failed,2,soon", "the stream was truncated after 2 tokens", "v1", "app-v1"},
		"torn":      {"failed,1,soon", "the stream was truncated after 1 tokens", "v1", "app-v1"},
		"cut":       {"failed,2,soon", "the stream was truncated after 2 tokens: unexpected EOF", "v1", "app-v1"},
		"cutLate":   {"failed,1,soon", "unexpected EOF after [DONE]", "v1", "app-v1"},
		"error":     {"failed,1,soon", "the stream has an error after 1 tokens: CUDA out of memory", "v1", "app-v1"},
		"errorText": {"failed,0,none", "the stream has an error after 0 tokens: " + strings.Repeat("é", 100) + "...", "", ""},
		"changed":   {"failed,3,soon", "the version changes within the stream from v1 to v2 after 2 tokens", "v1", "app-v1"},
		"moved":     {"failed,2,soon", "the cluster changes within the stream from app-v1 to app-v9 after 1 tokens", "v1", "app-v1"},
		"tokenless": {"failed,0,none", "the stream has no token", "v1", "app-v1"},
		"noJson":    {"failed,2,soon", "event 3 of the stream is no JSON", "v1", "app-v1"},
		"after":     {"failed,1,soon", "the stream goes on after [DONE]", "v1", "app-v1"},
		"anonymous": {"failed,1,soon", "the answer does not tell its version (json model)", "", ""},
		"plain":     {"failed,0,none", `the answer is no stream of events, its Content-Type is "application/json"`, "", ""},
		"empty":     {"failed,0,none", "the stream was truncated after 0 tokens", "", ""},
		"endless":   {"failed,1,soon", tooLong, "v1", "app-v1"},
		"packed":    {"failed,0,none", "the stream is encoded (gzip)", "", ""},
		"away":      {"failed,0,none", "status 503", "v1", "app-v1"},
		"large":     {"failed,0,none", "status 500", "", ""},
		"moving":    {"failed,0,none", "status 307", "", ""},
		"stalled":   {"hanging,0,none", "request timeout after 0 tokens", "v1", "app-v1"},
		"stuck":     {"hanging,2,soon", "request timeout after 2 tokens", "v1", "app-v1"},
		"open":      {"hanging,1,soon", "request timeout after [DONE]", "v1", "app-v1"},
		"never":     {"hanging,0,none", "request timeout", "", ""},
		"refused":   {"failed,0,none", "dial: connection refused", "", ""},
		"nowhere":   {"failed,0,none", `invalid URL: parse "http://%zz/": invalid URL escape "%zz"`, "", ""},
		"header":    {"answered,3,soon", "", "v1", ""},
		"pattern":   {"answered,3,soon", "", "v1", ""},
		"expected":  {"failed,0,none", `the answer is no stream of events, its Content-Type is "application/json"`, "", ""},
		"untold":    {"failed,3,soon", "the answer does not tell its version (json version)", "", ""},
	}
	var paths []string
	for path := range wants {
		if !slices.Contains([]string{"header", "pattern", "expected", "untold"}, path) {
			paths = append(paths, path)
		}
	}
	rows, summary, log := runK6(t, chatScript, "TARGET="+chatTarget(t), "CLOSED="+closedPort(t), "PATHS="+strings.Join(paths, ","))
	answers, hangs := 0.0, 0.0
	for client, want := range wants {
		its := of(rows, client)
		outcome, _, _ := strings.Cut(want.told, ",")
		if outcome == "answered" {
			answers++
		} else if outcome == "hanging" {
			hangs++
		}
		t.Run(client, func(t *testing.T) {
			if !strings.Contains(log, client+"="+want.told+";") {
				t.Errorf("the script was not told %s", want.told)
			}
			if outcome == "answered" {
				if types(its) != "answered first-token" {
					t.Fatal(its)
				}
				for _, row := range its {
					expect(t, row, map[string]any{
						"binMs": its[0]["binMs"], "version": want.version, "cluster": want.cluster, "count": 1.0, "connection": its[0]["connection"],
					})
				}
				return
			}
			if types(its) != "failed" {
				t.Fatal(its)
			}
			expect(t, its[0], map[string]any{
				"outcome": outcome, "version": want.version, "cluster": want.cluster, "message": want.message,
			})
		})
	}
	if hung := of(rows, "stuck")[0]; hung["durationMs"].(float64) < 400 || hung["durationMs"].(float64) > 2000 || hung["errorCode"] != 1050.0 {
		t.Errorf("a stream with a deadline of 400 ms hung: %v", hung)
	}
	within := func(row map[string]any, from, to float64) {
		for index := range row["latency"].(map[string]any) {
			if i, _ := strconv.Atoi(index); i < bucket(from) || i > bucket(to) {
				t.Errorf("bucket %d is not of %v to %v ms: %v", i, from, to, row)
			}
		}
	}
	within(of(rows, "slow")[0], 1250, 5000)
	within(of(rows, "slow")[1], 250, 900)
	if connection := of(rows, "stalled")[0]["connection"]; connection != "new" && connection != "reused" {
		t.Errorf("the connection of a stalled stream is %v", connection)
	}
	all := float64(len(wants))
	expect(t, rows[len(rows)-1], map[string]any{
		"type": "end", "issued": all, "answered": answers, "hanging": hangs, "failed": all - answers - hangs, "interrupted": 0.0,
		// An address that is none is never asked, by http.post neither.
		"httpReqs": all - 1,
	})
	if n := counted(summary, "http_reqs"); n != all-1 {
		t.Errorf("k6 counts %v requests", n)
	}
	if n := counted(summary, "http_req_duration"); n != all-1 {
		t.Errorf("k6 counts %v durations", n)
	}
	// By the status as k6 sees it, which is none for what was cut off, hung or refused.
	notGood, cutOff := 0.0, strings.Split("cut,cutLate,errorText,away,large,moving,refused", ",")
	for client, want := range wants {
		if strings.HasPrefix(want.told, "hanging") || slices.Contains(cutOff, client) {
			notGood++
		}
	}
	if n := summary["http_req_failed"].(map[string]any)["values"].(map[string]any)["passes"]; n != notGood {
		t.Errorf("k6 counts %v failed requests, not %v", n, notGood)
	}
	first := summary[firstTokenMetric].(map[string]any)["values"].(map[string]any)
	if first["count"] != answers {
		t.Errorf("k6 counts %v first tokens, not %v", first["count"], answers)
	}
	slow := summary[firstTokenMetric+"{client:slow,version:v1}"].(map[string]any)["values"].(map[string]any)
	if ms := slow["min"].(float64); slow["count"] != 1.0 || ms < 250 || ms > 900 || summary[firstTokenMetric].(map[string]any)["contains"] != "time" {
		t.Errorf("k6's own time to the first token: %v of %v", slow, summary[firstTokenMetric])
	}
	if cut := summary[firstTokenMetric+"{client:cut}"].(map[string]any)["values"].(map[string]any); cut["count"] != 0.0 {
		t.Errorf("the first token of a failed stream is among the others: %v", cut)
	}
}

const chatAsPostScript = `
import http from "k6/http";
import { Client } from "k6/x/ledger";
export const options = {
  systemTags: ["scenario"], scenarios: { one: { executor: "per-vu-iterations", vus: 1, iterations: 1 } },
  hosts: { "model.test": "127.0.0.1" }, insecureSkipTLSVerify: true, userAgent: "asking",
};
const tells = { version: { header: "X-Model-Version" } };
const posts = new Client("posts", { requestTimeoutMs: 1000, post: http.post, tells });
const chats = new Client("chats", { requestTimeoutMs: 1000, tells });
const params = { headers: { "X-Key": "secret", host: "models.example" }, timeout: 1000 };
export default function () {
  const url = __ENV.TARGET + "/asked";
  chats.chat(url, "first", params);
  chats.chat(url, "asking", params);
  posts.post(url, "asking", params);
}
`

// Would catch: a chat that does not go the way of http.post: other connections, names, TLS settings, cookies or headers.
func TestChatGoesTheWayOfPosts(t *testing.T) {
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			server := chatting(t)
			server.EnableHTTP2 = http2
			server.StartTLS()
			_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
			rows, summary, log := runK6(t, chatAsPostScript, "TARGET=https://model.test:"+port)
			proto := "HTTP/1.1"
			if http2 {
				proto = "HTTP/2.0"
			}
			said := map[string][]string{}
			for _, row := range rows {
				if row["type"] == "answered" {
					said[row["client"].(string)] = append(said[row["client"].(string)], row["version"].(string)+" on "+row["connection"].(string))
				}
			}
			first := "POST models.example secret first  " + proto + " on new"
			later := "POST models.example secret asking sticky=pod-7 " + proto + " on reused"
			chats := strings.Join(said["chats"], "; ")
			if chats != first+"; "+later && chats != later+"; "+first || strings.Join(said["posts"], "; ") != later {
				t.Errorf("%v\n%v\n%s", said, rows, log)
			}
			if counted(summary, "http_reqs") != 3 {
				t.Errorf("k6 counts %v", counted(summary, "http_reqs"))
			}
		})
	}
}

const chatStoppedScript = `
import { Client } from "k6/x/ledger";
export const options = { systemTags: ["scenario"], scenarios: {
  stopped: { executor: "constant-vus", vus: 3, duration: "1s", gracefulStop: "0s", exec: "stopped" },
  before: { executor: "constant-vus", vus: 2, duration: "1s", gracefulStop: "0s", exec: "before" },
  good: { executor: "per-vu-iterations", vus: 1, iterations: 1, exec: "good" },
} };
const of = (kind) => new Client(kind, { requestTimeoutMs: 30000, tells: { version: { json: "model" } } });
const clients = { stopped: of("stopped"), before: of("before"), good: of("good") };
const chat = (client, path) => client.chat(__ENV.TARGET + path, "{}", { timeout: 30000 });
export function stopped() { chat(clients.stopped, "/stuck"); }
export function before() { chat(clients.before, "/never"); }
export function good() { chat(clients.good, "/whole"); }
`

// Would catch: a stream that the stop broke off called a failure of the target, or counted by k6 and not by the ledger;
// a stop that waits for it.
func TestAStopInTheMiddleOfAStream(t *testing.T) {
	started := time.Now()
	rows, summary, log := runK6(t, chatStoppedScript, "TARGET="+chatTarget(t))
	if took := time.Since(started); took > 15*time.Second {
		t.Errorf("the stop took %s", took)
	}
	if its := append(of(rows, "stopped"), of(rows, "before")...); len(its) > 0 {
		t.Errorf("the stop made rows: %v\n%s", its, log)
	}
	expect(t, rows[len(rows)-1], map[string]any{
		"type": "end", "issued": 6.0, "answered": 1.0, "failed": 0.0, "hanging": 0.0, "interrupted": 5.0,
		"httpReqs": counted(summary, "http_reqs"),
	})
	if counted(summary, "http_reqs") != 1 {
		t.Errorf("k6 counts %v", counted(summary, "http_reqs"))
	}
}

// Would catch: options and parameters that are none accepted in silence, or refused with nothing to go by.
func TestWrongTellsAndChatsAreErrors(t *testing.T) {
	const script = `
import { Client } from "k6/x/ledger";
const client = new Client("one", { requestTimeoutMs: 1000, tells: { version: { header: "X" } } });
const refused = [];
const attempt = (act) => { try { act(); refused.push("accepted"); } catch (error) { refused.push(String(error.message ?? error)); } };
const make = (more) => attempt(() => new Client("two", { requestTimeoutMs: 1000, ...more }));
const tells = (version, more) => make({ tells: { version, ...more } });
make({ status: 99 });
make({ status: 200.5 });
make({ status: "ok" });
make({ tells: {} });
tells({});
tells({ header: "X", json: "x" });
tells({ header: "" });
tells({ pattern: "(" });
tells({ pattern: "version" });
tells({ header: "X" }, { cluster: {} });
attempt(() => client.chat("http://localhost", "", { timeout: 1000 }));
export default function () {
  attempt(() => client.chat("http://localhost", "{}"));
  attempt(() => client.chat("http://localhost", "{}", {}));
  attempt(() => client.chat("http://localhost", "{}", { timeout: "soon" }));
  attempt(() => client.chat("http://localhost", "{}", { timeout: 0 }));
  console.log("refused: " + refused.join(" | ") + " |");
}`
	rows, _, log := runK6(t, script)
	log = strings.ReplaceAll(log, "\\\"", `"`)
	for _, want := range []string{
		"refused: status must be a whole number from 100 to 599, not 99 | status must be a whole number from 100 to 599, not 200.5 | " +
			"status must be a whole number from 100 to 599, not ok | tells needs version | ",
		"| tells.version must have exactly one of header, json and pattern, and has 0 of them | " +
			"tells.version must have exactly one of header, json and pattern, and has 2 of them | tells.version.header must not be empty | ",
		"| tells.version.pattern: error parsing regexp: missing closing ): `(` | tells.version.pattern needs a group, and version has none | " +
			"tells.cluster must have exactly one of header, json and pattern, and has 0 of them | no request can begin in the init context | " +
			"chat needs params with timeout | chat needs params with timeout | timeout must be a number of milliseconds above 0, not soon | " +
			"timeout must be a number of milliseconds above 0, not 0 |",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("%s\nis not in\n%s", want, log)
		}
	}
	expect(t, rows[len(rows)-1], map[string]any{"issued": 0.0})
}

// Would catch: memory that a VU keeps, or takes, by the size of what the target sends.
func TestAStreamIsBounded(t *testing.T) {
	s := &stream{tells: ownTells(), status: 200}
	s.open(500, http.Header{})
	for range 100 {
		s.read(make([]byte, longestBody), time.Now())
	}
	if len(s.body) != longestBody {
		t.Errorf("%d bytes of a body that is no stream are kept", len(s.body))
	}
	s.reset()
	s.open(200, http.Header{})
	for range 100 {
		s.read([]byte("data: "+strings.Repeat("x", longestEvent)), time.Now())
	}
	if kept := cap(s.events.line) + cap(s.events.data); kept > 3*longestEvent {
		t.Errorf("%d bytes of an event are kept", kept)
	}
}

// Would catch: first tokens counted as requests, in a row before their time is settled or in none, or added to others of
// another bin or sender; a first token of a load that is over.
func TestFirstTokensAreRowsBesideTheAnswers(t *testing.T) {
	b := newBooks(t)
	end := func(p pending, version string, first, ms float64) {
		s := b.account.seriesOf(seriesKey{p.kind, "app-" + version, version, reused})
		p.endAnswered(p.request, s, at(ms), byOwnClock, time.Duration(first*float64(time.Millisecond)), nil)
	}
	one, two, three, four := b.begin("chat", 110), b.begin("chat", 150), b.begin("chat", 190), b.begin("chat", 210)
	open := b.begin("chat", 250)
	b.answeredBy(b.begin("steady", 120), "v1", 130)
	end(four, "v1", 10, 900)
	end(two, "v1", 100, 800)
	end(one, "v1", 10, 700)
	end(three, "v2", 10, 600)
	taken := b.account.take()
	if n := taken.requests(); n != 5 {
		t.Errorf("%d requests in the batch", n)
	}
	b.clock = 1000
	rows, seq := taken.appendRows(nil, 0)
	got := b.decode(rows)
	if types(got) != "answered answered answered answered first-token first-token first-token" || seq != 7 {
		t.Fatal(types(got))
	}
	expect(t, got[4], map[string]any{
		"binMs": unix(100), "client": "chat", "cluster": "app-v1", "version": "v1", "connection": "reused", "count": 2.0,
		// 10 ms and 100 ms: ln(100) / ln(1.01 / 0.99) = 230.3.
		"latency": map[string]any{"116": 1.0, "231": 1.0},
	})
	expect(t, got[5], map[string]any{"binMs": unix(100), "version": "v2", "cluster": "app-v2", "count": 1.0})
	expect(t, got[6], map[string]any{"binMs": unix(200), "version": "v1", "count": 1.0, "latency": map[string]any{"116": 1.0}})
	if rows := b.flush(1200); types(rows) != "heartbeat" || rows[0]["settledMs"] != unix(250) || rows[0]["answered"] != 5.0 || rows[0]["issued"] != 6.0 {
		t.Errorf("%v", rows)
	}
	end(open, "v1", 20, 1300)
	last := b.close(1400)
	if types(last) != "answered first-token heartbeat end" {
		t.Fatal(types(last))
	}
	expect(t, last[3], map[string]any{"issued": 6.0, "answered": 6.0})
}
