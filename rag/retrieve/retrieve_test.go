package retrieve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"weft/rag/chunk"
	"weft/rag/embed"
	"weft/rag/index"
)

// corpus indexes texts by path. The first line of a text may be a heading ("# ...").
func corpus(t testing.TB, e embed.Embedder, texts map[string]string) *Retriever {
	t.Helper()
	x := index.New(e, index.Options{})
	var docs []index.Document
	for path, text := range texts {
		c := chunk.Chunk{ID: path, Path: path, Text: text, Line: 1}
		if rest, ok := strings.CutPrefix(text, "# "); ok {
			head, body, _ := strings.Cut(rest, "\n")
			c.Heading, c.Text = []string{head}, body
		}
		docs = append(docs, index.Document{Path: path, Chunks: []chunk.Chunk{c}})
	}
	slices.SortFunc(docs, func(a, b index.Document) int { return strings.Compare(a.Path, b.Path) })
	if err := x.Put(context.Background(), docs); err != nil {
		t.Fatal(err)
	}
	return New(x, nil)
}

func paths(hits []Hit) (out []string) {
	for _, h := range hits {
		out = append(out, h.Path)
	}
	return out
}

func TestRRFPrefersWhatManyListsHave(t *testing.T) {
	a := []index.Match{{ID: 1}, {ID: 2}, {ID: 3}}
	b := []index.Match{{ID: 3}, {ID: 2}, {ID: 4}}
	got := RRF(60, a, b)
	if got[0].ID != 3 || got[1].ID != 2 || math.Abs(got[0].Score-(1.0/63+1.0/61)) > 1e-12 {
		t.Errorf("fused %v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.Custom(func(t *rapid.T) []index.Match {
			var ms []index.Match
			for _, id := range rapid.SliceOfNDistinct(rapid.Uint32Range(0, 30), 0, 20, rapid.ID).Draw(t, "ids") {
				ms = append(ms, index.Match{ID: index.ID(id)})
			}
			return ms
		})
		x, y := ids.Draw(t, "x"), ids.Draw(t, "y")
		if one := RRF(60, x); !slices.EqualFunc(one, x, func(a, b index.Match) bool { return a.ID == b.ID }) {
			t.Fatalf("one list is not left as it is: %v %v", one, x)
		}
		seen := make(map[index.ID]bool)
		fused := RRF(60, x, y)
		for i, m := range fused {
			if seen[m.ID] || (i > 0 && m.Score > fused[i-1].Score) {
				t.Fatalf("fused %v", fused)
			}
			seen[m.ID] = true
		}
		for _, m := range append(slices.Clone(x), y...) {
			if !seen[m.ID] {
				t.Fatalf("%d got lost", m.ID)
			}
		}
	})
}

func TestSmoothingStaysWithinTheScores(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scores := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 20).Draw(t, "scores")
		cos := rapid.SliceOfN(rapid.Float64Range(-1, 1), len(scores)*len(scores), -1).Draw(t, "cosines")
		n := rapid.IntRange(1, 12).Draw(t, "n")
		cosine := func(i, j int) float64 { return cos[min(i, j)*len(scores)+max(i, j)] }
		lo, hi := slices.Min(scores), slices.Max(scores)
		for _, s := range Smooth(scores, 0.35, n, cosine) {
			if s < lo-1e-9 || s > hi+1e-9 || math.IsNaN(s) {
				t.Fatalf("%v outside of %v to %v", s, lo, hi)
			}
		}
		if got := Smooth(scores, 0, n, cosine); !slices.Equal(got, scores) {
			t.Fatalf("with λ 0 scores change: %v %v", scores, got)
		}
	})
}

func TestAPassageNearGoodOnesIsLifted(t *testing.T) {
	near := func(i, j int) float64 { // 0, 1 and 2 are similar, 3 is not
		if i == 3 || j == 3 {
			return 0
		}
		return 0.9
	}
	got := Smooth([]float64{1, 0.9, 0.5, 0.55}, 0.35, 2, near)
	if got[2] <= got[3] {
		t.Errorf("smoothed %v: the third has good neighbours and should pass the fourth", got)
	}
}

