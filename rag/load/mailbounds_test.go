package load_test

import (
	"fmt"
	"strings"
	"testing"

	"weft/rag/load"
)

// nestedMessage returns a message with nested multiparts, each closed and with a text of its own.
func nestedMessage(levels int) string {
	var b strings.Builder
	b.WriteString("From: a@b.c\nSubject: nested\n")
	for i := range levels {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n\nlevel%d\n--b%d\n", i, i, i, i)
	}
	b.WriteString("\nlast\n")
	for i := range levels {
		fmt.Fprintf(&b, "--b%d--\n", levels-1-i)
	}
	return b.String()
}

func TestPartsInPartsOfAMessageAreReadToALimit(t *testing.T) {
	l := load.New(load.Options{})
	for _, tc := range []struct {
		levels int
		has    string
		hasNot string
		note   string
	}{
		{6, "level0 level1 level2 level3 level4 level5 last", "--b", ""},
		{20, "level18 level19 last", "--b", ""},
		{21, "level18 level19", "level20", "parts that lie more than 20 parts deep are not read"},
	} {
		doc, err := l.Document(t.Context(), "a.eml", []byte(nestedMessage(tc.levels)))
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Join(strings.Fields(doc.Text), " ")
		if !strings.Contains(words, tc.has) || strings.Contains(words, tc.hasNot) ||
			strings.Join(doc.Notes, "; ") != tc.note {
			t.Errorf("%d levels: %q, %q", tc.levels, words, doc.Notes)
		}
	}
}

func TestAMailboxIsReadUpToANumberOfMessages(t *testing.T) {
	data := strings.Repeat("From a b\nFrom: a\nSubject: b\n\nword\n\n", 20_003)
	doc, err := load.New(load.Options{}).Document(t.Context(), "a.mbox", []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	if note := "only the first 20000 messages are read, 3 are not"; strings.Join(doc.Notes, "; ") != note {
		t.Errorf("%q", doc.Notes)
	}
}

func TestTheLastEventOfACalendarThatIsCutShortIsRead(t *testing.T) {
	data := "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Regatta\nLOCATION:Pier four\n"
	doc, err := load.New(load.Options{}).Document(t.Context(), "a.ics", []byte(data))
	if err != nil || !strings.Contains(doc.Text, "Regatta") || !strings.Contains(doc.Text, "Pier four") {
		t.Errorf("%q, %v", doc.Text, err)
	}
}
