package load

import (
	"context"
	"strconv"
	"strings"

	"weft/rag/lazyregexp"
)

// An rstCleaner removes the markup of reStructuredText, line by line.
type rstCleaner struct {
	in, out []string
	targets map[string]string // addresses of hyperlink targets, by name in lower case
	values  map[string]string // substitution definitions
	grown   expansion         // by targets and values
}

var (
	rstDirective = lazyregexp.New(`^([ \t]*)\.\.[ \t]+(?:\|([^|\n]+)\|[ \t]+)?([A-Za-z][\w:+.-]*?)::(?:[ \t]+(.*))?$`)
	rstTarget    = lazyregexp.New(`^[ \t]*\.\.[ \t]+_(?:` + "`([^`]+)`" + `|([^:\n]+)):(?:[ \t]+(\S.*))?$`)
	rstNote      = lazyregexp.New(`^([ \t]*)\.\.[ \t]+(\[[^\]\n]+\])(?:[ \t]+(.*))?$`)
	rstComment   = lazyregexp.New(`^[ \t]*\.\.(?:[ \t]|$)`)
	rstOption    = lazyregexp.New(`^[ \t]+:([\w-]+):(?:[ \t]+(.*))?$`)
	rstRole      = lazyregexp.New(":[A-Za-z][\\w:.+-]*:`([^`\n]+)`")
	rstLink      = lazyregexp.New("`([^`<\n]+?)[ \t]*<([^>`\n]+)>`__?")
	rstPhrase    = lazyregexp.New("`([^`\n]+)`__?")
	rstWord      = lazyregexp.New(`([A-Za-z0-9][\w.+-]*?)__?([\s.,;:!?)'"]|$)`)
	rstReference = lazyregexp.New(`(\[[#*\w.-]+\])_`)
	rstValue     = lazyregexp.New(`\|([^|\s](?:[^|\n]*[^|\s])?)\|_{0,2}`)
	rstLiteral   = lazyregexp.New("``[^\n]+?``")
)

// rstKinds classifies directives: "code" becomes a fence, "none" is removed, "advice" is text with
// a label, and "image" has a description.
var rstKinds = func() map[string]string {
	all := map[string]string{}
	for kind, names := range map[string]string{
		"code": "code-block code sourcecode parsed-literal prompt ipython literalblock highlight-block testcode testoutput doctest",
		"none": "toctree contents index raw meta highlight tabularcolumns currentmodule module default-role role sectnum include only ifconfig sectionauthor " +
			"codeauthor moduleauthor program autosummary automodule autoclass autofunction automethod py:module py:currentmodule literalinclude plot graphviz",
		"advice": "note warning tip hint important caution danger error attention seealso admonition versionadded versionchanged deprecated topic sidebar todo",
		"image":  "image figure",
	} {
		for name := range strings.FieldsSeq(names) {
			all[name] = kind
		}
	}
	return all
}()

// readableRST removes directives, roles and targets from reStructuredText. Literal blocks become
// fences, whose delimiters replace the blank lines around them.
func readableRST(ctx context.Context, text string) string {
	c := rstCleaner{in: strings.Split(text, "\n"), targets: map[string]string{}, values: map[string]string{}}
	c.out = make([]string, len(c.in))
	for i, line := range untilDone(ctx, c.in) {
		if m := rstTarget.FindStringSubmatch(line); m != nil {
			c.targets[strings.ToLower(m[1]+m[2])] = m[3]
		} else if m := rstDirective.FindStringSubmatch(line); m != nil && m[2] != "" {
			if m[3] == "replace" {
				c.values[m[2]] = m[4]
			} else if m[3] == "image" {
				c.values[m[2]] = c.option(i, "alt")
			}
		}
	}
	for i, steps := 0, 0; i < len(c.in); steps++ {
		if steps%1000 == 0 && ctx.Err() != nil {
			break
		}
		i = c.line(i)
	}
	return strings.Join(c.out, "\n")
}

