package cli

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/rephrase"
	"weft/rag/retrieve"
	"weft/rag/workflows"
	"weft/ui/form"
)

func TestAConversationIsKeptBetweenStarts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "conversations", "x.json")
	var c conversation
	if err := c.load(file); err != nil || len(c.history()) != 0 {
		t.Fatalf("without a file: %v", err)
	}
	for i := range keptTurns + 3 {
		c.add(show.Answer{Question: "q" + strconv.Itoa(i), Text: "a"})
	}
	if err := c.save(file); err != nil {
		t.Fatal(err)
	}
	var again conversation
	if err := again.load(file); err != nil {
		t.Fatal(err)
	}
	turns := again.history()
	if want := (rephrase.Turn{Question: "q" + strconv.Itoa(keptTurns+2), Answer: "a"}); len(turns) != keptTurns || !reflect.DeepEqual(turns[keptTurns-1], want) {
		t.Errorf("got %v", turns)
	}
	if st, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && st.Mode().Perm() != 0o600 {
		t.Errorf("%v, mode %v: others can read it", err, st.Mode())
	}
	if err := os.WriteFile(file, []byte("[{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := again.load(file); err == nil || !strings.Contains(err.Error(), "without --continue") {
		t.Errorf("a damaged file: %v", err)
	}
}

// TestAQuestionThatIsAskedAgainIsNoFollowUpToItself checks that two workflows which are compared on a
// question get the same conversation.
func TestAQuestionThatIsAskedAgainIsNoFollowUpToItself(t *testing.T) {
	var c conversation
	for _, q := range []string{"what is red?", "what is blue?", "what is blue?"} {
		c.add(show.Answer{Question: q, Text: "a colour"})
	}
	for question, want := range map[string]int{"what is blue?": 1, "what is red?": 3, "why?": 3} {
		if got := len(c.before(question)); got != want {
			t.Errorf("%q may refer to %d turns, want %d", question, got, want)
		}
	}
	if n := len(c.history()); n != 3 {
		t.Errorf("the conversation has %d turns left of 3", n)
	}
}

func TestTheExplorersSecondQuestionFollowsUpOnTheFirst(t *testing.T) {
	s := offline(t, "../../docs")
	for _, c := range []struct{ typed, understood string }{
		{"how do I cancel a run?", "how do I cancel a run?"},
		{"and how do I pause it?", "how do I pause the run?"},
		{"which keys are there?", "which keys are there?"},
	} {
		run, err := driving(s).Ask("rag", c.typed)
		if err != nil {
			t.Fatal(err)
		}
		a, err := run.(*flow.Run[show.Answer]).Wait(t.Context())
		if err != nil || a.Question != c.understood {
			t.Errorf("%q is understood as %q: %v", c.typed, a.Question, err)
		}
	}
	if n := len(s.conversation.history()); n != 3 {
		t.Errorf("%d turns are remembered", n)
	}
}

func TestTheApprovalFormKeepsTheProposedSources(t *testing.T) {
	s := offline(t, "../../docs")
	run, err := driving(s).Ask("approve", "how do I cancel a run?")
	if err != nil {
		t.Fatal(err)
	}
	for r := range run.Records(t.Context(), 0) {
		if r.Kind != flow.AwaitOpened {
			continue
		}
		p := r.Payload.(flow.Prompt).Prompt.(workflows.Proposal)
		preset, err := json.Marshal(p.Default)
		if err != nil {
			t.Fatal(err)
		}
		f := form.New("propose asks you", p.Text, p.Schema, preset)
		if out, _ := f.Update(tea.KeyPressMsg{Code: tea.KeyEnter}); out != form.Submitted {
			t.Fatalf("the form is not submitted with enter: %v", out)
		}
		var got workflows.Approval
		if err := json.Unmarshal(f.Reply(), &got); err != nil || !slices.Equal(got.Keep, p.Default.Keep) || got.Query != p.Default.Query || got.Decline {
			t.Errorf("%v: the form replies %s, proposed was %s", err, f.Reply(), preset)
		}
		if err := run.SendJSON(r.Type, f.Reply()); err != nil {
			t.Fatal(err)
		}
	}
	if a, err := run.(*flow.Run[show.Answer]).Wait(t.Context()); err != nil || a.Abstained || len(a.Sources) == 0 {
		t.Errorf("%v %+v", err, a)
	}
}

func TestApprovalOnATerminal(t *testing.T) {
	p := workflows.Proposal{Text: "3 sources", Passages: make([]retrieve.Hit, 3), Default: workflows.Approval{Keep: []int{1, 2}}}
	for typed, want := range map[string]workflows.Approval{
		"\n":                  {Keep: []int{1, 2}},
		"all\n":               {Keep: []int{1, 2, 3}},
		"1, 3\n":              {Keep: []int{1, 3}},
		"none\n":              {Decline: true},
		"":                    {Decline: true},
		"where is the key?\n": {Query: "where is the key?"},
		"7\n":                 {Query: "7"},
	} {
		got, err := askApproval(io.Discard, bufio.NewReader(strings.NewReader(typed)), p)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v %v, want %+v", typed, got, err, want)
		}
	}
}

func TestApprovalByFlag(t *testing.T) {
	for flag, want := range map[string]workflows.Approval{
		"all": {Keep: []int{2, 3}}, "none": {Keep: []int{}, Decline: true}, "top1": {Keep: []int{2}}, "top9": {Keep: []int{2, 3}},
	} {
		if got, err := approval(flag, []int{2, 3}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v %v, want %+v", flag, got, err, want)
		}
	}
	for _, bad := range []string{"", "top", "top0", "top-1", "some"} {
		if got, err := approval(bad, nil); err == nil {
			t.Errorf("%q is read as %+v", bad, got)
		}
	}
}
