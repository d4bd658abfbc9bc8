package load

import (
	"context"
	"iter"
	"strings"
	"time"
)

// readCalendar reads the events, tasks and notes of a calendar (iCalendar, RFC 5545). It writes
// title, time and location in one line, then people and details.
func readCalendar(ctx context.Context, _ *Loader, in input) (Document, error) {
	text, cut, encoding, ok := decodeNoted(in.data, in.opts.MaxText*2) // half of it is markup
	if !ok {
		return Document{}, &Error{Reason: Binary, Detail: "is no calendar: it holds zero bytes"}
	}
	out := &builder{max: in.opts.MaxText}
	var event map[string]string
	var people []string
	began, depth, title := 0, 0, ""
	for line := range unfolded(text) {
		if line.number%1024 == 0 && ctx.Err() != nil {
			return Document{}, ctx.Err()
		}
		name, params, value := property(line.text)
		switch {
		case name == "BEGIN" && (value == "VEVENT" || value == "VTODO" || value == "VJOURNAL"):
			event, people, began = map[string]string{"": value}, nil, line.number
		case name == "BEGIN":
			depth++
		case name == "END" && event != nil && value == event[""]:
			out.placeLines(began, began)
			writeEvent(out, event, people)
			event = nil
		case name == "END":
			depth--
		case event == nil && name == "X-WR-CALNAME":
			title = calendarText(value)
			out.heading(1, title)
		case event == nil || depth > 1: // an alarm within an event; the calendar itself has depth 1
		case name == "ATTENDEE" || name == "ORGANIZER":
			who := params["CN"]
			if address := value[strings.IndexByte(value, ':')+1:]; who == "" {
				who = address
			} else if address != "" {
				who += " <" + address + ">"
			}
			if name == "ORGANIZER" {
				event[name] = who
			} else if len(people) < 200 {
				people = append(people, who)
			}
		case event[name] == "":
			event[name] = value
			if zone := params["TZID"]; zone != "" && name == "DTSTART" {
				event["TZID"] = zone
			}
		}
	}
	if event != nil { // the file ends inside an event
		out.placeLines(began, began)
		writeEvent(out, event, people)
	}
	doc := out.document()
	doc.Title = title
	doc.decoded(encoding)
	if cut {
		doc.Notes = append(doc.Notes, "only the beginning of the calendar is read")
	}
	return doc, nil
}

func writeEvent(out *builder, event map[string]string, people []string) {
	var head []string
	for _, part := range []string{calendarText(event["SUMMARY"]), eventTime(event["DTSTART"]),
		calendarText(event["LOCATION"])} {
		if part != "" {
			head = append(head, part)
		}
	}
	if len(head) == 0 && event["DESCRIPTION"] == "" {
		return
	}
	lines := []string{strings.Join(head, ", ")}
	more := func(label, value string) {
		if value != "" {
			lines = append(lines, label+": "+value)
		}
	}
	zone := event["TZID"]
	if strings.HasSuffix(event["DTSTART"], "Z") {
		zone = "UTC"
	}
	more("Until", eventTime(event["DTEND"]))
	more("Due", eventTime(event["DUE"]))
	more("Time zone", zone)
	more("Repeats", strings.ReplaceAll(strings.ToLower(event["RRULE"]), ";", ", "))
	more("Status", strings.ToLower(event["STATUS"]))
	more("Organizer", event["ORGANIZER"])
	more("Attendees", strings.Join(people, ", "))
	more("Categories", calendarText(event["CATEGORIES"]))
	more("Link", event["URL"])
	out.paragraph(strings.Join(lines, "\n"))
	out.paragraph(calendarText(event["DESCRIPTION"]))
}

// A numberedLine is a line of text with its number in the file, from 1.
type numberedLine struct {
	number int
	text   string
}

// unfolded iterates over the logical lines of a calendar: folded lines are joined.
func unfolded(text string) iter.Seq[numberedLine] {
	return func(yield func(numberedLine) bool) {
		number, begin := 0, 0
		var open strings.Builder
		for l := range strings.Lines(clean(text)) {
			number++
			l = strings.TrimRight(l, "\n")
			if l != "" && (l[0] == ' ' || l[0] == '\t') && open.Len() < 1<<20 {
				open.WriteString(l[1:])
				continue
			}
			if open.Len() > 0 && !yield(numberedLine{begin, open.String()}) {
				return
			}
			open.Reset()
			begin = number
			open.WriteString(l)
		}
		if open.Len() > 0 {
			yield(numberedLine{begin, open.String()})
		}
	}
}

// property parses a line of a calendar: NAME;PARAM=value:value.
func property(line string) (name string, params map[string]string, value string) {
	quoted := false
	end := -1
	for i := 0; i < len(line) && end < 0; i++ {
		switch line[i] {
		case '"':
			quoted = !quoted
		case ':':
			if !quoted {
				end = i
			}
		}
	}
	if end < 0 {
		return "", nil, ""
	}
	head := strings.Split(line[:end], ";")
	params = map[string]string{}
	for _, p := range head[1:] {
		key, v, _ := strings.Cut(p, "=")
		params[strings.ToUpper(key)] = strings.Trim(v, `"`)
	}
	return strings.ToUpper(head[0]), params, strings.TrimSpace(line[end+1:])
}

var calendarEscapes = strings.NewReplacer(`\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\\`, `\`)

func calendarText(s string) string { return strings.TrimSpace(calendarEscapes.Replace(s)) }

// eventTime writes a time of a calendar as 2025-05-09 09:00, and a day as 2025-05-09.
func eventTime(s string) string {
	s = strings.TrimSuffix(s, "Z")
	for form, shown := range map[string]string{"20060102T150405": "2006-01-02 15:04", "20060102": "2006-01-02"} {
		if t, err := time.Parse(form, s); err == nil {
			return t.Format(shown)
		}
	}
	return s
}