func TestASectionThatAsksTheSameComesFirst(t *testing.T) {
	texts := map[string]string{"what": "# What is a workflow?\nA set of steps.", "name": "# What is a name?\nA word."}
	// More than the number of candidates, each with more occurrences of "workflow".
	for i := range 20 {
		texts[fmt.Sprint(i)] = fmt.Sprintf("# Workflow number %d of all workflows\nThe workflow, the workflow, and again the workflow %d.", i, i)
	}
	hits := ask(t, corpus(t, embed.NewHashed(), texts), Query{Text: "what is a workflow?"})
	if hits[0].Path != "what" || hits[0].Why.Likeness != 1 || hits[1].Why.Likeness != 0 {
		t.Errorf("%v, likeness %v and %v", paths(hits), hits[0].Why.Likeness, hits[1].Why.Likeness)
	}
}

func TestScopesChooseFilesAndFolders(t *testing.T) {
	r := corpus(t, embed.NewHashed(), map[string]string{
		"docs/api/login.md": "log in with a token", "docs/apiary.md": "log in to the apiary", "docs/guide.md": "log in with a password", "src/login.go": "func login()",
	})
	for _, c := range []struct {
		scope []string
		want  []string
	}{
		{[]string{"docs/api"}, []string{"docs/api/login.md"}},
		{[]string{"@docs/api/"}, []string{"docs/api/login.md"}},
		{[]string{"./docs/guide.md", "docs/api"}, []string{"docs/api/login.md", "docs/guide.md"}},
		{[]string{"."}, []string{"docs/api/login.md", "docs/apiary.md", "docs/guide.md", "src/login.go"}},
		{[]string{"src"}, []string{"src/login.go"}},
	} {
		got := paths(ask(t, r, Query{Text: "login log in", Scope: c.scope}))
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("scope %q finds %q, not %q", c.scope, got, c.want)
		}
	}
	var scope *ScopeError
	if _, err := r.Search(context.Background(), Query{Text: "login", Scope: []string{"doc"}}); !errors.As(err, &scope) || !strings.Contains(err.Error(), "doc") {
		t.Errorf("a scope that holds nothing: %v", err)
	}
	if _, err := r.Search(context.Background(), Query{Text: "zebra", Scope: []string{"src"}}); err != nil {
		t.Errorf("a scope that holds files without the word: %v", err)
	}
}

func TestAScopeMeetsNamesHoweverTheirAccentsAreComposed(t *testing.T) {
	const whole, parts = "B\u00fccher", "Bu\u0308cher"
	r := corpus(t, embed.NewHashed(), map[string]string{whole + "/a.md": "log in here", parts + "/b.md": "log in there", "c.md": "log in nowhere"})
	for _, scope := range []string{whole, parts + "/"} {
		got := paths(ask(t, r, Query{Text: "log in", Scope: []string{scope}}))
		slices.Sort(got)
		if want := []string{parts + "/b.md", whole + "/a.md"}; !slices.Equal(got, want) {
			t.Errorf("scope %q finds %q, not %q", scope, got, want)
		}
	}
}

func TestNearDuplicatesAreMergedAndNamed(t *testing.T) {
	licence := "Permission is granted to any person who obtains a copy of this software to use, copy, change and sell it, provided that this notice stays in all copies."
	r := corpus(t, embed.NewHashed(), map[string]string{
		"a/LICENSE": licence, "b/LICENSE": licence, "c/LICENSE": strings.Replace(licence, "any person", "any one person", 1), "d.md": "The software asks for permission once.",
	})
	hits := ask(t, r, Query{Text: "permission to copy the software"})
	if len(hits) != 2 {
		t.Fatalf("found %q", paths(hits))
	}
	if d := hits[0].Why.Duplicates; len(d) != 2 {
		t.Errorf("the passage is also in %q", d)
	}
}

