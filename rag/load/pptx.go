package load

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// readPptx reads presentations (ECMA-376, PresentationML) slide by slide: the title, texts in
// reading order, tables, charts, diagrams, descriptions of pictures, comments and speaker notes.
// Hidden slides and shapes are left out, with a note.
func readPptx(ctx context.Context, l *Loader, in input) (Document, error) {
	p, err := openPacked(in.data)
	if err != nil {
		return Document{}, err
	}
	main, err := p.mainPart(ctx, "pptx", "ppt/presentation.xml")
	if err != nil {
		return Document{}, err
	}
	if main == "" {
		return Document{}, lacks("ppt/presentation.xml")
	}
	w := &pptxReader{office: office{p: p, ctx: ctx, out: &builder{max: in.opts.MaxText}, embedded: embedder{l: l, in: in}},
		layouts: map[string]*slideLayout{}, authors: map[string]string{}, feet: map[string]bool{}}
	slides, err := w.slides(main)
	if err != nil {
		return Document{}, err
	}
	if len(slides) == 0 {
		return Document{}, lacks("slides")
	}
	var blank []int
	for i, slide := range slides {
		if w.out.full() {
			break
		}
		w.out.place(fmt.Sprintf("slide %d", i+1))
		before := w.out.b.Len()
		if err := w.slide(slide, i+1); err != nil {
			return Document{}, err
		}
		if w.out.b.Len() == before {
			blank = append(blank, i+1)
		}
	}
	doc := w.out.document()
	doc.Title, doc.Date = p.coreProperties(ctx)
	doc.Notes = w.notes()
	if len(w.hiddenSlides) > 0 {
		doc.Notes = append(doc.Notes, "hidden "+numbers("slide", w.hiddenSlides)+" left out")
	}
	blank = slices.DeleteFunc(blank, func(n int) bool { return slices.Contains(w.hiddenSlides, n) })
	if len(blank) > 0 {
		doc.Notes = append(doc.Notes, numbers("slide", blank)+noTextNote)
	}
	if strings.TrimSpace(doc.Text) == "" {
		return Document{}, &Error{Reason: NoText, Detail: "has no text on its slides: they are pictures, or hidden"}
	}
	return doc, nil
}

// noTextNote is the end of the note about pages and slides without text.
const noTextNote = " without text: a picture, or blank"

// numbers formats a list of pages or slides: "pages 2–4, 7".
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

// numberIn reads the digits in s as one number and ignores other characters. The result is limited
// to about ten million.
func numberIn(s string) (n int) {
	for _, c := range s {
		if c >= '0' && c <= '9' && n < 1e6 {
			n = n*10 + int(c-'0')
		}
	}
	return n
}

// A pptxReader writes the slides of a presentation.
type pptxReader struct {
	office
	layouts      map[string]*slideLayout
	authors      map[string]string // authors of comments, by identifier
	hiddenSlides []int
	feet         map[string]bool // slide footers and texts of layouts that have been written
	used         map[string]bool // relationships of the current slide whose parts have been written
}

// slides returns the parts of the slides in the order of the presentation, and reads the authors of
// comments.
func (w *pptxReader) slides(main string) ([]string, error) {
	rels, err := w.p.related(w.ctx, main)
	if err != nil {
		return nil, err
	}
	var slides []string
	err = w.p.walk(w.ctx, main, xmlHandler{start: func(name string, attr func(string) string) {
		if name != "sldId" {
			return
		}
		id := attr("r:id")
		if target, ok := rels.targets[id]; ok {
			slides = append(slides, target)
			delete(rels.targets, id) // a slide that is listed repeatedly is read once
		}
	}}, nil)
	if err != nil {
		return nil, err
	}
	if len(slides) == 0 {
		for _, id := range rels.ids("slide") {
			slides = append(slides, rels.targets[id])
		}
	}
	for _, kind := range []string{"commentAuthors", "authors"} {
		part := w.p.beside(rels, main, kind)
		if part == "" {
			continue
		}
		if err := w.p.walk(w.ctx, part, xmlHandler{start: func(name string, attr func(string) string) {
			if name == "cmAuthor" || name == "author" {
				w.authors[attr("id")] = attr("name")
			}
		}}, nil); err != nil {
			return nil, err
		}
	}
	return slides, nil
}

