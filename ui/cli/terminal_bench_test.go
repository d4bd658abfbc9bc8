//go:build linux

package cli

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/llm/fakeopenai"
	"weft/ui/history"
	"weft/ui/run/runtest"
)

// prose returns Markdown of about the given number of tokens, as a model writes it.
func prose(tokens int) string {
	const piece = "Retries use **exponential backoff with jitter** [1]: the first retry waits half a second, and every other one twice as long, up to a cap. " +
		"A failure that would be the same each time is not tried again.\n\n" +
		"- `MaxAttempts` is five unless told otherwise [2]\n- a *permanent* error stops the run at once [3]\n\n" +
		"```go\npolicy := flow.Retry{MaxAttempts: 5, First: 500 * time.Millisecond}\n```\n\n"
	return strings.Repeat(piece, tokens/len(strings.Fields(piece))+1)
}

// cpu returns the processor time that the program has used, in ticks of 10 ms.
func (s *terminal) cpu() time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		s.Fatal(err)
	}
	f := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
	user, err1 := strconv.Atoi(f[11])
	system, err2 := strconv.Atoi(f[12])
	if err1 != nil || err2 != nil {
		s.Fatalf("the system's account is %q", data)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// BenchmarkStream runs the whole program in a terminal while a model writes 1,000 tokens a second,
// ten seconds for each size. It reports the share of one core that is used, the output, and the
// delay between a key and its effect on the screen.
func BenchmarkStream(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			const tps, watched = 1000, 10 * time.Second
			server, address := fakeopenai.Start(b, fmt.Sprintf("tps=%d&say=%s", tps, url.QueryEscape(prose(2*tps*int(watched/time.Second)))), "tiny-chat")
			s := start{env: map[string]string{
				"WEFT_OFFLINE": "false", "OPENAI_BASE_URL": address, "WEFT_CONTEXT_TOKENS": "100000", "WEFT_MAX_TOKENS": "50000",
			}, w: size[0], h: size[1]}.open(b)
			s.see("tiny-chat", "passages")
			for range b.N {
				s.write(question)
				s.see(question)
				s.tap("ask")
				s.match(`MaxAttempts`)
				cpu, bytes, tokens, begin := s.cpu(), len(s.written(0)), server.Stats().Tokens, time.Now()
				var waits []time.Duration
				typed := ""
				for time.Since(begin) < watched {
					// At any time between two frames
					<-time.After(time.Duration(80_000+rand.IntN(33_000)) * time.Microsecond)
					typed += string(rune('a' + len(typed)%26))
					press := time.Now()
					s.write(typed[len(typed)-1:])
					s.see("❯ " + typed)
					waits = append(waits, time.Since(press))
					if len(typed) == 26 {
						s.press("^u")
						s.gone("❯ " + typed)
						typed = ""
					}
				}
				took := time.Since(begin)
				came := float64(server.Stats().Tokens-tokens) / took.Seconds()
				if came < tps/2 {
					b.Fatalf("only %.0f tokens a second have come:\n%s", came, s.text())
				}
				b.ReportMetric(came, "tokens/s")
				b.ReportMetric(float64(s.cpu()-cpu)/float64(took)*100, "%core")
				b.ReportMetric(float64(len(s.written(bytes)))/took.Seconds()/1000, "kB/s")
				slices.Sort(waits)
				ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
				b.ReportMetric(ms(waits[len(waits)/2]), "ms/key")
				b.ReportMetric(ms(waits[len(waits)*95/100]), "ms/key-95%")
				s.press("^u")
				s.press("^c")
				s.see("⊘")
			}
		})
	}
}

// BenchmarkIdle runs the idle program in a terminal for ten seconds after an answer.
func BenchmarkIdle(b *testing.B) {
	s := start{}.open(b)
	s.see("ready to be searched")
	s.ask(question)
	<-time.After(8 * time.Second) // until the last note has disappeared
	for range b.N {
		cpu, bytes, begin := s.cpu(), len(s.written(0)), time.Now()
		<-time.After(10 * time.Second)
		b.ReportMetric(float64(s.cpu()-cpu)/float64(time.Since(begin))*100, "%core")
		b.ReportMetric(float64(len(s.written(bytes))), "bytes")
	}
}

// memory returns a line of the system's account of the program's memory, such as VmHWM, in bytes.
func (s *terminal) memory(name string) float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), name+":")
	kb, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		s.Fatalf("the system's account is %q", data)
	}
	return float64(kb) * 1024
}

// BenchmarkOpenALongRun opens a kept run of 100,000 records in the whole program, and reports how
// long it takes until the run is on the screen and until all of it can be walked through, and the
// memory of the program before and at its peak, which includes what is read of the program's file.
func BenchmarkOpenALongRun(b *testing.B) {
	const n = 100_000
	for range b.N {
		home := b.TempDir()
		keepLong(b, home, n)
		s := start{home: home, w: 200, h: 50, env: map[string]string{"GOGC": "100"}}.open(b)
		s.see("ready to be searched")
		s.press("^r")
		s.see("history of", "1 run", "everything?")
		b.ReportMetric(s.memory("VmRSS")/1e6, "MB-before")
		begin, cpu := time.Now(), s.cpu()
		s.press("↵")
		s.see("timeline · refine")
		b.ReportMetric(float64(time.Since(begin).Milliseconds()), "ms/first-frame")
		s.see("✓ in ")
		s.press("tab", "home")
		s.see("record 1 of ")
		b.ReportMetric(float64(time.Since(begin).Milliseconds()), "ms/seekable")
		b.ReportMetric(float64((s.cpu() - cpu).Milliseconds()), "ms-of-cpu/seekable")
		b.ReportMetric(s.memory("VmHWM")/1e6, "MB-peak")
		b.ReportMetric(s.memory("RssFile")/1e6, "MB-of-the-program-file")
		s.quit()
	}
}

// keepLong keeps a run of n records of the directory docs in a home.
func keepLong(t testing.TB, home string, n int) {
	t.Helper()
	store, err := history.Open(filepath.Join(home, "state", "runs"))
	if err != nil {
		t.Fatal(err)
	}
	giveManual(t, home)
	w, err := store.Journals().Create("long")
	if err != nil {
		t.Fatal(err)
	}
	records := runtest.Long(n - 1)
	last := records[n-2]
	records = append(records, flow.Record{Seq: last.Seq + 1, Time: last.Time, Kind: flow.RunFinished, Run: last.Run,
		Type: "Answer", Payload: show.Answer{Question: "everything?", Text: "All of it."}})
	for i := range records {
		records[i].Run = "long"
	}
	_, err = w.Begin(flow.Header{Run: "long", Workflow: "refine", Created: records[0].Time,
		Labels: map[string]string{history.LabelQuestion: "everything?", history.LabelDirectory: history.Directory([]string{filepath.Join(home, "docs")})}})
	for part := range slices.Chunk(records, 1000) {
		if err == nil {
			_, err = w.Append(part)
		}
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
}