func TestEveryScriptIsFound(t *testing.T) {
	r := corpus(t, embed.NewHashed(), map[string]string{
		"zh.md": "# 运行\n您可以随时取消一个运行。取消后日志会保留。",
		"ja.md": "# 実行\n実行はいつでもキャンセルできます。ジャーナルは残ります。",
		"ko.md": "# 실행\n실행은 언제든지 취소할 수 있습니다. 기록은 남습니다.",
		"de.md": "# Läufe\nEin Lauf kann jederzeit abgebrochen werden. Die Übersicht zeigt alle Läufe.",
		"fr.md": "# Exécutions\nL'exécution peut être annulée à tout moment. Le résumé reste.",
		"ru.md": "# Запуски\nЗапуск можно отменить в любое время. Журнал остаётся.",
		"en.md": "# Runs\nA run can be cancelled at any time. The résumé stays.",
	})
	for q, want := range map[string]string{
		"如何取消运行？":                        "zh.md",
		"実行をキャンセルする方法":                   "ja.md",
		"실행을 취소하려면 어떻게 하나요?":             "ko.md",
		"Wie breche ich Läufe ab?":       "de.md",
		"die übersicht":                  "de.md",
		"ubersicht":                      "de.md",
		"comment annuler les exécutions": "fr.md",
		"executions annulees":            "fr.md",
		"как отменить запуск":            "ru.md",
		"how do I cancel runs?":          "en.md",
		"cancelling":                     "en.md",
	} {
		hits := ask(t, r, Query{Text: q})
		if len(hits) == 0 || hits[0].Path != want {
			t.Errorf("%q finds %q, not %s first", q, paths(hits), want)
		} else if hits[0].Score < Relevant && !strings.Contains("Wie breche ich Läufe ab? executions annulees", q) {
			// In these two questions, half of the words are in another form.
			t.Errorf("%q finds %s with %.2f only", q, want, hits[0].Score)
		}
	}
}

func TestIdentifiersAndKeysAreFound(t *testing.T) {
	r := corpus(t, embed.NewHashed(), map[string]string{
		"keys.md": "Press ctrl+c to stop and ctrl+p for the palette.", "flags.md": "Use --plain for text and --json for records.",
		"api.md": "flow.RunStarted is the first record; RunFinished the last. See parse_http_header.", "other.md": "Plain text, records and a palette of colours: press start.",
	})
	for q, want := range map[string]string{
		"ctrl+c": "keys.md", "--plain": "flags.md", "RunStarted": "api.md", "run started": "api.md", "flow.RunStarted": "api.md", "what is run_finished": "api.md",
		"http header parse": "api.md", "parseHTTPHeader": "api.md",
	} {
		if hits := ask(t, r, Query{Text: q}); len(hits) == 0 || hits[0].Path != want {
			t.Errorf("%q finds %q, not %s first", q, paths(hits), want)
		}
	}
}

func TestNothingInCommonFindsNothing(t *testing.T) {
	r := manual(t)
	for _, q := range []string{"", "   ", "the of and", "?!", "zqxjk"} {
		if hits := ask(t, r, Query{Text: q}); best(hits) >= Relevant {
			t.Errorf("%q finds %q with %.2f", q, paths(hits), best(hits))
		}
	}
	empty := New(index.New(embed.NewHashed(), index.Options{}), nil)
	if hits := ask(t, empty, Query{Text: "anything"}); hits != nil {
		t.Errorf("an empty index finds %q", paths(hits))
	}
}

func TestWhyTravelsWithTheHit(t *testing.T) {
	h := ask(t, manual(t), Query{Text: "how do I cancel a run?"})[0]
	b, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Path  string
		Line  int
		Text  string
		Score float64
		Why   map[string]any
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if got.Path != "runs.md" || got.Line == 0 || got.Score < Relevant {
		t.Errorf("the hit as JSON: %s", b)
	}
	for _, k := range []string{"terms", "coverage", "keyword", "vector", "smoothed", "retrieved", "reranked", "reranker"} {
		if _, ok := got.Why[k]; !ok {
			t.Errorf("why lacks %q: %s", k, b)
		}
	}
	var back Hit
	if err := json.Unmarshal(b, &back); err != nil || back.ID != h.ID || back.Why.Reranked.Rank != 1 {
		t.Errorf("the hit does not survive JSON: %v", err)
	}
}

