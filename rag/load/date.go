package load

import (
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"weft/rag/lazyregexp"
)

// dateNames are the names of front matter fields that hold the date of a document, the preferred
// ones first. The date of the last change says most about how current the text is.
var dateNames = []string{"updated", "modified", "lastmod", "last_modified", "last-modified", "last_updated",
	"last-updated", "revdate", "revised", "date", "published", "published_time", "pubdate", "created", "issued"}

// dateOf returns the date in the fields of a document, as [ownDate] does.
func dateOf(fields fieldList) string {
	for _, name := range dateNames {
		if date := ownDate(fields.value(name)); date != "" {
			return date
		}
	}
	return ""
}

// dateLayouts are the forms of dates that have one meaning only. 03/04/2025 has two.
var dateLayouts = []string{"2006/01/02", "2006.01.02", "02.01.2006", "2.1.2006", "2 January 2006", "2 Jan 2006",
	"January 2, 2006", "Jan 2, 2006", "January 2 2006", "2006:01:02 15:04:05", "Mon, 2 Jan 2006 15:04 UTC"}

var (
	isoDate  = lazyregexp.New(`^(\d{4}-\d{2}-\d{2})(?:$|[T\s])`)
	packDate = lazyregexp.New(`^(?:D:)?(\d{4})(\d{2})(\d{2})(?:\d{4,6}(?:$|\D)|$|[TZ])`)
)

// mostDate is the maximum length in characters of a date that is kept as written.
const mostDate = 30

// ownDate returns a date as "2006-01-02" if its form is known. Otherwise it returns a short value
// with a digit in it as written, such as "Spring 2024", and "" for anything else.
func ownDate(value string) string {
	value = strings.Trim(tidy(value), "<>[]") // Org encloses dates
	day := ""
	if m := isoDate.FindStringSubmatch(value); m != nil {
		day = m[1]
	} else if m := packDate.FindStringSubmatch(value); m != nil {
		day = m[1] + "-" + m[2] + "-" + m[3]
	}
	if t, err := time.Parse(time.DateOnly, day); err == nil {
		return sensible(t)
	}
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, value); err == nil {
			return sensible(t)
		}
	}
	if t, err := mail.ParseDate(value); err == nil {
		return sensible(t)
	}
	if day != "" || !strings.ContainsAny(value, "0123456789") || utf8.RuneCountInString(value) > mostDate {
		return ""
	}
	return value
}

// sensible formats a date, or returns "" for one that programs write when they know none.
func sensible(t time.Time) string {
	if t.Year() < 1500 || t.Format(time.DateOnly) == "1970-01-01" || t.Format(time.DateOnly) == "1601-01-01" {
		return ""
	}
	return t.Format(time.DateOnly)
}
