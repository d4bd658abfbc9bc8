package llm

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"text/template"
	"unicode"

	"weft/flow/show"
)

//go:embed prompts/*.txt
var defaultPrompts embed.FS

// Names of the prompts. Each is a file in prompts/ that describes its purpose.
const (
	PromptAnswer    = "answer"    // Question, Passages → an answer with citations
	PromptAgent     = "agent"     // Question → tool calls, then an answer with citations
	PromptSimple    = "simple"    // Question → an answer from the model alone
	PromptRevise    = "revise"    // Answer, Question, History, Passages → the answer as requested
	PromptCondense  = "condense"  // History, Question → a standalone question
	PromptDecompose = "decompose" // Question, Max → sub-questions
	PromptReport    = "report"    // Question, Findings, Passages → one combined answer
	PromptJudge     = "judge"     // Question, Answer, Passages → is it supported?
	PromptRewrite   = "rewrite"   // Question, Reason → another query
	PromptClassify  = "classify"  // Question → simple or complex
	PromptRerank    = "rerank"    // Question, Passages → their order
)

// A Passage is a piece of a document in a prompt. Its number is its position in the list, from 1.
type Passage struct {
	Source string // its location: "docs/install.md:3-9 › Install"
	Date   string // of the document, according to itself; "" if it is not known
	Text   string
}

// A Finding is the answer to a part of a question.
type Finding struct{ Question, Answer string }

// PromptData is the data of a prompt. The comments of the Prompt constants list the fields that
// each prompt uses.
type PromptData struct {
	Question string
	Passages []Passage
	// History holds the turns of a conversation, oldest first: questions and answers in turn.
	History  []show.Message
	Answer   string
	Reason   string
	Findings []Finding
	Max      int
	// Today is the date, for prompts of answers; "" if it is not known.
	Today        string
	Instructions string // what the user wants of all answers, from the configuration
}

// Prompts holds the prompt templates.
type Prompts struct{ byName map[string]*template.Template }

// LoadPrompts loads the prompts in dir, and the built-in ones for those that dir lacks. An empty
// dir means only the built-in ones. Every template is rendered once, so that a mistake is reported
// now and not while answering.
func LoadPrompts(dir string) (*Prompts, error) {
	p := &Prompts{map[string]*template.Template{}}
	builtin, err := fs.Sub(defaultPrompts, "prompts")
	if err != nil {
		return nil, fmt.Errorf("llm: built-in prompts: %w", err)
	}
	if err := p.load(builtin, "built-in "); err != nil {
		return nil, err
	}
	if dir == "" {
		return p, nil
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("llm: the directory of prompts: %w", err)
	}
	return p, p.load(os.DirFS(dir), dir+"/")
}

func (p *Prompts) load(from fs.FS, where string) error {
	names, err := fs.Glob(from, "*.txt")
	if err != nil {
		return fmt.Errorf("llm: listing prompts in %s: %w", where, err)
	}
	for _, file := range names {
		text, err := fs.ReadFile(from, file)
		if err != nil {
			return fmt.Errorf("llm: prompt %s%s: %w", where, file, err)
		}
		name := strings.TrimSuffix(path.Base(file), ".txt")
		if _, known := p.byName[name]; !known && where != "built-in " {
			return fmt.Errorf("llm: prompt %s%s: there is no prompt of this name; there are %s",
				where, file, strings.Join(p.Names(), ", "))
		}
		t, err := template.New(file).Parse(string(text))
		if err != nil {
			return fmt.Errorf("llm: prompt %s%s: %w", where, file, err)
		}
		p.byName[name] = t
		trial := PromptData{Question: "?", Passages: []Passage{{Source: "a.md:1", Date: "2025-03-03", Text: "text"}},
			History:  []show.Message{{Role: show.RoleUser, Content: "?"}},
			Findings: []Finding{{"?", "!"}}, Answer: "!", Reason: "?", Max: 3, Today: "today", Instructions: "!"}
		if _, err := p.Render(name, trial); err != nil {
			return fmt.Errorf("llm: prompt %s%s: %w", where, file, err)
		}
	}
	return nil
}

// Names returns the names of the prompts, sorted.
func (p *Prompts) Names() []string {
	var names []string
	for n := range p.byName {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// fenced is the data that a template sees, with the passages protected by fences.
type fenced struct {
	PromptData
	// Fence is put before and after each passage. It is longer than any similar run of characters
	// in them.
	Fence    string
	Passages []numbered
}

type numbered struct {
	Number int
	Passage
}

// Render renders a prompt. Passages are enclosed by fences that no passage contains, and their
// sources are single lines, so a document cannot end its passage or start another one.
func (p *Prompts) Render(name string, d PromptData) ([]show.Message, error) {
	t := p.byName[name]
	if t == nil {
		return nil, fmt.Errorf("llm: there is no prompt %q", name)
	}
	f := fenced{PromptData: d, Fence: fence(d)}
	for i, q := range d.Passages {
		f.Passages = append(f.Passages, numbered{i + 1,
			Passage{singleLine(q.Source), singleLine(q.Date), strings.TrimRight(q.Text, "\n")}})
	}
	var out []show.Message
	for _, role := range []string{show.RoleSystem, show.RoleUser} {
		part := t.Lookup(role)
		if part == nil {
			if role == show.RoleSystem {
				continue // some models have no system role
			}
			return nil, fmt.Errorf("it defines no %q part", role)
		}
		var b strings.Builder
		if err := part.Execute(&b, f); err != nil {
			return nil, err
		}
		out = append(out, show.Message{Role: role, Content: strings.TrimSpace(b.String())})
	}
	return out, nil
}

// Quote renders passages with numbers of their own, enclosed by fences as those of a prompt are. Of
// a passage without text only the number and the source are rendered.
func Quote(passages []Passage, numbers []int) string {
	mark := fence(PromptData{Passages: passages})
	var b strings.Builder
	for i, p := range passages {
		fmt.Fprintf(&b, "[%d] %s", numbers[i], singleLine(p.Source))
		if p.Date != "" {
			fmt.Fprintf(&b, " (dated %s)", singleLine(p.Date))
		}
		b.WriteByte('\n')
		if p.Text != "" {
			fmt.Fprintf(&b, "%s\n%s\n%s\n", mark, strings.TrimRight(p.Text, "\n"), mark)
		}
	}
	return b.String()
}

const fenceSign = '~'

// fence returns a run of fence characters that is longer than any run in the data.
func fence(d PromptData) string {
	longest := 3
	run := func(s string) {
		n := 0
		for _, r := range s {
			if r != fenceSign {
				n = 0
				continue
			}
			n++
			longest = max(longest, n)
		}
	}
	run(d.Question)
	run(d.Answer)
	run(d.Reason)
	run(d.Instructions)
	for _, p := range d.Passages {
		run(p.Source)
		run(p.Date)
		run(p.Text)
	}
	for _, m := range d.History {
		run(m.Content)
	}
	for _, f := range d.Findings {
		run(f.Question)
		run(f.Answer)
	}
	return strings.Repeat(string(fenceSign), longest+1)
}

// singleLine returns a file name or heading as a single line without control characters.
func singleLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) ||
			unicode.IsControl(r)
	}), " ")
}
