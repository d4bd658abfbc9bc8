//go:build unix

package load_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"weft/rag/load"
)

const samples = "../../testdata/files"

// A hostile file is created in a directory. Its outcome must be one of the listed results, or
// "read" with at most the given amount of text.
type hostile struct {
	make func(t *testing.T, file string)
	want []load.Reason // any of them; "read" when it may be read
}

const read load.Reason = "read"

// text returns a function that writes a text in which part occurs n times.
func text(before, part string, n int, after string) func(*testing.T, string) {
	return func(t *testing.T, file string) { content(before+strings.Repeat(part, n)+after)(t, file) }
}

func content(s string) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		if err := os.WriteFile(file, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// lazy generates the content of a file only when the file is written, because each file is read in
// a process that holds the whole table.
func lazy(make func() string) func(*testing.T, string) {
	return func(t *testing.T, file string) { content(make())(t, file) }
}

func truncated(sample string, share int) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		data, err := os.ReadFile(filepath.Join(samples, sample))
		if err != nil {
			t.Fatal(err)
		}
		content(string(data[:len(data)*share/100]))(t, file)
	}
}

func sparse(size int64) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		content("")(t, file)
		if err := os.Truncate(file, size); err != nil {
			t.Fatal(err)
		}
	}
}

// packedWith makes a ZIP file with one part, whose content body writes, and others.
func packedWith(part string, body func(io.Writer), others ...string) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z := zip.NewWriter(f)
		for i := 0; i < len(others); i += 2 {
			w, _ := z.Create(others[i])
			io.WriteString(w, others[i+1])
		}
		w, err := z.Create(part)
		if err != nil {
			t.Fatal(err)
		}
		body(w)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// lying makes a ZIP file whose part unpacks to more bytes than the ZIP directory declares.
func lying(part string, size int) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		var packed bytes.Buffer
		w, _ := flate.NewWriter(&packed, 9)
		zeros := bytes.Repeat([]byte("<p>"), size/3)
		w.Write(zeros)
		w.Close()
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		h := &zip.FileHeader{Name: part, Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: 100, CRC32: crc32.ChecksumIEEE(zeros[:100])}
		raw, err := z.CreateRaw(h)
		if err != nil {
			t.Fatal(err)
		}
		raw.Write(packed.Bytes())
		z.Close()
		content(out.String())(t, file)
	}
}

func repeat(s string, n int) func(io.Writer) {
	return func(w io.Writer) {
		block := strings.Repeat(s, 4096)
		for ; n >= 4096; n -= 4096 {
			io.WriteString(w, block)
		}
		io.WriteString(w, strings.Repeat(s, n))
	}
}

// noise writes pseudorandom bytes beyond ASCII, the same at each call.
func noise(before string, n int) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		r := rand.New(rand.NewPCG(1, 2))
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(128 + r.IntN(128))
		}
		content(before+string(b))(t, file)
	}
}

const container = `<container><rootfiles><rootfile full-path="a.opf"/></rootfiles></container>`

