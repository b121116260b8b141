// Package ledger is what zerodrop adds to k6: a JS module by which scenarios say when a request begins and what it came
// to, and an output that makes the run's ledger of it.
//
// k6's own request metrics cannot serve: their tags are fixed before the request is sent, so they cannot say who
// answered, and a request that is interrupted leaves none at all. An output that writes every sample costs a fifth more
// CPU a request.
package ledger

import (
	"go.k6.io/k6/v2/js/modules"
	"go.k6.io/k6/v2/output"
)

func init() {
	modules.Register("k6/x/ledger", rootModule{})
	output.RegisterExtension("ledger", newOutput)
}
