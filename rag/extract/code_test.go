package extract

import "testing"

func TestAQuotedCodeBlockIsSeparateFromTheText(t *testing.T) {
	for in, want := range map[string]string{
		"```sh\nweft\n```":         "```sh\nweft\n```",
		" ```\n [7]":               "```\n[7]\n```",
		"  ~~~\n  a\n    b\n  ~~~": "~~~\na\n  b\n~~~",
		"````\n```\n````":          "````\n```\n````",
		"````\n```":                "````\n```\n````",
		"```":                      "```\n```",
		"    a [1]\n      b":       "```\na [1]\n  b\n```",
		"```py\n\n\nx = 1\n```":    "```py\nx = 1\n```",
		"    ```x":                 "```x\n```",
		"    a\n    ```":           "````\na\n```\n````",
	} {
		if got := fenced(in); got != want {
			t.Errorf("fenced(%q) = %q, want %q", in, got, want)
		}
	}
}