var adversaries = map[string]hostile{
	"truncated.ipynb":         {truncated("watch.ipynb", 70), []load.Reason{load.Damaged}},
	"truncated.eml":           {truncated("letter.eml", 70), []load.Reason{read}},
	"zeros.txt":               {sparse(1 << 30), []load.Reason{load.TooLarge}},
	"zeros":                   {sparse(1 << 30), []load.Reason{load.TooLarge}},
	"fewer-zeros.txt":         {sparse(60 << 20), []load.Reason{load.Binary}},
	"fewer-zeros.pdf":         {sparse(60 << 20), []load.Reason{load.Damaged}},
	"fewer-zeros.docx":        {sparse(60 << 20), []load.Reason{load.Damaged}},
	"lines.txt":               {text("", "a\n", 10_000_000, ""), []load.Reason{read}},
	"lines.md":                {text("", "a\n", 10_000_000, ""), []load.Reason{read}},
	"items.md":                {text("", "- a\n", 2_000_000, ""), []load.Reason{read}},
	"line.txt":                {text("", "word ", 4_000_000, ""), []load.Reason{read}},
	"line.md":                 {text("", "a", 20_000_000, ""), []load.Reason{read}},
	"line.html":               {text("<p>", "a b ", 5_000_000, ""), []load.Reason{read}},
	"line.csv":                {text("", "a,", 5_000_000, ""), []load.Reason{read}},
	"line.go":                 {text("package a\nvar a = []int{", "1, ", 5_000_000, "}"), []load.Reason{load.Generated}},
	"deep.json":               {text("", "[", 10_000_000, ""), []load.Reason{read}},
	"deep.ipynb":              {text(`{"cells":`, "[", 10_000_000, ""), []load.Reason{load.Damaged}},
	"deep.html":               {text("", "<div><ul><li>", 1_000_000, ""), []load.Reason{load.Empty, load.NoText}},
	"deep-text.html":          {text("", "<div><table><td>x", 500_000, ""), []load.Reason{read}},
	"attributes.html":         {text("<p ", "a=b ", 3_000_000, ">x"), []load.Reason{read}},
	"unclosed.html":           {text("<script>", "x ", 5_000_000, ""), []load.Reason{load.Empty}},
	"quotes.md":               {text("", ">", 8_000_000, "\n"), []load.Reason{read}},
	"staircase.md":            {staircase(3000), []load.Reason{read}},
	"lists.md":                {text("", "- ", 4_000_000, "\n"), []load.Reason{read}},
	"brackets.md":             {text("", "[a](", 2_000_000, ""), []load.Reason{read}},
	"definitions.md":          {text("", "[a]: /b\n", 1_000_000, ""), []load.Reason{read}},
	"headings.md":             {text("", "# a\n", 2_000_000, ""), []load.Reason{read}},
	"fences.md":               {text("", "```\n", 3_000_000, ""), []load.Reason{read}},
	"columns.md":              {lazy(func() string { return strings.Repeat("|a", 1_000_000) + "\n" + strings.Repeat("|-", 1_000_000) + "\n" }), []load.Reason{read}},
	"rows.md":                 {text("|a|b|\n|-|-|\n", "|c|d|\n", 1_500_000, ""), []load.Reason{read}},
	"headings.rst":            {text("", "a\n===\n\n", 1_000_000, ""), []load.Reason{read}},
	"code.rst":                {lazy(func() string { return strings.Repeat("a::\n\n", 20_000) + strings.Repeat(" ", 200_000) }), []load.Reason{read}},
	"blocks.org":              {text("", "#+begin_src\n", 1_000_000, ""), []load.Reason{read}},
	"functions.go":            {text("package a\n", "func f() {\n", 1_000_000, ""), []load.Reason{read}},
	"comments.py":             {text("", "# a\n", 3_000_000, "def f():\n"), []load.Reason{read}},
	"keys.yaml":               {text("", "a:\n", 3_000_000, ""), []load.Reason{read}},
	"deep.rtf":                {text(`{\rtf1 `, "{", 1_000_000, ""), []load.Reason{load.TooDeep}},
	"words.rtf":               {text(`{\rtf1 `, `\cell\row\trowd\cellx1 `, 200_000, "}"), []load.Reason{load.Empty, read}},
	"notes.rtf":               {text(`{\rtf1 `, `{\footnote a}`, 400_000, "}"), []load.Reason{read}},
	"quote.csv":               {text("a,b\n\"", "x,y\n", 4_000_000, ""), []load.Reason{read}},
	"multi.eml":               {nestedMail(5000), []load.Reason{read}},
	"base64.eml":              {text("Subject: a\nContent-Transfer-Encoding: base64\n\n", "AAAA", 4_000_000, ""), []load.Reason{read, load.Binary}},
	"noise.txt":               {noise("", 10<<20), []load.Reason{read}},
	"noise.md":                {noise("\xff\xfe", 10<<20), []load.Reason{read}},
	"half-utf16.txt":          {content("\xff\xfea\x00b"), []load.Reason{read}},
	"mojibake.html":           {noise("<meta charset=utf-16>", 1<<20), []load.Reason{read}},
	"escapes.log":             {text("", "\x1b]0;", 3_000_000, ""), []load.Reason{read}},
	"escapes-lines.log":       {text("", "\x1b[31mred\x1b[0m\n", 1_000_000, ""), []load.Reason{read}},
	"accents.txt":             {text("a", "\u0301", 4_000_000, ""), []load.Reason{read}},
	"accents.md":              {text("", "e\u0301\u0302\u0303\u0323 ", 700_000, ""), []load.Reason{read}},
	"jamo.txt":                {text("", "\u1100", 2_700_000, ""), []load.Reason{read}},
	"joiners.txt":             {text("", "\U0001f469\u200d", 1_100_000, ""), []load.Reason{read}},
	"flags.txt":               {text("", "\U0001f1e6", 2_000_000, ""), []load.Reason{read}},
	"han.txt":                 {text("", "漢", 2_700_000, ""), []load.Reason{read}},
	"thai.txt":                {text("", "กาน้ำ", 500_000, ""), []load.Reason{read}},
	"wide.txt":                {text("", "Ａｂ", 1_300_000, " "), []load.Reason{read}},
	"stops.txt":               {text("", "A. ", 2_600_000, ""), []load.Reason{read}},
	"closers.txt":             {text("A.", ")\"' ", 2_000_000, ""), []load.Reason{read}},
	"questions.txt":           {text("", "?!", 4_000_000, ""), []load.Reason{read}},
	"numbers.txt":             {text("", "1.", 4_000_000, ""), []load.Reason{read}},
	"camel.txt":               {text("", "aB", 4_000_000, ""), []load.Reason{read}},
	"snake.txt":               {text("", "a_", 4_000_000, ""), []load.Reason{read}},
	"dotted.txt":              {text("", "a.b/", 2_000_000, ""), []load.Reason{read}},
	"dashes.txt":              {text("", "--a", 2_600_000, ""), []load.Reason{read}},
	"apostrophes.txt":         {text("", "l'", 4_000_000, ""), []load.Reason{read}},
	"words.txt":               {different(8 << 20), []load.Reason{read}},
	"stems.txt":               {text("", "nationalizationally ", 400_000, ""), []load.Reason{read}},
	"capitals.txt":            {text("", "AAA\n\n", 1_600_000, ""), []load.Reason{read}},
	"emphasis.md":             {text("", "*a **b", 1_300_000, ""), []load.Reason{read}},
	"ticks.md":                {text("", "` ``", 2_000_000, ""), []load.Reason{read}},
	"comments.md":             {text("", "<!-- ", 1_600_000, ""), []load.Reason{read}},
	"tags.md":                 {text("", "<a\n", 2_000_000, ""), []load.Reason{read}},
	"labels.md":               {text("", "[", 8_000_000, "]: a"), []load.Reason{read}},
	"numbered.md":             {text("", "1. 1. ", 1_300_000, ""), []load.Reason{read}},
	"tabs.md":                 {text("", "\t\t- a\n", 1_300_000, ""), []load.Reason{read}},
	"lazy.md":                 {lazy(func() string { return strings.Repeat("> ", 40) + "a\n" + strings.Repeat("b\n", 3_000_000) }), []load.Reason{read}},
	"levels.md":               {text("", "# a\nb\n## c\nd\n", 560_000, ""), []load.Reason{read}},
	"setext.md":               {text("", "a\n-\n", 2_000_000, ""), []load.Reason{read}},
	"front.md":                {text("---\n", "a: b\n", 1_600_000, ""), []load.Reason{read}},
	"open-tags.html":          {text("", "<a", 4_000_000, ""), []load.Reason{read, load.Empty}},
	"open-comment.html":       {text("a<!--", "--!", 2_600_000, ""), []load.Reason{read, load.Empty}},
	"entities.html":           {text("<p>", "&amp;&notanentity", 1_000_000, ""), []load.Reason{read}},
	"cells.html":              {text("<table><tr>", "<td>a", 2_000_000, ""), []load.Reason{read}},
	"cell-text.html":          {text("<table><tr><td>", "<p>a", 1_500_000, ""), []load.Reason{read}},
	"table-rows.html":         {text("<table>", "<tr><td>a<td>b", 600_000, ""), []load.Reason{read}},
	"lists.html":              {text("", "<ul><li>a", 900_000, ""), []load.Reason{read}},
	"title.html":              {text("<title>", "a ", 4_000_000, "</title>b"), []load.Reason{read}},
	"value.html":              {text("<p title='", "a ", 4_000_000, "'>b"), []load.Reason{read}},
	"breaks.html":             {text("", "<br>", 2_000_000, "a"), []load.Reason{read}},
	"main.html":               {text("", "<main>a</main>", 600_000, ""), []load.Reason{read}},
	"pre.html":                {text("", "<pre>a", 1_300_000, ""), []load.Reason{read}},
	"deep.rst":                {deepening(3000), []load.Reason{read}},
	"adornments.rst":          {text("", "====\n", 1_600_000, ""), []load.Reason{read}},
	"stars.org":               {text("", "* a\n", 2_000_000, ""), []load.Reason{read}},
	"delimiters.adoc":         {text("", "----\n....\n", 800_000, ""), []load.Reason{read}},
	"modifiers.java":          {text("", "public static final \n", 400_000, ""), []load.Reason{read}},
	"signatures.c":            {text("", "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f(\n", 120_000, ""), []load.Reason{read}},
	"brackets.toml":           {text("", "[a]\n", 2_000_000, ""), []load.Reason{read}},
	"cell.csv":                {text("a,b\n\"", "x\"\"y,", 1_600_000, "\"\n"), []load.Reason{read}},
	"columns.csv":             {lazy(func() string { return strings.Repeat("a,", 400_000) + "\n" + strings.Repeat("1,", 400_000) + "\n" }), []load.Reason{read}},
	"cells.ipynb":             {text(`{"cells":[{}`, `,{"cell_type":"code","source":["a"],"outputs":[{"text":["b"]}]}`, 900_000, "]}"), []load.Reason{read}},
	"output.ipynb":            {text(`{"cells":[{"cell_type":"code","source":"a","outputs":[{"text":"`, `word `, 12_000_000, `"}]}]}`), []load.Reason{load.TooLarge}},
	"outputs.ipynb":           {text(`{"cells":[{"cell_type":"code","source":"a","outputs":[{}`, `,{"data":{"text/plain":["a"],"image/png":"AAAA"}}`, 1_200_000, `]}]}`), []load.Reason{load.TooLarge}},
	"headers.eml":             {text("", "To: a@b.c\n", 1_000_000, "\ntext"), []load.Reason{read, load.Damaged}},
	"folded.eml":              {text("Subject: a", "\n b", 2_000_000, "\n\ntext"), []load.Reason{read, load.Damaged}},
	"encoded.eml":             {text("Subject: ", "=?utf-8?q?a?= ", 500_000, "\n\ntext"), []load.Reason{read, load.Damaged}},
	"parts.eml":               {text("Subject: a\nContent-Type: multipart/mixed; boundary=b\n\n", "--b\n\na\n", 1_000_000, ""), []load.Reason{read}},
	"attached.eml":            {text("Subject: a\nContent-Type: multipart/mixed; boundary=b\n\n", "--b\nContent-Disposition: attachment; filename=a\n\na\n", 1_000_000, ""), []load.Reason{read}},
	"messages.eml":            {text("", "Subject: a\nContent-Type: message/rfc822\n\n", 1_000_000, ""), []load.Reason{read}},
	"alternatives.eml":        {text("Subject: a\nContent-Type: multipart/alternative; boundary=b\n\n", "--b\nContent-Type: text/html\n\n<p>a\n", 1_000_000, ""), []load.Reason{read}},
	"quoted.eml":              {text("Subject: a\nContent-Transfer-Encoding: quoted-printable\n\n", "=C3=A9=\n", 5_000_000, ""), []load.Reason{read}},
	"pipe.md":                 {func(t *testing.T, f string) { syscall.Mkfifo(f, 0o644) }, []load.Reason{load.Special}},
	"loop.md":                 {func(t *testing.T, f string) { os.Symlink(filepath.Base(f), f) }, []load.Reason{load.Link}},
	"up":                      {func(t *testing.T, f string) { os.Symlink("..", f) }, []load.Reason{load.Link}},
	"to-device.md":            {func(t *testing.T, f string) { os.Symlink("/dev/zero", f) }, []load.Reason{load.Link}},
	"device.md":               {device, []load.Reason{load.Special}},
	"e\x1b[31mscape\nname.md": {content("text"), []load.Reason{read}},
}

func staircase(n int) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.Repeat(" ", i) + "- a\n")
		}
		content(b.String())(t, file)
	}
}

func nestedMail(n int) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		var b strings.Builder
		b.WriteString("Subject: nested\n")
		for i := range n {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		content(b.String())(t, file)
	}
}

func device(t *testing.T, file string) {
	if err := syscall.Mknod(file, syscall.S_IFCHR|0o666, 1<<8|5); err != nil { // /dev/zero under another name
		syscall.Mkfifo(file, 0o644) // only root may create devices
	}
}

// different writes distinct words.
func different(size int) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		r := rand.New(rand.NewPCG(3, 4))
		var b strings.Builder
		for b.Len() < size {
			fmt.Fprintf(&b, "w%x ", r.Uint64N(1<<40))
		}
		content(b.String())(t, file)
	}
}

// deepening writes literal blocks, each indented deeper than the previous one.
func deepening(n int) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.Repeat(" ", i) + "a::\n\n")
		}
		content(b.String())(t, file)
	}
}
