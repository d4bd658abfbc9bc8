package rephrase

import (
	"slices"
	"strings"
	"testing"
)

// A pair is a question and one that is asked after it.
type pair struct{ before, after string }

// leaning are pairs whose second question cannot be understood without the first.
var leaning = []pair{
	{"How do I cancel a run?", "And how do I pause it?"},
	{"How do I cancel a run?", "does it keep the text that has arrived?"},
	{"How do I cancel a run?", "Why?"},
	{"How do I cancel a run?", "why not with the mouse?"},
	{"Where are the files of the index kept?", "how large are they?"},
	{"Where are the files of the index kept?", "Can I delete them?"},
	{"Which themes are there?", "And for colour-blind people?"},
	{"Which themes are there?", "how do I switch between them?"},
	{"How do I install weft on Linux?", "and on Windows?"},
	{"How do I install weft on Linux?", "what about macOS?"},
	{"How do I install weft on Linux?", "On Windows?"},
	{"What is the maximum load of the crane?", "and in winter?"},
	{"What is the maximum load of the crane?", "Who tests it?"},
	{"What is the maximum load of the crane?", "and the minimum?"},
	{"When does the museum open?", "And on Sundays?"},
	{"When does the museum open?", "how much does it cost?"},
	{"When does the museum open?", "for groups too?"},
	{"How do I set a timeout?", "what is its default?"},
	{"How do I set a timeout?", "what if that is too short?"},
	{"How do I set a timeout?", "without a config file?"},
	{"Which workflows are there?", "What does the second one do?"},
	{"Which workflows are there?", "which of these is the fastest?"},
	{"Who may approve a purchase?", "above which sum?"},
	{"Who may approve a purchase?", "and who signs it?"},
	{"What does a breakpoint do?", "Show me an example of that."},
	{"What does a breakpoint do?", "how do I remove it again?"},
	{"How do I brew the green tea?", "How long should it steep?"},
	{"How do I brew the green tea?", "with which water?"},
	{"Wie breche ich einen Lauf ab?", "und mit der Maus?"},
	{"How do I export the report as PDF?", "same for Word?"},
}

// independent are pairs whose second question can be understood by itself.
var independent = []pair{
	{"How do I cancel a run?", "Which keys are there?"},
	{"How do I cancel a run?", "Why does a model need an index?"},
	{"How do I cancel a run?", "Is it possible to zoom the timeline?"},
	{"How do I cancel a run?", "exit codes"},
	{"How do I cancel a run?", "And which file types are read?"},
	{"Where are the files of the index kept?", "In which order are settings read?"},
	{"Where are the files of the index kept?", "What if a document is encrypted?"},
	{"Where are the files of the index kept?", "How long does it take to embed a thousand passages?"},
	{"Which themes are there?", "At which port does the server listen?"},
	{"Which themes are there?", "For which platforms are there binaries?"},
	{"Which themes are there?", "What are the first steps after the installation?"},
	{"How do I install weft on Linux?", "With which key do I quit the explorer?"},
	{"How do I install weft on Linux?", "How do I find the last commit of a branch?"},
	{"How do I install weft on Linux?", "What is the second law of thermodynamics?"},
	{"What is the maximum load of the crane?", "Who wrote the Iliad?"},
	{"What is the maximum load of the crane?", "How do two processes share the same directory?"},
	{"What is the maximum load of the crane?", "What do I do when it rains during the concert?"},
	{"When does the museum open?", "As an employee, how many days of leave do I have?"},
	{"When does the museum open?", "Which employees get a bonus for their travel costs?"},
	{"When does the museum open?", "Why are leaves green?"},
	{"How do I set a timeout?", "On what does the price of a ticket depend?"},
	{"How do I set a timeout?", "How do people repair shoes when they are worn out?"},
	{"How do I set a timeout?", "What happens to a file if it cannot be read?"},
	{"Which workflows are there?", "From which countries do visitors come?"},
	{"Which workflows are there?", "Without a licence, may I drive the forklift?"},
	{"Who may approve a purchase?", "Does it matter in which order the steps are declared?"},
	{"Who may approve a purchase?", "Really simple syndication: what is that?"},
	{"What does a breakpoint do?", "Is that a bug when the journal is locked by another process?"},
	{"How do I brew the green tea?", "What is the difference between a join and a collect, and when do I use them?"},
	{"Wie breche ich einen Lauf ab?", "Und wo liegt der Index?"},
}

// joins reports whether the second question of a pair is given words of the first.
func (p pair) joins() (standing string, joins bool) {
	standing = Standalone([]Turn{{Question: p.before, Answer: "It says so in the manual [1]."}}, p.after)
	own := content(p.after)
	return standing, slices.ContainsFunc(content(p.before), func(term string) bool {
		return !slices.Contains(own, term) && slices.Contains(content(standing), term)
	})
}

// TestAQuestionIsJoinedToTheLastOneOnlyIfItLeansOnIt allows three errors in sixty pairs: no rule
// knows all of English.
func TestAQuestionIsJoinedToTheLastOneOnlyIfItLeansOnIt(t *testing.T) {
	var wrong []string
	for _, p := range leaning {
		if standing, joins := p.joins(); !joins {
			wrong = append(wrong, p.after+" was not joined: "+standing)
		}
	}
	for _, p := range independent {
		if standing, joins := p.joins(); joins {
			wrong = append(wrong, p.after+" was joined: "+standing)
		}
	}
	if n := len(leaning) + len(independent); n != 60 || len(leaning) != 30 {
		t.Errorf("%d pairs, %d of which lean", n, len(leaning))
	}
	if len(wrong) > 3 {
		t.Errorf("%d of 60 are wrong:\n%s", len(wrong), strings.Join(wrong, "\n"))
	}
}
