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

// The prompts. Each is a file of this name in prompts/, which says what it is for.
const (
	PromptAnswer    = "answer"    // Question, Passages → an answer with citations
	PromptSimple    = "simple"    // Question → an answer from the model alone
	PromptCondense  = "condense"  // History, Question → a question that stands by itself
	PromptDecompose = "decompose" // Question, Max → sub-questions
	PromptReport    = "report"    // Question, Findings, Passages → one answer of several
	PromptJudge     = "judge"     // Question, Answer, Passages → is it supported?
	PromptRewrite   = "rewrite"   // Question, Reason → another query
	PromptClassify  = "classify"  // Question → simple or complex
	PromptRerank    = "rerank"    // Question, Passages → their order
)

// A Passage is a piece of a document for a prompt. Its number is its place in the list, from 1.
type Passage struct {
	Source string // where it stands: "docs/install.md:3-9 › Install"
	Text   string
}

// A Finding is the answer to a part of a question.
type Finding struct{ Question, Answer string }

// PromptData is what a prompt is filled with; the constants' comments tell which fields each one reads.
type PromptData struct {
	Question string
	Passages []Passage
	History  []show.Message
	Answer   string
	Reason   string
	Findings []Finding
	Max      int
}

// Prompts are the templates of the prompts.
type Prompts struct{ byName map[string]*template.Template }

// LoadPrompts reads the prompts: those in dir, and the built-in ones for what it does not have. An empty dir means the built-in ones
// alone. Every template is tried, so that a mistake in one shows now and not in the middle of an answer.
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
			return fmt.Errorf("llm: prompt %s%s: there is no prompt of this name; there are %s", where, file, strings.Join(p.Names(), ", "))
		}
		t, err := template.New(file).Parse(string(text))
		if err != nil {
			return fmt.Errorf("llm: prompt %s%s: %w", where, file, err)
		}
		p.byName[name] = t
		trial := PromptData{Question: "?", Passages: []Passage{{"a.md:1", "text"}}, History: []show.Message{{Role: show.RoleUser, Content: "?"}}, Findings: []Finding{{"?", "!"}}, Answer: "!", Reason: "?", Max: 3}
		if _, err := p.Render(name, trial); err != nil {
			return fmt.Errorf("llm: prompt %s%s: %w", where, file, err)
		}
	}
	return nil
}

// Names lists the prompts.
func (p *Prompts) Names() []string {
	var names []string
	for n := range p.byName {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// fenced is what a template sees: the data, with everything that comes from documents made unable to leave its place.
type fenced struct {
	PromptData
	Fence    string // stands before and behind each passage; longer than any like it in them
	Passages []numbered
}

type numbered struct {
	Number int
	Passage
}

// Render fills a prompt. The text of passages is put between fences that no passage contains, and their sources are single lines, so
// that a document cannot end its passage or begin another one.
func (p *Prompts) Render(name string, d PromptData) ([]show.Message, error) {
	t := p.byName[name]
	if t == nil {
		return nil, fmt.Errorf("llm: there is no prompt %q", name)
	}
	f := fenced{PromptData: d, Fence: fence(d)}
	for i, q := range d.Passages {
		f.Passages = append(f.Passages, numbered{i + 1, Passage{singleLine(q.Source), strings.TrimRight(q.Text, "\n")}})
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

const fenceSign = '~'

// fence is a row of signs that is longer than any in the texts that it is to hold.
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
	for _, p := range d.Passages {
		run(p.Source)
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

// singleLine makes a name that stands on one line of what a file's name or heading may be.
func singleLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
