package load

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestMarkupThatIsNoTextGoesAndLinesStay(t *testing.T) {
	fence := "```"
	for _, tc := range []struct{ name, file, in, want string }{
		{"links between notes", "a.md", "See [[Harbour]] and [[Fees|the fees]], [[Fees#Night]], ![[plan.png|300]] [[#Tides]].", "See Harbour and the fees, Fees, Night, plan.png Tides."},
		{"not a link", "a.md", "Use `[[x]]` or [[ -f x ]].", "Use `[[x]]` or [[ -f x ]]."},
		{"HTML", "a.md", "<div align=\"center\">\n\n<b>Berth</b> seven<br>is <a href=\"https://x.org\">free</a>, `<b>` List<String> <kbd>Q</kbd> &amp; <img\n src=\"a.png\"\n alt=\"the pier\"> ends.\n</div>",
			"\n\nBerth seven is [free](https://x.org), `<b>` List<String> Q &\n\nthe pier ends.\n"},
		{"comments", "a.md", "one <!-- two --> three <!-- four\nfive\nsix --> seven", "one  three\n\n seven"},
		{"scripts", "a.md", "a\n<script>\nvar b = 1\n</script>\nc", "a\n\n\n\nc"},
		{"templates", "a.md", "{% include x.html %}\nVersion {{ site.version }} {{< figure src=\"a.png\" caption=\"The pier\" >}}{{% note %}}\n", "\nVersion site.version The pier\n"},
		{"header ids", "a.md", "## Fees {#fees .big}\n\n![pier](a.png){width=50%} text{:.lead}\n", "## Fees\n\n![pier](a.png) text\n"},
		{"alerts", "a.md", "> [!WARNING]\n> Deep water.\n\n> [!note] Tides\n", "> Warning:\n> Deep water.\n\n> Note: Tides\n"},
		{"admonitions", "a.md", "!!! note \"Tides\"\n    High water.\n\n:::tip Fees\nFive euros.\n:::\n", "Note: Tides\nHigh water.\n\nTip: Fees\nFive euros.\n\n"},
		{"MyST", "a.md", "See {ref}`the fees <fees>` and {func}`~a.wind`.\n\n" + fence + "{note} Tides\nHigh water.\n" + fence + "\n", "See the fees and wind.\n\nNote: Tides\nHigh water.\n\n"},
		{"code stays", "a.md", fence + "html\n<b>x</b> [[y]] {{ z }}\n" + fence + "\n\n    <b>indented</b>\n\n- item\n  " + fence + "\n  <i>\n  " + fence + "\n", fence + "html\n<b>x</b> [[y]] {{ z }}\n" + fence + "\n\n    <b>indented</b>\n\n- item\n  " + fence + "\n  <i>\n  " + fence + "\n"},
		{"a fence that ends with its list", "a.md", "- item\n  " + fence + "\n  <i>x\n\n<b>text</b>\n", "- item\n  " + fence + "\n  <i>x\n\ntext\n"},
		{"MDX", "a.mdx", "import Tabs from '@theme/Tabs'\n\n<Tabs>\n<TabItem label=\"macOS\">\n\nOpen it.\n\n</TabItem>\n</Tabs>\n", "\n\n\nmacOS\n\nOpen it.\n\n\n\n"},
		{"a block's name", "a.md", "High water. ^tide-1\n", "High water.\n"},
		{"roles", "a.rst", "See :ref:`the fees <fees>`, :func:`~harbour.wind`, `docs <https://x.org>`_, Python_, ``a_b_`` and snake_case_.\n\n.. _Python: https://python.org\n",
			"See the fees, wind, docs (https://x.org), Python (https://python.org), `a_b_` and snake_case_.\n\n\n"},
		{"directives", "a.rst", ".. toctree::\n   :maxdepth: 2\n\n   intro\n\n.. note:: Deep water.\n\n.. versionadded:: 3.5\n.. _fees:\n\n.. image:: a.png\n   :alt: The pier\n\n.. a comment\n   in two lines\n\nText |v|.\n\n.. |v| replace:: 1.2\n",
			"\n\n\n\n\nNote: Deep water.\n\nAdded in version 3.5\n\n\nThe pier\n\n\n\n\n\nText 1.2.\n\n\n"},
		{"footnotes of rst", "a.rst", "Deep [1]_ water.\n\n.. [1]\n   At low tide.\n.. [#b] At high tide.\n",
			"Deep [1] water.\n\n[1]\n   At low tide.\n[#b] At high tide.\n"},
		{"code of rst", "a.rst", "Wind it so:\n\n.. code-block:: python\n   :linenos:\n\n   def wind():\n       return 90\n\nOr so::\n\n    wind :now:`x`\n\nDone.\n",
			"Wind it so:\n\n" + fence + "python\n\n\ndef wind():\n    return 90\n" + fence + "\nOr so:\n" + fence + "\nwind :now:`x`\n" + fence + "\nDone.\n"},
		{"names of what follows", "a.rst", "Pause.\n\n.. setting:: DELAY\n\nDELAY\n~~~~~\n\nDefault: 5\n\n.. option:: -v\n\n   Talk more.\n",
			"Pause.\n\n\n\nDELAY\n~~~~~\n\nDefault: 5\n\n-v\n\n   Talk more.\n"},
		{"code at the end", "a.rst", "So::\n\n  wind", "So:\n" + fence + "\nwind\n" + fence},
		{"Org", "a.org", "* Fees\n:PROPERTIES:\n:CUSTOM_ID: x\n:END:\nSee [[https://x.org][the fees]], [[file:a.org]] and =code=.\n# comment\n#+begin_src python :results output\n[[x]]\n#+end_src\n#+caption: The pier\n",
			"* Fees\n\n\n\nSee the fees (https://x.org), a.org and `code`.\n\n" + fence + "python\n[[x]]\n" + fence + "\nThe pier\n"},
		{"AsciiDoc", "a.adoc", "= Tides\n:url: https://x.org\n\nText\n\n[[fees]]\n.Night fees\n[source,go]\n----\n<<x>>\n----\nSee <<fees,the fees>>, link:a.html[more], {url} and https://y.org[this].\n\n[NOTE]\n====\nDeep.\n====\n// gone\nimage::a.png[The pier,300]\n",
			"# Tides\n\n\nText\n\n\nNight fees\n\n" + fence + "go\n<<x>>\n" + fence + "\nSee the fees, more, https://x.org and this (https://y.org).\n\nNote:\n\nDeep.\n\n\nThe pier\n"},
		{"headings of AsciiDoc", "a.adoc", "Tides\n=====\n\n== Fees ==\n\nNight\n~~~~~\nText\n\n====\nDeep.\n====\n\nCode:\n-----\nx\n-----\n",
			"# Tides\n\n\n## Fees\n\n### Night\n\nText\n\n\nDeep.\n\n\nCode:\n" + fence + "\nx\n" + fence + "\n"},
		{"a fence in a listing of AsciiDoc", "a.adoc", "----\n" + fence + "\nx\n----\n\n" + fence + "go\n<<y>>\n" + fence + "\n",
			fence + "`\n" + fence + "\nx\n" + fence + "`\n\n" + fence + "go\n<<y>>\n" + fence + "\n"},
		{"lists of AsciiDoc", "a.adoc", "* one\nmore\n** two\n. first\n. second\n+\n----\nx\n----\n* three\n\n+\nlost\n\nEnd.\n\n- [x] done\n",
			"- one\n  more\n  - two\n    1. first\n    2. second\n\n       " + fence + "\n       x\n       " + fence + "\n- three\n\n\n  lost\n\nEnd.\n\n- [x] done\n"},
		{"an item of several blocks in AsciiDoc", "a.adoc", ". first\n+\n--\none\n\n* two\n\nthree\n--\n. second\n\n== End\n",
			"1. first\n\n\n   one\n\n   - two\n\n   three\n\n2. second\n\n## End\n"},
		{"terms of AsciiDoc", "a.adoc", "Tide:: high water\nFee::\n\n  five euros\nNight::: ten\n\nSee a::b and image::x.png[y].\n",
			"- Tide: high water\n- Fee:\n\n  five euros\n  - Night: ten\n\nSee a::b and y.\n"},
		{"a table of AsciiDoc", "a.adoc", "[%header,cols=\"1,2a\"]\n|===\n|Berth |Fee\n|Seven |<<x,five>> \\| six\n2+|free\n.2+|Eight |nine\n|ten\n|===\nEnd\n",
			"\n| Berth | Fee |\n|---|---|\n| Seven | five \\| six |\n| free | free |\n| Eight | nine |\n| Eight | ten |\n\nEnd\n"},
		{"a table of AsciiDoc with a cell in each line", "a.adoc", "|===\n|Berth |Depth\n\n|Seven\n|3 m\nat low tide\n\n|Eight\n|4 m\n|===\nEnd\n",
			"\n| Berth | Depth |\n|---|---|\n| Seven | 3 m at low tide |\n| Eight | 4 m |\n\n\n\n\n\nEnd\n"},
		{"a table of AsciiDoc with blocks in it", "a.adoc", "[cols=\"1,a\"]\n|===\n|Berth a|\n* Seven\n----\nx \\| y\n----\n|===\n",
			"\n\nBerth\n- Seven\n" + fence + "\nx \\| y\n" + fence + "\n\n"},
		{"a table of AsciiDoc without an end", "a.adoc", "|===\n|Berth |Depth\n2+|Seven\n\n== End\n", "\nBerth | Depth\nSeven\n\n## End\n"},
		{"rows of data in AsciiDoc", "a.adoc", ",===\nShip,Tons\n\"Gull, grey\",54\n,===\n\n[format=dsv]\n|===\nA:B\nc\\:d:e\n|===\n",
			"| Ship | Tons |\n|---|---|\n| Gull, grey | 54 |\n\n\n\n| A | B |\n|---|---|\n| c:d | e |\n\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			doc, err := New(Options{}).Document(t.Context(), tc.file, []byte(tc.in))
			if err != nil {
				t.Fatal(err)
			}
			if doc.Text != tc.want {
				t.Errorf("%q\nnot\n%q", doc.Text, tc.want)
			}
			if got, want := strings.Count(doc.Text, "\n"), strings.Count(tc.in, "\n"); got < want || got > want+1 {
				t.Errorf("%d lines became %d", want, got)
			}
		})
	}
}

