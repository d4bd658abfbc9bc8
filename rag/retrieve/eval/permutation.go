package eval

import (
	"math"
	"math/rand/v2"
)

// permutations is the number of random assignments drawn, enough to distinguish p = 0.01 from 0.02.
const permutations = 10_000

// Permutation returns the p-value of the two-sided paired randomisation test: the probability of a
// difference between the means of a and b at least as large as the observed one if each pair of
// values were assigned to a and b at random. Information retrieval prefers this test to the t-test
// because it assumes no distribution (Smucker, Allan and Carterette, A comparison of statistical
// significance tests for information retrieval evaluation, 2007). a and b hold a value for each
// query, in the same order. The random assignments are the same at each call.
func Permutation(a, b []float64) float64 {
	diffs := make([]float64, len(a))
	var seen float64
	for i := range a {
		diffs[i] = a[i] - b[i]
		seen += diffs[i]
	}
	seen = math.Abs(seen)
	random := rand.New(rand.NewPCG(1, 2))
	extreme := 0
	for range permutations {
		var sum float64
		var bits uint64
		for i, d := range diffs {
			if i%64 == 0 {
				bits = random.Uint64()
			}
			if bits>>(i%64)&1 != 0 {
				d = -d
			}
			sum += d
		}
		if math.Abs(sum) >= seen-1e-12 {
			extreme++
		}
	}
	return float64(extreme+1) / float64(permutations+1)
}
