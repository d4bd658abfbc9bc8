// Package eval measures how well a retriever finds the documents that people judged relevant.
//
// A [Collection] is read from docs.jsonl, queries.jsonl and qrels.tsv (the layout of BEIR); [Run]
// sends every judged query to every retriever and returns one [Result] per retriever: nDCG@10,
// Recall@15, MRR@10, latency, and the significance of the difference to the baseline
// ([Permutation]).
package eval

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A Collection is a set of documents, of queries, and of judgements which document answers which
// query.
type Collection struct {
	Name    string
	Docs    []Doc
	Queries []Query // only queries with at least one relevant document
	Qrels   map[string]Judgement
}

// A Doc is a document of a collection. A title of several lines is a path of headings, outermost
// first, of which the last one may be empty.
type Doc struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// A Query is a question of a collection.
type Query struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Read reads a collection from a directory; its name is the directory's. Documents and queries are
// identified by "id" or "_id".
func Read(dir string) (*Collection, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	c := &Collection{Name: filepath.Base(abs), Qrels: make(map[string]Judgement)}
	type entry struct {
		Doc
		BEIR string `json:"_id"`
	}
	err = lines(filepath.Join(dir, "docs.jsonl"), func(line []byte) error {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		if e.ID == "" {
			e.ID = e.BEIR
		}
		if e.ID == "" {
			return errors.New(`a document has no "id"`)
		}
		c.Docs = append(c.Docs, e.Doc)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = lines(filepath.Join(dir, "qrels.tsv"), func(line []byte) error {
		f := strings.Fields(string(line))
		if len(f) < 3 || f[0] == "query-id" {
			return nil
		}
		grade, err := strconv.Atoi(f[len(f)-1])
		if err != nil {
			return fmt.Errorf("the grade %q is no number", f[len(f)-1])
		}
		if c.Qrels[f[0]] == nil {
			c.Qrels[f[0]] = make(Judgement)
		}
		c.Qrels[f[0]][f[len(f)-2]] = grade
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = lines(filepath.Join(dir, "queries.jsonl"), func(line []byte) error {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		if e.ID == "" {
			e.ID = e.BEIR
		}
		if ideal(c.Qrels[e.ID], 1) > 0 {
			c.Queries = append(c.Queries, Query{ID: e.ID, Text: e.Text})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(c.Docs) == 0 || len(c.Queries) == 0 {
		return nil, fmt.Errorf("eval: %s holds %d documents and %d judged queries: nothing can be measured", dir, len(c.Docs), len(c.Queries))
	}
	return c, nil
}

// lines calls f for each line of a file that is not empty.
func lines(name string, f func([]byte) error) error {
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("eval: a collection is docs.jsonl, queries.jsonl and qrels.tsv: %w", err)
	}
	defer file.Close()
	r := bufio.NewReader(file)
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if len(strings.TrimSpace(string(line))) > 0 {
			if err := f(line); err != nil {
				return fmt.Errorf("eval: %s, line %d: %w", name, n, err)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("eval: %s: %w", name, err)
		}
	}
}
