package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"weft/flow/show"
	"weft/rag/load"
	"weft/rag/retrieve"
	"weft/rag/tools"
	"weft/ui/canvas"
)

// The commands grep, read and list are the tools of the same names for people.

func newGrep() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "grep PATTERN [DIR ...]",
		Short:   "Find the lines that match a regular expression",
		Long:    "grep prints the lines of the documents that match a regular expression in RE2 syntax, with path and line. It reads the index, so it looks into PDF, Word and all other documents too, and leaves out what the index leaves out. The exit code is 3 if no line matches, and 4 if not everything could be searched.",
		Example: "weft grep 'E[0-9]{4}' manuals\nweft grep -i 'exit code' --under docs/api .",
		Args:    needs("there is no pattern: give a regular expression, in quotes"),
	}
	in := tools.GrepInput{}
	cmd.Flags().StringVar(&in.Under, "under", "", "folder or document to look in, relative to DIR")
	cmd.Flags().IntVarP(&in.Limit, "number", "n", tools.MostMatches, "most lines to print")
	fold := cmd.Flags().BoolP("ignore-case", "i", false, "do not tell capital letters from small ones")
	documentsCommand(cmd, func(ctx context.Context, d *tools.Documents, args []string, out io.Writer) (any, string, error) {
		in.Pattern = args[0]
		if *fold {
			in.Pattern = "(?i)" + in.Pattern
		}
		found, err := d.Grep(ctx, in)
		for _, m := range found.Matches {
			at := place(show.Passage{Path: m.Path, Line: m.Line, EndLine: m.Line, Place: m.Place})
			fmt.Fprintf(out, "%s: %s\n", canvas.Line(at), canvas.Line(strings.TrimSpace(m.Text)))
		}
		switch {
		case err == nil && len(found.Matches) == 0:
			err = &exitError{exitNothing, errors.New("no line matches")}
		case found.More:
			fmt.Fprintf(out, "… and more: raise -n, or look in one folder with --under\n")
		}
		return found, found.Incomplete, err
	})
	return cmd
}

func newRead() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "read PATH [DIR ...]",
		Short:   "Print the text of a document as weft reads it",
		Long:    "read prints lines of one document with their numbers: the text that is searched and cited, of a PDF or a Word file too. PATH is relative to DIR, as answers cite it; path:12 begins at line 12.",
		Example: "weft read engine.md docs\nweft read --line 40 --lines 20 manual.pdf manuals",
		Args:    needs("there is no path: give the path of a document, relative to DIR"),
	}
	in := tools.ReadInput{}
	cmd.Flags().IntVar(&in.Line, "line", 0, "first line to print, from 1")
	most := cmd.Flags().Int("lines", 0, "most lines to print (0: to the end)")
	documentsCommand(cmd, func(ctx context.Context, d *tools.Documents, args []string, out io.Writer) (any, string, error) {
		in.Path = args[0]
		return readLines(ctx, d, in, *most, out)
	})
	return cmd
}

// readLines prints lines of a document, page by page, and returns all that was read. Line numbers
// are aligned.
func readLines(ctx context.Context, d *tools.Documents, in tools.ReadInput, most int, out io.Writer) (any, string, error) {
	if most < 0 {
		return nil, "", usageError{fmt.Errorf("--lines is %d: it must be 0 or more", most)}
	}
	all, printed, at := tools.ReadOutput{}, 0, ""
	for {
		in.Lines = tools.MostLines
		if most > 0 {
			in.Lines = min(in.Lines, most-printed)
		}
		page, err := d.Read(ctx, in)
		if err != nil {
			return all, "", err
		}
		for line := range strings.Lines(page.Text) {
			number, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			if page.Place != at {
				at = page.Place
				fmt.Fprintf(out, "%s\n", canvas.Line(at))
			}
			fmt.Fprintf(out, "%6s  %s\n", number, canvas.Line(text))
			printed++
		}
		text := all.Text + page.Text
		if all.Path == "" {
			all = page
		}
		all.Text, all.EndLine, all.NextLine = text, page.EndLine, page.NextLine
		if page.NextLine == 0 || most > 0 && printed >= most {
			return all, page.Incomplete, nil
		}
		in = tools.ReadInput{Path: page.Path, Line: page.NextLine}
	}
}

