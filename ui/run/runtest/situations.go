package runtest

import (
	"fmt"
	"math/rand/v2"

	"weft/flow"
)

const answer = "Retries use **exponential backoff with jitter** [1]: the first retry waits 0.5 s, then the wait doubles up to a cap of 30 s [2].\n\n" +
	"- `MaxAttempts` defaults to 5 [1]\n- a *non-retryable* error stops the run at once [3]\n"

func passages(n int, rerank bool) []P {
	paths := []string{"docs/retry.md", "docs/config.md", "docs/errors.md", "guide/running.md", "guide/faq.md"}
	var ps []P
	for k := range n {
		i, score := k, 0.81-float64(k)*0.03
		why := P{"vector": 0.81 - float64(i)*0.03, "keyword": 7.2 - float64(i)/2}
		if rerank {
			i, score = []int{2, 0, 5, 3, 11}[k%5], 0.97-float64(k*k)*0.04
			why = P{"overlap": 0.9 - float64(k)/10, "reranker": "cross-encoder"}
		}
		ps = append(ps, P{
			"path": paths[i%len(paths)], "line": 12 + 37*i, "end_line": 20 + 37*i, "heading": []string{"Operations", "Retries and back-off"},
			"score": score, "why": why,
			"text": "A failed attempt is tried again after a wait that doubles each time.\nThe first wait is half a second; jitter of ±20 % keeps clients apart.",
		})
	}
	return ps
}

func stop(text string) P {
	var sources []P
	for i, p := range passages(5, true) {
		p["n"], p["cited"] = i+1, i < 3
		sources = append(sources, p)
	}
	return P{"question": "How do retries back off, and when do they stop?", "text": text, "sources": sources, "by": "gpt-5-mini",
		"usage": P{"prompt_tokens": 3104, "completion_tokens": 412}}
}

func ask() (*Journal, uint64) {
	return New("rag", "Question", P{"question": "How do retries back off, and when do they stop?"})
}

// retrieve writes the steps before the answer and returns the event that starts it.
func retrieve(j *Journal, start uint64) uint64 {
	j.Wait(4)
	e := j.Run("retrieve", 1, start)
	e.Set("question", "How do retries back off, and when do they stop?")
	j.Wait(310)
	e.Emit("Progress", P{"message": "searched 1,204 passages", "done": 1204, "total": 1204, "unit": "passages"})
	j.Wait(120)
	found := e.Done("Found", P{"passages": passages(15, false)})
	e = j.Run("rerank", 1, found)
	j.Wait(640)
	e.Set("kept", 5)
	return e.Done("Ranked", P{"passages": passages(5, true)})
}

func generate(j *Journal, cause uint64, finish bool) {
	e := j.Run("synthesize", 1, cause)
	j.Wait(12)
	e.Emit("ModelCall", P{"model": "gpt-5-mini", "endpoint": "api.openai.com", "state": "queued"})
	j.Wait(780)
	e.Emit("ModelCall", P{"model": "gpt-5-mini", "endpoint": "api.openai.com", "state": "first_token"})
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < len(answer); i += 4 {
		j.Wait(14 + rnd.Float64()*40*(1+float64(i%60)/30))
		e.Emit("Delta", P{"text": answer[i:min(i+4, len(answer))]})
	}
	if finish {
		e.Emit("ModelCall", P{"model": "gpt-5-mini", "endpoint": "api.openai.com", "state": "done", "prompt_tokens": 3104, "completion_tokens": 412, "finish": "stop"})
		j.Wait(30)
		e.Finish("Answer", stop(answer))
	}
}

// RAG is a whole run of retrieve, rerank and synthesize.
func RAG() []flow.Record {
	j, start := ask()
	generate(j, retrieve(j, start), true)
	return j.Records
}

// RAGLive is the run of RAG in the middle of its answer.
func RAGLive() []flow.Record {
	rs := RAG()
	return rs[:len(rs)-26]
}

