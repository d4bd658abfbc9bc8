package load

import "testing"

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