// scorer is a reranker with fixed scores by path.
type scorer struct {
	scores map[string]float64
	err    error
	asked  int
}

func (s *scorer) Name() string { return "scorer" }
func (s *scorer) Rerank(_ context.Context, _ string, hits []Hit) ([]float64, error) {
	s.asked = len(hits)
	if s.err != nil {
		return nil, s.err
	}
	var out []float64
	for _, h := range hits {
		out = append(out, s.scores[h.Path])
	}
	return out, nil
}

func TestARerankingModelPlacesAndItsFailureDoesNoHarm(t *testing.T) {
	texts := make(map[string]string)
	for i := range 60 {
		texts[fmt.Sprintf("%02d.md", i)] = fmt.Sprintf("run number %d is described here", i)
	}
	model := &scorer{scores: map[string]float64{"33.md": 9}}
	r := New(corpus(t, embed.NewHashed(), texts).index, model)
	hits := ask(t, r, Query{Text: "run described"})
	if model.asked != chosenModel || hits[0].Path != "33.md" || hits[0].Why.Reranker != "scorer" || len(hits) != 5 {
		t.Errorf("asked for %d, first is %s by %s", model.asked, hits[0].Path, hits[0].Why.Reranker)
	}
	model.err = errors.New("away")
	if hits := ask(t, r, Query{Text: "run described"}); len(hits) != 5 || hits[0].Why.Reranker != "lexical" || !strings.Contains(hits[0].Why.Degraded, "away") {
		t.Errorf("with a failing model %d hits by %s", len(hits), hits[0].Why.Reranker)
	}
}

// meaning embeds by topic: words of a topic have the same vector.
type meaning struct{ err error }

func (meaning) Name() string { return "meaning" }
func (meaning) Dims() int    { return 64 }
func (m meaning) Embed(_ context.Context, texts []string) ([][]float32, error) {
	if m.err != nil {
		return nil, m.err
	}
	topics := map[string]int{"cancel": 0, "abort": 0, "stop": 0, "install": 1, "setup": 1, "price": 2, "cost": 2}
	var out [][]float32
	for _, t := range texts {
		v := make([]float32, 64)
		v[63] = 0.6
		for w := range strings.FieldsSeq(t) {
			if i, ok := topics[w]; ok {
				v[i]++
			} else {
				v[8+len(w)*7%50] += 0.2
			}
		}
		out = append(out, v)
	}
	return out, nil
}

func TestARealEmbedderFindsByMeaning(t *testing.T) {
	texts := map[string]string{"stop.md": "stop the job", "setup.md": "setup the tool", "cost.md": "cost of a token"}
	for i := range 40 {
		texts[fmt.Sprintf("x%02d.md", i)] = strings.Repeat("filler ", i%7+1) + fmt.Sprint("number ", i)
	}
	r := corpus(t, meaning{}, texts)
	hits := ask(t, r, Query{Text: "abort"})
	if len(hits) == 0 || hits[0].Path != "stop.md" || hits[0].Why.Fused == nil || hits[0].Score < Relevant {
		t.Errorf("found %q: %+v", paths(hits), hits[0])
	}
	if hits := ask(t, r, Query{Text: "zzz"}); best(hits) >= Relevant {
		t.Errorf("an unrelated question finds %q with %.2f", paths(hits), best(hits))
	}
}

func TestWordsFindWithoutTheEmbedder(t *testing.T) {
	broken := &meaning{err: errors.New("the server is away")}
	x := index.New(broken, index.Options{})
	if err := x.Put(context.Background(), []index.Document{{Path: "a.md", Chunks: []chunk.Chunk{{ID: "a", Text: "cancel a run"}}}}); err == nil {
		t.Fatal("the failure of the embedder is not reported")
	}
	if hits := ask(t, New(x, nil), Query{Text: "cancel"}); len(hits) != 1 || !strings.Contains(hits[0].Why.Degraded, "no passage is embedded yet") {
		t.Errorf("before any passage is embedded: found %q", paths(hits))
	}
	broken.err = nil
	if err := x.Put(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	broken.err = errors.New("the server is away")
	if hits := ask(t, New(x, nil), Query{Text: "cancel"}); len(hits) != 1 || !strings.Contains(hits[0].Why.Degraded, "away") {
		t.Errorf("after the embedder failed: found %q", paths(hits))
	}
}

// once embeds one batch, then fails.
type once struct {
	meaning
	calls *atomic.Int32
}

func (o once) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	if len(texts) > 1 && o.calls.Add(1) > 1 {
		return nil, errors.New("the server went away")
	}
	return o.meaning.Embed(ctx, texts)
}

