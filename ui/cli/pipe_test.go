//go:build !windows

package cli

import (
	"bufio"
	"errors"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weft/flow"
	records "weft/flow/journal"
	"weft/rag/llm/fakeopenai"
)

// piped starts the program with its output in a pipe, on one small document and a model's server.
func piped(t *testing.T, server string, args ...string) (cmd *exec.Cmd, out *bufio.Reader) {
	t.Helper()
	_, at := fakeopenai.Start(t, server, "tiny-chat")
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "docs"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "docs", "filter.md"),
		[]byte("# Filter\n\nReplace the filter every 400 hours.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command("weft", append([]string{"ask", "--base-url", at, "when do I replace the filter?", "docs"}, args...)...)
	cmd.Dir = home
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home}
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // fails if it has ended
	return cmd, bufio.NewReader(pipe)
}

// exited reads the rest of the output and returns it with the exit code.
func exited(t *testing.T, cmd *exec.Cmd, out io.Reader) (rest string, code int) {
	t.Helper()
	data, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(data), cmd.ProcessState.ExitCode()
}

// see reads the output until it holds a text.
func see(t *testing.T, out *bufio.Reader, text string) (read string) {
	t.Helper()
	for !strings.Contains(read, text) {
		r, _, err := out.ReadRune()
		if err != nil {
			t.Fatalf("%v before %q:\n%s", err, text, read)
		}
		read += string(r)
	}
	return read
}

// A slow server sends six words and then falls silent.
var silent = "hang_after=6&say=" + url.QueryEscape("Replace it every 400 hours [1], and clean it each day.")

func TestAPipeKeepsWhatHadArrivedWhenASignalEndsIt(t *testing.T) {
	t.Parallel()
	for sent, want := range map[os.Signal]int{os.Interrupt: exitCancelled, syscall.SIGTERM: exitTerminated} {
		cmd, out := piped(t, silent)
		see(t, out, "\n\nReplace it every") // before the server has ended the answer
		if err := cmd.Process.Signal(sent); err != nil {
			t.Fatal(err)
		}
		if rest, code := exited(t, cmd, out); code != want || !strings.Contains(rest, "\n\n[cut off: "+interruption{sent}.Error()+"]\n") {
			t.Errorf("%v: exit code %d, then %q", sent, code, rest)
		}
	}
}

// TestAnAnswerOutOfTimeIsIncomplete gives more and more time, until some text arrives within it.
func TestAnAnswerOutOfTimeIsIncomplete(t *testing.T) {
	t.Parallel()
	for limit := time.Second; ; limit *= 2 {
		cmd, out := piped(t, silent, "--timeout", limit.String())
		all, code := exited(t, cmd, out)
		switch {
		case code == exitFailed && !strings.Contains(all, "Replace") && limit < time.Minute:
			continue // the time was up before any text
		case code != exitIncomplete || !strings.Contains(all, "\n\nReplace it every") || !strings.Contains(all, "[cut off: "):
			t.Errorf("exit code %d:\n%s", code, all)
		}
		return
	}
}

func TestExitCodesSayHowCompleteAnAnswerIs(t *testing.T) {
	t.Parallel()
	whole := "say=" + url.QueryEscape("Every 400 hours [1].")
	for _, c := range []struct {
		name, server string
		args         []string
		code         int
		says         string
	}{
		{"complete", whole, nil, exitAnswer, "\n\nEvery 400 hours [1].\n"},
		{"uncited", "say=Every+400+hours.", nil, exitAnswer, "[note: the answer cites none of its sources"},
		{"declined by the model", "say=The+passages+do+not+contain+the+answer.", nil, exitNothing, "The passages do not contain"},
		{"the limit was reached", whole + "&finish=length", nil, exitIncomplete, "[cut off: the limit"},
		{"the stream broke", whole + "&drop_after=2", nil, exitIncomplete, "[cut off: "},
		{"the stream ended without a finish reason", whole + "&end_after=2", nil, exitIncomplete, "[cut off: "},
		{"an error within the stream", whole + "&error_after=2", nil, exitIncomplete, "[cut off: "},
		{"degraded", "status=500", []string{"-w", "fallback"}, exitIncomplete, "[degraded: "},
		{"a wrong key", whole + "&api_key=other", nil, exitFailed, ""},
	} {
		cmd, out := piped(t, c.server, c.args...)
		all, code := exited(t, cmd, out)
		if code != c.code || !strings.Contains(all, c.says) {
			t.Errorf("%s: exit code %d, want %d:\n%s", c.name, code, c.code, all)
		}
		if n := strings.Count(all, "\nEvery 400 hours [1]."); c.code == exitAnswer && n > 1 {
			t.Errorf("%s: the answer is there %d times:\n%s", c.name, n, all)
		}
	}
}

func TestJSONKeepsWhatHadArrived(t *testing.T) {
	t.Parallel()
	cmd, out := piped(t, silent, "--json")
	see(t, out, `" every"`)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, code := exited(t, cmd, out)
	if code != exitTerminated || !strings.Contains(rest, `{"result":{"cut_off":"terminated","error":"terminated","text":"Replace it every`) {
		t.Errorf("exit code %d, then %q", code, rest)
	}
}

// TestTheJSONOfAskIsAJournal reads the records of a question with the decoder of journals.
func TestTheJSONOfAskIsAJournal(t *testing.T) {
	t.Parallel()
	cmd, out := piped(t, "say="+url.QueryEscape("Every 400 hours [1]."), "--json")
	all, code := exited(t, cmd, out)
	got, err := records.Read(strings.NewReader(all))
	if code != exitAnswer || err != nil || got.Sealed || len(got.Records) == 0 {
		t.Fatalf("exit code %d, %v:\n%s", code, err, all)
	}
	first, last := got.Records[0], got.Records[len(got.Records)-1]
	if first.Kind != flow.RunStarted || last.Kind != flow.RunFinished || !strings.Contains(all, `{"result":`) {
		t.Errorf("the records go from %v to %v:\n%s", first.Kind, last.Kind, all)
	}
}