func TestHeadingsReadWithoutTheirMarkup(t *testing.T) {
	for in, want := range map[string]string{
		"[The *Loader*](x.md) {#id}": "The Loader", "weft [![build](a.svg)](b) ![docs](c.svg)": "weft", "![Weft](logo.svg)": "Weft", "`code` and __more__": "code and more",
	} {
		if got := PlainHeading(in); got != want {
			t.Errorf("%q reads %q, not %q", in, got, want)
		}
	}
}

func TestValuesThatAreNamedOftenAreWrittenUpToABound(t *testing.T) {
	value := "https://x.example/" + strings.Repeat("x", 1900)
	for _, c := range []struct{ name, head, use, shown string }{
		{"a.adoc", "= T\n:b: " + value + "\n\n", "{b}\n", "{b}"},
		{"a.rst", ".. |b| replace:: " + value + "\n\n", "|b|\n", "|b|"},
		{"b.rst", ".. _b: " + value + "\n\n", "b_ here\n", "b here"},
	} {
		data := c.head + strings.Repeat(c.use, 2000)
		doc, err := testLoader().Document(t.Context(), c.name, []byte(data))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(doc.Text, value); n < 400 || n > maxExpansion/len(value) {
			t.Errorf("%s: the value is written %d times", c.name, n)
		}
		if !strings.HasSuffix(strings.TrimSpace(doc.Text), c.shown) {
			t.Errorf("%s: the last line is not %q", c.name, c.shown)
		}
	}
}