func TestFewVectorsDoNotOutvoteTheWords(t *testing.T) {
	x := index.New(once{calls: new(atomic.Int32)}, index.Options{})
	var docs []index.Document
	for i := range 300 {
		p := fmt.Sprintf("%03d.md", i)
		docs = append(docs, index.Document{Path: p, Chunks: []chunk.Chunk{{ID: p, Path: p, Text: fmt.Sprintf("stop number %d", i)}}})
	}
	if err := x.Put(context.Background(), docs); err == nil {
		t.Fatal("the failure of the embedder is not reported")
	}
	hits := ask(t, New(x, nil), Query{Text: "stop 299"})
	if len(hits) == 0 || hits[0].Path != "299.md" || !strings.Contains(hits[0].Why.Degraded, "of 300 passages") {
		t.Errorf("found %q: %+v", paths(hits), hits[0].Why)
	}
}

func TestThreeSourcesAreFused(t *testing.T) {
	r := manual(t)
	ctx := context.Background()
	q := Query{Text: "how do I zoom the timeline?"}
	var lists [][]Hit
	for _, find := range []func(context.Context, Query) ([]Hit, error){r.Vector, r.Keyword, r.Structure} {
		hits, err := find(ctx, q)
		if err != nil || len(hits) == 0 {
			t.Fatalf("%d hits, %v", len(hits), err)
		}
		lists = append(lists, hits)
	}
	fused := r.Fuse(0, lists...)
	w := fused[0].Why
	if fused[0].Heading[len(fused[0].Heading)-1] != "Zoom and scroll" || w.Vector == nil || w.Keyword == nil || w.Structure == nil || w.Fused == nil {
		t.Errorf("first is %q, %+v", fused[0].Heading, w)
	}
	placed, err := r.Rerank(ctx, q.Text, fused, 5)
	if err != nil || len(placed) != 5 || placed[0].ID != fused[0].ID {
		t.Errorf("placed %q, %v", paths(placed), err)
	}
}

func TestStructureKnowsFileNamesAndTitles(t *testing.T) {
	r := corpus(t, embed.NewHashed(), map[string]string{"docs/quick-start.md": "Type a word.", "docs/other.md": "A quick way to start is to start quickly.", "x.md": "# Start\nhere"})
	hits, err := r.Structure(context.Background(), Query{Text: "quick start"})
	if err != nil || len(hits) == 0 || hits[0].Path != "docs/quick-start.md" || slices.Contains(paths(hits), "docs/other.md") {
		t.Errorf("found %q, %v", paths(hits), err)
	}
}

func TestACancelledSearchSaysSo(t *testing.T) {
	r := manual(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := r.Search(ctx, Query{Text: "cancel a run"}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestWordsThatMeanTheSameAreFound(t *testing.T) {
	r := corpus(t, embed.NewHashed(), map[string]string{
		"limits":  "# Limits\nThe maximum delay between two blasts of the horn is 40 seconds.",
		"horn":    "# Horn\nThe delay between two blasts of the horn can be set by its wheel.",
		"folders": "# Folders\nThe keeper can erase a logbook. It cannot be restored.",
	})
	for question, want := range map[string]string{
		"what is the longest delay between blasts?": "limits",
		"how do I delete a logbook?":                "folders",
	} {
		hits := ask(t, r, Query{Text: question})
		if len(hits) == 0 || hits[0].Path != want || hits[0].Why.Coverage < 0.99 {
			t.Errorf("%s: found %v", question, hits)
		}
	}
}
