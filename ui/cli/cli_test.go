package cli

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"weft/rag/llm/fakeopenai"
)

// programs are the programs that tests can start by name.
var programs = map[string]func(){"weft": func() {
	// Tests of a machine without HOME must not write to the home of who runs them.
	if home := os.Getenv("WEFT_TEST_ACCOUNT_HOME"); home != "" {
		accountHome = func() (string, bool) { return home, true }
	}
	os.Exit(Main(os.Args[1:]))
}, "tide-table": tideTable}

func TestMain(m *testing.M) { testscript.Main(manyAtATime{m}, programs) }

// manyAtATime runs testsPerProcessor tests for each processor at a time if -parallel does not say
// otherwise: most tests start the program and wait for it.
type manyAtATime struct{ *testing.M }

func (m manyAtATime) Run() int {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		if err := flag.Set("test.parallel", strconv.Itoa(testsPerProcessor*runtime.GOMAXPROCS(0))); err != nil {
			panic(err)
		}
	}
	debug.SetGCPercent(400) // as in the programs that tests start
	defer func() {
		for _, dir := range testDirs {
			os.RemoveAll(dir)
		}
	}()
	return m.M.Run()
}

// testDirs are directories that tests share, which are removed after the last test.
var testDirs []string

// rareGC is the GOGC of programs that tests start. Most of them end within a second, and a fifth of
// their processor time would be garbage collection.
const rareGC = "400"

// TestScripts runs the whole program. Each script is a small corpus and commands, on a machine
// without a model, key or earlier start. In scripts, `fake OPTIONS` starts a model server and puts
// its address into $FAKE, `code N weft …` asserts the exit code, and `field NAME KEY` puts a text of
// the JSON object that was printed last into $NAME. `hangs N PATTERN weft ask …` asserts the exit code
// and standard error of a run in which a step hangs.
func TestScripts(t *testing.T) {
	manual, err := filepath.Abs("../../docs")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			for k, v := range map[string]string{
				"HOME": home, "USERPROFILE": home, "XDG_CONFIG_HOME": "", "XDG_CACHE_HOME": "", "XDG_STATE_HOME": "", "LOCALAPPDATA": home,
				"GOGC": rareGC, "WEFT_OFFLINE": "true", "MANUAL": manual, "ROOT": strconv.FormatBool(os.Geteuid() == 0), "DEAD": deadAddress,
			} {
				env.Setenv(k, v)
			}
			return os.MkdirAll(home, 0o755)
		},
		Condition: func(cond string) (bool, error) {
			if cond == "superuser" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"fake": func(ts *testscript.TestScript, _ bool, args []string) {
				options := ""
				if len(args) > 0 {
					options = args[0]
				}
				_, url := fakeopenai.Start(cleaner{ts, t}, options, "tiny-chat")
				ts.Setenv("FAKE", url)
				ts.Setenv("WEFT_OFFLINE", "false")
			},
			"field": func(ts *testscript.TestScript, _ bool, args []string) {
				var object map[string]any
				ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &object))
				text, ok := object[args[1]].(string)
				if !ok {
					ts.Fatalf("%s is no text: %v", args[1], object)
				}
				ts.Setenv(args[0], text)
			},
			"code": func(ts *testscript.TestScript, _ bool, args []string) {
				want, err := strconv.Atoi(args[0])
				ts.Check(err)
				if got := exitCode(ts, args[1:]); got != want {
					ts.Fatalf("exit code %d, want %d", got, want)
				}
			},
			"hangs": func(ts *testscript.TestScript, _ bool, args []string) {
				want, err := strconv.Atoi(args[0])
				ts.Check(err)
				pattern, err := regexp.Compile(args[1])
				ts.Check(err)
				// A slow machine does not reach the step within a short timeout, so the timeout grows.
				for timeout := time.Second; ; timeout *= 2 {
					got := exitCode(ts, append(args[2:], "--timeout", timeout.String()))
					if got == want && pattern.MatchString(ts.ReadFile("stderr")) {
						return
					}
					if timeout > time.Minute {
						ts.Fatalf("exit code %d, want %d and on standard error %s", got, want, pattern)
					}
				}
			},
		},
	})
}

// exitCode runs a program and returns its exit code.
func exitCode(ts *testscript.TestScript, command []string) int {
	err := ts.Exec(command[0], command[1:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	ts.Check(err)
	return 0
}

// A cleaner stops a server when its script has ended.
type cleaner struct {
	ts *testscript.TestScript
	*testing.T
}

func (c cleaner) Cleanup(f func()) { c.ts.Defer(f) }

// deadAddress is a local address at which nothing listens: systems give ports below 1024 to programs
// that ask for them only, so that the server of another test cannot get it.
const deadAddress = "http://127.0.0.1:1/v1"
