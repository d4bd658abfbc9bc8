package workflows

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The sizes of the tiny model.
const (
	ggufWidth   = 64 // of embeddings
	ggufHeads   = 4
	ggufHidden  = 128
	ggufContext = 8192
)

// A gguf is a model file under construction: version 3 of llama.cpp's format.
type gguf struct {
	keys, infos, data bytes.Buffer
	nKeys, nTensors   uint64
	random            *rand.Rand
}

// The numbers of the format's types.
const (
	ggufUint32  = 4
	ggufInt32   = 5
	ggufFloat32 = 6
	ggufString  = 8
	ggufArray   = 9
)

func (g *gguf) number(b *bytes.Buffer, v any) {
	binary.Write(b, binary.LittleEndian, v) // writing to memory does not fail
}

func (g *gguf) text(b *bytes.Buffer, s string) {
	g.number(b, uint64(len(s)))
	b.WriteString(s)
}

// key adds a value of the file's header.
func (g *gguf) key(name string, value any) {
	g.nKeys++
	g.text(&g.keys, name)
	switch v := value.(type) {
	case string:
		g.number(&g.keys, uint32(ggufString))
		g.text(&g.keys, v)
	case uint32:
		g.number(&g.keys, uint32(ggufUint32))
		g.number(&g.keys, v)
	case float32:
		g.number(&g.keys, uint32(ggufFloat32))
		g.number(&g.keys, v)
	case []string:
		g.array(ggufString, len(v))
		for _, s := range v {
			g.text(&g.keys, s)
		}
	case []float32:
		g.array(ggufFloat32, len(v))
		g.number(&g.keys, v)
	case []int32:
		g.array(ggufInt32, len(v))
		g.number(&g.keys, v)
	default:
		panic(fmt.Sprintf("%T", value))
	}
}

func (g *gguf) array(of uint32, n int) {
	g.number(&g.keys, uint32(ggufArray))
	g.number(&g.keys, of)
	g.number(&g.keys, uint64(n))
}

// tensor adds weights; value returns the one at a row and column.
func (g *gguf) tensor(name string, columns, rows int, value func(row int) float32) {
	g.nTensors++
	g.text(&g.infos, name)
	dims := []uint64{uint64(columns)}
	if rows > 1 {
		dims = append(dims, uint64(rows))
	}
	g.number(&g.infos, uint32(len(dims)))
	g.number(&g.infos, dims)
	g.number(&g.infos, uint32(0)) // 32-bit floats
	g.number(&g.infos, uint64(g.data.Len()))
	for row := range rows {
		for range columns {
			g.number(&g.data, value(row))
		}
	}
	for g.data.Len()%32 != 0 {
		g.data.WriteByte(0)
	}
}

// tinyModel writes a language model of one layer with random weights, and returns its file. It
// tokenises the words of an English text as one token each, and any other text as bytes. It
// generates words without end.
func tinyModel(t *testing.T, english string) string {
	t.Helper()
	g := &gguf{random: rand.New(rand.NewPCG(1, 2))}
	tokens, kinds := []string{"<unk>", "<s>", "</s>"}, []int32{2, 3, 3}
	for b := range 256 {
		tokens, kinds = append(tokens, fmt.Sprintf("<0x%02X>", b)), append(kinds, 6)
	}
	known := map[string]bool{}
	add := func(token string) {
		if !known[token] {
			known[token] = true
			tokens, kinds = append(tokens, token), append(kinds, 1)
		}
	}
	// For a word to be tokenised as one token, each of its prefixes must be a token.
	for _, w := range strings.Fields(english) {
		for end := range len(w) {
			add("\u2581" + w[:end])
		}
		add("\u2581" + w)
	}
	firstWord := len(tokens)
	for _, w := range []string{"filters", "pumps", "valves", "waters", "hourly", "opened", "closed", "redder", "bluish"} {
		add("\u2581" + w)
	}
	scores := make([]float32, len(tokens))
	g.key("general.architecture", "llama")
	g.key("general.name", "tiny")
	g.key("llama.context_length", uint32(ggufContext))
	g.key("llama.embedding_length", uint32(ggufWidth))
	g.key("llama.block_count", uint32(1))
	g.key("llama.feed_forward_length", uint32(ggufHidden))
	g.key("llama.attention.head_count", uint32(ggufHeads))
	g.key("llama.attention.head_count_kv", uint32(ggufHeads))
	g.key("llama.attention.layer_norm_rms_epsilon", float32(1e-5))
	g.key("llama.rope.dimension_count", uint32(ggufWidth/ggufHeads))
	g.key("llama.vocab_size", uint32(len(tokens)))
	g.key("tokenizer.ggml.model", "llama")
	g.key("tokenizer.ggml.tokens", tokens)
	g.key("tokenizer.ggml.scores", scores)
	g.key("tokenizer.ggml.token_type", kinds)
	g.key("tokenizer.ggml.bos_token_id", uint32(1))
	g.key("tokenizer.ggml.eos_token_id", uint32(2))
	g.key("tokenizer.ggml.unknown_token_id", uint32(0))
	g.key("tokenizer.chat_template", "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:")

	noise := func(int) float32 { return float32(g.random.NormFloat64()) * 0.2 }
	one := func(int) float32 { return 1 }
	g.tensor("token_embd.weight", ggufWidth, len(tokens), noise)
	g.tensor("blk.0.attn_norm.weight", ggufWidth, 1, one)
	for _, name := range []string{"attn_q", "attn_k", "attn_v", "attn_output"} {
		g.tensor("blk.0."+name+".weight", ggufWidth, ggufWidth, noise)
	}
	g.tensor("blk.0.ffn_norm.weight", ggufWidth, 1, one)
	g.tensor("blk.0.ffn_gate.weight", ggufWidth, ggufHidden, noise)
	g.tensor("blk.0.ffn_up.weight", ggufWidth, ggufHidden, noise)
	g.tensor("blk.0.ffn_down.weight", ggufHidden, ggufWidth, noise)
	g.tensor("output_norm.weight", ggufWidth, 1, one)
	g.tensor("output.weight", ggufWidth, len(tokens), func(row int) float32 {
		if row < firstWord {
			return 0 // the model generates words only
		}
		return 5 * noise(row)
	})

	var out bytes.Buffer
	out.WriteString("GGUF")
	g.number(&out, uint32(3))
	g.number(&out, g.nTensors)
	g.number(&out, g.nKeys)
	out.Write(g.keys.Bytes())
	out.Write(g.infos.Bytes())
	for out.Len()%32 != 0 {
		out.WriteByte(0)
	}
	out.Write(g.data.Bytes())
	file := filepath.Join(t.TempDir(), "tiny.gguf")
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
