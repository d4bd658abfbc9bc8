package explorer

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/flow/show"
)

func TestASecondQuestionFollowsTheFirst(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(5 * time.Second)
		s.press("And when do they stop?", "enter")
		s.wait(5 * time.Second)
		s.press("pgup")
		s.has("And when do they stop?")
		s.press("tab", "p") // shows the previous run
		s.press("f")
		s.press("f", "esc", "up", "up")
		s.has("❯ " + question) // the previous question of the history
	})
}

func TestPlainLettersAreTypedWhileTheLineHasTheKeys(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		s.press("q", "?", "/", "f", "+", "0", "space", "y")
		s.has("❯ q?/f+0 y")
		s.press("esc") // there is no other part to go to, and the text stays
		s.has("❯ q?/f+0 y")
		s.press("shift+enter", "two", "ctrl+j", "three")
		s.has("three")
		s.has("two")
	})
}

func TestControlCCancelsThenClearsThenQuits(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(300 * time.Millisecond)
		s.has("^c cancel")
		s.press("draft", "ctrl+c")
		s.has("⊘ cancelled: by you")
		s.has("❯ draft")
		s.has("^c again quits")
		s.has("^c quit")
		s.wait(quitWithin)
		s.press("x", "backspace")
		s.has("^c clear")
		s.press("ctrl+c")
		s.hasNot("❯ draft")
		s.press("up")
		s.has("❯ draft") // the cleared text is in the history
		s.press("ctrl+c")
		s.has("^c quit")
		s.press("ctrl+c")
		<-s.done
		if want := `⊘ "How do retries back off?" cancelled · rag · `; !strings.HasPrefix(s.res.Summary, want) {
			t.Errorf("summary %q", s.res.Summary)
		}
	})
}

func TestQuittingLeavesASummaryAndACleanTerminal(t *testing.T) {
	for name, keys := range map[string][]string{"q in the timeline": {"tab", "q"}, "ctrl+d on an empty line": {"ctrl+d"}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, 80, 24, Options{History: []string{"an old one"}}, func(s *screen, e *scripted) {
				s.press(question, "enter")
				s.wait(4 * time.Second)
				s.press(keys...)
				<-s.done
				if want := `✓ "How do retries back off?" answered without a model from 3 sources · rag · 1.8s`; s.res.Summary != want {
					t.Errorf("summary %q", s.res.Summary)
				}
				if got := strings.Join(s.res.History, "|"); got != "an old one|"+question {
					t.Errorf("history %q", got)
				}
				out := s.sent()
				for _, reset := range []string{"\x1b[?1049l", "\x1b[?25h", "\x1b[?1002l", "\x1b[?2004l", "\x1b]9;4;0"} {
					if strings.LastIndex(out, reset) < 0 {
						t.Errorf("%q was not written", reset)
					}
				}
				if s.emu.IsAltScreen() {
					t.Error("the terminal was left in the alternate screen")
				}
			})
		})
	}
}

func TestTimeTravelShowsTheSameInstantInEveryPanel(t *testing.T) {
	inBubble(t, 200, 50, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(5 * time.Second)
		s.has("✓ answered without a model")
		s.press("tab", "home")
		s.hasNot("answered without a model")
		s.hasNot("exponential backoff")
		s.has("◂ ")
		s.has("space to now")
		s.press("end")
		s.has("✓ answered without a model")
		s.press("left", "left", "left")
		s.hasNot("✓ answered without a model")
		s.press("space")
		s.has("✓ answered without a model")
	})
}

func TestARefusedQuestionAndAFailedRunSayWhy(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		s.press("refused", "enter")
		s.has("the folder is not indexed yet; wait for it")
		s.press("please fail", "enter")
		s.wait(2 * time.Second)
		s.has("✗ failed after 911ms")
		s.has("set OPENAI_API_KEY ·")
		s.hasNot("Retries use") // the text of a failed attempt is not shown
		s.press("tab", "e")
		s.has("▌✗ ╰ synthesize")
	})
}

