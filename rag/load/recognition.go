package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"weft/rag/proctree"
)

const (
	// recognitionTime bounds the recognition of one picture. It is elapsed time, because the
	// processor time of another program is known only after it has ended.
	recognitionTime = 3 * time.Minute

	// Words and texts with a lower confidence of Tesseract, in percent, are left out: they are
	// shadows and patterns mistaken for letters.
	leastSureWord = 20
	leastSureText = 45

	maxRecognised = 8 << 20 // bytes of Tesseract's output for one picture
)

// A recognizer recognises the text of pictures (OCR) with the program Tesseract.
type recognizer struct {
	languages string // as Tesseract takes them: "eng+deu"
	slots     chan struct{}

	once    sync.Once
	program string
	layout  string // page segmentation mode
	missing *Error // why no text can be recognised
}

// newRecognizer returns a recognizer for the given languages, or nil if there are none.
func newRecognizer(languages string) *recognizer {
	if languages == "" {
		return nil
	}
	return &recognizer{languages: languages, slots: make(chan struct{}, max(runtime.GOMAXPROCS(0), 1))}
}

// ready looks Tesseract up and checks that it has the data of the languages. The error says what
// to install.
func (r *recognizer) ready(ctx context.Context) *Error {
	r.once.Do(func() { r.missing = r.lookUp(context.WithoutCancel(ctx)) })
	return r.missing
}

// CheckOCR returns an error that says which program or data [Options.OCR] needs and is missing; nil
// if recognition works or is off.
func (l *Loader) CheckOCR(ctx context.Context) error {
	if l.ocr == nil {
		return nil
	}
	if err := l.ocr.ready(ctx); err != nil {
		return errors.New("recognising text " + err.Detail)
	}
	return nil
}

func (r *recognizer) lookUp(ctx context.Context) *Error {
	program, err := exec.LookPath("tesseract")
	if err != nil {
		return &Error{Reason: NoText, Err: err, Retry: true, Detail: "needs the program tesseract, " +
			"which is not installed: install the package tesseract-ocr (tesseract on macOS)"}
	}
	r.program = program
	ctx, cancel := context.WithTimeout(ctx, recognitionTime)
	defer cancel()
	out, err := r.command(ctx, "--list-langs").Output()
	if err != nil {
		return &Error{Reason: NoText, Err: err, Retry: true,
			Detail: "needs the program tesseract, which does not start: " + causeOf(err)}
	}
	installed := strings.Fields(string(out))
	for language := range strings.SplitSeq(r.languages, "+") {
		if !slices.Contains(installed, language) {
			return &Error{Reason: NoText, Retry: true, Detail: fmt.Sprintf(
				"needs tesseract's data for the language %q, which is not installed: "+
					"install the package tesseract-ocr-%s", language, language)}
		}
	}
	if r.layout = "3"; slices.Contains(installed, "osd") {
		r.layout = "1" // also detects the orientation of a page
	}
	return nil
}

// command returns a call of Tesseract. Tesseract gets only the environment variables that it needs
// to start and to find its data, and one thread, because several pictures are recognised at a time.
func (r *recognizer) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, r.program, args...)
	cmd.Env = []string{"OMP_THREAD_LIMIT=1", "LC_ALL=C"}
	for _, name := range []string{"TESSDATA_PREFIX", "LD_LIBRARY_PATH", "SYSTEMROOT", "PATH"} {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	proctree.Own(cmd)
	cmd.WaitDelay = time.Second
	return cmd
}

// text returns the text of the picture that open returns: paragraphs with an empty line between
// them, "" if none is found. open is called when a processor is free, so that few pictures are in
// memory at a time. The error is that of open, an [*Error], or that of the context. Tesseract gets
// grey values instead of the file, so that a malformed picture cannot reach its decoders.
func (r *recognizer) text(ctx context.Context, open func() (*image.Gray, error)) (string, error) {
	if err := r.ready(ctx); err != nil {
		return "", err
	}
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	picture, err := open()
	if err != nil {
		return "", err
	}
	limited, cancel := context.WithTimeout(ctx, recognitionTime)
	defer cancel()
	cmd := r.command(limited, "stdin", "stdout", "-l", r.languages, "--psm", r.layout,
		"-c", "tessedit_create_tsv=1")
	cmd.Stdin = bytes.NewReader(graymap(picture))
	out := &limitedBuffer{left: maxRecognised}
	said := &limitedBuffer{left: 4 << 10}
	cmd.Stdout, cmd.Stderr = out, said
	err = proctree.Run(cmd)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case limited.Err() != nil:
		return "", &Error{Reason: TooSlow, Err: err, Detail: fmt.Sprintf(
			"cannot be recognised: tesseract takes more than %.0f minutes", recognitionTime.Minutes())}
	case err != nil:
		return "", &Error{Reason: NoText, Err: err, Detail: "cannot be recognised: tesseract says: " +
			causeOf(errors.New(strings.TrimSpace(said.String())))}
	}
	return recognisedText(out.String()), nil
}

// A limitedBuffer keeps the first bytes that are written to it and ignores the rest.
type limitedBuffer struct {
	bytes.Buffer
	left int
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	n := min(len(p), b.left)
	b.left -= n
	b.Buffer.Write(p[:n])
	return len(p), nil
}

// graymap encodes a picture in the Netpbm format PGM.
func graymap(picture *image.Gray) []byte {
	bounds := picture.Bounds()
	out := fmt.Appendf(nil, "P5\n%d %d\n255\n", bounds.Dx(), bounds.Dy())
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		at := picture.PixOffset(bounds.Min.X, y)
		out = append(out, picture.Pix[at:at+bounds.Dx()]...)
	}
	return out
}

// recognisedText returns the text in Tesseract's table of words: twelve columns, of which the third
// to fifth number block, paragraph and line, and the last two are certainty and word.
func recognisedText(table string) string {
	var lines []string
	var words []string // of the current line
	var paragraph, row string
	sure, size := 0.0, 0.0
	flush := func() {
		lines = appendRecognised(lines, strings.Join(words, " "))
		words = nil
	}
	for l := range strings.Lines(table) {
		columns := strings.Split(strings.TrimRight(l, "\r\n"), "\t")
		if len(columns) != 12 || columns[0] != "5" {
			continue
		}
		word := tidy(columns[11])
		certainty, err := strconv.ParseFloat(columns[10], 64)
		if err != nil || certainty < leastSureWord || word == "" {
			continue
		}
		p := strings.Join(columns[1:4], ".")
		if at := p + "." + columns[4]; at != row {
			if flush(); p != paragraph {
				lines = append(lines, "")
			}
			paragraph, row = p, at
		}
		words = append(words, word)
		n := float64(len(word))
		sure, size = sure+n*certainty, size+n
	}
	flush()
	text := strings.Trim(strings.Join(lines, "\n"), "\n")
	letters := 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters++
		}
	}
	if letters < 3 || sure < size*leastSureText {
		return ""
	}
	return text
}

// appendRecognised appends a line. It joins a word that is hyphenated at the end of the previous
// line.
func appendRecognised(lines []string, line string) []string {
	if n := len(lines); n > 0 && beginsLower(line) {
		if before, divided := strings.CutSuffix(lines[n-1], "-"); divided && unicode.IsLower(lastRune(before)) {
			word, rest, _ := strings.Cut(line, " ")
			lines[n-1] = before + word
			line = rest
		}
	}
	if line = tidyLine(line); line != "" {
		lines = append(lines, line)
	}
	return lines
}
