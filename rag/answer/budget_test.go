package answer

import (
	"errors"
	"strings"
	"testing"

	"weft/flow/flowtest"
	"weft/flow/show"
	"weft/rag/llm"
)

func TestABudgetStopsBeforeItIsExceeded(t *testing.T) {
	prices := llm.Prices{Input: 10, Output: 30, Currency: "EUR"}
	used := show.Usage{PromptTokens: 600, CompletionTokens: 200} // 0.012 EUR
	for _, c := range []struct {
		name   string
		budget *Budget
		wants  string // part of the error of the second call; "": there is none
	}{
		{"none", nil, ""},
		{"no limits", &Budget{Of: "question"}, ""},
		{"enough tokens", &Budget{Of: "question", Tokens: 1400}, ""},
		{"too few tokens", &Budget{Of: "question", Tokens: 1399}, "1399 tokens for a question does not suffice: 800 are used, and the next prompt has about 600. Raise question_tokens"},
		{"enough money", &Budget{Of: "question", Cost: 0.0181}, ""},
		{"too little money", &Budget{Of: "question", Cost: 0.0179}, "0.0179 EUR for a question does not suffice: 0.0120 are spent, and the next prompt costs about 0.0060. Raise question_cost"},
		{"a session that is used up", &Budget{Of: "question", Within: &Budget{Of: "session", Tokens: 1000}}, "for a session"},
	} {
		if err := c.budget.check(600, prices); err != nil {
			t.Errorf("%s: the first call: %v", c.name, err)
		}
		c.budget.spend(used, prices)
		err := c.budget.check(600, prices)
		if (err == nil) != (c.wants == "") || err != nil && !strings.Contains(err.Error(), c.wants) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAModelIsNotCalledBeyondItsBudget(t *testing.T) {
	m, server := model(t, nil, "Press ctrl+c [1].")
	m.Budget = &Budget{Of: "question", Tokens: 50}
	_, err := m.Write(flowtest.NewContext(t.Context()), "How do I cancel a run?", passages)
	var over *BudgetError
	if !errors.As(err, &over) || Replaceable(err) {
		t.Errorf("%v", err)
	}
	if n := server.Stats().ByPath["/v1/chat/completions"]; n != 0 {
		t.Errorf("%d calls", n)
	}
	m.Budget = &Budget{Of: "question", Tokens: 5000}
	if _, err := m.Write(flowtest.NewContext(t.Context()), "How do I cancel a run?", passages); err != nil || m.Budget.tokens == 0 {
		t.Errorf("%v, %d tokens used", err, m.Budget.tokens)
	}
}
