package rephrase

import "testing"

func TestRequestsAboutTheLastAnswerAreRecognised(t *testing.T) {
	for _, text := range []string{
		"shorter", "Shorter, please!", "a bit longer", "make it shorter", "can you make that simpler?", "in other words",
		"as a table", "As a table please", "put that into bullet points", "in one sentence", "as JSON", "and as a numbered list",
		"translate that into German", "Translate it to French, please.", "translate your answer into Greek", "in German", "and in Spanish?", "auf Deutsch", "en français",
		"summarise that", "Summarize the answer", "sum it up", "rephrase that", "explain that again", "tl;dr", "in more detail", "more details please",
		"wie bitte?", "Kürzer bitte", "als Tabelle", "fasse das zusammen", "übersetze das ins Englisch", "plus court", "más corto, por favor", "más simple",
		"what do you mean?", "I don't understand", "say that again", "sorry, what?", "are you sure?", "もっと短く", "用英文", "συντομότερα",
	} {
		if !AboutAnswer(text) {
			t.Errorf("%q is a request about the answer", text)
		}
	}
	for _, text := range []string{
		"a shorter password", "translate.go", "How do I make a password shorter?", "shorter timeouts",
		"what is a table?", "tables", "table of exit codes", "as a user, how do I log in?", "in Germany", "German", "how do I translate the interface into German?",
		"summary of the report", "which languages are there?", "list of keys", "again and again", "what is a summary?", "explain retries", "explain the timeline again",
		"longer timeouts", "make a list of all keys", "what?foo", "more", "repeat a run", "rewrite a query", "is it shorter than a day?", "the answer is cut off", "clarify the licence",
		"Kürzer als ein Tag?", "in simple words, what is a run?", "how do I say that a step failed?", "json", "in JSON files", "wie?x", "who translates it?", "",
	} {
		if AboutAnswer(text) {
			t.Errorf("%q is a question for the documents", text)
		}
	}
}
