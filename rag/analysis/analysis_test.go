package analysis

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestTermsMeet(t *testing.T) {
	for _, c := range []struct {
		lang Language
		a, b string // both must have a term in common
	}{
		{English, "how do I cancel a run?", "Cancelling runs"},
		{English, "cancels", "cancelled"},
		{English, "plain", "weft ask --plain prints text"},
		{English, "--plain", "use `--plain`, please"},
		{English, "no-color", "--no-color"},
		{English, "RunStarted", "flow.RunStarted"},
		{English, "run started", "RunStarted"},
		{English, "run started", "run_started"},
		{English, "run_started", "the run_started event"},
		{English, "ctrl+c", "press Ctrl+C to stop"},
		{English, "http server", "HTTPServer"},
		{English, "url", "URLs"},
		{English, "PDF files", "PDFs"},
		{English, "C++", "written in c++."},
		{English, "resume", "résumé"},
		{English, "USA", "U.S.A."},
		{English, "ﬁle", "files"},
		{English, "2400000", "it cost $2,400,000 in all"},
		{English, "1,500 kg", "1500 kg"},
		{German, "1.500 kg", "1500 Kilogramm"},
		{English, "v3.52.0", "3.52.0"},
		{English, "2.18", "Release 2.18.0"},
		{English, "2.18.0", "v2.18"},
		{English, "on 3 March 2025", "released 2025-03-03"},
		{English, "03.03.2025", "March 3, 2025"},
		{German, "am 3. März 2025", "vom 03.03.2025"},
		{English, "who runs IT?", "The IT keeps the keys."},
		{English, "what does the up command do?", "`up` raises the sluice"},
		{English, "user", "the user’s file"},
		{German, "Läufe abbrechen", "Der Lauf wird abgebrochen: Läufen"},
		{French, "l'index", "les index"},
		{French, "annulation", "annulations"},
		{Spanish, "cancelar", "cancelación cancelando cancelar"},
		{Russian, "запуск", "запуска"},
		{Chinese, "如何取消运行", "您可以取消一个运行。"},
		{Japanese, "実行をキャンセルする方法", "実行のキャンセル"},
		{Korean, "실행을 취소하려면", "실행 취소"},
	} {
		an := For(c.lang)
		x, y := an.Terms(c.a), an.Terms(c.b)
		if !slices.ContainsFunc(x, func(s string) bool { return slices.Contains(y, s) }) {
			t.Errorf("%s: %q gives %q, %q gives %q: nothing in common", c.lang, c.a, x, c.b, y)
		}
	}
}

func TestOtherNumbersAndWordsAreKeptApart(t *testing.T) {
	for _, c := range [][2]string{
		{"2.1.3", "2.1.30"}, {"3.5", "v3.50"}, {"2.18.1", "2.18"}, {"1.500 kg", "1500 kg"},
		{"3 March 2025", "4 April 2026"}, {"503", "500,5033"}, {"who runs it?", "The IT keeps the keys."},
		{"LOOK IT UP", "The IT keeps the keys"},
	} {
		x, y := For(English).Terms(c[0]), For(English).Terms(c[1])
		for _, term := range x {
			if slices.Contains(y, term) && term != "kg" && term != "2025" {
				t.Errorf("%q and %q have %q in common", c[0], c[1], term)
			}
		}
	}
}

func TestQuestionWordsCarryNoContent(t *testing.T) {
	for q, want := range map[string]string{
		"How do I cancel a run?":                  "cancel run",
		"What is the capital of Mongolia?":        "capit mongolia",
		"Why doesn't it, e.g. the index, update?": "index updat",
		"what's that?":                            "",
		"Can you tell me where it's stored?":      "store",
	} {
		if got := strings.Join(For(English).Terms(q), " "); got != want {
			t.Errorf("%q: %q, want %q", q, got, want)
		}
	}
}

func TestCompoundsAreKeptWholeAndSplit(t *testing.T) {
	for text, want := range map[string]string{
		"flow.RunStarted":    "flow.runstarted flow runstarted run start",
		"docs/api_v2.md":     "docs/api_v2.md doc api v2 md",
		"--dry-run":          "--dry-run dri run",
		"ctrl+c":             "ctrl+c ctrl c",
		"version 3.5":        "version 3.5",
		"parseHTTPResponse2": "parsehttpresponse2 pars http response2",
		"time-sharing":       "time share",
		"std::vector":        "std::vector std vector",
	} {
		if got := strings.Join(For(English).Terms(text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestPositionsLeadBackToTheText(t *testing.T) {
	langs := []Language{English, German, French, Chinese, Japanese, ""}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`([a-zA-Z0-9_.+/:' -]|é|’|中|文|ア|の|--|\n){0,60}`)).Draw(t, "text")
		an := For(rapid.SampledFrom(langs).Draw(t, "lang"))
		start := 0
		for _, tok := range an.Tokens(text) {
			if tok.Start < 0 || tok.End > len(text) || tok.Start >= tok.End {
				t.Fatalf("token %+v outside %q", tok, text)
			}
			if tok.Kind != Pair && tok.Start < start {
				t.Fatalf("token %+v before its predecessor in %q", tok, text)
			}
			if tok.Kind != Pair {
				start = tok.Start
			}
			if tok.Term == "" {
				t.Fatalf("empty term at %d in %q", tok.Start, text)
			}
			if utf8.ValidString(text) && !utf8.ValidString(tok.Term) {
				t.Fatalf("term %q of %q is not UTF-8", tok.Term, text)
			}
		}
	})
}