func TestAHumanWaitIsAskedInlineAndAnswered(t *testing.T) {
	inBubble(t, 80, 24, Options{Workflow: "approve"}, func(s *screen, e *scripted) {
		s.press("half a thought")
		s.press("ctrl+c", question, "enter")
		s.wait(time.Second)
		s.has("? approve asks you")
		s.has("[x] docs/retry.md:12–30")
		if !strings.Contains(s.sent(), "\a") {
			t.Error("no bell")
		}
		s.press("!", "esc")
		s.has("? waiting for you")
		s.press("tab") // moves the focus from the timeline to the form of the waiting run
		s.press("tab", "down", "space", "enter")
		s.wait(500 * time.Millisecond)
		r := e.runs["approve-1"]
		if got := strings.Join(r.replies, " "); got != `Approval {"keep":[1,3],"query":"How do retries back off?!"}` {
			t.Errorf("replies %s", got)
		}
		s.wait(4 * time.Second)
		s.has("✓ answered without a model")
	})
}

func TestPaletteAndHelpFindAndDo(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		s.press("ctrl+p", "choose workflow", "enter")
		s.has("which workflow answers?")
		s.press("simple", "enter")
		s.has("╭─ simple")
		s.press("ctrl+p", "rag", "enter")
		s.has("╭─ rag")
		s.press("f1", "zoom in")
		s.has("there is no run yet: ask a question")
		s.press("enter")
		s.has("╭─ help") // the command is not available: the help stays open
		s.press("esc")
		s.press("f1", "choose the workflow", "enter")
		s.has("which workflow answers?")
		s.press("esc")
	})
}

func TestAFilterHidesRowsButNeverFailures(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		s.press("please fail", "enter")
		s.wait(2 * time.Second)
		s.press("tab", "/", "step:rer")
		s.has("/ step:rer")
		s.has("├ rerank")
		s.hasNot("├ retrieve")
		s.has("synthesize")
		s.press("enter", "/", "backspace", "esc")
		s.has("├ retrieve")
	})
}

func TestSourcesOpenWithTheirScores(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("ctrl+s")
		s.has("[2] docs/config.md:88–91")
		s.press("enter")
		s.has("╭─ docs/retry.md:12–30")
		s.has("12 ▎ The first retry waits 0.5 s")
		s.press("esc")
		s.has("tab timeline")
	})
}

func TestPacingTakesTwoSecondsAtMostAndAKeySkipsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := strings.Repeat("word ", 4000)
		e := newScripted(func(r *journalRun, w, q string) {
			s := teller{r, q}
			s.begin(w)
			s.start("synthesize", 6, 1)
			s.delta(6, text)
			s.finish("synthesize", 6)
			r.write(flow.Record{Kind: flow.RunFinished, Event: 9, Cause: 6, Type: "Answer", Payload: map[string]any{"text": text, "by": "extractive"}})
		})
		e.introduce(true)
		e.ready()
		s := open(t, e, Options{}, 80, 24)
		s.press(question, "enter")
		s.wait(500 * time.Millisecond)
		s.hasNot("✓ answered without a model")
		s.wait(1700 * time.Millisecond)
		s.has("✓ answered without a model")
		s.press("again", "enter")
		s.wait(100 * time.Millisecond)
		s.hasNot("✓ answered without a model · 2")
		s.press("left")
		s.wait(100 * time.Millisecond)
		s.has("✓ answered without a model")
		s.close()
	})
}

func TestHostileTextNeverReachesTheTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		evil := "\x1b]0;owned\a\x1b[2J\u202eevil\x9b31m\r\n"
		e := newScripted(func(r *journalRun, w, q string) {
			s := teller{r, q}
			s.begin(evil)
			s.start(evil, 6, 1)
			s.send(evil, 5, 6, map[string]any{"passages": []map[string]any{{"path": evil, "line": 1, "text": evil, "heading": []string{evil}}}})
			r.write(flow.Record{Kind: flow.EventEmitted, Step: evil, Execution: 6, Attempt: 1, Type: "Delta", Payload: map[string]any{"text": evil}})
			r.write(flow.Record{Kind: flow.AwaitOpened, Step: evil, Execution: 6, Event: 7, Type: evil, Payload: map[string]any{"prompt": map[string]any{"text": evil, "schema": map[string]any{"properties": map[string]any{evil: map[string]any{"title": evil, "enum": []string{evil}}}}}}})
			time.Sleep(time.Second)
			r.write(flow.Record{Kind: flow.RunFailed, Error: evil})
		})
		tell(e.session, show.Provider{Name: evil, Model: evil})
		tell(e.session, show.Corpus{Dir: evil, State: show.CorpusFailed, Error: evil})
		tell(e.session, show.Notice{Level: show.Warning, Text: evil})
		s := open(t, e, Options{}, 200, 50)
		s.paste(evil)
		s.press("enter")
		s.wait(500 * time.Millisecond)
		s.press("esc", "enter", "ctrl+s", "esc", "f1", "esc", "ctrl+p", "esc")
		s.wait(2 * time.Second)
		for _, bad := range []string{"\x1b]0;owned", "\x1b[2J\u202e", "\u202e", "\x9b31m", "\x1b]2;owned"} {
			if strings.Contains(s.sent(), bad) {
				t.Errorf("%q reached the terminal", bad)
			}
		}
		s.close()
	})
}

func TestTheCallerMayEndIt(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(200 * time.Millisecond)
		s.program.Kill()
		<-s.done
		if s.err == nil {
			t.Error("a killed program ended without an error")
		}
		s.err = nil
	})
	if _, err := Open(t.Context(), newScripted(nil), Options{Theme: "pink"}); err == nil {
		t.Error("an unknown theme was taken")
	}
	if _, err := Open(t.Context(), newScripted(nil), Options{Keys: map[string][]string{"fly": {"x"}}}); err == nil {
		t.Error("an unknown command was taken")
	}
}

func TestASecondControlCSoonAfterTheFirstQuits(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(300 * time.Millisecond)
		s.press("draft", "ctrl+c")
		s.has("⊘ cancelled: by you")
		s.wait(time.Second)
		s.press("ctrl+c")
		<-s.done
	})
}

func TestQuittingAsksWhileARunIsGoing(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(300 * time.Millisecond)
		s.press("tab", "q")
		s.has("work is going on: quit?")
		s.press("esc")
		s.hasNot("work is going on: quit?")
		s.wait(5 * time.Second)
		s.has("✓ in ")
		s.press("q") // nothing is going on any more
		<-s.done
	})
}

func TestTheCancelOfARunThatIsNotShownIsSaid(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(5 * time.Second)
		s.press(question, "enter")
		s.wait(300 * time.Millisecond)
		s.press("tab", "p", "ctrl+c")
		s.has("run 1 of 2 ─") // the cancelled run is not shown
		s.has("run 2 of 2 is cancelled")
		s.press("n")
		s.has("⊘ cancelled")
	})
}

func TestAWaitNeverTakesTheKeysFromATypingPerson(t *testing.T) {
	withFlow(t, 80, 24, func(s *screen) {
		s.press("shift+tab", "may I?", "enter", "w")
		s.wait(500 * time.Millisecond)
		s.has("? synthesize asks you (tab)")
		s.press("hy", "enter") // starts another question, and does not reply to the form
		s.wait(time.Second)
		s.hasNot("✓ answered")
		s.press("ctrl+c") // cancels the second run
		s.press("tab")
		s.has("Send 2 passages")
		s.press("y", "enter")
		s.wait(time.Second)
		s.press("pgup", "pgup")
		s.has("✓ answered by a model")
	})
}

func TestAQuestionsRunIsShownOnceHoweverItWasAnnounced(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(3 * time.Second)
		s.press("tab")
		s.press("p")
		s.has("there is no other run")
	})
}
