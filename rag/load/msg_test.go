package load

import (
	"encoding/hex"
	"strings"
	"testing"
)

func TestOutlooksMessagesAreReadWithWhatIsAttached(t *testing.T) {
	doc, err := loadFile(t, "letter.msg")
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, doc, `
# The new chimney glasses
From: Ève Kerouédan <eve@example.org>
To: Harbour office
Date: Mon, 3 Jan 2025 10:00:00 +0100
Dear colleagues,
the new chimney glasses for 海燕 have come. None is broken.
Ève
## glasses.csv
Columns: Glass; Number
Glass: small; Number: 12
Glass: large; Number: 7`)
	for text, place := range map[string]string{"From: ": "head", "None is broken": "part 1", "Glass: large": "attachment glasses.csv line 3"} {
		if got := placeOf(doc, text); got != place {
			t.Errorf("%q is in %s, not %s", text, got, place)
		}
	}
}

func TestThePackedTextOfMessagesIsUnpacked(t *testing.T) {
	packed, err := hex.DecodeString("2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(unpackRTF(packed)); got != "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n" {
		t.Errorf("%q", got)
	}
	for n := range packed {
		unpackRTF(packed[:n]) // must not panic, wherever the data is cut
	}
	copy(packed[4:], "\xff\xff\xff\xff")
	if got := unpackRTF(packed); !strings.HasSuffix(string(got), "world}\r\n") {
		t.Errorf("with a false size: %q", got)
	}
}
