package load

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// encodedTexts are short texts in the languages and encodings of old files.
var encodedTexts = []struct {
	encodings []encoding.Encoding
	texts     []string
}{
	{[]encoding.Encoding{charmap.Windows1252, charmap.Macintosh, charmap.CodePage850}, []string{
		"Die Öffnungszeiten der Bücherei ändern sich im März.", "Größe und Gewicht müssen für jedes Stück geprüft werden.",
		"La réunion commencera à huit heures précises, après le dîner.", "Le café est fermé pendant l'été à cause des travaux.",
		"El niño comió una manzana y después se marchó a la montaña.", "A reunião começará às oito horas, após a refeição.",
		"Flygplatsen är stängd på grund av snö och is.", "Søndag går færgen fra øen klokken ti.", "Perché la città è così bella? È la più antica."}},
	{[]encoding.Encoding{charmap.Windows1252}, []string{"Größe: 1½ m", "½ Tasse Öl und ¾ Liter Brühe.", "Cela coûte 40 € à l’été, cœur."}},
	{[]encoding.Encoding{charmap.ISO8859_15}, []string{"Cela coûte 40 € à l'été, cœur.", "Der Preis beträgt 40 € für die Größe."}},
	{[]encoding.Encoding{charmap.CodePage862}, []string{"המנוף מרים ארבע טונות.", "הרציף סגור עד מאי."}},
	{[]encoding.Encoding{charmap.MacintoshCyrillic}, []string{"Кран поднимает четыре тонны груза.", "Яблоко и груша лежат на столе."}},
	{[]encoding.Encoding{charmap.CodePage855}, []string{"Собрание начнётся во вторник вечером."}},
	{[]encoding.Encoding{simplifiedchinese.HZGB2312}, []string{"会议将于星期二晚上开始。"}},
	{[]encoding.Encoding{charmap.Windows1250, charmap.ISO8859_2}, []string{
		"Zażółć gęślą jaźń. Wszyscy ludzie rodzą się wolni.", "Proszę zamknąć drzwi i wyłączyć światło.", "Příliš žluťoučký kůň úpěl ďábelské ódy.",
		"Schůze začne v úterý večer a potrvá dvě hodiny.", "Zasadnutie sa začne v utorok večer, žiadame o účasť.", "Az ülés kedden este kezdődik, és két órán át tart. Őrizzük meg!",
		"Sjednica počinje u utorak, a završava u četvrtak. Molimo uđite."}},
	{[]encoding.Encoding{charmap.Windows1251, charmap.KOI8U, charmap.CodePage866}, []string{
		"Собрание начнётся во вторник вечером.", "Все люди рождаются свободными и равными.", "Ключ от кладовой лежит на столе у окна."}},
	{[]encoding.Encoding{charmap.Windows1251}, []string{"Засідання розпочнеться у вівторок увечері, їжа є.", "Заседанието започва във вторник вечерта.", "Седница почиње у уторак увече, ђаци љубазно ћуте."}},
	{[]encoding.Encoding{charmap.Windows1253, charmap.ISO8859_7}, []string{"Η συνεδρίαση αρχίζει την Τρίτη το βράδυ.", "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι."}},
	{[]encoding.Encoding{charmap.Windows1255}, []string{"הישיבה תתחיל ביום שלישי בערב.", "כל בני האדם נולדו בני חורין."}},
	{[]encoding.Encoding{charmap.Windows1256}, []string{"يبدأ الاجتماع مساء يوم الثلاثاء.", "يولد جميع الناس أحرارا متساوين."}},
	{[]encoding.Encoding{charmap.Windows1254}, []string{"Toplantı salı akşamı başlayacak, lütfen geç kalmayın. Işıkları söndürün, ağaç dikin."}},
	{[]encoding.Encoding{charmap.Windows1257, charmap.ISO8859_4, charmap.ISO8859_13, writable{cp775}}, []string{"Susirinkimas prasidės antradienį vakare, ačiū visiems už dėmesį.", "Sanāksme sāksies otrdienas vakarā, lūdzu nekavējiet.",
		"Laivas išplaukia šeštą ryto iš ketvirtos krantinės.", "Ostas vadītājs reģistrē katru kuģi žurnālā."}},
	{[]encoding.Encoding{writable{cp737}}, []string{"Η συνεδρίαση αρχίζει την Τρίτη το βράδυ.", "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι.", "Το φίλτρο αλλάζει κάθε 400 ώρες."}},
	{[]encoding.Encoding{writable{cp857}, charmap.ISO8859_9}, []string{"Toplantı salı akşamı başlayacak, lütfen geç kalmayın. Işıkları söndürün, ağaç dikin.", "Gemi sabah saat altıda dördüncü iskeleden kalkıyor, yağmur yağıyor."}},
	{[]encoding.Encoding{charmap.ISO8859_3}, []string{"La ŝipo forveturas ĉiun matenon je la sesa, kaj ĝi revenas ĵaŭde.", "Il-laqgħa tibda t-Tlieta filgħaxija, il-ħin huwa żgħir u ċar."}},
	{[]encoding.Encoding{charmap.Windows874}, []string{"การประชุมจะเริ่มในวันอังคาร", "มนุษย์ทั้งหลายเกิดมามีอิสระ"}},
	{[]encoding.Encoding{simplifiedchinese.GBK, simplifiedchinese.GB18030}, []string{"会议将于星期二晚上开始。", "人人生而自由，在尊严和权利上一律平等。", "请把门关好。"}},
	{[]encoding.Encoding{traditionalchinese.Big5}, []string{"會議將於星期二晚上開始。", "人人生而自由，在尊嚴和權利上一律平等。", "請把門關好。"}},
	{[]encoding.Encoding{japanese.ShiftJIS, japanese.EUCJP, japanese.ISO2022JP}, []string{"会議は火曜日の夜に始まります。", "すべての人間は、生まれながらにして自由である。", "ドアを閉めてください。"}},
	{[]encoding.Encoding{korean.EUCKR}, []string{"회의는 화요일 저녁에 시작합니다.", "모든 인간은 태어날 때부터 자유롭다.", "문을 닫아 주세요."}},
	{[]encoding.Encoding{utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)}, []string{
		"The ships leave by noon, said Zoë.", "Собрание начнётся."}},
	{[]encoding.Encoding{unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)}, []string{
		"The ships leave by noon, said Zoë.", "Собрание начнётся во вторник вечером.\n", "会议将于星期二晚上开始。\n好的。\n", "회의는 화요일 저녁에 시작합니다.\n"}},
}

