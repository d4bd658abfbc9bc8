package load

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRTFSaysWhatItShows(t *testing.T) {
	doc := readBytes(t, "a.rtf", []byte(`{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}{\f1\fcharset204 Arial;}{\f2\fcharset2 Symbol;}}{\stylesheet{\s0 Normal;}{\s1 heading 1;}}{\info{\title The title}{\author A}}
{\header Harbour Board\par}{\footer Page {\field{\*\fldinst PAGE}{\fldrst 3}}\par}
\pard\s1{\listtext\pard\plain 1.\tab}Term\par\pard\plain\s0 Caf\'e9 \u8364?\uc2\u233\'e9\'e9{\v secret}{\deleted gone}{\f1 \'cf\'f0\'e8} {\f2 ab} \{x\}{\*\unknown hidden}{\super\chftn{\footnote\pard {\super\chftn} Of the year.}}{\*\atnauthor Eve}{\*\annotation Is it?}\par
{\field{\*\fldinst HYPERLINK "x"}{\fldrst the tables}}\line of \emdash  the harbour\par{\listtext\'b7\tab}\ilvl0 point\par{\pict 00ff}
{\mmath{\*\moMath{\mf{\mnum{\mr 550}}{\mden{\mr 25}}}{\md{\mdPr{\mbegChr [}{\mendChr ]}}{\me{\mr x}}}}}\par
\trowd\trhdr\cellx1\cellx2\pard\intbl Ship\cell Tons\cell\row\trowd\clvmgf\cellx1\cellx2\pard\intbl Kittiwake\cell 54\cell\row\trowd\clvmrg\cellx1\cellx2\pard\intbl\cell 61\cell\row\pard After\par}`))
	wantText(t, doc, `
# 1. Term
Café €éПри αβ {x}[1]
[1] Of the year.
[Comment by Eve: Is it?]
the tables
of — the harbour
- point
(550)/(25)[x]
| Ship | Tons |
|---|---|
| Kittiwake | 54 |
| Kittiwake | 61 |
After
Head or foot of the pages: Harbour Board`)
	wantNotes(t, doc, "hidden text is left out: 1 place", "deleted text of tracked changes is left out: 1 place", "1 picture is not read")
	if doc.Title != "The title" {
		t.Errorf("the title is %q", doc.Title)
	}
	mac := readBytes(t, "mac.rtf", []byte("{\\rtf1\\ansi\\f0 The first line\\\nThe second\\\r\n\\f1 and the third.\\\n}"))
	wantText(t, mac, "The first line\nThe second\nand the third.")
	part := readBytes(t, "part.rtf", []byte(`{\pard \ql Berths:\par}{\trowd\cellx1\cellx2\intbl{{\pard\intbl Pier\par}\cell}{{\pard\intbl Price\par}\cell}\intbl\row}{\trowd\cellx1\cellx2\intbl{{\pard\intbl A\par}\cell}{{\pard\intbl 40\par}\cell}\intbl\row}`))
	wantText(t, part, "Berths:\n| Pier | Price |\n|---|---|\n| A | 40 |")
	page := readBytes(t, "b.doc", []byte(`{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 A page {\*\htmltag84 <b>}\htmlrtf\b\htmlrtf0 within{\*\htmltag92 </b>}\htmlrtf }\htmlrtf0{\*\htmltag72 </p>}\par}`))
	wantText(t, page, "A page within")
}

func TestRTFShowsScriptsAndSymbolFonts(t *testing.T) {
	doc := readBytes(t, "a.rtf", []byte(`{\rtf1\ansi\deff0{\fonttbl{\f0 Arial;}{\f1\fcharset2{\*\panose 05}Wingdings;}{\f2\fnil\fcharset2 Webdings{\*\falt x};}{\f3\fcharset2 MT Extra;}{\f4 Wingdings 2;}}
Water is H{\sub 2}O, 10{\super 6} l or 10{\super -6} m{\super 3}, the 2{\super nd} pier{\super 12}\nosupersub .\par
10\super 4\nosupersub 5\up6 7\up0 8\par
{\f1 \'fc} ready {\f1\u61608 ?} open {\f2 a} yes {\f3 l} long {\f4 P}\plain P\par}`))
	wantText(t, doc, `
Water is H2O, 10^6 l or 10^-6 m3, the 2nd pier^12.
10^45^78
✓ ready ☐ open ✔ yes ℓ long ✓P`)
}

func TestRTFHoldsDrawingsAndEmbeddedDocuments(t *testing.T) {
	sheet, err := os.ReadFile(filepath.Join(files, "ledger.xls"))
	if err != nil {
		t.Fatal(err)
	}
	object := func(data []byte) string {
		head := append(pptNumbers(0x501, 2, 12), "Excel.Sheet\x00"...)
		return hex.EncodeToString(append(append(head, pptNumbers(0, 0, len(data))...), data...))
	}
	drawing := hex.EncodeToString(emfBytes(emfText(0, 0, 0, "Depth of the channel")))
	metafile := string(wmfBytes(wmfRecord(0x521, []int{5}, "Crane", 10, 20)))
	doc := readBytes(t, "a.rtf", []byte(`{\rtf1\ansi Before{\*\shppict{\pict{\*\picprop{\sp{\sn wzDescription}{\sv The pier}}}\pngblip 89504e47}}{\nonshppict{\pict\wmetafile8 00}}\par
{\pict\emfblip `+drawing+`}\par
{\pict\wmetafile8\bin`+fmt.Sprint(len(metafile))+" "+metafile+`}\par
{\shp{\*\shpinst{\sp{\sn gtextUNICODE}{\sv Sale}}}}\par
{\object\objemb{\*\objclass Excel.Sheet.8}{\*\objdata `+object(sheet)+`}{\result{\pict\emfblip `+drawing+`}}}\par
{\object\objemb{\*\objdata `+object([]byte("\x00\x01"))+`}{\result{\pict\emfblip `+drawing+`}}}\par
{\object\objemb{\*\objdata `+object([]byte("\x00\x01"))+`}{\result{\pict\pngblip 89}}}\par
{\pict\pngblip 89}After\par}`))
	rest := doc.Text
	for _, want := range []string{"Before\n\n[The pier]", "Depth of the channel", "Crane", "Sale", "### Embedded object\n\n#### ", "Depth of the channel", "After"} {
		_, after, ok := strings.Cut(rest, want)
		if !ok {
			t.Fatalf("%q is not in its place in:\n%s", want, doc.Text)
		}
		rest = after
	}
	if n := strings.Count(doc.Text, "Depth"); n != 2 {
		t.Errorf("the picture of the embedded sheet is read as well: %d", n)
	}
	notes := doc.Notes[:2]
	wantNotes(t, Document{Notes: notes}, "1 embedded object is not read", "1 picture is not read")
}
