package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"strings"
	"time"

	"weft/rag/lazyregexp"
	"weft/rag/proctree"
)

const (
	// transcriptionTime bounds the transcription of one recording. It is elapsed time, because the
	// processor time of another program is known only after it has ended.
	transcriptionTime = time.Hour

	maxTranscript = 8 << 20 // bytes of the output of the program
)

// A transcriber transcribes recordings with a program that the user configured.
type transcriber struct {
	words []string // the program and its arguments
	slot  chan struct{}
}

// newTranscriber returns a transcriber for a command line, or nil if it is empty.
func newTranscriber(command string) *transcriber {
	words := commandWords(command)
	if len(words) == 0 {
		return nil
	}
	return &transcriber{words: words, slot: make(chan struct{}, 1)}
}

// commandWords divides a command line into words. Quotes, single or double, hold a word together;
// there are no other special characters, since no shell is involved.
func commandWords(line string) (words []string) {
	var word strings.Builder
	var quote rune
	open := false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, open = r, true
		case quote == 0 && (r == ' ' || r == '\t'):
			if open {
				words = append(words, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteRune(r)
			open = true
		}
	}
	if open {
		words = append(words, word.String())
	}
	return words
}

// readRecording transcribes audio and video files.
func readRecording(ctx context.Context, l *Loader, in input) (Document, error) {
	if l.transcriber == nil {
		return Document{}, &Error{Reason: Binary, Detail: recordingDetail}
	}
	text, err := l.transcriber.transcribe(ctx, in)
	if err != nil {
		return Document{}, err
	}
	out := &builder{max: in.opts.MaxText}
	writeTranscript(out, text)
	doc := out.document()
	if strings.TrimSpace(doc.Text) == "" {
		return Document{}, &Error{Reason: NoText, Detail: "is a recording in which no speech is recognised"}
	}
	doc.note("the text is transcribed from a recording and may have mistakes")
	return doc, nil
}

// recordingDetail is the detail for a recording while transcription is off.
const recordingDetail = "is a recording: the setting transcribe names a program that writes down what is said"

// transcribe runs the program on a copy of the recording and returns its output. The copy keeps the
// extension of the file, by which programs recognise formats, and has a name that cannot be
// mistaken for an option.
func (t *transcriber) transcribe(ctx context.Context, in input) (string, error) {
	program, err := exec.LookPath(t.words[0])
	if err != nil {
		return "", &Error{Reason: NoText, Err: err, Retry: true, Detail: fmt.Sprintf(
			"is a recording, and the program %s of the setting transcribe is not installed: install it or correct the setting", t.words[0])}
	}
	select { // one at a time: such programs use all processors
	case t.slot <- struct{}{}:
		defer func() { <-t.slot }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	dir, err := os.MkdirTemp("", "weft-recording-")
	if err != nil {
		return "", &Error{Reason: Unreadable, Detail: "cannot be transcribed: " + causeOf(err), Err: err}
	}
	defer os.RemoveAll(dir)
	file := dir + string(os.PathSeparator) + "recording." + plainExtension(path.Base(in.path))
	if err := os.WriteFile(file, in.data, 0o600); err != nil {
		return "", &Error{Reason: Unreadable, Detail: "cannot be transcribed: " + causeOf(err), Err: err}
	}
	limited, cancel := context.WithTimeout(ctx, transcriptionTime)
	defer cancel()
	cmd := exec.CommandContext(limited, program)
	cmd.Args = t.arguments(file)
	cmd.Dir = dir // for programs that write files beside their output
	cmd.WaitDelay = time.Second
	proctree.Own(cmd)
	out, said := &limitedBuffer{left: maxTranscript}, &limitedBuffer{left: 64 << 10}
	cmd.Stdout, cmd.Stderr = out, said
	err = proctree.Run(cmd)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case limited.Err() != nil:
		return "", &Error{Reason: TooSlow, Err: err, Detail: fmt.Sprintf(
			"cannot be transcribed: %s takes more than an hour", t.words[0])}
	case err != nil:
		return "", &Error{Reason: NoText, Err: err, Retry: true, Detail: fmt.Sprintf(
			"cannot be transcribed: %s fails: %s", t.words[0], causeOf(lastLine(said.Bytes(), err)))}
	}
	text, _, ok := decode(out.Bytes(), out.Len())
	if !ok {
		return "", nil
	}
	return text, nil
}

// arguments returns the words of the command with the file in place of {file}, or at the end.
func (t *transcriber) arguments(file string) []string {
	var args []string
	placed := false
	for _, word := range t.words {
		replaced := strings.ReplaceAll(word, "{file}", file)
		placed = placed || replaced != word
		args = append(args, replaced)
	}
	if !placed {
		args = append(args, file)
	}
	return args
}

// lastLine returns an error with the last line of a program's output, which usually is the reason
// of the failure, or err if there is no output.
func lastLine(said []byte, err error) error {
	lines := bytes.Split(bytes.TrimSpace(said), []byte("\n"))
	if last := bytes.TrimSpace(lines[len(lines)-1]); len(last) > 0 {
		return errors.New(string(last))
	}
	return err
}

// stamped matches the time stamps of a subtitle in the forms of SubRip (00:01:05,000 -->
// 00:01:08,000), WebVTT (01:05.000 --> 01:08.000) and whisper.cpp (in brackets, followed by the
// text).
var stamped = lazyregexp.New(`^\[?(?:(\d+):)?(\d\d):(\d\d)[.,]\d+\s*-->\s*[\d:.,]+[^\]]*?\]?\s*$|` +
	`^\[(?:(\d+):)?(\d\d):(\d\d)[.,]\d+\s*-->\s*[\d:.,]+\]\s*(.*)$`)

// writeTranscript writes a transcript as paragraphs of about a minute. If the transcript has time
// stamps, the place of each paragraph is its time.
func writeTranscript(out *builder, text string) {
	const stretch = 60 // seconds
	var words []string
	began, timed := -stretch, false
	flush := func() {
		out.paragraph(strings.Join(words, " "))
		words = nil
	}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if m := stamped.FindStringSubmatch(line); m != nil {
			at := numberIn(m[1]+m[4])*3600 + numberIn(m[2]+m[5])*60 + numberIn(m[3]+m[6])
			if !timed || at-began >= stretch {
				flush()
				out.place("at " + clock(at))
				began, timed = at, true
			}
			line = m[7]
		}
		switch {
		case line == "" && !timed: // between paragraphs
			flush()
			continue
		case line == "" || line == "WEBVTT" || numbersTime(lines[i:]):
			continue
		case len(out.marks) == 0:
			out.place("the recording")
		}
		words = append(words, line)
	}
	flush()
}

// numbersTime reports whether the first line is the number that SubRip puts before a time stamp.
func numbersTime(lines []string) bool {
	return len(lines) > 1 && strings.Trim(strings.TrimSpace(lines[0]), "0123456789") == "" &&
		stamped.MatchString(strings.TrimSpace(lines[1]))
}

// clock formats seconds as "1:05" or "1:02:05".
func clock(seconds int) string {
	if seconds >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}
