package fakeopenai

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"sort"
	"strings"
	"time"
)

func (c *call) embeddings(req *request) {
	var inputs []string
	var one string
	var toks []int
	var tokss [][]int
	switch {
	case json.Unmarshal(req.Input, &inputs) == nil:
	case json.Unmarshal(req.Input, &one) == nil:
		inputs = []string{one}
	case json.Unmarshal(req.Input, &toks) == nil:
		inputs = []string{fmt.Sprint(toks)}
	case json.Unmarshal(req.Input, &tokss) == nil:
		for _, t := range tokss {
			inputs = append(inputs, fmt.Sprint(t))
		}
	}
	if len(inputs) == 0 {
		c.fail(400, "invalid_request_error", "\"input\" must be provided", nil)
		return
	}
	if n := c.o.i("max_batch"); n > 0 && len(inputs) > n {
		c.fail(400, "invalid_request_error", fmt.Sprintf("too many inputs: %d, at most %d", len(inputs), n), nil)
		return
	}
	dim := c.o.i("dim")
	if req.Dimensions > 0 {
		dim = req.Dimensions
	}
	total := 0
	var data []map[string]any
	for i, in := range inputs {
		n := len(pieces(in))
		if m := c.o.i("max_input"); m > 0 && n > m {
			c.fail(c.o.i("max_input_status"), "invalid_request_error",
				fmt.Sprintf("input (%d tokens) is too large to process. increase the physical batch size (current batch size: %d)", n, m), nil)
			return
		}
		total += n
		v := embed(in, dim)
		var val any = v
		if req.EncodingFormat == "base64" {
			b := make([]byte, 0, 4*len(v))
			for _, x := range v {
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
			}
			val = base64.StdEncoding.EncodeToString(b)
		} else if c.o.on("nan") && i == 0 {
			vals := make([]any, len(v))
			for j, x := range v {
				vals[j] = x
			}
			vals[0] = nil
			val = vals
		}
		data = append(data, map[string]any{"object": "embedding", "index": i, "embedding": val})
	}
	c.s.mu.Lock()
	c.s.stats.EmbeddingInputs += len(inputs)
	c.s.mu.Unlock()
	if c.o.on("short_batch") {
		data = data[:len(data)-1]
	}
	if c.o.on("shuffle") {
		sort.Slice(data, func(i, j int) bool { return data[i]["index"].(int) > data[j]["index"].(int) })
	}
	if tps := c.o.f("tps"); tps > 0 && !c.sleep(time.Duration(float64(total)/tps*float64(time.Second))) {
		return
	}
	c.json(200, map[string]any{"object": "list", "model": c.model, "data": data,
		"usage": map[string]int{"prompt_tokens": total, "total_tokens": total}})
}

// embed hashes words and, with less weight, their character trigrams into a unit vector. Texts that
// share words get similar vectors, which makes retrieval tests meaningful.
func embed(s string, dim int) []float32 {
	v := make([]float64, dim)
	add := func(key string, w float64) {
		h := fnv.New64a()
		io.WriteString(h, key)
		x := h.Sum64()
		x ^= x >> 29
		x *= 0xbf58476d1ce4e5b9
		x ^= x >> 32
		if x&1 == 1 {
			w = -w
		}
		v[(x>>1)%uint64(dim)] += w
	}
	count := map[string]int{}
	for _, w := range words(s) {
		count[w]++
	}
	keys := make([]string, 0, len(count)) // sorted: float sums must not depend on map order
	for w := range count {
		keys = append(keys, w)
	}
	sort.Strings(keys)
	for _, w := range keys {
		wt := 1 + math.Log(float64(count[w]))
		if len(w) <= 3 {
			wt *= 0.2
		}
		add("w:"+w, wt)
		p := []rune("^" + w + "$")
		for i := 0; i+3 <= len(p); i++ {
			add("t:"+string(p[i:i+3]), wt*0.4/math.Sqrt(float64(len(p)-2)))
		}
	}
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	out := make([]float32, dim)
	if sum == 0 {
		out[0] = 1
		return out
	}
	for i, x := range v {
		out[i] = float32(x / math.Sqrt(sum))
	}
	return out
}

func (c *call) rerank(req *request) {
	docs, tei := req.Documents, c.o["rerank"] == "tei"
	if tei { // Text Embeddings Inference: at the root, takes texts and returns a bare list
		docs = req.Texts
		if strings.HasPrefix(c.r.URL.Path, "/v1/") {
			c.fail(404, "not_found_error", "Not Found", nil)
			return
		}
	}
	if c.o["rerank"] == "none" {
		c.fail(501, "not_supported_error", "This server does not support reranking. Start it with `--reranking`", nil)
		return
	}
	if req.Query == "" || len(docs) == 0 {
		c.fail(400, "invalid_request_error", "a query and documents must be provided", nil)
		return
	}
	if n := c.o.i("max_docs"); n > 0 && len(docs) > n {
		c.fail(413, "Validation", fmt.Sprintf("batch size %d > maximum allowed batch size %d", len(docs), n), nil)
		return
	}
	q := embed(req.Query, 1024)
	type result struct {
		Index int             `json:"index"`
		Score float64         `json:"relevance_score"`
		Doc   *map[string]any `json:"document,omitempty"`
	}
	var rs []result
	total := 0
	for i, raw := range docs {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			var o struct{ Text string }
			json.Unmarshal(raw, &o)
			text = o.Text
		}
		total += len(pieces(text))
		d, dot := embed(text, 1024), 0.0
		for j := range q {
			dot += float64(q[j]) * float64(d[j])
		}
		r := result{Index: i, Score: math.Round(dot*1e6) / 1e6}
		if req.ReturnDocuments {
			r.Doc = &map[string]any{"text": text}
		}
		rs = append(rs, r)
	}
	if tei {
		list := []any{}
		for _, r := range rs {
			list = append(list, map[string]any{"index": r.Index, "score": r.Score})
		}
		c.json(200, list)
		return
	}
	sort.SliceStable(rs, func(i, j int) bool { return rs[i].Score > rs[j].Score })
	if req.TopN > 0 && req.TopN < len(rs) {
		rs = rs[:req.TopN]
	}
	c.json(200, map[string]any{"model": c.model, "object": "list", "results": rs,
		"usage": map[string]int{"prompt_tokens": total, "total_tokens": total}})
}