// slide writes one slide.
func (w *pptxReader) slide(part string, number int) error {
	root, err := w.p.tree(w.ctx, part)
	if err != nil || root == nil {
		return err
	}
	if show := root.attr("show"); show == "0" || show == "false" {
		w.hiddenSlides = append(w.hiddenSlides, number)
		return nil
	}
	if err := w.relate(part); err != nil {
		return err
	}
	w.used = map[string]bool{}
	layout, err := w.layout(w.rels.first("slideLayout"))
	if err != nil {
		return err
	}
	shapes := w.shapes(root.child("cSld", "spTree"), layout)
	mark := w.out.mark()
	title := fmt.Sprintf("Slide %d", number)
	var others []*slideShape
	found := false
	for _, s := range shapes {
		if s.title() && !found && tidy(s.text()) != "" {
			title, found = s.text(), true
		} else {
			others = append(others, s)
		}
	}
	w.out.heading(2, strings.ReplaceAll(title, "\n", " "))
	empty := w.out.b.Len()
	for _, s := range readingOrder(others) {
		w.shape(s)
	}
	if !hidesMaster(root) {
		w.layoutTexts(layout)
	}
	for _, id := range w.rels.ids("chart") {
		w.chartOnce(id)
	}
	for _, id := range w.rels.ids("diagramData") {
		w.diagramOnce(id)
	}
	for _, id := range slices.Concat(w.rels.ids("comments"), w.rels.ids("threadedComments")) {
		if err := w.slideComments(w.rels.targets[id]); err != nil {
			return err
		}
	}
	if notes := w.rels.first("notesSlide"); notes != "" {
		if err := w.speakerNotes(notes); err != nil {
			return err
		}
	}
	if w.out.b.Len() == empty && !found {
		w.out.reset(mark)
	}
	return nil
}

func (w *pptxReader) chartOnce(id string) {
	if !w.used[id] {
		w.used[id] = true
		w.chart(w.rels.targets[id])
	}
}

func (w *pptxReader) diagramOnce(id string) {
	if !w.used[id] {
		w.used[id] = true
		w.diagram(w.rels.targets[id])
	}
}

// slideComments writes the comments on a slide.
func (w *pptxReader) slideComments(part string) error {
	return w.p.walk(w.ctx, part, xmlHandler{
		whole: func(name string) bool { return name == "cm" },
		tree: func(n *node) {
			write := func(n *node) {
				text := n.child("text").content()
				if body := n.child("txBody"); body != nil {
					text = strings.Join(drawingParagraphs(body), " ")
				}
				w.out.paragraph(commentText(w.authors[n.attr("authorId")], text))
			}
			write(n)
			n.child("replyLst").each("reply", write)
		},
	}, nil)
}

// speakerNotes writes the speaker notes of a slide.
func (w *pptxReader) speakerNotes(part string) error {
	root, err := w.p.tree(w.ctx, part)
	if err != nil {
		return err
	}
	first := true
	for _, s := range w.shapes(root.child("cSld", "spTree"), nil) {
		switch s.place {
		case "sldImg", "sldNum", "dt", "ftr", "hdr":
			continue
		}
		for _, paragraph := range drawingParagraphs(s.node.child("txBody")) {
			if tidy(paragraph) != "" && first {
				paragraph, first = "Notes: "+paragraph, false
			}
			w.out.paragraph(paragraph)
		}
	}
	return nil
}

