package retrieve

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
	"sync"
)

// englishGzip has common English words, sorted, one a line. words/COPYRIGHT says where they are
// from.
//
//go:embed words/english.txt.gz
var englishGzip []byte

// english holds the words, each with a line break before and after it. It is read when the first
// question with an unknown word is asked.
var english = sync.OnceValue(func() string {
	r, err := gzip.NewReader(bytes.NewReader(englishGzip))
	if err != nil {
		panic(err) // it is part of the program
	}
	text, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	return "\n" + string(text)
})

// common reports whether a word, in lower case, is a common English word. Such a word is not a
// typing error, even if no document has it.
func common(word string) bool { return strings.Contains(english(), "\n"+word+"\n") }
