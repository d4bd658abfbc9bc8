package flow_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"weft/flow"
)

type (
	source struct{ Name string }
	hit    struct{ From, Text string }
)

// firstWins asks all sources at once and takes the first answer; the others are cancelled when the
// run ends.
func firstWins(ask func(context.Context, string) (string, error), sources ...string) *flow.Workflow[question, answered] {
	wf := flow.New[question, answered]("first wins")
	flow.Each(wf, "ask all", func(*flow.Context, question) iter2[source] {
		return upTo(len(sources), func(i int) source { return source{sources[i]} })
	})
	flow.Step(wf, "ask", func(c *flow.Context, s source) (hit, error) {
		text, err := ask(c, s.Name)
		return hit{s.Name, text}, err
	}, flow.Workers(len(sources)))
	flow.Join(wf, "first", func(_ *flow.Context, hits []hit) (answered, error) {
		return answered{hits[0].From + " says " + hits[0].Text}, nil
	}, flow.Take(1))
	return wf
}

func Example_firstWins() {
	ask := func(ctx context.Context, name string) (string, error) {
		if name == "slow" {
			<-ctx.Done() // until the run has ended
			return "", ctx.Err()
		}
		return "yes", nil
	}
	a, err := firstWins(ask, "slow", "fast").Run(context.Background(), question{"Is it there?"})
	fmt.Println(a.Text, err)
	// Output: fast says yes <nil>
}

type (
	texts  struct{ All []string }
	part   struct{ Text string }
	counts struct{ Words map[string]int }
)

// wordCount counts words in each text at once, and adds the counts up.
func wordCount() *flow.Workflow[texts, counts] {
	type counted struct{ Words map[string]int }
	wf := flow.New[texts, counts]("word count")
	flow.Each(wf, "split", func(_ *flow.Context, t texts) iter2[part] {
		return upTo(len(t.All), func(i int) part { return part{t.All[i]} })
	})
	flow.Step(wf, "map", func(_ *flow.Context, p part) (counted, error) {
		words := map[string]int{}
		for _, w := range strings.Fields(p.Text) {
			words[w]++
		}
		return counted{words}, nil
	})
	flow.Join(wf, "reduce", func(_ *flow.Context, all []counted) (counts, error) {
		sum := map[string]int{}
		for _, c := range all {
			for w, n := range c.Words {
				sum[w] += n
			}
		}
		return counts{sum}, nil
	})
	return wf
}

func Example_mapReduce() {
	c, err := wordCount().Run(context.Background(), texts{[]string{"moss and fern", "fern and ivy and oak"}})
	for _, w := range slices.Sorted(maps.Keys(c.Words)) {
		fmt.Print(w, " ", c.Words[w], ", ")
	}
	fmt.Println(err)
	// Output: and 3, fern 2, ivy 1, moss 1, oak 1, <nil>
}

type (
	topic   struct{ Name string }
	section struct{ Text string }
	report  struct{ Sections []string }
)

// research writes a report of sections, each of which is a run of a workflow of its own.
func research(look func(string) []string) *flow.Workflow[topic, report] {
	type aspect struct{ Topic, Name string }
	one := flow.New[aspect, section]("section")
	flow.Step(one, "look", func(_ *flow.Context, a aspect) (found, error) {
		return found{question{a.Topic + ": " + a.Name}, look(a.Name)}, nil
	})
	flow.Step(one, "write", func(_ *flow.Context, f found) (section, error) {
		return section{f.Question.Text + " (" + strings.Join(f.Passages, ", ") + ")"}, nil
	})
	wf := flow.New[topic, report]("research")
	flow.Each(wf, "take apart", func(_ *flow.Context, t topic) iter2[aspect] {
		names := []string{"roots", "leaves"}
		return upTo(len(names), func(i int) aspect { return aspect{t.Name, names[i]} })
	})
	flow.Sub(wf, "section", one)
	flow.Join(wf, "put together", func(_ *flow.Context, all []section) (report, error) {
		var r report
		for _, s := range all {
			r.Sections = append(r.Sections, s.Text)
		}
		return r, nil
	})
	return wf
}

func Example_research() {
	r, err := research(func(what string) []string { return []string{"a page on " + what} }).Run(context.Background(), topic{"Ferns"})
	fmt.Println(strings.Join(r.Sections, "\n"), err)
	// Output:
	// Ferns: roots (a page on roots)
	// Ferns: leaves (a page on leaves) <nil>
}

var errBusy = errors.New("the service is busy")

// dependable retries a call while the service is busy, and falls back to an answer from memory.
func dependable(call func(attempt int) (string, error)) *flow.Workflow[question, answered] {
	wf := flow.New[question, answered]("dependable")
	flow.Step(wf, "call", func(c *flow.Context, _ question) (answered, error) {
		text, err := call(c.Attempt())
		return answered{text}, err
	}, flow.Retry(flow.Policy{Attempts: 3, Delay: time.Millisecond}))
	flow.Recover(wf, "fall back", func(_ *flow.Context, f flow.Failure) (answered, error) {
		if !errors.Is(f.Err, errBusy) {
			return answered{}, f.Err
		}
		return answered{fmt.Sprintf("from memory, after %d attempts: %s", f.Attempts, f.Input.(question).Text)}, nil
	})
	return wf
}

func Example_retryAndFallback() {
	for _, until := range []int{2, 9} {
		wf := dependable(func(attempt int) (string, error) {
			if attempt < until {
				return "", errBusy
			}
			return fmt.Sprint("answered at attempt ", attempt), nil
		})
		a, err := wf.Run(context.Background(), question{"moss"})
		fmt.Println(a.Text, err)
	}
	// Output:
	// answered at attempt 2 <nil>
	// from memory, after 3 attempts: moss <nil>
}
