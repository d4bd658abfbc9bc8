package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"weft/rag/embed"
	"weft/rag/index"
	"weft/rag/llm"
	"weft/rag/load"
	"weft/ui/canvas"
	"weft/ui/status"
	"weft/ui/units"
)

func newDoctor() *cobra.Command {
	reset := false
	cmd := &cobra.Command{
		Use:   "doctor [DIR ...]",
		Short: "Show the settings, the model provider, the terminal and the index",
		Long:  "doctor shows each setting with its source, tests the model provider (its list of models, a completion of one token, whether it calls tools, an embedding), and shows what the terminal can do and the state of the index of DIR. It sends no documents. With --reset it first forgets what was learned about models; otherwise it changes nothing.",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			st, err := loadSettings(cmd.Flags(), os.Getenv)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if reset {
				if err := newDialects(st).Reset(""); err != nil {
					return err
				}
				fmt.Fprintln(out, "What was learned about models is forgotten.")
			}
			fmt.Fprintf(out, "weft %s\n\nSettings\n", version())
			showSettings(out, st)
			fmt.Fprintln(out, "\nProvider")
			healthy, err := showProvider(cmd.Context(), out, st)
			if err != nil {
				return err
			}
			if st.OCR.value != "" {
				fmt.Fprintln(out, "\nText recognition")
				healthy = showRecognition(cmd.Context(), out, st) && healthy
			}
			fmt.Fprintln(out, "\nTerminal")
			showTerminal(out)
			fmt.Fprintln(out, "\nIndex")
			if err := showIndex(out, st, directories(args)); err != nil {
				return err
			}
			if err := st.checkNames(); err != nil {
				return err
			}
			if !healthy {
				return &exitError{code: exitFailed}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&reset, "reset", false, "forget what was learned about models")
	return cmd
}

func showSettings(w io.Writer, st *settings) {
	for _, d := range st.describe() {
		_, from := d.written()
		text, where := d.shown(), from.String()
		if text == "" {
			text, where = "–", ""
		}
		fmt.Fprintf(w, "  %-16s %-24s %s\n", d.key, canvas.Line(text), canvas.Line(where))
	}
	fmt.Fprintf(w, "  %-16s %s\n", "config file", st.file)
	for _, name := range slices.Sorted(maps.Keys(st.profiles)) {
		mark := " "
		if name == st.Profile.value {
			mark = "*"
		}
		p := st.profiles[name]
		fmt.Fprintf(w, "  profile %s %-10s %s  %s\n", mark, canvas.Line(name),
			canvas.Line(llm.ShowURL(p["base_url"].text+p["ollama_host"].text)), canvas.Line(p["model"].text))
	}
}

// showProvider tries each service of the provider that a question needs, and reports whether all
// work.
func showProvider(ctx context.Context, w io.Writer, st *settings) (healthy bool, err error) {
	s, err := bareSession(ctx, st)
	if err != nil {
		return false, err
	}
	defer s.close()
	model, err := s.models.detect(ctx)
	if err != nil {
		return false, err
	}
	p, _ := s.models.current()
	for _, t := range p.Tried {
		state := string(t.State())
		fmt.Fprintf(w, "  tried %-12s %-32s %s, %s\n", canvas.Line(t.Name), canvas.Line(t.BaseURL),
			state, units.Duration(t.Took))
	}
	if model == nil {
		fmt.Fprintln(w, "  none: answers are sentences from the documents, and nothing leaves this machine")
		return true, nil
	}
	where := "another machine: weft asks before documents are sent"
	if p.Local {
		where = "on this machine"
	}
	fmt.Fprintf(w, "  %s at %s (%s), source: %s\n  chat %s, embedding %s, reranking %s, context %d tokens\n",
		canvas.Line(p.Name), canvas.Line(p.Endpoint), where, p.Source,
		orNone(p.ChatModel), orNone(p.EmbedModel), orNone(p.RerankModel), model.Client.Config().Context)
	remembered := s.models.choices.used(p)
	for _, setting := range slices.Sorted(maps.Keys(remembered)) {
		fmt.Fprintf(w, "  %-16s %-24s chosen on the screen, remembered for this endpoint in %s\n", setting,
			canvas.Line(remembered[setting]), s.models.choices.file)
	}
	showDialects(w, model.Client)
	healthy = true
	for _, c := range model.Client.Check(ctx) {
		mark, text := status.Done.Glyph(), c.Detail
		if c.Err != nil {
			mark, text, healthy = status.Failed.Glyph(), c.Err.Error(), false
			if state := (llm.Attempt{Err: c.Err}).State(); state == llm.Loading || state == llm.Busy {
				text = string(state) + ": " + text // its list of models may answer all the time
			}
		}
		fmt.Fprintf(w, "  %s %-12s %8s  %s\n", mark, c.Name, units.Duration(c.Took), canvas.Line(text))
	}
	return healthy, nil
}

// showRecognition reports whether the text of pictures can be recognised as the settings ask.
func showRecognition(ctx context.Context, w io.Writer, st *settings) (works bool) {
	l := load.New(load.Options{OCR: st.OCR.value})
	defer l.Close()
	if err := l.CheckOCR(ctx); err != nil {
		fmt.Fprintf(w, "  %s %s\n", status.Failed.Glyph(), canvas.Line(err.Error()))
		return false
	}
	fmt.Fprintf(w, "  %s tesseract works, with the languages %s\n", status.Done.Glyph(), canvas.Line(st.OCR.value))
	return true
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return canvas.Line(s)
}

func showTerminal(w io.Writer) {
	for _, name := range []string{"TERM", "COLORTERM", "NO_COLOR", "EDITOR"} {
		fmt.Fprintf(w, "  %-16s %s\n", name, orNone(os.Getenv(name)))
	}
	fmt.Fprintf(w, "  %-16s %s\n", "colours", colorprofile.Detect(os.Stdout, os.Environ()))
	if cols, rows, err := term.GetSize(os.Stdout.Fd()); err == nil {
		fmt.Fprintf(w, "  %-16s %d×%d\n", "size", cols, rows)
	}
}

// showIndex describes the index, which it opens read-only.
func showIndex(w io.Writer, st *settings, dirs []string) error {
	dir, err := indexDir(st, dirs)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "  of %s, in %s\n", strings.Join(dirs, ", "), dir)
	if _, err := os.Stat(dir); err != nil {
		fmt.Fprintln(w, "  none yet: weft builds it at the first start")
		return nil
	}
	start := time.Now()
	x, err := index.Open(dir, embed.NewHashed(), index.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer x.Close()
	s := x.Status()
	fmt.Fprintf(w, "  %d files (%d unreadable), %d passages, embedded by %s, %s, opened in %s\n",
		s.Files, s.Failed, s.Chunks, s.Serving,
		size(s.DiskBytes), units.Duration(time.Since(start)))
	if s.Locked != "" {
		fmt.Fprintf(w, "  being written by %s\n", s.Locked)
	}
	if s.Rebuilt != "" {
		fmt.Fprintf(w, "  will be rebuilt: %s\n", s.Rebuilt)
	}
	return nil
}

// size formats a number of bytes as KB or MB.
func size(bytes int64) string {
	if bytes < 1e5 {
		return fmt.Sprintf("%.1f KB", float64(bytes)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}
