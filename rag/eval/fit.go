package eval

import "math"

// A Choice is one training example, a question: its candidates with their feature values, and which
// of them are right.
type Choice struct {
	Values [][]float64 // by candidate
	Right  []bool      // by candidate
}

// Fit returns the weights that maximise the likelihood of the right candidates, which is a softmax
// over the weighted sums of their values. An L2 penalty keeps the weights near start. Choices
// without a right candidate are ignored.
func Fit(choices []Choice, start []float64, penalty float64) []float64 {
	weights := append([]float64(nil), start...)
	gradient := make([]float64, len(start))
	speed := make([]float64, len(start))
	size := make([]float64, len(start))
	const rounds, step = 600, 0.05
	for round := 1; round <= rounds; round++ {
		for i := range gradient {
			gradient[i] = penalty * (start[i] - weights[i])
		}
		for _, c := range choices {
			c.gradient(weights, gradient)
		}
		for i, g := range gradient { // Adam (Kingma and Ba, 2015)
			speed[i] = 0.9*speed[i] + 0.1*g
			size[i] = 0.99*size[i] + 0.01*g*g
			v := speed[i] / (1 - math.Pow(0.9, float64(round)))
			s := size[i] / (1 - math.Pow(0.99, float64(round)))
			weights[i] += step * v / (math.Sqrt(s) + 1e-8)
		}
	}
	return weights
}

// gradient adds the gradient of the log likelihood of the right candidates.
func (c *Choice) gradient(weights, sum []float64) {
	scores := make([]float64, len(c.Values))
	most := math.Inf(-1)
	for i, values := range c.Values {
		for f, v := range values {
			scores[i] += weights[f] * v
		}
		most = max(most, scores[i])
	}
	var all, right float64
	for i := range scores {
		scores[i] = math.Exp(scores[i] - most)
		all += scores[i]
		if c.Right[i] {
			right += scores[i]
		}
	}
	if right == 0 {
		return
	}
	for i, values := range c.Values {
		share := -scores[i] / all
		if c.Right[i] {
			share += scores[i] / right
		}
		for f, v := range values {
			sum[f] += share * v
		}
	}
}
