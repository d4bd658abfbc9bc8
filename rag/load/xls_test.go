package load

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOneWorkbookReadsTheSameInEachFormat(t *testing.T) {
	for _, file := range []string{"ledger.fods", "ledger.xlsx", "ledger.xls"} {
		doc, err := loadFile(t, file)
		if err != nil {
			t.Fatal(err)
		}
		wantText(t, doc, `
# Dues
## Harbour dues
Columns: Region; Ship; Paid; Dues
Region: North; Ship: Kittiwake; Paid: 02.01.2025; Dues: 12.5
[Comment by Eve: paid late]
Region: North; Ship: 海燕; Paid: 03.02.2025; Dues: 25
Columns: Keeper; Wage
Keeper: Ève; Wage: 1234.5`)
		if got := placeOf(doc, "Ship: 海燕"); got != "sheet Dues row 4" {
			t.Errorf("%s: the row is in %s", file, got)
		}
		notes := strings.Join(doc.Notes, "; ")
		for _, want := range []string{"hidden sheet Drafts is left out", "a hidden column is left out", "a hidden row is left out"} {
			if !strings.Contains(notes, want) {
				t.Errorf("%s: notes %q lack %q", file, notes, want)
			}
		}
	}
}

func TestTextsOfOldWorkbooksGoOnFromRecordToRecord(t *testing.T) {
	w := &xlsReader{wide: true}
	w.strings([][]byte{append([]byte{5, 0, 0}, "abc"...), {1, 'd', 0, 0x42, 0x30}, {2, 0, 8, 1, 0, 'x', 'y', 1, 2, 3, 4, 1, 0, 0, 'z'}})
	if strings.Join(w.shared, "|") != "abcdあ|xy|z" {
		t.Errorf("%q", w.shared)
	}
	for rk, want := range map[uint32]float64{0x3ff00000: 1, 0x3ff00001: 0.01, 5<<2 | 2: 5, 1234<<2 | 3: 12.34} {
		if got := rkNumber(rk); got != want {
			t.Errorf("%x is %v, not %v", rk, got, want)
		}
	}
}

func TestCompoundFilesThatLieAreBounded(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(files, "port.xls"))
	if err != nil {
		t.Fatal(err)
	}
	circle := append([]byte(nil), data...)
	start := binary.LittleEndian.Uint32(data[76:]) // allocation table; each sector links to itself
	for i := range 128 {
		binary.LittleEndian.PutUint32(circle[(int(start)+1)*512+4*i:], uint32(i))
	}
	// Names in a compound file are case-insensitive.
	utf16 := func(s string) string { return strings.Join(strings.Split(s, ""), "\x00") + "\x00" }
	capitals := strings.Replace(string(data), utf16("Workbook"), utf16("WORKBOOK"), 1)
	if doc := readBytes(t, "a.xls", []byte(capitals)); capitals == string(data) || !strings.Contains(doc.Text, "Ship") {
		t.Errorf("with its name in capitals: %q", doc.Text)
	}
	for name, bytes := range map[string][]byte{"a circle": circle, "cut short": data[:1000], "only a head": data[:512]} {
		var e *Error
		if _, err := testLoader().Document(t.Context(), "a.xls", bytes); err != nil && !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if doc := readBytes(t, "a.xls", []byte("Ship\tTons\nKittiwake\t54\n")); !strings.Contains(doc.Text, "Ship: Kittiwake; Tons: 54") || doc.Kind != "csv" {
		t.Errorf("a table of text is read as %s: %q", doc.Kind, doc.Text)
	}
	if doc := readBytes(t, "a.xls", []byte("<html><table><tr><th>Ship<th>Tons<tr><td>Kittiwake<td>54</table></html>")); !strings.Contains(doc.Text, "| Kittiwake | 54 |") {
		t.Errorf("a page is read as %s: %q", doc.Kind, doc.Text)
	}
}

func TestEscapesInTextsOfWorkbooksAreDecoded(t *testing.T) {
	for in, want := range map[string]string{"Rich_x000d_\nText": "Rich\r\nText", "_x005F_x000D_": "_x000D_",
		"snake_x_y": "snake_x_y", "a_x00e9_b": "aéb"} {
		if got := unescaped(in); got != want {
			t.Errorf("%q is %q, not %q", in, got, want)
		}
	}
}