func newList() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list [DIR ...]",
		Short:   "List the documents that can be searched",
		Long:    "list prints the documents and folders that are in the index, with their kind and how much text they have. --glob lists all documents whose path matches, at any depth. weft index --report lists those that are not in the index.",
		Example: "weft list docs\nweft list --glob '**/*.pdf' manuals",
	}
	in := tools.ListInput{}
	cmd.Flags().StringVar(&in.Under, "under", "", "folder to list, relative to DIR")
	cmd.Flags().StringVar(&in.Glob, "glob", "", "list documents at any depth whose path matches, as in '*.md' or 'api/**'")
	documentsCommand(cmd, func(ctx context.Context, d *tools.Documents, _ []string, out io.Writer) (any, string, error) {
		found, err := d.List(ctx, in)
		for _, e := range found.Entries {
			kind, name := e.Kind, e.Path
			if e.Folder {
				kind, name = fmt.Sprintf("%d documents", e.Documents), e.Path+"/"
				if e.Documents == 1 {
					kind = "1 document"
				}
			}
			fmt.Fprintf(out, "%10s  %-14s  %s\n", size(int64(e.Size)), kind, canvas.Line(name))
		}
		switch {
		case err == nil && len(found.Entries) == 0:
			err = &exitError{exitNothing, errors.New("no document matches")}
		case found.LeftOut > 0:
			fmt.Fprintf(out, "… and %d more: list a folder with --under, or give a narrower --glob\n", found.LeftOut)
		}
		return found, found.Incomplete, err
	})
	return cmd
}

// needs returns a check that there is a first argument.
func needs(otherwise string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 || strings.TrimSpace(args[0]) == "" {
			return usageError{errors.New(otherwise)}
		}
		return nil
	}
}

// documentsCommand makes a command that calls a tool on the documents. The tool writes lines for a
// person and returns the result for --json, and which documents are missing from it.
func documentsCommand(cmd *cobra.Command, tool func(context.Context, *tools.Documents, []string, io.Writer) (any, string, error)) {
	asJSON := cmd.Flags().Bool("json", false, "the result as one JSON object")
	waits := addWaitFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		dirs := args
		if cmd.Args != nil {
			dirs = args[1:]
		}
		s, done, err := waits.openDirectories(cmd, directories(dirs))
		if err != nil {
			return err
		}
		defer done()
		report := waitReport{w: cmd.ErrOrStderr()}
		out := cmd.OutOrStdout()
		if *asJSON {
			out = io.Discard
		}
		result, missing, err := tool(cmd.Context(), s.corpus.documents(report.progress), args, out)
		var exit *exitError
		if *asJSON && (err == nil || errors.As(err, &exit)) {
			err = errors.Join(err, newJSON(cmd.OutOrStdout()).Encode(result))
		}
		if missing != "" && !*asJSON {
			printAside(out, asideIncomplete, missing)
		}
		if err == nil && missing != "" {
			return &exitError{code: exitIncomplete}
		}
		return err
	}
}

// documents returns the documents for the tools. tell is called with the progress while
// they wait for the index; nil: nothing is called.
func (c *corpus) documents(tell func(show.Progress)) *tools.Documents {
	if tell == nil {
		tell = func(show.Progress) {}
	}
	folders, _ := load.Folders(c.dirs) // without them absolute paths are not understood
	return &tools.Documents{
		Retriever: func(ctx context.Context) (*retrieve.Retriever, error) {
			return c.retriever(ctx, tell)
		},
		Missing: c.missing, Folders: folders,
	}
}
