package llm

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// BenchmarkStream measures an answer of 10,000 pieces through the whole client. The floor reads the
// same bytes line by line and decodes each event's JSON.
func BenchmarkStream(b *testing.B) {
	const pieces = 10_000
	var body bytes.Buffer
	for i := range pieces {
		fmt.Fprintf(&body, "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word%d\"},\"finish_reason\":null}]}\n\n", i)
	}
	body.WriteString("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	floor := func() {
		lines := bufio.NewReader(bytes.NewReader(body.Bytes()))
		for {
			line, err := lines.ReadBytes('\n')
			if data, ok := bytes.CutPrefix(line, []byte("data: {")); ok {
				var k chunk
				if err := json.Unmarshal(append([]byte("{"), data...), &k); err != nil {
					b.Fatal(err)
				}
			}
			if err == io.EOF {
				return
			}
		}
	}
	c, err := New(Config{BaseURL: "http://h/v1", Model: "m"}, answering{body.Bytes()})
	if err != nil {
		b.Fatal(err)
	}
	ratio(b, floor, func() {
		got, err := c.Chat(b.Context(), ask("hello"), nil)
		if err != nil || len(strings.Fields(got.Text)) != pieces {
			b.Fatal(err)
		}
	})
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/pieces, "ns/piece")
}

// BenchmarkEmbeddings measures a batch of 128 vectors of 1536 numbers through the whole client. The
// floor is the decoder of encoding/json on the same bytes, which accepts null as 0.
func BenchmarkEmbeddings(b *testing.B) {
	const texts, dims = 128, 1536
	var body bytes.Buffer
	body.WriteString(`{"object":"list","data":[`)
	for i := range texts {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"object":"embedding","index":%d,"embedding":[`, i)
		for j := range dims {
			if j > 0 {
				body.WriteByte(',')
			}
			fmt.Fprintf(&body, "%.8f", float64((i*dims+j)%997-498)/997)
		}
		body.WriteString("]}")
	}
	body.WriteString(`]}`)
	in := make([]string, texts)
	c, err := New(Config{BaseURL: "http://h/v1", EmbedModel: "m"}, answering{body.Bytes()})
	if err != nil {
		b.Fatal(err)
	}
	e := &Embedder{c: c, dims: dims}
	e.batch.Store(texts)
	floor := func() {
		var v struct {
			Data []struct {
				Index     int
				Embedding []float32
			}
		}
		if err := json.Unmarshal(body.Bytes(), &v); err != nil || len(v.Data) != texts {
			b.Fatal(err)
		}
	}
	ratio(b, floor, func() {
		if _, err := e.Embed(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	})
}

// ratio times f and reports its time relative to the floor.
func ratio(b *testing.B, floor, f func()) {
	begun := time.Now()
	n := 0
	for ; n < 3 || time.Since(begun) < 200*time.Millisecond; n++ {
		floor()
	}
	each := time.Since(begun) / time.Duration(n)
	for b.Loop() {
		f()
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(each), "x-floor")
}

// answering is a transport that returns the same response to every request at once.
type answering struct{ body []byte }

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(a.body)), Request: r}, nil
}