// A writable table can encode texts, too.
type writable struct{ *byteTable }

func (w writable) NewEncoder() *encoding.Encoder {
	return &encoding.Encoder{Transformer: runeEncoder(w.high)}
}

type runeEncoder [128]rune

func (runeEncoder) Reset() {}

func (e runeEncoder) Transform(dst, src []byte, _ bool) (written, read int, err error) {
	for _, r := range string(src) {
		c := int(r)
		if r >= 0x80 {
			if c = slices.Index(e[:], r) + 0x80; c < 0x80 {
				return written, read, fmt.Errorf("no %c", r)
			}
		}
		dst[written] = byte(c)
		written++
		read += len(string(r))
	}
	return written, read, nil
}

func TestKoreanOfDOSReadsAsItWasWritten(t *testing.T) {
	for data, want := range map[string]string{
		"\xd2A\xb7\x81\x93e \xd1\xc1\xb6a\xb7\xa9 \xb8\xe1\x91b\xb5A \xaf\xa1\xb8b\xd0s\x93\xa1\x94a.":                                                                "회의는 화요일 저녁에 시작합니다.",
		"\xa1\xa1\x97e \xb7\xa5\x88e\xb7e \xc8\x81\xb4\xe1\x90i \x98\x81\xa6\x81\xc8\xe1 \xb8a\xb7A\x9d\xb3\x94a.":                                                    "모든 인간은 태어날 때부터 자유롭다.",
		"\xa2\x85\xb7i \x94h\xb4a \xba\x81\xadA\xb6a.":                                                                                                                "문을 닫아 주세요.",
		"\xc0\xf5 \xa4\xe5\xbc\x81 \xa4\x81\x93e \xb4a\xc3\xb1 \xb5a\xac\xf5 \xaf\xa1\xb5A \xc2\x89\xd0w\xd0e\x94a. \xd9|\xa6\x81\x96\x81\xd9} \xeaP\xe7\xe2\xeb\xb6": "첫 번째 배는 아침 여섯 시에 출항한다. ≪부두≫ 事務所",
	} {
		doc, err := New(Options{}).Document(t.Context(), "a.txt", []byte(data))
		if err != nil || doc.Text != want || len(doc.Remarks) != 1 || !strings.Contains(doc.Remarks[0], "johab (Korean)") {
			t.Errorf("%q reads %q, %q, %v", want, doc.Text, doc.Remarks, err)
		}
	}
	if r := johabRune(0xe0, 0x31); r != '伽' {
		t.Errorf("the first Chinese character is %c", r)
	}
	if text := decodeWith(johab, []byte{'a', 0x88}); text != "a\ufffd" {
		t.Errorf("half a character reads %q", text)
	}
}

func TestShortTextsInOldEncodingsReadAsTheyWereWritten(t *testing.T) {
	wrong, total := 0, 0
	for _, set := range encodedTexts {
		for _, enc := range set.encodings {
			for _, text := range set.texts {
				data, err := enc.NewEncoder().Bytes([]byte(text))
				if err != nil { // an encoding may lack a character of the text
					continue
				}
				total++
				doc, err := New(Options{}).Document(t.Context(), "a.txt", data)
				if err != nil || doc.Text != text {
					wrong++
					t.Errorf("%v: %q reads %q, %q, %v", enc, text, doc.Text, doc.Notes, err)
					continue
				}
				if wide := strings.HasPrefix(fmt.Sprint(enc), "UTF-"); !wide && len(doc.Remarks) != 1 {
					t.Errorf("%v: no remark says that the encoding was guessed: %q", enc, doc.Remarks)
				}
			}
		}
	}
	t.Logf("%d of %d", total-wrong, total)
}

func TestTextsThatAreNotEncodedAreLeftAlone(t *testing.T) {
	for _, text := range []string{
		"Call +49 30 123456 or +4930654321-12, a+b-c, C++ and x+ab-y.\n", "if a+bcd-e > 0 { return }\n", "q=one+two-three+four\n", "größer, schöner\n", "+AAAA-\n", "größer, schöner\n+----\n", "application/main+xml \"svg+xml\"\n",
	} {
		doc, err := New(Options{}).Document(t.Context(), "a.txt", []byte(text))
		if err != nil || doc.Text != text || len(doc.Remarks)+len(doc.Notes) != 0 {
			t.Errorf("%q reads %q, %q, %v", text, doc.Text, doc.Notes, err)
		}
	}
	for _, data := range []string{"\x00\x01\x02\x03binary\xff\xfe and more \x00\x00", "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00>\x00"} {
		if _, err := New(Options{}).Document(t.Context(), "a.txt", []byte(data)); err == nil {
			t.Errorf("%q is taken for text", data)
		}
	}
}
