//go:build unix

package load

import (
	"bytes"
	"encoding/base64"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestRealMailHoldsTheWordsOfItsTextParts reads the messages below the directory WEFT_TEST_MAIL
// (.eml, .raw, .txt), such as the fixtures of mail libraries, and compares their text with the
// plain text parts that the standard library finds. Messages that it refuses are skipped.
func TestRealMailHoldsTheWordsOfItsTextParts(t *testing.T) {
	if os.Getenv("WEFT_LONG") != "1" {
		t.Skip("long: reads real mail")
	}
	dir := os.Getenv("WEFT_TEST_MAIL")
	if dir == "" {
		t.Fatal("WEFT_TEST_MAIL names no directory of messages")
	}
	sum, n := 0.0, 0
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !slices.Contains([]string{"eml", "raw", "txt"}, plainExtension(file)) {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		message, err := mail.ReadMessage(bytes.NewReader(data))
		if err != nil || message.Header.Get("From")+message.Header.Get("Subject") == "" {
			return nil
		}
		text, ok := plainParts(message.Header.Get, message.Body)
		words := wordsOf(text)
		if !ok || len(words) < 5 {
			return nil
		}
		doc, err := testLoader().Document(t.Context(), "a.eml", data)
		share := recall(words, strings.Join(wordsOf(doc.Text), " "))
		t.Logf("%.4f of %d words, %v: %s", share, len(words), err, strings.TrimPrefix(file, dir))
		sum += share
		n++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		t.Fatal("no message was compared")
	}
	if t.Logf("%.4f of the words in %d messages", sum/float64(n), n); sum/float64(n) < 0.98 {
		t.Errorf("only %.4f of the words", sum/float64(n))
	}
}

// plainParts returns the plain text of a part and of the parts in it. It returns false for a part
// that the standard library does not read.
func plainParts(header func(string) string, body io.Reader) (string, bool) {
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if header("Content-Type") == "" {
		kind, err = "text/plain", nil
	}
	if err != nil {
		return "", false
	}
	switch strings.ToLower(strings.TrimSpace(header("Content-Transfer-Encoding"))) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	switch {
	case kind == "text/plain":
		data, err := io.ReadAll(body)
		if label := params["charset"]; label != "" && err == nil {
			r, unknown := charsetReader(label, bytes.NewReader(data))
			if unknown != nil || strings.EqualFold(label, "us-ascii") && !isASCII(string(data)) {
				return "", false
			}
			data, err = io.ReadAll(r)
		}
		return string(data), err == nil
	case strings.HasPrefix(kind, "multipart/"):
		var all strings.Builder
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err == io.EOF {
				return all.String(), true
			}
			if err != nil {
				return "", false
			}
			text, ok := plainParts(p.Header.Get, p)
			if !ok {
				return "", false
			}
			all.WriteString(text + "\n")
		}
	case kind == "message/rfc822":
		message, err := mail.ReadMessage(body)
		if err != nil {
			return "", false
		}
		return plainParts(message.Header.Get, message.Body)
	}
	return "", true
}
