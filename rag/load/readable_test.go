package load

import (
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
			"= Tides\n\n\nText\n\n\nNight fees\n\n" + fence + "go\n<<x>>\n" + fence + "\nSee the fees, more, https://x.org and this (https://y.org).\n\nNote:\n\nDeep.\n\n\nThe pier\n"},
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