// shape writes the text of a shape.
func (w *pptxReader) shape(s *slideShape) {
	switch s.place {
	case "sldNum", "dt", "hdr":
		return
	case "ftr":
		if text := tidy(s.text()); saysSomething(text) && !w.feet[text] {
			w.feet[text] = true
			w.out.paragraph(text)
		}
		return
	}
	if s.alt != "" {
		w.out.paragraph("[" + s.alt + "]")
	}
	if body := s.node.child("txBody"); body != nil {
		w.body(body, s.place == "body" || s.place == "obj" || s.place == "placeholder")
	}
	if s.node.name == "sp" {
		return
	}
	s.node.all("tbl", w.table)
	s.node.all("chart", func(c *node) { w.chartOnce(c.attr("r:id")) })
	s.node.all("relIds", func(d *node) { w.diagramOnce(d.attr("r:dm")) })
	switch {
	case s.node.find("videoFile") != nil:
		w.unread("video")
	case s.node.find("audioFile") != nil:
		w.unread("sound")
	case s.node.find("oleObj") != nil:
		ole := s.node.find("oleObj")
		w.object(w.rels.targets[ole.attr("r:id")], ole.attr("progId"), w.picturesIn(s.node))
	case s.node.name == "pic" && !w.pictures(w.picturesIn(s.node)) && s.alt == "":
		w.unread("picture without a description")
	}
}

// picturesIn returns the parts of the pictures in a shape.
func (w *pptxReader) picturesIn(n *node) (parts []string) {
	n.all("blip", func(b *node) { parts = append(parts, w.rels.targets[b.attr("r:embed")]) })
	return parts
}

// body writes the paragraphs of a text body. list says that paragraphs are list items by default.
func (w *pptxReader) body(body *node, list bool) {
	var counts [9]int
	body.each("p", func(p *node) {
		text := drawingText(p)
		if strings.TrimSpace(text) == "" {
			return
		}
		properties := p.child("pPr")
		level := min(numberIn(properties.attr("lvl")), 8)
		for deeper := level + 1; deeper < len(counts); deeper++ {
			counts[deeper] = 0
		}
		numbered := properties.child("buAutoNum")
		switch {
		case numbered != nil:
			if counts[level]++; counts[level] == 1 && numbered.attr("startAt") != "" {
				counts[level] = numberIn(numbered.attr("startAt"))
			}
			w.out.numbered(autoNumber(counts[level], numbered.attr("type")), text)
			return
		case properties.child("buChar") != nil || properties.child("buBlip") != nil ||
			(list || level > 0) && properties.child("buNone") == nil:
			w.out.listItem(level, text)
		default:
			w.out.paragraph(text)
		}
		counts[level] = 0
	})
}

// autoNumber formats a number in one of DrawingML's schemes, such as "arabicPeriod" or
// "alphaLcParenBoth".
func autoNumber(n int, form string) string {
	format := "decimal"
	for prefix, f := range map[string]string{
		"romanUc": "upperRoman", "romanLc": "lowerRoman", "alphaUc": "upperLetter",
		"alphaLc": "lowerLetter", "circleNum": "decimalEnclosedCircle",
		"ea1Chs": "chineseCounting", "ea1Cht": "chineseCounting", "ea1Jpn": "japaneseCounting",
	} {
		if strings.HasPrefix(form, prefix) {
			format = f
		}
	}
	s := formatNumber(n, format)
	switch {
	case strings.HasSuffix(form, "ParenBoth"):
		return "(" + s + ")"
	case strings.HasSuffix(form, "ParenR"):
		return s + ")"
	case strings.HasSuffix(form, "Period"), form == "":
		return s + "."
	}
	return s
}

// table writes a table of DrawingML.
func (w *pptxReader) table(n *node) {
	w.out.beginTable()
	n.each("tr", func(row *node) {
		w.out.beginRow()
		row.each("tc", func(cell *node) {
			if cell.attr("hMerge") == "1" || cell.attr("vMerge") == "1" ||
				cell.attr("hMerge") == "true" || cell.attr("vMerge") == "true" {
				return // continuation of a merged cell
			}
			w.out.beginCell()
			w.out.spanCell(numberIn(cell.attr("gridSpan")), numberIn(cell.attr("rowSpan")))
			for _, paragraph := range drawingParagraphs(cell.child("txBody")) {
				w.out.paragraph(paragraph)
			}
		})
	})
	w.out.endTable()
}
