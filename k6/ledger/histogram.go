package ledger

import (
	"math"
	"time"
)

// Latencies are counted by bucket: x ms lies in bucket ceil(ln(x) / ln(gamma)). With gamma = 1.01 / 0.99 the bucket's
// representative 2 * gamma^i / (gamma + 1) is within 1 % of every latency in it.
// Source: Masson, Rim, Lee: DDSketch, VLDB 2019.
var logGamma = math.Log(1.01 / 0.99)

// leastLatency keeps the logarithm finite: no clock here has a better resolution anyway. In ms.
const leastLatency = 0.001

func bucketOf(took time.Duration) int32 {
	return int32(bucket(float64(took) / float64(time.Millisecond)))
}

func bucket(ms float64) int {
	return int(math.Ceil(math.Log(max(ms, leastLatency)) / logGamma))
}
