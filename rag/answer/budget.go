package answer

import (
	"fmt"
	"sync"

	"weft/flow/show"
	"weft/rag/llm"
)

// A Budget limits what model calls may use, for one question or for a session. Embeddings and
// reranking do not count. It is safe for concurrent use; a nil Budget has no limits.
type Budget struct {
	Of     string  // scope of the budget: "question", "session"
	Tokens int     // prompt and answer together; 0: no limit
	Cost   float64 // in the currency of the prices; 0: no limit. Calls without prices cost nothing
	// Within is an enclosing budget, such as that of the session, which must suffice as well; nil:
	// none.
	Within *Budget

	mu     sync.Mutex
	tokens int
	cost   float64
}

// A BudgetError says that a model was not called because a budget does not suffice. The model has
// not failed, so callers do not fall back to an answer without it.
type BudgetError struct{ text string }

func (e *BudgetError) Error() string { return e.text }

// check returns a [BudgetError] if a prompt of this length, in tokens, exceeds the budget.
func (b *Budget) check(tokens int, prices llm.Prices) error {
	if b == nil {
		return nil
	}
	cost, _ := prices.Cost(show.Usage{PromptTokens: tokens})
	b.mu.Lock()
	used, spent := b.tokens, b.cost
	b.mu.Unlock()
	if b.Tokens > 0 && used+tokens > b.Tokens {
		return &BudgetError{fmt.Sprintf("the budget of %d tokens for a %s does not suffice: %d are used, and the next prompt has about %d. Raise %s_tokens, or ask with --offline",
			b.Tokens, b.Of, used, tokens, b.Of)}
	}
	if b.Cost > 0 && spent+cost > b.Cost {
		return &BudgetError{fmt.Sprintf("the budget of %.4g %s for a %s does not suffice: %.4f are spent, and the next prompt costs about %.4f. Raise %s_cost, or ask with --offline",
			b.Cost, prices.Currency, b.Of, spent, cost, b.Of)}
	}
	return b.Within.check(tokens, prices)
}

// spend counts a call.
func (b *Budget) spend(u show.Usage, prices llm.Prices) {
	if b == nil {
		return
	}
	cost, _ := prices.Cost(u)
	b.mu.Lock()
	b.tokens += u.PromptTokens + u.CompletionTokens
	b.cost += cost
	b.mu.Unlock()
	b.Within.spend(u, prices)
}