// option returns the value of an option of the directive at line i; "" when it is not set.
func (c *rstCleaner) option(i int, name string) string {
	for j := i + 1; j < len(c.in); j++ {
		m := rstOption.FindStringSubmatch(c.in[j])
		if m == nil {
			return ""
		}
		if m[1] == name {
			return m[2]
		}
	}
	return ""
}

// line cleans the line or block that begins at line i and returns the index of the next line to
// clean.
func (c *rstCleaner) line(i int) int {
	text := c.in[i]
	if !strings.Contains(text, "..") && !strings.HasSuffix(text, "::") {
		c.out[i] = c.inline(text)
		return i + 1
	}
	if m := rstDirective.FindStringSubmatch(text); m != nil {
		return c.directive(i, m)
	}
	if m := rstNote.FindStringSubmatch(text); m != nil {
		c.out[i] = line(m[1], m[2]+" "+c.inline(m[3]))
		return i + 1
	}
	switch {
	case rstTarget.MatchString(text):
		return i + 1
	case rstComment.MatchString(text):
		return c.end(i)
	case strings.HasSuffix(strings.TrimRight(text, " \t"), "::"):
		return c.literal(i)
	}
	c.out[i] = c.inline(text)
	return i + 1
}

// end returns the index after the lines that are indented below line i.
func (c *rstCleaner) end(i int) int {
	margin, last := indentOf(c.in[i]), i
	for j := i + 1; j < len(c.in); j++ {
		if strings.TrimSpace(c.in[j]) == "" {
			continue
		}
		if indentOf(c.in[j]) <= margin {
			break
		}
		last = j
	}
	return last + 1
}

// directive cleans a directive.
func (c *rstCleaner) directive(i int, m []string) int {
	margin, name, argument := m[1], strings.ToLower(m[3]), strings.TrimSpace(m[4])
	if m[2] != "" {
		return c.end(i)
	}
	kind := rstKinds[name]
	if kind == "none" {
		return c.end(i)
	}
	alt := c.option(i, "alt")
	caption := c.option(i, "caption")
	next := i + 1
	for next < len(c.in) && rstOption.MatchString(c.in[next]) {
		next++
	}
	switch kind {
	case "code":
		if strings.Contains(argument, " ") {
			argument = ""
		}
		if end, ok := c.fence(i, i, next, argument); ok {
			if caption != "" && next-i > 1 {
				c.out[i+1], c.out[i] = c.out[i], margin+caption+":"
			}
			return end
		}
		c.out[i] = line(margin, argument)
	case "advice":
		c.out[i] = line(margin, c.inline(adviceLine(name, argument)))
	case "image":
		c.out[i] = line(margin, alt)
	default:
		if !c.names(i, next, argument) {
			c.out[i] = line(margin, c.inline(argument))
		}
	}
	return next
}

// names reports whether a directive without content only repeats the name of the heading or text
// after it, as a target for references: ".. setting:: DELAY" above the heading DELAY.
func (c *rstCleaner) names(i, next int, argument string) bool {
	if argument == "" || strings.ContainsAny(argument, " \t") || c.end(i) > next {
		return false
	}
	for j := next; j < len(c.in); j++ {
		text := strings.TrimSpace(c.in[j])
		if text != "" && !strings.HasPrefix(text, "..") {
			return strings.Contains(text, argument)
		}
	}
	return false
}

func line(margin, text string) string { return strings.TrimRight(margin+text, " \t") }

// literal cleans a line that ends with "::" and turns the literal block after it into a fence.
func (c *rstCleaner) literal(i int) int {
	text := strings.TrimRight(c.in[i], " \t")
	body := strings.TrimSuffix(text, "::")
	at := i + 1 // the blank line
	if strings.TrimSpace(body) == "" {
		at = i
	} else if at >= len(c.in) || strings.TrimSpace(c.in[at]) != "" {
		c.out[i] = c.inline(text)
		return i + 1
	}
	end, ok := c.fence(i, at, i+1, "")
	if !ok {
		c.out[i] = c.inline(text)
		return i + 1
	}
	if at > i {
		c.out[i] = c.inline(strings.TrimRight(body, " ")) + ":"
	}
	return end
}

