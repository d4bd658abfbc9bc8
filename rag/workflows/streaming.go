package workflows

import (
	"fmt"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
)

// stages is the number of progress stages of the long step.
const stages = 3

// Streaming does in one long step what [RAG] does in three, and reports progress at every stage.
// Events that a step emits reach the reader immediately, long before the step ends, and no other
// step receives them. The pieces of the answer stream in the same way.
func Streaming(p Parts) *Workflow {
	w := streaming{p}
	wf := p.new("streaming", "one long step that reports its progress")
	flow.Step(wf, "understand", try(p, p.understand),
		flow.Describe("make a follow-up question complete, and keep it"), flow.Awaits[answer.Consent]())
	flow.Step(wf, "work", try(p, w.work), flow.Describe("search, rerank and write, with progress events"), flow.Awaits[answer.Consent](), again())
	return wf
}

type streaming struct{ Parts }

func (w streaming) work(ctx *flow.Context, a Asked) (show.Answer, error) {
	tell := func(done int, format string, args ...any) {
		ctx.Emit(show.Progress{Message: fmt.Sprintf(format, args...), Done: done, Total: stages, Unit: "stages"})
	}
	tell(0, "retrieving passages")
	hits, err := w.candidates(ctx, a)
	if err != nil {
		return show.Answer{}, err
	}
	ctx.Emit(Retrieved{hits})
	tell(1, "reranking %d passages", len(hits))
	best, err := w.best(ctx, a.Question, hits, w.most())
	if err != nil {
		return show.Answer{}, err
	}
	ctx.Emit(Reranked{best})
	tell(2, "writing the answer from %d passages", len(best))
	got, err := w.write(ctx, a.Question, best)
	if err != nil {
		return show.Answer{}, err
	}
	tell(3, "done")
	return got, nil
}
