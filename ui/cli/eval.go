package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"weft/flow/show"
	"weft/rag/embed"
	"weft/rag/retrieve"
	"weft/rag/retrieve/eval"
)

func newEval() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "eval DIR ...",
		Short: "Measure search on a collection, or answers to your own questions",
		Long:  "eval measures how good the answers are, if DIR has questions.jsonl with a line for each question, {\"question\", \"kind\", \"file\": [...], \"must\": [...], \"mustnot\": [...]}. file lists the files that answer it; must and mustnot are regular expressions for what a right and what a wrong answer says; questions of the kinds near and far have no answer, and declining is right. The documents are those in DIR/docs, or else in DIR. With --against another workflow, or other settings, answer too, and the two are compared: --against refine, --against model=NAME, --against \"offline=true workflow=rag\". With --fit the weights by which the offline answerer chooses are fitted on the questions and printed beside the present ones.\n\nOtherwise DIR is a collection, and eval measures how well each variant of the search finds what people judged relevant. A collection has docs.jsonl ({\"id\",\"title\",\"text\"}), queries.jsonl ({\"id\",\"text\"}) and qrels.tsv (query, document, grade). The variant that the workflows use is called default. With a model endpoint its embeddings and its reranker are measured.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("no directory is given: name one with questions.jsonl, or a collection")}
			}
			return nil
		},
	}
	addFlags(cmd.Flags(), func(o *options) []anyOption { return []anyOption{&o.Workflow} })
	asJSON := cmd.Flags().Bool("json", false, "one JSON object per line")
	against := cmd.Flags().String("against", "", "another workflow, or settings as key=value, to compare the answers with")
	fit := cmd.Flags().Bool("fit", false, "print weights of the offline answerer fitted on your questions")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		st, err := loadSettings(cmd.Flags(), os.Getenv)
		if err != nil {
			return err
		}
		out := cmd.OutOrStdout()
		if *fit {
			return fitWeights(cmd.Context(), out, args)
		}
		var collections []string
		for _, dir := range args {
			if !hasQuestions(dir) {
				collections = append(collections, dir)
				continue
			}
			if err := evalAnswers(cmd.Context(), out, cmd.ErrOrStderr(), st, dir, *against, *asJSON); err != nil {
				return err
			}
		}
		if len(collections) == 0 {
			return nil
		}
		e, reranker, done, err := searchModels(cmd, st)
		if err != nil {
			return err
		}
		defer done()
		for i, dir := range collections {
			c, err := eval.Read(dir)
			if err != nil {
				return err
			}
			variants, err := eval.Retrievers(cmd.Context(), c, e, reranker)
			if err != nil {
				return err
			}
			results, err := eval.Run(cmd.Context(), c, variants, nil)
			if err != nil {
				return err
			}
			if *asJSON {
				for _, r := range results {
					if err := newJSON(out).Encode(r); err != nil {
						return err
					}
				}
				continue
			}
			if i > 0 {
				fmt.Fprintln(out)
			}
			fmt.Fprintf(out, "%s: %d documents, %d queries, embedded by %s\n", c.Name, len(c.Docs),
				len(c.Queries), e.Name())
			fmt.Fprintf(out, "%-12s %8s %10s %8s %9s %9s %7s\n", "retriever", "nDCG@10",
				"Recall@15", "MRR@10", "p50", "to bm25", "p")
			for _, r := range results {
				fmt.Fprintf(out, "%-12s %8.3f %10.3f %8.3f %6.1f ms %+9.3f %7.3f\n", r.Retriever,
					r.NDCG10, r.Recall15, r.MRR10, r.P50, r.Delta, r.P)
			}
		}
		return nil
	}
	return cmd
}

// searchModels returns the embedder and the reranker that the settings name, without a session. A
// nil reranker ranks by words. The returned function releases them.
func searchModels(cmd *cobra.Command, st *settings) (embed.Embedder, retrieve.Reranker, func(), error) {
	s, err := bareSession(cmd.Context(), st)
	if err != nil {
		return nil, nil, nil, err
	}
	s.models.emit = func(ev any) {
		if n, ok := ev.(show.Notice); ok {
			fmt.Fprintln(cmd.ErrOrStderr(), "weft:", n.Text)
		}
	}
	s.problems.emit = s.models.emit
	return s.models.embedder(), s.models.reranker(), s.close, nil
}
