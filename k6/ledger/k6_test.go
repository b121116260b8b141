package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.k6.io/k6/v2/cmd"
)

// asK6 is the variable that makes the test's own binary k6 with the ledger built in, as xk6 makes it.
const asK6 = "ZERODROP_TEST_AS_K6"

func TestMain(m *testing.M) {
	if os.Getenv(asK6) != "" {
		cmd.Execute()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const good = `{"version":"v1","cluster":"app-v1","replica":"r1"}`

// target answers, fails and hangs as its paths say.
func target(t *testing.T) string {
	t.Helper()
	var asked atomic.Int64
	done := make(chan struct{})
	write := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/good", write(200, good))
	mux.HandleFunc("/away", write(503, good))
	mux.HandleFunc("/down", write(502, "bad gateway"))
	mux.HandleFunc("/text", write(200, "[1]"))
	mux.HandleFunc("/nameless", write(200, `{"version":"v1","cluster":7,"replica":"r1"}`))
	mux.HandleFunc("/lines", write(200, good+"\n{half"))
	mux.HandleFunc("/more", write(200, good+"\n<html>502 Bad Gateway</html>"))
	mux.HandleFunc("/large", write(200, good[:len(good)-1]+`,"payload":"`+strings.Repeat("x", 65536)+`"}`))
	mux.HandleFunc("/torn", write(200, good[:len(good)-1]+`,"payload":"`+strings.Repeat("x", 65536)))
	mux.HandleFunc("/upgraded", func(w http.ResponseWriter, _ *http.Request) {
		version := "v1"
		if asked.Add(1) > 3 {
			version = "v2"
		}
		_, _ = io.WriteString(w, strings.ReplaceAll(good, "v1", version))
	})
	mux.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(300 * time.Millisecond)
		_, _ = io.WriteString(w, good)
	})
	mux.HandleFunc("/never", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-done:
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("/reset", func(w http.ResponseWriter, _ *http.Request) {
		connection, _, _ := http.NewResponseController(w).Hijack()
		_ = connection.Close()
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, good)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(func() { close(done); server.Close() })
	return server.URL
}

// runK6 runs a script to its end and returns its rows, what handleSummary returned as JSON, and k6's log.
func runK6(t *testing.T, script string, env ...string) ([]map[string]any, map[string]any, string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "main.js")
	script += "\nexport function handleSummary(data) { return { stdout: JSON.stringify(data.metrics) }; }\n"
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	path := makeFIFO(t)
	from := reader(t, path)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	k6 := exec.CommandContext(ctx, os.Args[0], "run", "--quiet", "--no-color", "--address", "127.0.0.1:0", "--out", "ledger="+path, file)
	k6.Env = append(os.Environ(), append(env, asK6+"=1", "K6_NO_USAGE_REPORT=true", "K6_AUTO_EXTENSION_RESOLUTION=false")...)
	var out, log strings.Builder
	k6.Stdout, k6.Stderr = &out, &log
	if err := k6.Start(); err != nil {
		t.Fatal(err)
	}
	var rows []byte
	for len(rows) == 0 {
		// Without a writer yet, a FIFO reads as ended.
		lot, err := io.ReadAll(from)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, lot...)
		if len(rows) == 0 && ctx.Err() != nil {
			t.Fatalf("no row within a minute: %s", log.String())
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := k6.Wait(); err != nil {
		t.Fatalf("k6: %v\n%s", err, log.String())
	}
	var summary map[string]any
	if err := json.Unmarshal([]byte(out.String()), &summary); err != nil {
		t.Fatalf("%v: %s\n%s", err, out.String(), log.String())
	}
	return decode(t, rows, 0), summary, log.String()
}

func counted(summary map[string]any, metric string) float64 {
	found, ok := summary[metric].(map[string]any)
	if !ok {
		return -1
	}
	return found["values"].(map[string]any)["count"].(float64)
}

// of returns the rows of a kind of client, heartbeats and the end apart.
func of(rows []map[string]any, client string) []map[string]any {
	var its []map[string]any
	for _, row := range rows {
		if row["client"] == client {
			its = append(its, row)
		}
	}
	return its
}

// closedPort is where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

const outcomesScript = `
import http from "k6/http";
import { Client } from "k6/x/ledger";
export const options = {
  scenarios: { one: { executor: "per-vu-iterations", vus: 1, iterations: 1 } },
  thresholds: { "zerodrop_answers{outcome:answered,version:v1,client:good}": ["count>0"] },
};
const paths = __ENV.PATHS.split(",");
const clients = {};
for (const path of paths) clients[path] = new Client(path, { requestTimeoutMs: 400 });
const flawed = new Client("flawed", { requestTimeoutMs: 400 });
const binary = new Client("binary", { requestTimeoutMs: 400 });
const posted = new Client("posted", { requestTimeoutMs: 400, post: http.post });
const lost = new Client("lost", { requestTimeoutMs: 400, post: http.post });
export default function () {
  for (const path of paths) {
    const token = clients[path].begin();
    const url = path === "refused" ? "http://" + __ENV.CLOSED : __ENV.TARGET + "/" + path;
    // Who looks at the body itself says so by what it found, be it nothing.
    const flaw = path === "lines" ? "" : undefined;
    const outcome = clients[path].end(token, http.post(url, null, { timeout: 400 }), flaw);
    console.log(path + "=" + outcome);
  }
  console.log("flawed=" + flawed.end(flawed.begin(), http.post(__ENV.TARGET + "/good"), "the checksum is wrong"));
  console.log("posted=" + posted.post(__ENV.TARGET + "/good", null, { timeout: 400 }));
  console.log("lost=" + lost.post("http://" + __ENV.CLOSED, null, { timeout: 400 }));
  const token = binary.begin();
  console.log("binary=" + binary.end(token, http.post(__ENV.TARGET + "/good", null, { responseType: "binary" })));
}
`

// Would catch: a wrong verdict on any kind of answer, a wrong or missing message, a sender or a connection misread.
func TestWhatRequestsComeTo(t *testing.T) {
	rows, summary, log := runK6(t, outcomesScript, "TARGET="+target(t), "CLOSED="+closedPort(t),
		"PATHS=good,large,lines,more,away,down,text,nameless,torn,cut,never,reset,refused")
	answered := func(client, connection string) map[string]any {
		return map[string]any{"type": "answered", "client": client, "version": "v1", "cluster": "app-v1", "connection": connection, "count": 1.0}
	}
	failed := func(client, outcome string, status, code float64, cluster, connection string) map[string]any {
		return map[string]any{
			"type": "failed", "client": client, "outcome": outcome, "status": status, "errorCode": code, "cluster": cluster, "connection": connection,
		}
	}
	for client, want := range map[string]struct {
		row     map[string]any
		message string
	}{
		"good":     {answered("good", "new"), ""},
		"large":    {answered("large", "reused"), ""},
		"lines":    {answered("lines", "reused"), ""},
		"binary":   {answered("binary", "reused"), ""},
		"posted":   {answered("posted", "reused"), ""},
		"lost":     {failed("lost", "failed", 0, 1212, "", "new"), "dial: connection refused"},
		"flawed":   {failed("flawed", "failed", 200, 0, "app-v1", "new"), "the checksum is wrong"},
		"more":     {failed("more", "failed", 200, 0, "app-v1", "reused"), severalLines},
		"away":     {failed("away", "failed", 503, 1503, "app-v1", "reused"), "status 503"},
		"down":     {failed("down", "failed", 502, 1502, "", "reused"), "status 502"},
		"text":     {failed("text", "failed", 200, 0, "", "reused"), noObject},
		"nameless": {failed("nameless", "failed", 200, 0, "", "reused"), noName},
		"torn":     {failed("torn", "failed", 200, 0, "", "reused"), noObject},
		"cut":      {failed("cut", "failed", 0, 1000, "", "reused"), "unexpected EOF"},
		"never":    {failed("never", "hanging", 0, 1050, "", "new"), "request timeout"},
		"reset":    {failed("reset", "failed", 0, 1000, "", "new"), "EOF"},
		"refused":  {failed("refused", "failed", 0, 1212, "", "new"), "dial: connection refused"},
	} {
		t.Run(client, func(t *testing.T) {
			its := of(rows, client)
			if len(its) != 1 {
				t.Fatalf("%d rows: %v", len(its), its)
			}
			expect(t, its[0], want.row)
			outcome := "answered"
			if its[0]["type"] == "failed" {
				outcome = its[0]["outcome"].(string)
				if message := its[0]["message"].(string); message != want.message {
					t.Errorf("the message is %q, not %q", message, want.message)
				}
			}
			if !strings.Contains(log, client+"="+outcome) {
				t.Errorf("the script was not told %s", outcome)
			}
		})
	}
	if hung := of(rows, "never")[0]["durationMs"].(float64); hung < 400 || hung > 2000 {
		t.Errorf("a request with a deadline of 400 ms hung for %v ms", hung)
	}
	end := rows[len(rows)-1]
	expect(t, end, map[string]any{
		"type": "end", "issued": 17.0, "answered": 5.0, "failed": 11.0, "hanging": 1.0, "interrupted": 0.0, "httpReqs": counted(summary, "http_reqs"),
	})
	if n := counted(summary, answersMetric); n != 17 {
		t.Errorf("k6's own metric counts %v answers", n)
	}
	if n := counted(summary, answersMetric+"{outcome:answered,version:v1,client:good}"); n != 1 {
		t.Errorf("k6's own metric counts %v answers to the client good by v1", n)
	}
}

const lifeScript = `
import http from "k6/http";
import { sleep } from "k6";
import { Client } from "k6/x/ledger";
const scenario = (more) => ({ executor: "per-vu-iterations", vus: 1, iterations: 1, ...more });
export const options = { systemTags: ["scenario"], scenarios: {
  session: scenario({ exec: "session", iterations: 6 }),
  burst: scenario({ exec: "burst" }),
  broken: scenario({ exec: "broken", iterations: 2 }),
  stopped: { executor: "constant-vus", vus: 3, duration: "1s", gracefulStop: "0s", exec: "stopped" },
  late: { executor: "constant-arrival-rate", rate: 20, duration: "1s", preAllocatedVUs: 1, maxVUs: 1, gracefulStop: "0s", exec: "late" },
} };
const of = (kind, more) => new Client(kind, { requestTimeoutMs: 5000, ...more });
const clients = { session: of("session", { session: true }), burst: of("burst"), broken: of("broken"), stopped: of("stopped"), late: of("late") };
const request = (client, path) => client.end(client.begin(), http.post(__ENV.TARGET + path));
export function session() { request(clients.session, "/upgraded"); }
export function burst() {
  const tokens = [], requests = [];
  for (let i = 0; i < 4; i++) {
    requests.push(["POST", __ENV.TARGET + (i === 0 ? "/slow" : "/good")]);
    tokens.push(clients.burst.begin());
  }
  http.batch(requests).forEach((response, i) => clients.burst.endTimed(tokens[i], response));
}
export function broken() {
  const token = clients.broken.begin();
  if (__ITER === 0) throw new Error("a defect of the script");
  clients.broken.end(token, http.post(__ENV.TARGET + "/good"));
}
export function stopped() { request(clients.stopped, "/never"); }
export function late() { request(clients.late, "/slow"); }
`

// Would catch: a cut-over of a session untold; a burst whose fast answers are as late as its slowest; a request lost
// for good by an exception in the script; what the stop broke off called a failure of the target; dropped iterations
// without their client.
func TestHowRequestsLive(t *testing.T) {
	rows, summary, log := runK6(t, lifeScript, "TARGET="+target(t))

	its := of(rows, "session")
	switches := 0
	for _, row := range its {
		if row["type"] == "session" {
			switches++
			expect(t, row, map[string]any{"fromCluster": "app-v1", "fromVersion": "v1", "cluster": "app-v2", "version": "v2"})
			if n := row["session"].(float64); n < 1 {
				t.Errorf("the session has the number %v", n)
			}
		}
	}
	if switches != 1 {
		t.Errorf("%d switches of the session: %v", switches, its)
	}

	fast, slow := 0.0, 0.0
	for _, row := range of(rows, "burst") {
		for index, count := range row["latency"].(map[string]any) {
			var i int
			_, _ = fmt.Sscan(index, &i)
			if i >= bucket(300) {
				slow += count.(float64)
			} else if i < bucket(200) {
				fast += count.(float64)
			}
		}
	}
	if fast != 3 || slow != 1 {
		t.Errorf("%v fast and %v slow answers to the burst: %v", fast, slow, of(rows, "burst"))
	}

	its = of(rows, "broken")
	if types(its) != "answered failed" && types(its) != "failed answered" {
		t.Fatalf("%v\n%s", its, log)
	}
	for _, row := range its {
		if row["type"] == "failed" {
			expect(t, row, map[string]any{"outcome": "failed", "status": 0.0, "message": "the client broke off without an outcome"})
		}
	}

	if its := of(rows, "stopped"); len(its) > 0 {
		t.Errorf("the stop made rows: %v", its)
	}
	end := rows[len(rows)-1]
	clients := end["clients"].(map[string]any)
	expect(t, clients["stopped"].(map[string]any), map[string]any{"issued": 3.0, "inFlight": 3.0, "dropped": 0.0})
	if late := clients["late"].(map[string]any)["dropped"].(float64); late < 10 || late != end["dropped"] || late != counted(summary, "dropped_iterations") {
		t.Errorf("%v iterations of the late client were dropped, %v in all", late, end["dropped"])
	}
	sum := 0.0
	for _, outcome := range []string{"answered", "failed", "hanging", "interrupted"} {
		sum += end[outcome].(float64)
	}
	if sum != end["issued"] {
		t.Errorf("the account does not close: %v", end)
	}
	expect(t, end, map[string]any{"failed": 1.0, "hanging": 0.0, "httpReqs": counted(summary, "http_reqs")})
	if end["answered"] != end["httpReqs"] {
		t.Errorf("k6 sampled other requests: %v", end)
	}
	// Each of the four clients that were answered adds its first answer at once, and what follows within 0.2 s later.
	if answers := counted(summary, answersMetric); answers < 4 || answers > end["answered"].(float64) {
		t.Errorf("k6 counts %v answers: %v", answers, end)
	}
}

// Would catch: a defect of a scenario passed over in silence, by which requests go missing.
func TestWrongUseIsAnError(t *testing.T) {
	const script = `
import http from "k6/http";
import { Client } from "k6/x/ledger";
const client = new Client("one", { requestTimeoutMs: 1000 });
const refused = [];
const attempt = (what, act) => { try { act(); } catch (error) { refused.push(what); } };
attempt("nameless", () => new Client());
attempt("without options", () => new Client("two"));
attempt("without deadline", () => new Client("two", {}));
attempt("with no deadline", () => new Client("two", { requestTimeoutMs: 0 }));
attempt("in the init context", () => client.begin());
export default function () {
  attempt("late client", () => new Client("two", { requestTimeoutMs: 1000 }));
  const token = client.begin();
  const response = http.post(__ENV.TARGET + "/good");
  attempt("other token", () => client.end(token + 1, response));
  attempt("no token", () => client.end(undefined, response));
  attempt("no response", () => client.end(token, undefined));
  attempt("other response", () => client.end(token, { status: 200 }));
  client.end(token, response);
  attempt("twice", () => client.end(token, response));
  console.log("refused: " + refused.join(", "));
}`
	rows, _, log := runK6(t, script, "TARGET="+target(t))
	const want = "refused: nameless, without options, without deadline, with no deadline, in the init context, late client, " +
		"other token, no token, no response, other response, twice"
	if !strings.Contains(log, want) {
		t.Errorf("%s", log)
	}
	expect(t, rows[len(rows)-1], map[string]any{"type": "end", "issued": 1.0, "answered": 1.0})
}
