package load

import (
	"bytes"
	"context"
	"strings"

	"github.com/jhillyerd/enmime/v2"
	"github.com/jhillyerd/enmime/v2/mediatype"
)

// mailParts parses a message into the tree of its parts. It parses nested multiparts down to
// maxMailDepth, and counts the deeper ones, which stay without content.
//
// The parser gets one level at a time. Given all levels, it reads the end of a part twice for each
// enclosing level, so that its time would double with each level of a message whose parts are not
// closed.
func mailParts(ctx context.Context, data []byte, depth int) (root *enmime.Part, tooDeep int, err error) {
	root, err = oneLevelParser().ReadParts(&contextReader{ctx, bytes.NewReader(data)})
	if err != nil {
		return nil, 0, err
	}
	for part := root.FirstChild; part != nil && ctx.Err() == nil; part = part.NextSibling {
		if !strings.HasPrefix(part.ContentType, "multipart/") || part.FirstChild != nil {
			continue
		}
		content := part.Content
		part.Content = nil
		if depth == maxMailDepth {
			tooDeep++
			continue
		}
		head := "Content-Type: " + part.Header.Get("Content-Type") + "\n\n"
		inner, deeper, err := mailParts(ctx, append([]byte(head), content...), depth+1)
		if tooDeep += deeper; err != nil {
			continue // malformed: the other parts are read
		}
		for child := inner.FirstChild; child != nil; child = child.NextSibling {
			child.PartID = part.PartID + "." + child.PartID
		}
		if part.AddChild(inner.FirstChild); part.FirstChild == nil {
			part.ContentType, part.Content = inner.ContentType, inner.Content
		}
	}
	return root, tooDeep, ctx.Err()
}

// oneLevelParser returns a parser for one message or one multipart. Multiparts inside it become
// parts whose content is their source. The parser keeps the readable content of malformed parts,
// and converts text from the encoding that a part declares.
func oneLevelParser() *enmime.Parser {
	multiparts := 0
	parse := func(value string) (string, map[string]string, []string, error) {
		kind, params, invalid, err := mediatype.ParseWithOptions(value,
			mediatype.ParseOptions{StripMediaTypeInvalidCharacters: true})
		if strings.HasPrefix(kind, "multipart/") {
			if multiparts++; multiparts > 2 { // the outermost type is parsed twice
				return kind, nil, invalid, err
			}
		}
		// ASCII is declared for text in any encoding. Declared as UTF-8 the bytes stay as they are,
		// and textOf decodes them.
		if strings.HasPrefix(kind, "text/") && params != nil {
			switch strings.ToLower(params["charset"]) {
			case "us-ascii", "ascii", "unknown-8bit", "unknown", "x-unknown", "8bit", "default":
				params["charset"] = "utf-8"
			}
		}
		return kind, params, invalid, err
	}
	return enmime.NewParser(enmime.SkipMalformedParts(true),
		enmime.MultipartWOBoundaryAsSinglePart(true),
		enmime.SetReadPartErrorPolicy(enmime.AllowCorruptTextPartErrorPolicy),
		enmime.MaxStoredPartErrors(20), enmime.DisableCharacterDetection(true),
		enmime.SetCustomParseMediaType(parse))
}
