package embed

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func vec(t testing.TB, h Embedder, s string) []float32 {
	t.Helper()
	v, err := Query(context.Background(), h, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func cosine(a, b []float32) float64 {
	var s float64
	for i := range a {
		s += float64(a[i]) * float64(b[i])
	}
	return s
}

func TestSimilarWordingIsNear(t *testing.T) {
	h := NewHashed()
	q := vec(t, h, "how do I cancel a run")
	near := cosine(q, vec(t, h, "Cancelling runs: a run is cancelled with ctrl+c."))
	typo := cosine(q, vec(t, h, "cancell runn"))
	far := cosine(q, vec(t, h, "Rice is cooked in twice its volume of water."))
	if near < 0.3 || typo < 0.3 || far > 0.15 {
		t.Errorf("near %.2f, misspelt %.2f, far %.2f", near, typo, far)
	}
}

func TestHashedIsTheSameEverywhere(t *testing.T) {
	// Stored indexes contain vectors under this name, so changed vectors require a new name.
	v := vec(t, NewHashed(), "The index is kept in a single file; flow.RunStarted; 取消运行")
	var at []string
	for i, x := range v {
		if math.Abs(float64(x)) > 0.15 {
			at = append(at, fmt.Sprintf("%d:%.3f", i, x))
		}
	}
	if got := strings.Join(at, " "); got != goldenHashed {
		t.Errorf("the large components are %s", got)
	}
}

func TestVectorsAreUnitOrZero(t *testing.T) {
	h := NewHashed()
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.String(), 0, 5).Draw(t, "texts")
		vs, err := h.Embed(context.Background(), texts)
		if err != nil || len(vs) != len(texts) {
			t.Fatalf("%d vectors, error %v", len(vs), err)
		}
		for i, v := range vs {
			n := cosine(v, v)
			if len(v) != h.Dims() || (math.Abs(n-1) > 1e-4 && n != 0) {
				t.Fatalf("%q: %d dimensions, length %f", texts[i], len(v), n)
			}
			alone, _ := h.Embed(context.Background(), texts[i:i+1])
			if !slices.Equal(alone[0], v) {
				t.Fatalf("%q: other vector alone than in a batch", texts[i])
			}
		}
	})
}

func BenchmarkHashed(b *testing.B) {
	h := NewHashed()
	text := strings.Repeat("The index is kept in a single file; a second start reads nothing that has not changed, as was measured. ", 12)
	for b.Loop() {
		h.Embed(context.Background(), []string{text})
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "chunks/s")
}

const goldenHashed = "44:-0.174 57:0.150 77:0.158 78:0.178 88:0.174 253:0.305 281:0.174 286:-0.174 330:-0.174 337:-0.174 647:-0.174 854:-0.174 930:0.174 960:0.174 996:0.174"

func TestAVectorTooSmallToBeScaledHasNoDirection(t *testing.T) {
	for _, v := range [][]float32{{1e-40, 0, 1e-41}, {math.SmallestNonzeroFloat32, 0, 0}, {0, 0, 0}} {
		was := slices.Clone(v)
		if Normalize(v) || !slices.Equal(v, was) {
			t.Errorf("%v has become %v", was, v)
		}
	}
	if v := []float32{1e-37, 0, math.MaxFloat32}; !Normalize(v) || v[2] < 0.9999 {
		t.Errorf("a long vector has become %v", v)
	}
}
