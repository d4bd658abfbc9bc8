package explorer

import (
	"errors"
	"fmt"
	"go/ast"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/ui/keys"
)

func TestTheDetailsOfARunAreCopiedBeforeThereIsAnAnswer(t *testing.T) {
	inBubble(t, 120, 30, Options{}, func(s *screen, e *scripted) {
		indexed(e.startIndex(), 3, 9, 120)
		s.wait(time.Second)
		s.press("ctrl+p", "watch the indexing", "enter")
		s.press("down", "enter")
		s.has("step · scan")
		s.press("y")
		s.hasNot("there is no answer yet")
		if len(s.copied) != 1 || !strings.Contains(s.copied[0], "scan  ● running") {
			t.Errorf("copied %q", s.copied)
		}
		s.press("esc", "y") // the timeline has no text to copy: y copies the answer
		s.has("there is no answer yet")
	})
}

func TestAGraphWithoutASelectedStepSaysWhatToDo(t *testing.T) {
	inBubble(t, 150, 30, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("tab", "v", "enter")
		s.has("no step is selected: up and down select one")
		s.press("o")
		s.has("open a source first")
	})
}

// stubborn is an engine whose models cannot be changed.
type stubborn struct{ breakable }

func (stubborn) Choose(string, string) error {
	return errors.New("the model b is not there any more: start its server")
}

func TestWhyAModelCannotBeChosenIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(playRag(time.Sleep))
		e.introduce(true)
		e.ready()
		s := open(t, stubborn{breakable{e}}, Options{}, 120, 30)
		s.press("ctrl+p", "choose the models", "enter")
		s.has("which model?")
		s.press("down", "enter")
		s.has("the model b is not there any more: start its server")
		s.close()
	})
}

// Every message that a command of this package returns has a case in handle: a message without one
// would go to the question line, which drops it.
func TestMessagesOfCommandsAreHandled(t *testing.T) {
	files := source(t, "*.go")
	types, handled, brought := map[string]bool{}, map[string]bool{}, map[string]string{}
	for _, f := range files {
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok {
				for _, spec := range g.Specs {
					if ts, ok := spec.(*ast.TypeSpec); ok {
						types[ts.Name.Name] = true
					}
				}
			}
		}
	}
	for name, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CaseClause:
				for _, x := range n.List {
					if id, ok := x.(*ast.Ident); ok && name == "update.go" {
						handled[id.Name] = true
					}
				}
			case *ast.FuncLit:
				if results := n.Type.Results; results == nil || len(results.List) != 1 || fmt.Sprint(results.List[0].Type) != "&{tea Msg}" {
					return true
				}
				ast.Inspect(n.Body, func(n ast.Node) bool {
					if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) == 1 {
						var of ast.Expr
						switch x := r.Results[0].(type) {
						case *ast.CompositeLit:
							of = x.Type
						case *ast.CallExpr:
							of = x.Fun
						}
						if id, ok := of.(*ast.Ident); ok && types[id.Name] {
							brought[id.Name] = name
						}
					}
					return true
				})
			}
			return true
		})
	}
	if len(brought) < 8 {
		t.Fatalf("only %d messages were found: %v", len(brought), brought)
	}
	for msg, file := range brought {
		if !handled[msg] {
			t.Errorf("a command in %s returns a %s, for which explorer.handle has no case", file, msg)
		}
	}
}

// Every scope has a row in the table for the keys that a person expects in every panel, because no
// scope inherits rows. The question line is an exception: letters are typed there.
func TestCommonCommandsHaveAKeyInEveryScope(t *testing.T) {
	m := newLoop(t, newScripted(nil)).m
	for _, scope := range keys.Scopes() {
		if scope == keys.Line || scope == keys.Anywhere {
			continue
		}
		bound := map[string]bool{}
		for _, b := range m.shell.keys.In(scope, keys.Anywhere) {
			bound[b.Command+" "+b.Scope.String()] = true
		}
		for _, command := range []string{"help", "type", "full", "copy", "focus.back"} {
			if !bound[command+" "+scope.String()] {
				t.Errorf("%s has no key for %s", scope, command)
			}
		}
		for _, command := range []string{"focus", "back", "palette", "interrupt"} {
			if !bound[command+" "+keys.Anywhere.String()] {
				t.Errorf("%s has no key in the scope Anywhere", command)
			}
		}
	}
}

// A pane that exists as long as the explorer is in shell.lasting: otherwise it gets no themes and
// makes no announcements.
func TestEveryPaneThatLastsIsKnownToTheShell(t *testing.T) {
	m := newLoop(t, newScripted(nil)).m
	known := map[string]bool{}
	for _, x := range m.shell.lasting {
		known[strings.TrimPrefix(fmt.Sprintf("%T", x), "*explorer.")] = true
	}
	panes := 0
	ast.Inspect(source(t, "explorer.go")["explorer.go"], func(n ast.Node) bool {
		if f, ok := n.(*ast.Field); ok {
			if p, ok := f.Type.(*ast.StarExpr); ok {
				if name := fmt.Sprint(p.X); strings.HasSuffix(name, "Pane") {
					panes++
					if !known[name] {
						t.Errorf("%s is not in shell.lasting: it would get no theme, and could report nothing", name)
					}
				}
			}
		}
		return true
	})
	if panes < 6 {
		t.Errorf("only %d panes were found in the explorer", panes)
	}
}

// A name in slashNames without a command would stop the program as soon as a slash is typed.
func TestEverySlashNameCallsACommand(t *testing.T) {
	m := newLoop(t, newScripted(nil)).m
	seen := map[string]bool{}
	for _, n := range slashNames {
		if m.shell.command(n.command) == nil {
			t.Errorf("/%s calls %q, which is not in commandTable", n.name, n.command)
		}
		if seen[n.name] {
			t.Errorf("/%s is in slashNames twice", n.name)
		}
		seen[n.name] = true
	}
}