// fence writes the block indented below line i as a fence. The opening delimiter replaces line
// open, and the closing one replaces the blank line after the block. It returns the index of the
// next line; ok is false when there is no block or no blank line to replace.
func (c *rstCleaner) fence(i, open, from int, language string) (end int, ok bool) {
	end = c.end(i)
	for from < end && strings.TrimSpace(c.in[from]) == "" {
		from++
	}
	if from >= end || end < len(c.in) && strings.TrimSpace(c.in[end]) != "" {
		return i + 1, false
	}
	margin := c.in[i][:len(c.in[i])-len(strings.TrimLeft(c.in[i], " \t"))]
	least := -1
	for _, l := range c.in[from:end] {
		if n := len(l) - len(strings.TrimLeft(l, " \t")); strings.TrimSpace(l) != "" && (least < 0 || n < least) {
			least = n
		}
	}
	c.out[open] = margin + "```" + language
	for j := from; j < end; j++ {
		if c.out[j] = strings.TrimRight(c.in[j], " \t"); len(c.out[j]) >= least {
			c.out[j] = margin + c.out[j][least:]
		}
	}
	if end == len(c.in) {
		c.in, c.out = append(c.in, ""), append(c.out, "")
	}
	c.out[end] = margin + "```"
	return end + 1, true
}

// inline replaces roles, references and substitutions in a line by their displayed text.
func (c *rstCleaner) inline(s string) string {
	if len(s) > maxCleanedLine || !strings.ContainsAny(s, "`_|\\") {
		return s
	}
	var spans []string
	s = rstLiteral.ReplaceAllStringFunc(s, func(span string) string {
		spans = append(spans, strings.Trim(span, "`"))
		return "\x00" + strconv.Itoa(len(spans)-1) + "\x00"
	})
	s = rstRole.ReplaceAllStringFunc(s, func(role string) string { return roleText(rstRole.FindStringSubmatch(role)[1]) })
	s = rstLink.ReplaceAllStringFunc(s, func(link string) string {
		m := rstLink.FindStringSubmatch(link)
		if strings.Contains(m[2], "://") {
			return m[1] + " (" + m[2] + ")"
		}
		return m[1]
	})
	s = rstPhrase.ReplaceAllStringFunc(s, func(phrase string) string { return c.named(rstPhrase.FindStringSubmatch(phrase)[1]) })
	s = rstReference.ReplaceAllString(s, "$1")
	if strings.Contains(s, "_") {
		s = rstWord.ReplaceAllStringFunc(s, func(word string) string {
			m := rstWord.FindStringSubmatch(word)
			if _, known := c.targets[strings.ToLower(m[1])]; known {
				return c.named(m[1]) + m[2]
			}
			return word
		})
	}
	s = rstValue.ReplaceAllStringFunc(s, func(value string) string {
		if known, ok := c.values[rstValue.FindStringSubmatch(value)[1]]; ok {
			return c.grown.replace(value, known)
		}
		return value
	})
	s = strings.ReplaceAll(s, `\ `, "")
	return heldSpan.ReplaceAllStringFunc(s, func(held string) string {
		n, err := strconv.Atoi(strings.Trim(held, "\x00"))
		if err != nil || n >= len(spans) {
			return ""
		}
		return "`" + spans[n] + "`"
	})
}

// named returns the text of a reference, followed by its address if the target is a URL and the
// text has not grown too much.
func (c *rstCleaner) named(text string) string {
	address := c.targets[strings.ToLower(text)]
	if strings.Contains(address, "://") && c.grown.replace("", address) != "" {
		return text + " (" + address + ")"
	}
	return text
}
