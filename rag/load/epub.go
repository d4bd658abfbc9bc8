package load

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
)

// readEPUB reads books (EPUB 2 and 3), chapter by chapter in the order of the spine.
func readEPUB(ctx context.Context, _ *Loader, in input) (Document, error) {
	p, err := openPacked(in.data)
	if err != nil {
		return Document{}, err
	}
	if p.files["META-INF/rights.xml"] != nil {
		return Document{}, &Error{Reason: Encrypted, Detail: "is protected against copying (DRM)"}
	}
	root := ""
	if err := p.walk(ctx, "META-INF/container.xml", xmlHandler{start: func(name string, attr func(string) string) {
		if name == "rootfile" && root == "" {
			root = attr("full-path")
		}
	}}, nil); err != nil {
		return Document{}, err
	}
	if root == "" {
		return Document{}, lacks("META-INF/container.xml")
	}
	hrefs := map[string]string{}
	var spine []string
	if err := p.walk(ctx, root, xmlHandler{start: func(name string, attr func(string) string) {
		switch name {
		case "item":
			// The table of contents repeats the headings.
			if href, err := url.PathUnescape(attr("href")); err == nil &&
				!slices.Contains(strings.Fields(attr("properties")), "nav") {
				hrefs[attr("id")] = path.Join(path.Dir(root), href)
			}
		case "itemref":
			spine = append(spine, attr("idref"))
		}
	}}, nil); err != nil {
		return Document{}, err
	}
	out := &builder{max: in.opts.MaxText}
	var notes unread
	for i, id := range spine {
		href := hrefs[id]
		if href == "" || out.full() {
			continue
		}
		delete(hrefs, id) // a chapter that is listed several times is read once
		data, err := p.read(href)
		if err != nil {
			return Document{}, err
		}
		text, _, _, ok := decodeHTML(data, in.opts.MaxText)
		if !ok {
			continue
		}
		out.place(fmt.Sprintf("chapter %d", i+1))
		h := &htmlReader{out: out, unread: notes}
		if _, err := h.read(ctx, text, false); err != nil {
			return Document{}, err
		}
		notes = h.unread
		out.endTables()
	}
	doc := out.document()
	if strings.TrimSpace(doc.Text) == "" {
		return Document{}, &Error{Reason: NoText, Detail: "has no text in its chapters: they are pictures"}
	}
	doc.Title, doc.Date = p.propertiesIn(ctx, root)
	doc.Notes = notes.notes()
	return doc, nil
}
