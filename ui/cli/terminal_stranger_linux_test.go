package cli

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"weft/rag/llm/fakeopenai"
)

func init() { programs["strangers-server"] = strangersServer }

// nobody is a user who is neither the one of the test nor root.
const nobody = 65534

// strangersServer serves a model as another user, where llama.cpp usually listens, until its input
// ends. It writes a line when it can be asked, and one for each request to the model.
func strangersServer() {
	if err := syscall.Setuid(nobody); err != nil {
		panic(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:8080")
	if err != nil {
		panic(err)
	}
	asked := os.NewFile(3, "asked") // opened by the shell
	model := fakeopenai.New("say=The+stranger+answers+[1].", "tiny-chat")
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/chat/completions") {
			fmt.Fprintln(asked, "asked")
		}
		model.ServeHTTP(w, r)
	}))
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
}

// besideAStranger returns a script for a shell that starts weft with arguments beside the server of
// another user, in a network of its own. It skips the test where that is not possible.
func besideAStranger(t *testing.T, weft string) start {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can start a server as another user")
	}
	for _, tool := range []string{"unshare", "ip", "mkfifo"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	if out, err := exec.Command("unshare", "--net", "ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		t.Skipf("no network of its own can be made: %v %s", err, out)
	}
	script := `ip link set lo up
mkfifo up input
strangers-server <input >up 3>>"$HOME/asked" &
exec 4>input
read ready <up
` + weft + `
code=$?
exec 4>&-
wait
exit $code`
	return start{shell: "unshare", args: []string{"--net", "sh", "-c", script},
		env: map[string]string{"WEFT_OFFLINE": "false"}, home: t.TempDir(), w: 240, h: 40}
}

// unwrapped returns the text of a screen as one line.
func unwrapped(screen string) string {
	return strings.Join(strings.FieldsFunc(screen, func(r rune) bool { return strings.ContainsRune(" \n│", r) }), " ")
}

func TestAServerOfAnotherUserIsNotSentDocumentsInAPipe(t *testing.T) {
	t.Parallel()
	st := besideAStranger(t, `weft ask "how do I cancel a run?" docs </dev/null 2>err | grep "No model"; cat err`)
	code, shown := st.open(t).end()
	for _, want := range []string{"runs as user nobody", "it is not used", "--allow http://127.0.0.1:8080/v1", "No model wrote this"} {
		if !strings.Contains(unwrapped(shown), want) {
			t.Errorf("exit code %d, and %q is missing:\n%s", code, want, shown)
		}
	}
	if asked, _ := os.ReadFile(st.home + "/asked"); len(asked) > 0 {
		t.Errorf("the model was asked: %s", asked)
	}
}

func TestAServerOfAnotherUserIsUsedWhereItIsAllowed(t *testing.T) {
	t.Parallel()
	st := besideAStranger(t, `weft ask --allow http://127.0.0.1:8080/v1 "how do I cancel a run?" docs </dev/null | grep "stranger answers"`)
	code, shown := st.open(t).end()
	if asked, _ := os.ReadFile(st.home + "/asked"); string(asked) != "asked\n" || !strings.Contains(shown, "The stranger answers [1].") {
		t.Errorf("exit code %d, the model was asked: %q\n%s", code, asked, shown)
	}
}

func TestAServerOfAnotherUserIsAskedAbout(t *testing.T) {
	t.Parallel()
	st := besideAStranger(t, "weft docs")
	st.w = 100
	s := st.open(t)
	s.see("tiny-chat", "ready to be searched")
	s.write(question)
	s.see(question)
	s.tap("ask")
	s.until("the question", func(screen string) bool {
		return strings.Contains(unwrapped(screen), "a server that was found on this machine and runs as user nobody. It is") && strings.Contains(screen, "Send them?")
	})
	if asked, _ := os.ReadFile(st.home + "/asked"); len(asked) > 0 {
		t.Errorf("the model was asked before the reply: %s", asked)
	}
	s.tap("cancel")
	s.see("cancelled")
	if asked, _ := os.ReadFile(st.home + "/asked"); len(asked) > 0 {
		t.Errorf("the model was asked without consent: %s", asked)
	}
}

func TestAServerOfAnotherUserIsUsedAfterAYesAndNotAskedAboutAgain(t *testing.T) {
	t.Parallel()
	st := besideAStranger(t, "weft docs; weft docs")
	st.w = 100
	s := st.open(t)
	s.see("tiny-chat", "ready to be searched")
	s.write(question)
	s.see(question)
	s.tap("ask")
	s.see("Send them?", "○ yes", "● no")
	s.clickOn("asks you") // a form that has opened by itself ignores keys for a moment
	s.press("←")
	s.see("● yes", "○ no")
	if asked, _ := os.ReadFile(st.home + "/asked"); len(asked) > 0 {
		t.Errorf("the model was asked before the reply: %s", asked)
	}
	s.press("↵")
	s.see("The stranger answers [1].", "✓ answered")
	from := len(s.written(0))
	s.tap("quit")
	s.until("the second start", func(string) bool { return strings.Contains(s.written(from), "\x1b[?1049h") })
	s.see("tiny-chat", "ready to be searched")
	s.write(question)
	s.see(question)
	s.tap("ask")
	s.see("The stranger answers [1].", "✓ answered")
	if allowed, _ := os.ReadFile(st.home + "/state/allowed"); string(allowed) != "http://127.0.0.1:8080/v1\n" {
		t.Errorf("what is remembered is %q", allowed)
	}
	if asked, _ := os.ReadFile(st.home + "/asked"); string(asked) != "asked\nasked\n" {
		t.Errorf("the model was asked: %q", asked)
	}
}
