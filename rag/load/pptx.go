package load

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// readPptx reads presentations (ECMA-376, PresentationML), slide by slide: the title, the texts in the order they stand in, tables, diagrams and the
// speaker's notes.
func readPptx(ctx context.Context, _ *Loader, in input) (Document, error) {
	p, err := openPacked(in.data)
	if err != nil {
		return Document{}, err
	}
	slides, err := p.slides(ctx)
	if err != nil {
		return Document{}, err
	}
	if len(slides) == 0 {
		return Document{}, lacks("slides")
	}
	out := &builder{max: in.opts.MaxText}
	var blank []int
	for i, slide := range slides {
		if out.full() {
			break
		}
		out.place(fmt.Sprintf("slide %d", i+1))
		before := out.b.Len()
		if err := p.slide(ctx, out, slide, i+1); err != nil {
			return Document{}, err
		}
		if out.b.Len() == before {
			blank = append(blank, i+1)
		}
	}
	doc := out.document()
	doc.Title = p.titleIn(ctx, "docProps/core.xml")
	if len(blank) > 0 {
		doc.Notes = append(doc.Notes, numbers("slide", blank)+noTextNote)
	}
	if len(blank) == len(slides) {
		return Document{}, &Error{Reason: NoText, Detail: "has no text on its slides: they are pictures"}
	}
	return doc, nil
}

// noTextNote is what is said of pages and slides that are pictures.
const noTextNote = " without text: a picture, or blank"

// numbers names pages or slides: "pages 2–4, 7".
func numbers(noun string, numbers []int) string {
	var parts []string
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1] == numbers[j]+1 {
			j++
		}
		if part := strconv.Itoa(numbers[i]); j > i {
			parts = append(parts, part+"–"+strconv.Itoa(numbers[j]))
		} else {
			parts = append(parts, part)
		}
		if i = j + 1; len(parts) == 20 && i < len(numbers) {
			parts = append(parts, "…")
			break
		}
	}
	if len(numbers) > 1 {
		noun += "s"
	}
	return noun + " " + strings.Join(parts, ", ")
}

// slides lists the slides' parts in the order of the presentation.
func (p *packed) slides(ctx context.Context) ([]string, error) {
	targets, _, err := p.relations(ctx, "ppt/presentation.xml")
	if err != nil {
		return nil, err
	}
	var slides []string
	err = p.walk(ctx, "ppt/presentation.xml", xmlHandler{start: func(name string, attr func(string) string) {
		if name != "sldId" {
			return
		}
		id := attr("r:id")
		if target, ok := targets[id]; ok {
			slides = append(slides, target)
			delete(targets, id) // a slide that is named again and again is read once
		}
	}}, nil)
	if len(slides) == 0 && err == nil {
		for _, target := range targets {
			if strings.HasPrefix(target, "ppt/slides/") {
				slides = append(slides, target)
			}
		}
		slices.SortFunc(slides, func(a, b string) int { return numberIn(a) - numberIn(b) })
	}
	return slides, err
}

func numberIn(s string) (n int) {
	for _, c := range s {
		if c >= '0' && c <= '9' && n < 1e6 {
			n = n*10 + int(c-'0')
		}
	}
	return n
}

func (p *packed) slide(ctx context.Context, out *builder, part string, number int) error {
	s := slideReader{}
	if err := p.walk(ctx, part, s.handler(), out.full); err != nil {
		return err
	}
	targets, types, err := p.relations(ctx, part)
	if err != nil {
		return err
	}
	var notes []slideText
	for _, id := range slices.Sorted(maps.Keys(targets)) {
		var into *[]slideText
		switch types[id] {
		case "diagramData":
			into = &s.texts
		case "notesSlide":
			into = &notes
		default:
			continue
		}
		other := slideReader{}
		if err := p.walk(ctx, targets[id], other.handler(), out.full); err != nil {
			return err
		}
		*into = append(*into, other.texts...)
	}
	if s.title == "" && len(s.texts) == 0 && len(notes) == 0 {
		return nil
	}
	if tidy(s.title) == "" {
		s.title = fmt.Sprintf("Slide %d", number)
	}
	out.heading(2, s.title)
	s.writeTo(out, s.texts)
	if len(notes) > 0 {
		s.writeTo(out, notes)
	}
	return nil
}

// A slideText is a paragraph of a slide, or what begins and ends a table.
type slideText struct {
	text  string
	level int
	event string // "tbl", "tr", "tc", "/tbl"
}

type slideReader struct {
	title string
	texts []slideText

	text   strings.Builder
	inText bool
	kind   string // of the placeholder that the shape is
	level  int
}

func (s *slideReader) handler() xmlHandler {
	skip := 0
	return xmlHandler{
		start: func(name string, attr func(string) string) {
			if skip > 0 || name == "Fallback" {
				skip++
				return
			}
			switch name {
			case "sp":
				s.kind = ""
			case "ph":
				if s.kind = attr("type"); s.kind == "" {
					s.kind = "body"
				}
			case "p":
				s.level = -1
			case "pPr":
				s.level, _ = strconv.Atoi(attr("lvl"))
			case "t":
				s.inText = true
			case "br":
				s.text.WriteByte('\n')
			case "tbl", "tr", "tc":
				s.texts = append(s.texts, slideText{event: name})
			}
		},
		end: func(name string) {
			if skip > 0 {
				skip--
				return
			}
			switch name {
			case "t":
				s.inText = false
			case "p":
				s.flush()
			case "tbl":
				s.texts = append(s.texts, slideText{event: "/tbl"})
			}
		},
		text: func(t string) {
			if s.inText && skip == 0 {
				s.text.WriteString(t)
			}
		},
	}
}

func (s *slideReader) flush() {
	t := s.text.String()
	s.text.Reset()
	if strings.TrimSpace(t) == "" {
		return
	}
	switch s.kind {
	case "sldNum", "dt", "ftr", "hdr":
	case "title", "ctrTitle":
		s.title = strings.TrimSpace(s.title + " " + t)
	case "body", "obj":
		s.texts = append(s.texts, slideText{text: t, level: max(s.level, 0)})
	default:
		s.texts = append(s.texts, slideText{text: t, level: s.level})
	}
}

func (s *slideReader) writeTo(out *builder, texts []slideText) {
	for _, t := range texts {
		switch {
		case t.event == "tbl":
			out.beginTable()
		case t.event == "tr":
			out.beginRow()
		case t.event == "tc":
			out.beginCell()
		case t.event == "/tbl":
			out.endTable()
		case t.level >= 0:
			out.listItem(t.level, t.text)
		default:
			out.paragraph(t.text)
		}
	}
}
