package llm

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync/atomic"

	"weft/flow/show"
)

// An Embedder turns texts into vectors with the endpoint's embedding model. It is safe for
// concurrent use.
type Embedder struct {
	c    *Client
	dims int
	// batch is the number of inputs per request. It shrinks when the server rejects a batch of that
	// size.
	batch atomic.Int64
}

// Embedder returns an embedder after requesting one embedding, which shows that the endpoint works
// and how many dimensions its vectors have. If that request fails, it returns both the embedder,
// with Dims 0, and the error, for callers that want to wait for the endpoint.
func (c *Client) Embedder(ctx context.Context) (*Embedder, error) {
	if c.cfg.EmbedModel == "" {
		return nil, fmt.Errorf("llm: no embedding model is set for %s", ShowURL(c.cfg.BaseURL))
	}
	e := &Embedder{c: c}
	e.batch.Store(int64(c.cfg.EmbedBatch))
	out, err := e.Embed(ctx, []string{"weft"})
	if err != nil {
		return e, err
	}
	e.dims = len(out[0])
	return e, nil
}

// Name returns the model's name.
func (e *Embedder) Name() string { return e.c.cfg.EmbedModel }

// Dims returns the length of the vectors, or 0 if the endpoint could not be asked.
func (e *Embedder) Dims() int { return e.dims }

// Embed returns one vector per text, in the order of the texts. The vectors have equal length, are
// finite and not zero, but are not normalised. A text that is too long for the model is truncated,
// and the observer is notified. A text that is refused at any length is an error.
func (e *Embedder) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	return e.embed(ctx, instructionOf(e.Name()).text, texts)
}

// EmbedQuery returns the vector of a question. Some models embed questions differently from
// passages.
func (e *Embedder) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	out, err := e.embed(ctx, instructionOf(e.Name()).query, []string{text})
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

func (e *Embedder) embed(ctx context.Context, instruction string, texts []string) ([][]float32, error) {
	ctx, call := e.c.wire.begin(ctx, "embeddings", e.Name(), e.c.cfg.BaseURL)
	r := &embedding{Embedder: e, call: call, instruction: instruction, out: make([][]float32, 0, len(texts))}
	err := r.all(ctx, texts)
	// The configured prices are those of the model that answers; an embedding model has others.
	call.end(err, show.ModelCall{PromptTokens: r.tokens, Reason: r.notes()})
	if err != nil {
		return nil, err
	}
	return r.out, nil
}

// An embedding is the state of one call of Embed.
type embedding struct {
	*Embedder
	call        *call
	instruction string // prefix of each text
	out         [][]float32
	tokens      int
	shortened   int
	least       int // lower bound of the inputs' tokens
}

func (r *embedding) all(ctx context.Context, texts []string) error {
	for len(texts) > 0 {
		n := min(len(texts), int(r.batch.Load()))
		batch := make([]string, n)
		for i, t := range texts[:n] {
			t = r.instruction + t
			batch[i] = t
			if limit := r.c.cfg.EmbedTokens; limit > 0 && Tokens(t) > limit {
				batch[i] = Shorten(t, limit)
				r.shortened++
			}
		}
		if err := r.some(ctx, batch); err != nil {
			return err
		}
		texts = texts[n:]
	}
	return nil
}

// some embeds a batch. If that fails although the server can embed a short text, the batch is the
// cause and is divided.
func (r *embedding) some(ctx context.Context, batch []string) error {
	failed := r.request(ctx, batch)
	if failed == nil || !isDivisible(failed) || ctx.Err() != nil {
		return failed
	}
	had := len(r.out)
	if err := r.request(ctx, []string{"weft"}); err != nil {
		return failed // the server embeds nothing
	}
	r.out = r.out[:had]
	_, err := r.divide(ctx, batch, failed)
	return err
}

// isDivisible reports whether a failure may be caused by the size of a batch or by one of its
// inputs.
func isDivisible(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	switch e.Kind {
	case Rejected, TooLong, Failed, Malformed, Oversized:
		return true
	}
	return false
}

// divide splits a failed batch into halves, recursively, until they succeed or the failing input is
// found. It reports whether an input was at fault rather than the size of the batch.
func (r *embedding) divide(ctx context.Context, batch []string, failed error) (bad bool, err error) {
	if len(batch) == 1 {
		return true, r.shorten(ctx, batch[0], failed)
	}
	r.call.report(show.ModelCall{State: show.CallRetry,
		Reason: fmt.Sprintf("a batch of %d failed and is halved: %v", len(batch), failed)})
	r.call.attempt++
	half := (len(batch) + 1) / 2
	for _, part := range [][]string{batch[:half], batch[half:]} {
		err := r.request(ctx, part)
		if err != nil && isDivisible(err) && ctx.Err() == nil {
			var b bool
			b, err = r.divide(ctx, part, err)
			bad = bad || b
		}
		if err != nil {
			return bad, err
		}
	}
	if !bad {
		r.batch.Store(min(r.batch.Load(), int64(half)))
	}
	return bad, nil
}

