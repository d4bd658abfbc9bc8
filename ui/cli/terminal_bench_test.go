//go:build linux

package cli

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weft/rag/llm/fakeopenai"
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