func TestNoCharacterBecomesAnEmptyTerm(t *testing.T) {
	an := For(English)
	for r := range rune(utf8.MaxRune) {
		for _, tok := range an.Tokens(string(r)) {
			if tok.Term == "" {
				t.Errorf("%U is turned into an empty term", r)
			}
		}
	}
}

func TestKhmerVowelSignsAreKept(t *testing.T) {
	an := For("")
	if a, b := an.Terms("កី"), an.Terms("កុ"); slices.Equal(a, b) {
		t.Errorf("two words became the same terms %q", a)
	}
}

func TestAnalysisIsTheSameInEveryGoroutine(t *testing.T) {
	an := For(English)
	text := "Cancelling runs: flow.RunStarted, ctrl+c and résumés, time-sharing systems."
	want := an.Tokens(text)
	done := make(chan bool)
	for range 8 {
		go func() {
			ok := true
			for range 50 {
				ok = ok && slices.Equal(an.Tokens(text), want)
			}
			done <- ok
		}()
	}
	for range 8 {
		if !<-done {
			t.Error("tokens differ between goroutines")
		}
	}
}

func TestLanguageIsDetected(t *testing.T) {
	for text, want := range map[string]Language{
		"The index is kept in a single file and a log beside it; a second start reads nothing that has not changed.": English,
		"Der Index liegt in einer Datei, und ein zweiter Start liest nichts, was sich nicht geändert hat.":           German,
		"L'index est conservé dans un seul fichier et le journal se trouve à côté; rien n'est relu.":                 French,
		"El índice se guarda en un solo archivo y el registro está al lado; no se lee nada que no haya cambiado.":    Spanish,
		"L'indice è conservato in un solo file e il registro sta accanto; non viene letto niente di nuovo.":          Italian,
		"O índice é guardado num só ficheiro e o registo fica ao lado; não é lido nada que não tenha mudado.":        Portuguese,
		"De index wordt in één bestand bewaard en het logboek staat ernaast; er wordt niets gelezen.":                Dutch,
		"Indexet sparas i en enda fil och loggen ligger bredvid; inget som inte har ändrats läses igen.":             Swedish,
		"Индекс хранится в одном файле, а журнал лежит рядом.":                                                       Russian,
		"索引保存在一个文件中，日志在旁边。":                                                                                          Chinese,
		"インデックスは一つのファイルに保存されます。":                                                                                     Japanese,
		"색인은 하나의 파일에 저장됩니다.":                                                                                         Korean,
		"how do I cancel a run?": English,
		"wie breche ich das ab?": German,
		"12 34.5 --":             "",
		"Algorithm 5. Conte, S. D. and Dames, R. T.; Perlis, A. J., Samelson, K. L., de Vogelaere, R.": English,
		"Conte, S. D., Dames, R. T., Thacher, H. C., J. M., L. C.":                                     "",
		"RunStarted": "",
	} {
		if got := Detect(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func BenchmarkTokens(b *testing.B) {
	an := For(English)
	text := strings.Repeat("The index is kept in a single file; a second start of flow.RunStarted reads nothing that has not changed, as measured. ", 12)
	var dst []Token
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		dst = an.Append(dst[:0], text)
	}
}

func TestFoldingLeavesInertTextUnchanged(t *testing.T) {
	fully := func(s string) string { // the slow path
		s = strings.ToLower(norm.NFKC.String(s))
		var b strings.Builder
		for _, r := range norm.NFD.String(s) {
			if !unicode.Is(unicode.Mn, r) || keepsMarks(r) {
				b.WriteRune(r)
			}
		}
		return norm.NFC.String(b.String())
	}
	var all []rune
	for r := rune(0x0E00); r < 0xD7FF; r++ {
		if inert(string(r)) {
			all = append(all, r)
		}
	}
	if len(all) < 30_000 {
		t.Fatalf("only %d characters", len(all))
	}
	random := rand.New(rand.NewPCG(1, 2))
	check := func(s string) {
		if inert(s) && fully(s) != s {
			t.Fatalf("%q (%U) is turned into %q", s, []rune(s), fully(s))
		}
	}
	for _, r := range all {
		check(string(r))
		for range 8 {
			check(string([]rune{r, all[random.IntN(len(all))], all[random.IntN(120)]}))
		}
	}
	for _, a := range all[:90] { // Thai, in which the order of marks matters
		for _, b := range all[:90] {
			check(string([]rune{a, b, a}))
		}
	}
}
