package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"weft/flow/show"
	"weft/rag/retrieve"
	"weft/rag/workflows"
	"weft/ui/canvas"
)

func newSearch() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "search QUERY [DIR ...]",
		Short:   "Find passages, without an answer",
		Long:    "search prints the passages that fit a question best, with their score and why they were found. The exit code is 3 if none is relevant, and 4 if not everything could be searched. In a pipe it waits until everything is indexed.",
		Example: "weft search \"exit code\" docs\nweft search --json \"@engine.md retries\" docs",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || workflows.ParseQuestion(args[0]).Text == "" {
				return usageError{errors.New("there is nothing to search for: give a question, in quotes")}
			}
			return nil
		},
	}
	k := cmd.Flags().IntP("number", "n", 5, "how many passages")
	asJSON := cmd.Flags().Bool("json", false, "one JSON object per line, with all details of a passage")
	waits := addWaitFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *k < 1 {
			return usageError{fmt.Errorf("-n is %d: it must be 1 or more", *k)}
		}
		s, done, err := waits.openDirectories(cmd, directories(args[1:]))
		if err != nil {
			return err
		}
		defer done()
		report := waitReport{w: cmd.ErrOrStderr()}
		r, err := s.corpus.retriever(cmd.Context(), report.progress)
		if err != nil {
			return err
		}
		q := workflows.ParseQuestion(args[0])
		text := r.Respell(q.Text)
		if text != q.Text {
			fmt.Fprintf(cmd.ErrOrStderr(), "weft: searched for: %s\n", canvas.Line(text))
		}
		missing := s.corpus.missing()
		hits, err := r.Search(cmd.Context(), retrieve.Query{Text: text, Scope: q.Scope, K: *k})
		if err != nil {
			return err
		}
		out, end := cmd.OutOrStdout(), func() {}
		if !*asJSON {
			out, end = wrapped(out)
		}
		best := 0.0
		for i, h := range hits {
			best = max(best, h.Score)
			if *asJSON {
				if err := newJSON(cmd.OutOrStdout()).Encode(h); err != nil {
					return err
				}
				continue
			}
			at := place(show.Passage{Path: h.Path, Line: h.Line, EndLine: h.EndLine, Place: h.Place})
			fmt.Fprintf(out, "%2d  %.2f  %s  %s\n          %s\n          %s\n", i+1, h.Score, canvas.Line(at),
				canvas.Line(strings.Join(h.Heading, " › ")), canvas.Line(shorten(h.Text, 160)),
				canvas.Line(why(h)))
		}
		end()
		if missing != "" {
			if *asJSON {
				if err := newJSON(cmd.OutOrStdout()).Encode(map[string]string{"incomplete": missing}); err != nil {
					return err
				}
			} else {
				printAside(cmd.OutOrStdout(), asideIncomplete, missing)
			}
		}
		if n := s.corpus.unread(); n > 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "weft: %d files could not be read and are not searched: weft index --report lists them\n", n)
		}
		if best < retrieve.Relevant {
			fmt.Fprintln(cmd.ErrOrStderr(), "weft: no passage is relevant")
			return &exitError{code: exitNothing}
		}
		if missing != "" {
			return &exitError{code: exitIncomplete}
		}
		return nil
	}
	return cmd
}

// why describes how a passage was found: its relevance by itself with the reason, its rank in each
// list, and the matched words.
func why(h retrieve.Hit) string {
	w := h.Why
	var words, ranks []string
	for _, t := range w.Terms {
		if t.Count > 0 {
			words = append(words, t.Text)
		}
	}
	for _, l := range []struct {
		name  string
		place *retrieve.Place
	}{{"words", w.Keyword}, {"vectors", w.Vector}, {"structure", w.Structure}} {
		if l.place != nil {
			ranks = append(ranks, fmt.Sprintf("%s #%d", l.name, l.place.Rank))
		}
	}
	if w.Reranked != nil {
		ranks = append(ranks, fmt.Sprintf("reranked #%d to #%d", w.Retrieved, w.Reranked.Rank))
	}
	out := string(h.Relevance)
	if h.Reason != "" {
		out += ": " + h.Reason
	}
	out += "; " + strings.Join(append(ranks, fmt.Sprintf("relevance %.2f", w.Relevance)), ", ")
	if len(words) > 0 {
		out += " (" + strings.Join(words, ", ") + ")"
	}
	return out
}
