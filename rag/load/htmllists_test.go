package load

import (
	"strings"
	"testing"
)

func TestOrderedListsOfPagesKeepTheirNumbers(t *testing.T) {
	for page, want := range map[string]string{
		"<ol><li>Weigh<li><p>Mix</p><p>Slowly.</p><li>Bake</ol>": "1. Weigh\n2. Mix\nSlowly.\n3. Bake",
		`<ol start="4"><li>d<li value=9>i<li>j</ol>`:             "4. d\n9. i\n10. j",
		`<ol reversed start=3><li>c<li>b</ol>`:                   "3. c\n2. b",
		`<ol reversed><li>c<li>b</ol>`:                           "- c\n- b",
		`<ol type=i><li>x<li>y</ol>`:                             "i. x\nii. y",
		`<ol type="A" start=27><li>x</ol>`:                       "AA. x",
		`<ol type="a" start=999999999><li>x</ol>`:                "999999999. x",
		`<ol start="x"><li>a</ol>`:                               "1. a",
		`<ol style="list-style: none"><li>Home<li>Docs</ol>`:     "- Home\n- Docs",
		`<ol><li>a<ul><li>b</ul><li>c<ol><li>d</ol></ol>`:        "1. a\n  - b\n2. c\n  1. d",
		"<li>loose</ol><ul><li>a</ul>":                           "- loose\n- a",
		"<table><tr><th>Step<th>Tool<tr><td><ol><li>Sift<li>Stir</ol><td>spoon</table>": "" +
			"| Step | Tool |\n|---|---|\n| 1. Sift 2. Stir | spoon |",
	} {
		wantText(t, readBytes(t, "a.html", []byte(page)), want)
	}
	deep := readBytes(t, "a.html", []byte(strings.Repeat("<ol><li>a", 300)+strings.Repeat("</ol>", 299)+"<li>last"))
	if !strings.HasSuffix(deep.Text, "\n2. last\n") {
		t.Errorf("the outermost list has lost its count: %q", deep.Text[len(deep.Text)-40:])
	}
}
