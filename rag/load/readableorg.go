package load

import (
	"context"
	"strings"

	"weft/rag/lazyregexp"
)

var (
	orgBlock    = lazyregexp.New(`(?i)^([ \t]*)#\+(begin|end)_(\w+)(?:[ \t]+(\S+))?`)
	orgLink     = lazyregexp.New(`\[\[([^\[\]\n]+)\](?:\[([^\[\]\n]+)\])?\]`)
	orgVerbatim = lazyregexp.New(`(^|[\s("'{\[])[=~]([^\s=~](?:[^=~\n]*[^\s=~])?)[=~]($|[\s.,;:!?)'"}\]-])`)
	orgNoText   = lazyregexp.New(`<<[^<>\n]+>>|\{\{\{[^{}\n]*\}\}\}|\\\\$`)
	orgCaption  = lazyregexp.New(`(?i)^[ \t]*#\+caption(?:\[[^\]]*\])?:[ \t]*(.*)$`)
	orgDrawer   = lazyregexp.New(`(?i)^[ \t]*:(?:properties|logbook|clock|results):[ \t]*$`)
	orgEnd      = lazyregexp.New(`(?i)^[ \t]*:end:[ \t]*$`)
)

// readableOrg removes drawers, keywords and link markup from an Org file and turns its code blocks
// into fences.
func readableOrg(ctx context.Context, text string) string {
	lines := strings.Split(text, "\n")
	code, dropped, drawer := "", "", 0
	for i, line := range untilDone(ctx, lines) {
		block := orgBlock.FindStringSubmatch(line)
		name := ""
		if block != nil {
			name = strings.ToLower(block[3])
		}
		ends := block != nil && strings.EqualFold(block[2], "end")
		switch {
		case code != "" || dropped != "":
			if ends && name == code+dropped {
				if lines[i] = ""; code != "" {
					lines[i] = block[1] + "```"
				}
				code, dropped = "", ""
			} else if dropped != "" {
				lines[i] = ""
			}
		case block != nil && !ends && (name == "src" || name == "example") && hasEnd(lines[i+1:], name):
			code = name
			language := block[4]
			if name != "src" || strings.HasPrefix(language, ":") || strings.HasPrefix(language, "-") {
				language = ""
			}
			lines[i] = block[1] + "```" + language
		case block != nil && !ends && (name == "export" || name == "comment") && hasEnd(lines[i+1:], name):
			dropped = name
			lines[i] = ""
		case block != nil && hasBlockName(name):
			lines[i] = ""
		case drawer > 0:
			lines[i] = ""
			if drawer--; orgEnd.MatchString(line) {
				drawer = 0
			}
		case orgDrawer.MatchString(line):
			if n := drawerLength(lines[i:]); n > 0 {
				drawer = n
				lines[i] = ""
			}
		default:
			lines[i] = orgText(line)
		}
	}
	return strings.Join(lines, "\n")
}

func hasBlockName(name string) bool {
	switch name {
	case "quote", "verse", "center", "abstract", "note", "tip", "warning":
		return true
	}
	return false
}

// blockReach is how many lines after its start the end of a block may be.
const blockReach = 2000

// hasEnd reports whether a block is closed within blockReach lines.
func hasEnd(lines []string, name string) bool {
	for _, l := range lines[:min(len(lines), blockReach)] {
		l = strings.TrimSpace(l)
		if len(l) > 2 && l[0] == '#' && strings.EqualFold(l, "#+end_"+name) {
			return true
		}
		if len(l) > 8 && l[0] == '#' && strings.EqualFold(l[:min(len(l), 8+len(name))], "#+begin_"+name) {
			return false
		}
	}
	return false
}

// drawerLength returns how many lines of a drawer follow its first line. It is 0 when another
// drawer begins before the end, because drawers cannot be nested.
func drawerLength(lines []string) int {
	for n, l := range lines[1:min(len(lines), 100)] {
		l = strings.TrimSpace(l)
		switch {
		case !strings.HasPrefix(l, ":"):
		case strings.EqualFold(l, ":end:"):
			return n + 1
		case orgDrawer.MatchString(l):
			return 0
		}
	}
	return 0
}

// orgText cleans a line of text.
func orgText(line string) string {
	trimmed := strings.TrimSpace(line)
	if len(line) > maxCleanedLine {
		return line
	}
	if m := orgCaption.FindStringSubmatch(line); m != nil {
		return m[1]
	}
	if strings.HasPrefix(trimmed, "#+") && strings.Contains(trimmed, ":") ||
		strings.HasPrefix(line, "# ") || trimmed == "#" {
		return ""
	}
	if strings.Contains(line, "[[") {
		line = orgLink.ReplaceAllStringFunc(line, func(link string) string {
			m := orgLink.FindStringSubmatch(link)
			if m[2] == "" {
				return strings.TrimPrefix(strings.TrimPrefix(m[1], "file:"), "*")
			}
			if strings.Contains(m[1], "://") {
				return m[2] + " (" + m[1] + ")"
			}
			return m[2]
		})
	}
	if strings.ContainsAny(line, "=~") {
		line = orgVerbatim.ReplaceAllString(line, "$1`$2`$3")
	}
	return orgNoText.ReplaceAllString(line, "")
}
