package load

import "testing"

func TestPagesKeepTheMeaningOfEquationsAndScripts(t *testing.T) {
	for _, c := range [][2]string{
		{`<p>The loss is <math xmlns="http://www.w3.org/1998/Math/MathML"><mi>k</mi><mo>=</mo><mfrac><mn>550</mn><mn>25</mn></mfrac><mo>×</mo><msup><mn>10</mn><mrow><mo>-</mo><mn>6</mn></mrow></msup></math>.</p>`,
			"The loss is k=(550)/(25)×10^(-6)."},
		{`<p>Take <m:math><m:semantics><m:mrow><m:msqrt><m:mi>x</m:mi></m:msqrt></m:mrow><m:annotation encoding="application/x-tex">\sqrt x</m:annotation></m:semantics></m:math>here</p>`, "Take √(x) here"},
		{`<p>So <math><semantics><annotation encoding="application/x-tex">a/b</annotation></semantics></math>.</p>`, "So a/b."},
		{`<p><math><mi>sin</mi><mo>&#x2061;</mo><mi>x</mi></p><p>After</p>`, "sin x\nAfter"},
		{`<p>10<sup>6</sup> m<sup>3</sup>, CO<sub>2</sub>, the 2<sup>nd</sup> pier<sup><a href="#1">12</a></sup> and s<sup>-1</sup></p>`,
			"10^6 m3, CO2, the 2nd pier^12 and s^-1"},
		{`<p>High<a epub:type="noteref" href="n.xhtml#1">1</a> and <a href="x">low</a><a role="doc-noteref">2</a> water</p>`, "High[1] and low[2] water"},
		{`<p>a mathematical <b>mat</b></p>`, "a mathematical mat"},
	} {
		wantText(t, readBytes(t, "a.html", []byte("<html><body>"+c[0]+"</body></html>")), c[1])
	}
}
