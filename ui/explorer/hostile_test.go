package explorer

import (
	"encoding/base64"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/flow/show"
)

// hostile holds harmful texts, as documents, models and events from outside may contain them.
var hostile = map[string]string{
	"escape sequences": "a\x1b]0;owned\a\x1b[2J\x1b]52;c;b3duZWQ=\a\x1bP1;2|x\x1b\\\x9b31mb\r\n\x07\x00\x7f",
	"bidi controls":    "a\u202eevil\u2066x\u2069\u200fb",
	"invisible":        "a\u200b\u200d\u2060\ufeff\u00ad\U000e0041b",
	"towers":           "a" + strings.Repeat("\u0301\u0327", 200) + "b",
	"a long text":      "a" + strings.Repeat("0123456789", 1<<13),
	"broken encoding":  "a\xff\xfe\xc3(b",
}

// harm matches what no text may write to the terminal: escape sequences, direction controls,
// invisible characters, towers of combining marks.
var harm = regexp.MustCompile("\x1b\\]0;owned|\x1b\\]52;c;b3duZWQ|\x1bP|[\u202a-\u202e\u2066-\u2069\u200b-\u200f\u2060\ufeff\u00ad\U000e0041\u0080-\u009f]|[\u0301\u0327]{4}")

func TestHostileTextIsHarmlessWhereverItIsShown(t *testing.T) {
	if os.Getenv("WEFT_LONG") == "1" {
		hostile["a megabyte"] = "a" + strings.Repeat("0123456789", 1<<17)
		hostile["ten megabytes"] = "a" + strings.Repeat("0123456789", 1<<20)
	}
	for name, evil := range hostile {
		for look, opt := range map[string]Options{"screen": {}, "reader": {ScreenReader: true}} {
			t.Run(name+" "+look, func(t *testing.T) { beset(t, evil, opt) })
		}
	}
}

// beset shows a text in every place whose content comes from outside.
func beset(t *testing.T, evil string, opt Options) {
	name := evil[:min(len(evil), 500)] // names of steps and types come from code, and are shorter
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(func(r *journalRun, w, q string) {
			s := teller{r, q}
			s.begin(name)
			s.start(name, 6, 1)
			passages := []map[string]any{{"n": 1, "path": evil, "line": 1, "text": evil, "heading": []string{evil}, "why": map[string]any{"keyword": evil}}}
			s.send(name, 5, 6, map[string]any{evil: evil, "passages": passages})
			r.write(flow.Record{Kind: flow.EventEmitted, Step: name, Execution: 6, Attempt: 1, Type: "ModelCall", Payload: map[string]any{"model": evil, "endpoint": evil, "state": "retry", "reason": evil}})
			r.write(flow.Record{Kind: flow.EventEmitted, Step: name, Execution: 6, Attempt: 1, Type: "Delta", Payload: map[string]any{"text": evil}})
			r.write(flow.Record{Kind: flow.StateChanged, Step: name, Execution: 6, Attempt: 1, Type: name, Payload: []any{map[string]any{"op": "replace", "path": "", "value": map[string]any{evil: evil}}}})
			s.finish(name, 6)
			r.write(flow.Record{Kind: flow.StepStarted, Step: "b", Execution: 7, Worker: 1, Attempt: 1, Cause: 5})
			r.write(flow.Record{Kind: flow.StepFailed, Step: "b", Execution: 7, Worker: 1, Attempt: 1, Error: evil})
			r.write(flow.Record{Kind: flow.RunFinished, Event: 9, Cause: 7, Type: "Answer", Payload: map[string]any{
				"question": q, "text": evil + " [1]", "by": evil, "degraded": evil, "cut_off": evil, "sources": passages}})
		})
		tell(e.session, show.Provider{Name: evil, Model: evil, Endpoint: evil})
		r := e.startIndex()
		r.write(flow.Record{Kind: flow.RunFinished, Event: 9, Cause: 2, Type: "Indexed", Payload: map[string]any{"skipped": []map[string]any{{"path": evil, "reason": evil, "detail": evil}}}})
		tell(e.session, show.Corpus{Dir: evil, Files: 1, Chunks: 1, State: show.CorpusReady})
		tell(e.session, show.Notice{Level: show.Warning, Text: evil})
		s := open(t, e, opt, 120, 40)
		s.press("\x1bx", "enter", "ask it", "enter")
		s.wait(3 * time.Second)
		s.press("ctrl+y", "ctrl+s", "enter", "esc", "tab", "down", "enter", "down", "down", "down", "enter", "esc", "left", "left", "space", "v", "esc", "B", "esc", "b", "y")
		s.close()
		out := s.sent()
		for _, m := range regexp.MustCompile("\x1b]52;c;([A-Za-z0-9+/=]*)").FindAllStringSubmatch(out, -1) {
			text, err := base64.StdEncoding.DecodeString(m[1])
			if err != nil {
				t.Error(err)
			}
			if bad := harm.FindString(string(text)); bad != "" {
				t.Errorf("%q is copied", bad)
			}
		}
		for _, text := range s.copied {
			if bad := harm.FindString(text); bad != "" {
				t.Errorf("%q goes to the system's clipboard", bad)
			}
		}
		out = regexp.MustCompile("\x1b]52;c;[A-Za-z0-9+/=]*").ReplaceAllString(out, "")
		if bad := harm.FindString(out); bad != "" {
			i := strings.Index(out, bad)
			t.Errorf("%q reaches the terminal: %q", bad, out[max(i-60, 0):min(i+60, len(out))])
		}
		if bad := harm.FindString(s.res.Summary); bad != "" || strings.ContainsAny(s.res.Summary, "\x1b\n\a") || len(s.res.Summary) > 4096 {
			t.Errorf("the summary has %q: %.200q", bad, s.res.Summary)
		}
	})
}
