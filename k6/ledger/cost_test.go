package ledger

import (
	"testing"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/modules/k6/http"
	"go.k6.io/k6/v2/js/modulestest"
	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/lib/netext/httpext"
	"go.k6.io/k6/v2/metrics"
)

// BenchmarkRequest is what the ledger costs a request: begin, end, the sample, and its part of the rows of 200 requests
// (a flush at 1,000 requests/s), without what k6 does with the sample. A request of k6 costs about 100 µs.
func BenchmarkRequest(b *testing.B) {
	was := current.Load()
	defer current.Store(was)
	a := newAccount(time.Now)
	current.Store(a)
	runtime := modulestest.NewRuntime(b)
	instance := rootModule{}.NewModuleInstance(runtime.VU)
	rt := runtime.VU.Runtime()
	set := func(name string, value any) {
		if err := rt.Set(name, value); err != nil {
			b.Fatal(err)
		}
	}
	set("Client", instance.Exports().Named["Client"])
	set("response", &http.Response{Response: &httpext.Response{Status: 200, Body: good}})
	if _, err := rt.RunString(`const client = new Client("steady", { requestTimeoutMs: 5000 });
		const one = () => client.end(client.begin(), response);`); err != nil {
		b.Fatal(err)
	}
	samples := make(chan metrics.SampleContainer, 1000)
	go func() {
		for range samples {
		}
	}()
	defer close(samples)
	state := &lib.State{Samples: samples, Tags: lib.NewVUStateTags(metrics.NewRegistry().RootTagSet())}
	runtime.MoveToVUContext(state)
	value, err := rt.RunString("one")
	if err != nil {
		b.Fatal(err)
	}
	one, _ := sobek.AssertFunction(value)
	var seq int64
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		state.Iteration++
		outcome, err := one(sobek.Undefined())
		if err != nil || outcome.String() != "answered" {
			b.Fatal(outcome, err)
		}
		if n%200 == 0 {
			taken := a.take()
			_, seq = taken.appendRows(nil, seq)
		}
	}
}