// Retries is a run whose search fails twice before it succeeds, and whose model fails for good.
func Retries() []flow.Record {
	j, start := ask()
	j.Wait(5)
	a := j.Run("search·docs", 1, start)
	b := j.Run("search·web", 1, start)
	j.Wait(480)
	a.Done("Found", P{"passages": passages(8, false)})
	j.Wait(300)
	b.Fail("GET https://search.example.com/v1: 503 Service Unavailable", 500)
	j.Wait(500)
	b.Start(1)
	j.Wait(420)
	b.Fail("GET https://search.example.com/v1: 503 Service Unavailable", 1000)
	j.Wait(1000)
	b.Start(1)
	j.Wait(610)
	found := b.Done("Found", P{"passages": passages(3, false)})
	e := j.Run("synthesize", 1, found)
	j.Wait(400)
	e.Say("Retries use exponential backoff wi", 22)
	e.Fail("stream: connection reset by peer", 800)
	j.Wait(800)
	e.Start(1)
	j.Wait(350)
	err := "429 Too Many Requests: monthly quota of project “demo” exhausted"
	e.Fail(err, 0)
	e.Break("step synthesize failed after 2 attempts: " + err)
	return j.Records
}

// Backoff is the run of Retries while its search waits for the third attempt.
func Backoff() []flow.Record {
	rs := Retries()
	for i, r := range rs {
		if r.Kind == flow.StepFailed && r.Attempt == 2 {
			return rs[:i+1]
		}
	}
	return rs
}

// Human is a run that waits for a person to approve its sources.
func Human() []flow.Record {
	j, start := ask()
	ranked := retrieve(j, start)
	e := j.Run("approve", 1, ranked)
	j.Wait(8)
	e.Await("Approval", P{"key": "sources", "prompt": P{"title": "Use these sources?", "text": "5 passages from 4 files would be sent to gpt-5-mini.",
		"passages": passages(5, true), "schema": P{"type": "object", "properties": P{"keep": P{"type": "array", "items": P{"type": "integer"}}, "query": P{"type": "string"}}}}})
	return j.Records
}

// HumanDone is the run of Human after a reply that took a minute and a half.
func HumanDone() []flow.Record {
	j, start := ask()
	ranked := retrieve(j, start)
	e := j.Run("approve", 1, ranked)
	j.Wait(8)
	a := e.Await("Approval", P{"key": "sources", "prompt": P{"title": "Use these sources?"}})
	j.Wait(92_000)
	e.Reply(a, "Approval", P{"keep": "keep"})
	j.Wait(3)
	generate(j, e.Done("Approved", P{"passages": passages(5, true)}), true)
	return j.Records
}

// FanOut is a run that embeds n pieces with four workers, of which one fails once. If live is set,
// the run has not finished.
func FanOut(n int, live bool) []flow.Record {
	j, start := New("index", "Directory", P{"dir": "~/docs"})
	j.Wait(3)
	split := j.Run("split", 1, start)
	j.Wait(90)
	scope := split.Scope()
	rnd := rand.New(rand.NewPCG(7, 7))
	var queue []*Exec
	for i := range n {
		queue = append(queue, j.Queue("embed", split.Send("Chunk", P{"n": i})))
	}
	split.End()
	type slot struct {
		e    *Exec
		left float64
	}
	var slots [4]slot
	failed := false
	for done := 0; done < n; {
		for i := range slots {
			if slots[i].e == nil && len(queue) > 0 {
				slots[i] = slot{queue[0], 25 + rnd.ExpFloat64()*55}
				queue = queue[1:]
				slots[i].e.Start(i + 1)
			}
		}
		next := -1
		for i := range slots {
			if slots[i].e != nil && (next < 0 || slots[i].left < slots[next].left) {
				next = i
			}
		}
		d := slots[next].left
		j.Wait(d)
		for i := range slots {
			slots[i].left -= d
		}
		e := slots[next].e
		slots[next].e = nil
		if done == n/3 && !failed {
			failed = true
			e.Fail("embeddings: 500 Internal Server Error", 40)
			j.Wait(40)
			slots[next] = slot{e, 60}
			e.Start(next + 1)
			continue
		}
		e.Done("Vector", P{"dims": 768})
		if done++; live && done > n*2/3 {
			split.Emit("Progress", P{"message": "embedding", "done": done, "total": n, "unit": "passages"})
			return j.Records
		}
	}
	j.CloseScope(scope)
	e := j.Join("store", scope)
	j.Wait(240)
	e.Finish("Indexed", P{"text": fmt.Sprintf("%d passages", n)})
	return j.Records
}

