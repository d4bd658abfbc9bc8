package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/llm"
	"weft/rag/retrieve"
)

// Returned is the result of one call of a tool.
type Returned struct {
	Label    string         `json:"label"`
	Round    int            `json:"round"`
	N        int            `json:"n"` // position among the calls of the round, from 0
	Summary  string         `json:"summary"`
	Bytes    int            `json:"bytes"`              // of the text that the model is given
	Passages []retrieve.Hit `json:"passages,omitempty"` // what was read
	Text     string         `json:"text,omitempty"`     // what cannot be cited, such as names of files
	Error    string         `json:"error,omitempty"`    // why the call has no result, for the model
	Declined string         `json:"declined,omitempty"` // the tool whose call the user did not permit
	TookMS   float64        `json:"took_ms"`
}

// A ledger is what an agent has done and read for one question. It is a value in the run's state,
// and decides which passages may be cited.
type ledger struct {
	Rounds []round        `json:"rounds"`
	Read   []retrieve.Hit `json:"read"` // by number in citations, from 1
}

// A round is one turn of the model and the results of its calls.
type round struct {
	Text    string          `json:"text,omitempty"`
	Calls   []show.ToolCall `json:"calls,omitempty"`
	Results []result        `json:"results,omitempty"` // of each call
	Before  int             `json:"before"`            // passages that were read before
	Remind  bool            `json:"remind,omitempty"`  // the model answered without a call
	Tokens  int             `json:"tokens"`
	SpentMS int64           `json:"spent_ms"`
}

// A result is the outcome of a call as the model is given it.
type result struct {
	Head    string `json:"head"`
	Numbers []int  `json:"numbers,omitempty"` // of passages in the ledger
	Text    string `json:"text,omitempty"`

	Declined string `json:"declined,omitempty"` // the tool whose call the user did not permit
}

// calls returns all calls of the rounds so far.
func (l ledger) calls() (all []show.ToolCall) {
	for _, r := range l.Rounds {
		all = append(all, r.Calls...)
	}
	return all
}

// spent returns how many tokens, calls and how much time the rounds so far have used.
func (l ledger) spent() (tokens, calls int, spent time.Duration) {
	for _, r := range l.Rounds {
		tokens += r.Tokens
		calls += len(r.Results)
		spent += time.Duration(r.SpentMS) * time.Millisecond
	}
	return tokens, calls, spent
}

func (l ledger) reminded() bool {
	return slices.ContainsFunc(l.Rounds, func(r round) bool { return r.Remind })
}

// declined returns the tools whose calls the user did not permit.
func (l ledger) declined() (names []string) {
	for _, r := range l.Rounds {
		for _, res := range r.Results {
			names = append(names, res.Declined)
		}
	}
	return distinct(names...)
}

// listed reports whether a call returned something that cannot be cited.
func (l ledger) listed() bool {
	for _, r := range l.Rounds {
		if slices.ContainsFunc(r.Results, func(r result) bool { return r.Text != "" }) {
			return true
		}
	}
	return false
}

// add puts the results of a round into the ledger and gives numbers to the passages. A passage that
// was read before keeps its number. Adding the results of a round again changes nothing.
func (l *ledger) add(returned []Returned) {
	r := &l.Rounds[returned[0].Round-1]
	l.Read = l.Read[:r.Before]
	r.Results = make([]result, len(r.Calls))
	for i := range r.Results {
		r.Results[i].Head = "This call was not made: it is the same as another one, or the budget of calls is used up."
	}
	longest, all := 0.0, 0.0
	for _, got := range returned {
		res := result{Head: got.Summary, Text: got.Text, Declined: got.Declined}
		if got.Error != "" {
			res.Head = "Error: " + got.Error
		}
		for _, p := range got.Passages {
			n := 1 + slices.IndexFunc(l.Read, func(q retrieve.Hit) bool {
				return q.Path == p.Path && q.Line == p.Line && q.Place == p.Place && q.Text == p.Text
			})
			if n == 0 {
				l.Read = append(l.Read, p)
				n = len(l.Read)
			}
			if !slices.Contains(res.Numbers, n) {
				res.Numbers = append(res.Numbers, n)
			}
		}
		r.Results[got.N] = res
		longest, all = max(longest, got.TookMS), all+got.TookMS
	}
	r.SpentMS += int64(max(longest, all/toolWorkers))
}

// messages returns the conversation since the question. If it has more than a number of tokens, the
// texts of the oldest results are left out, and then those of the last round are shortened. last
// says why the model must answer now, if it must.
func (l ledger) messages(tokens int, count llm.Counter, last string) (out []show.Message) {
	const whole = 1 << 20
	for from := range max(1, len(l.Rounds)) {
		if out = l.render(from, whole, last); fits(out, tokens, count) {
			return out
		}
	}
	for each := 512; each >= 32; each /= 2 {
		if out = l.render(len(l.Rounds)-1, each, last); fits(out, tokens, count) {
			return out
		}
	}
	return out
}

func fits(messages []show.Message, tokens int, count llm.Counter) bool {
	for _, m := range messages {
		tokens -= count(m.Content) + 6
		for _, c := range m.Calls {
			tokens -= count(c.Arguments) + 6
		}
	}
	return tokens >= 0
}

// render returns the conversation with the passages of the rounds from a number on, each shortened
// to a number of tokens. Of earlier rounds only the places of the passages are named.
func (l ledger) render(from, each int, last string) (out []show.Message) {
	for i, r := range l.Rounds {
		if r.Remind {
			out = append(out, show.Message{Role: show.RoleAssistant, Content: r.Text},
				show.Message{Role: show.RoleUser, Content: remindTools})
		}
		if len(r.Results) == 0 {
			continue
		}
		out = append(out, show.Message{Role: show.RoleAssistant, Content: r.Text, Calls: r.Calls})
		size := each
		if i < from {
			size = 0
		}
		for k, c := range r.Calls {
			out = append(out, show.Message{Role: show.RoleTool, CallID: c.ID, Content: r.Results[k].content(l.Read, size)})
		}
	}
	if last != "" {
		out = append(out, show.Message{Role: show.RoleUser, Content: fmt.Sprintf(answerNow, last)})
	}
	return out
}

// content returns a result for the model, with each passage shortened to a number of tokens.
func (r result) content(read []retrieve.Hit, tokens int) string {
	parts := []string{r.Head}
	if r.Text != "" {
		parts = append(parts, llm.Shorten(r.Text, tokens))
	}
	if len(r.Numbers) > 0 {
		parts = append(parts, answer.Quote(read, r.Numbers, tokens))
		if tokens == 0 {
			parts = append(parts, "The texts are left out for lack of room: read those again that you need.")
		}
	}
	return strings.Join(parts, "\n\n")
}