// shorten embeds one rejected input by truncating it step by step until the server accepts it.
func (r *embedding) shorten(ctx context.Context, text string, failed error) error {
	const least = 16 // tokens that every model accepts
	size := Tokens(text)
	for limit := size * 7 / 10; limit >= least; limit = limit * 7 / 10 {
		r.call.report(show.ModelCall{State: show.CallRetry,
			Reason: fmt.Sprintf("an input of about %d tokens is not taken and is shortened to %d: %v", size, limit, failed)})
		r.call.attempt++
		err := r.request(ctx, []string{Shorten(text, limit)})
		if err == nil {
			r.shortened++
			return nil
		}
		if !isDivisible(err) || ctx.Err() != nil {
			return err
		}
	}
	return fmt.Errorf("llm: the text that begins with %q cannot be embedded: %w",
		oneLine(text[:min(len(text), 60)]), failed)
}

// request embeds texts in one request and appends their vectors.
func (r *embedding) request(ctx context.Context, texts []string) error {
	var res struct {
		Data []struct {
			Index  int    `json:"index"`
			Vector vector `json:"embedding"`
		} `json:"data"`
		Usage struct {
			PromptTokens int `json:"prompt_tokens"`
		} `json:"usage"`
	}
	body := map[string]any{"model": r.Name(), "input": texts, "encoding_format": "float"}
	if err := r.c.wire.post(ctx, r.c.cfg.BaseURL+"/embeddings", body, &res); err != nil {
		return err
	}
	if len(res.Data) != len(texts) {
		return r.call.fail(Malformed, fmt.Sprintf("it has %d embeddings for %d texts",
			len(res.Data), len(texts)), nil)
	}
	vectors := make([][]float32, len(texts))
	dims := r.dims
	for _, d := range res.Data {
		switch {
		case d.Index < 0 || d.Index >= len(texts) || vectors[d.Index] != nil:
			return r.call.fail(Malformed, fmt.Sprintf("the number %d of an embedding is wrong", d.Index), nil)
		case len(d.Vector) == 0 || dims > 0 && len(d.Vector) != dims:
			return r.call.fail(Malformed, fmt.Sprintf("an embedding has %d dimensions in place of %d", len(d.Vector), dims), nil)
		case d.Vector.isZero():
			return r.call.fail(Malformed, "an embedding is zero", nil)
		}
		dims = len(d.Vector)
		vectors[d.Index] = d.Vector
	}
	r.out = append(r.out, vectors...)
	r.tokens += res.Usage.PromptTokens
	if res.Usage.PromptTokens > 0 {
		for _, t := range texts {
			r.least += tokensAtLeast(t)
		}
	}
	return nil
}

// notes returns remarks for the user on a successful call.
func (r *embedding) notes() string {
	var notes []string
	if r.shortened > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d texts were longer than the model takes and are embedded without their end", r.shortened, len(r.out)))
	}
	if r.tokens < r.least {
		notes = append(notes, fmt.Sprintf("the server read only %d of at least %d tokens", r.tokens, r.least))
	}
	return strings.Join(notes, "; ")
}

// A vector decodes an embedding strictly. The decoder of encoding/json would accept null as 0.
type vector []float32

func (v *vector) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var s []byte // base64 of little-endian float32, which some servers always send
		if err := json.Unmarshal(b, &s); err != nil || len(s)%4 != 0 {
			return fmt.Errorf("an embedding is no base64 of numbers: %w",
				errors.Join(err, base64.CorruptInputError(len(s))))
		}
		for ; len(s) > 0; s = s[4:] {
			*v = append(*v, math.Float32frombits(binary.LittleEndian.Uint32(s)))
		}
		return v.check()
	}
	b = bytes.TrimSpace(b)
	if len(b) < 2 || b[0] != '[' {
		return fmt.Errorf("an embedding is %.20s", b)
	}
	*v = make(vector, 0, bytes.Count(b, []byte(","))+1)
	for f := range bytes.SplitSeq(b[1:len(b)-1], []byte(",")) {
		if f = bytes.TrimSpace(f); len(f) == 0 {
			continue
		}
		x, err := strconv.ParseFloat(string(f), 32)
		if err != nil {
			return fmt.Errorf("an embedding contains %.20s in place of a number", f)
		}
		*v = append(*v, float32(x))
	}
	return v.check()
}

func (v vector) check() error {
	for _, x := range v {
		if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("an embedding contains %v", f)
		}
	}
	return nil
}

func (v vector) isZero() bool {
	for _, x := range v {
		if x != 0 {
			return false
		}
	}
	return true
}