func TestATableOfAsciiDocGrowsUpToABound(t *testing.T) {
	for _, table := range []string{
		strings.Repeat("900*|"+strings.Repeat("x", 1800)+"\n", 400),
		".4000+|" + strings.Repeat("x", 1800) + "|a\n" + strings.Repeat("|b\n", 3999),
		strings.Repeat("200+|"+strings.Repeat("x", 1800)+"\n", 400),
	} {
		data := "[cols=\"100*,100*\"]\n|===\n" + table + "|===\n\nEnd\n"
		if strings.HasPrefix(table, ".") {
			data = strings.Replace(data, "100*,100*", "1,1", 1)
		}
		doc, err := testLoader().Document(t.Context(), "a.adoc", []byte(data))
		if err != nil {
			t.Fatal(err)
		}
		if len(doc.Text) > 5*len(data)+maxExpansion || strings.Count(doc.Text, "\n") != strings.Count(data, "\n") ||
			!strings.HasSuffix(doc.Text, "\nEnd\n") || !strings.Contains(doc.Text, "xxx") {
			t.Errorf("%d bytes in %d lines became %d in %d", len(data), strings.Count(data, "\n"), len(doc.Text), strings.Count(doc.Text, "\n"))
		}
	}
}

func TestTheBeginningOfAFileThatIsMarkupAloneSaysSo(t *testing.T) {
	l := New(Options{MaxText: 4 << 10})
	_, err := l.Document(t.Context(), "a.adoc", []byte(strings.Repeat("// gone\n", 4000)))
	var failure *Error
	if !errors.As(err, &failure) || failure.Reason != NoText ||
		failure.Detail != "holds no text: only its beginning is read, which holds markup alone" {
		t.Errorf("%v", err)
	}
}

func TestATextIsNoLongerReadWhenItsContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for kind := range textFormats {
		in := input{path: "a", kind: kind, data: []byte(strings.Repeat("text\n", 4000)), opts: New(Options{}).opts}
		if _, err := readText(ctx, New(Options{}), in); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// A countedContext counts how often it is asked whether it has ended.
type countedContext struct {
	context.Context
	asked *int
}

func (c countedContext) Err() error {
	*c.asked++
	return c.Context.Err()
}

func TestTheMarkupOfATextIsNoLongerRemovedWhenTheContextEnds(t *testing.T) {
	for kind, format := range textFormats {
		if format.clean == nil {
			continue
		}
		asked := 0
		text := strings.Repeat("text\n", 40_000)
		format.clean(countedContext{t.Context(), &asked}, "a", text, nil)
		if asked < 20 {
			t.Errorf("%s: the context is checked %d times in 40,000 lines", kind, asked)
		}
	}
}
