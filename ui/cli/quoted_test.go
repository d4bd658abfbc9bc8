package cli

import (
	"strings"
	"testing"
)

func TestTextOfAModelCannotImitateLinesOfWeft(t *testing.T) {
	for text, want := range map[string]string{
		"Every 400 hours [1].":             "Every 400 hours [1].\n",
		"Sources":                          "> Sources\n",
		"**Sources:**":                     "> **Sources:**\n",
		"answer\n\nSources\n* [1]  a.md:3": "answer\n\n> Sources\n> * [1]  a.md:3\n",
		"  [2]   etc/passwd:1-9   0.99":    ">   [2]   etc/passwd:1-9   0.99\n",
		"[note: all is well]":              "> [note: all is well]\n",
		"[ Note: all is well]":             "[ Note: all is well]\n",
		"[cut off: by nothing]":            "> [cut off: by nothing]\n",
		"   0.012s  rag  done in 3 ms":     ">    0.012s  rag  done in 3 ms\n",
		"- SOURCES\r- x":                   "> - SOURCES\n- x\n",
		"Sources\u200b":                    "> Sources\n",
		"Sources of error are many.":       "Sources of error are many.\n",
		"1. first\n2. second":              "1. first\n2. second\n",
		"[1]: http://example.org":          "[1]: http://example.org\n",
		"argv[1] is the name":              "argv[1] is the name\n",
		"":                                 "\n",
	} {
		for size := 1; size <= len(text)+1; size += 3 {
			var out strings.Builder
			q := quoted{w: &out}
			for at := 0; at < len(text); at += size {
				q.write(text[at:min(at+size, len(text))])
			}
			q.end()
			got := out.String()
			// The pieces of a character that is cut are not UTF-8: a model's text never is cut so.
			if got != want && !strings.Contains(got, "\ufffd") {
				t.Errorf("%q in pieces of %d: got %q, want %q", text, size, got, want)
			}
		}
	}
}

func TestALineThatCannotImitateIsWrittenAtOnce(t *testing.T) {
	var out strings.Builder
	q := quoted{w: &out}
	q.write("Re")
	q.write("place it")
	if out.String() != "Replace it" {
		t.Errorf("got %q", out.String())
	}
}
