package explorer

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/history"
)

// An importing is a Historian that imports runs from files whose content is the identifier of a run.
type importing struct{ listed }

func (h *importing) Import(path string) (history.Run, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return history.Run{}, err
	}
	if len(text) == 0 {
		return history.Run{}, errors.New("the file has no run")
	}
	r := past(string(text), 3, func(r *history.Run) { r.Directory = "/elsewhere" })
	h.runs = append(h.runs, r)
	return r, nil
}

func TestARunIsImportedFromAFileWhosePathIsTyped(t *testing.T) {
	synctest.Test(t, testImporting) // notes go away by timers
}

func testImporting(t *testing.T) {
	home := t.TempDir()
	for name, text := range map[string]string{"runs/one.jsonl": "x", "runs/empty.jsonl": ""} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(home, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := threeDays(t)
	p.shell.opt.Env = []string{"HOME=" + home}
	p.historian = &importing{*p.historian.(*listed)}
	var perform func(cmd tea.Cmd)
	perform = func(cmd tea.Cmd) {
		if cmd == nil {
			return
		}
		switch msg := cmd().(type) {
		case tea.BatchMsg:
			for _, c := range msg {
				perform(c)
			}
		case filesMsg, importedMsg:
			next, _ := p.Update(msg)
			perform(next)
		}
	}
	press := func(keys ...tea.KeyPressMsg) {
		for _, k := range keys {
			cmd, _ := p.Update(k)
			perform(cmd)
		}
	}
	screen := func() string {
		c := canvas.New(80, 24)
		p.Draw(c, c.Bounds(), true)
		return c.Plain()
	}
	enter, tab := tea.KeyPressMsg{Code: tea.KeyEnter}, tea.KeyPressMsg{Code: tea.KeyTab}
	press(tea.KeyPressMsg{Code: 'i', Text: "i"}, tea.KeyPressMsg{Code: '~', Text: "~/"}, tab)
	if p.importing == nil || p.importing.text != "~/runs/" || !strings.Contains(screen(), "▌empty.jsonl") {
		t.Fatalf("the path is %+v:\n%s", p.importing, screen())
	}
	press(enter)
	if !strings.Contains(p.shell.note.text, "the file has no run") || p.importing == nil || p.importing.busy {
		t.Errorf("it says %q", p.shell.note.text)
	}
	press(tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl}, tea.KeyPressMsg{Code: '~', Text: "~/runs/o"}, enter)
	if r, _ := p.run(); r.ID != "x" || p.importing != nil || p.typing || !p.everyDir {
		t.Errorf("%q is selected, of\n%s", r.ID, screen())
	}
	press(tea.KeyPressMsg{Code: 'i', Text: "i"})
	p.Close()
	if p.Close(); p.importing != nil || p.typing {
		t.Error("esc does not close the line")
	}
	if other := threeDays(t); other.key("i") == nil || other.importing != nil {
		t.Error("a program that cannot import asks for a path")
	}
}