// Loop is a run that asks, judges and rewrites in rounds.
func Loop(rounds int) []flow.Record {
	j, cause := New("refine", "Question", P{"question": "Which port does the server use?"})
	for i := range rounds {
		j.Wait(2)
		e := j.Run("retrieve", 1, cause)
		j.Wait(260)
		e = j.Run("answer", 1, e.Done("Found", P{"passages": passages(4, false)}))
		j.Wait(300)
		e.Say("The server listens on port 8080 unless told otherwise [1].", 18)
		e = j.Run("judge", 1, e.Done("Draft", P{"text": "The server listens on port 8080."}))
		j.Wait(410)
		if i == rounds-1 {
			e.Set("score", 0.91)
			e.Finish("Answer", stop("The server listens on port 8080 [1]."))
			break
		}
		e.Set("score", 0.4+float64(i)/10)
		e = j.Run("rewrite", 1, e.Done("Unsupported", P{"why": "no passage names a port"}))
		j.Wait(350)
		cause = e.Done("Question", P{"question": "server default listen port"})
	}
	return j.Records
}

// Sub is a research workflow: two sub-workflows at once, each a small RAG, and a report.
func Sub() []flow.Record {
	j, start := New("research", "Topic", P{"topic": "Compare retries and fallbacks"})
	j.Wait(4)
	plan := j.Run("decompose", 1, start)
	j.Wait(420)
	scope := plan.Scope()
	q1, q2 := plan.Send("SubQuestion", P{"question": "What are retries?"}), plan.Send("SubQuestion", P{"question": "What are fallbacks?"})
	plan.End()
	a, b := j.Run("ask", 1, q1), j.Run("ask", 2, q2)
	ia, sa := a.Sub("rag", "Question", P{"question": "What are retries?"})
	ib, sb := b.Sub("rag", "Question", P{"question": "What are fallbacks?"})
	ra, rb := ia.Run("retrieve", 1, sa), ib.Run("retrieve", 1, sb)
	j.Wait(210)
	ga := ia.Run("synthesize", 1, ra.Done("Found", P{"passages": passages(3, false)}))
	j.Wait(130)
	gb := ib.Run("synthesize", 1, rb.Done("Found", P{"passages": passages(3, false)}))
	ga.Say("Retries try again after a wait that grows.", 30)
	ga.Finish("Answer", stop("Retries try again."))
	a.Done("Part", P{"text": "Retries try again."})
	gb.Say("Fallbacks take another way.", 45)
	gb.Finish("Answer", stop("Fallbacks take another way."))
	b.Done("Part", P{"text": "Fallbacks take another way."})
	j.CloseScope(scope)
	e := j.Join("report", scope)
	j.Wait(300)
	e.Say("Retries try again; fallbacks take another way.", 25)
	e.Finish("Answer", stop("Retries try again; fallbacks take another way."))
	return j.Records
}

// Again is a run whose only step runs a sub-workflow, which fails; 800 ms later the step tries
// again.
func Again() []flow.Record {
	j, start := New("research", "Topic", P{"topic": "Compare retries and fallbacks"})
	ask := j.Run("ask", 1, start)
	in, begun := ask.Sub("rag", "Question", nil)
	e := in.Run("search", 1, begun)
	j.Wait(400)
	e.Fail("no", 0)
	e.Break("no")
	ask.Fail("no", 800)
	j.Wait(800)
	ask.Start(1)
	in, begun = ask.Sub("rag", "Question", nil)
	e = in.Run("search", 1, begun)
	j.Wait(400)
	e.Finish("Answer", P{"text": "so"})
	ask.Finish("Answer", P{"text": "so"})
	return j.Records
}

// Long is an unfinished run of about n records: rounds of a loop, a fan-out and streams.
func Long(n int) []flow.Record {
	j, cause := New("refine", "Question", P{"question": "everything?"})
	rnd := rand.New(rand.NewPCG(3, 4))
	for len(j.Records) < n {
		j.Wait(1 + rnd.Float64()*3)
		e := j.Run("retrieve", 1, cause)
		j.Wait(2 + rnd.Float64()*9)
		var es []*Exec
		for i := range 4 {
			es = append(es, j.Run("grade", i+1, e.Send("Passage", P{"n": i})))
		}
		e.End()
		for _, g := range es {
			j.Wait(1 + rnd.Float64()*4)
			if rnd.IntN(40) == 0 {
				g.Fail("timeout", 5)
				j.Wait(5)
				g.Start(g.worker)
			}
			cause = g.Done("Grade", P{"score": rnd.Float64()})
		}
		e = j.Run("answer", 1, cause)
		e.Say("the answer of this round", 3)
		e.Set("round", P{"n": len(j.Records)})
		cause = e.Done("Draft", P{"text": "the answer of this round"})
	}
	return j.Records[:n]
}
