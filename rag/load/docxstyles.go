package load

import (
	"context"
	"strconv"
	"strings"
)

// maxChain is how many styles are followed along a chain of base styles.
const maxChain = 16

// A docxStyle holds the properties that a style gives to paragraphs or text.
type docxStyle struct {
	based   string
	heading int // level from 1; 0: title; -1: not specified
	numID   string
	level   int // level in the numbering; -1: not specified
	hidden  int // 1: hidden; 0: shown; -1: not specified
}

// docxStyles holds the styles of a document.
type docxStyles struct {
	byID     map[string]*docxStyle
	standard string // the style of paragraphs that name none
}

// docxStyles reads the part that holds the styles.
func (p *packed) docxStyles(ctx context.Context, part string) (*docxStyles, error) {
	s := &docxStyles{byID: map[string]*docxStyle{}}
	if part == "" {
		return s, nil
	}
	err := p.walk(ctx, part, xmlHandler{
		whole: func(name string) bool { return name == "style" },
		tree: func(n *node) {
			style := &docxStyle{based: n.child("basedOn").attr("val"), heading: -1, level: -1, hidden: -1}
			name := strings.ToLower(n.child("name").attr("val"))
			if digits, ok := strings.CutPrefix(name, "heading "); ok {
				if level, err := strconv.Atoi(digits); err == nil && level > 0 && level < 10 {
					style.heading = level
				}
			} else if name == "title" {
				style.heading = 0
			}
			if outline := n.child("pPr", "outlineLvl"); outline != nil && style.heading < 0 {
				if level, err := strconv.Atoi(outline.attr("val")); err == nil && level >= 0 && level < 9 {
					style.heading = level + 1
				}
			}
			if numbered := n.child("pPr", "numPr"); numbered != nil {
				style.numID = numbered.child("numId").attr("val")
				if level := numbered.child("ilvl"); level != nil {
					style.level = min(numberIn(level.attr("val")), 8)
				}
			}
			if vanish := n.child("rPr", "vanish"); vanish != nil {
				style.hidden = 0
				if vanish.on() {
					style.hidden = 1
				}
			}
			id := n.attr("styleId")
			s.byID[id] = style
			if n.attr("type") == "paragraph" && n.attr("default") == "1" {
				s.standard = id
			}
		},
	}, nil)
	return s, err
}

// look calls f for a style and its base styles in turn, until f returns true.
func (s *docxStyles) look(id string, f func(id string, style *docxStyle) bool) {
	for n := 0; n < maxChain; n++ {
		style := s.byID[id]
		if style == nil || f(id, style) {
			return
		}
		id = style.based
	}
}

// heading returns the heading level of a style: 0 for the title, -1 if it is not a heading.
func (s *docxStyles) heading(id string) int {
	level := -1
	s.look(id, func(_ string, style *docxStyle) bool {
		level = style.heading
		return level >= 0
	})
	return level
}

// hidden reports whether a style hides its text.
func (s *docxStyles) hidden(id string) bool {
	hidden := -1
	s.look(id, func(_ string, style *docxStyle) bool {
		hidden = style.hidden
		return hidden >= 0
	})
	return hidden == 1
}

// A docxLevel is one level of a list.
type docxLevel struct {
	start  int
	format string
	text   string // "%1.%2." where %1 is the number of the first level
	style  string // style of the paragraphs numbered by this level
	// restart is the deepest level, counted from 1, whose items restart the numbers of this level;
	// items of the levels above it do so too. 0: never restart; -1: items of all levels above this
	// one restart it.
	restart int
	legal   bool // all numbers are decimal
}

// A docxList is a list definition with its counters. Lists that share a definition continue each
// other's numbers.
type docxList struct {
	levels [9]docxLevel
	counts [9]int
	used   [9]bool
	link   string // the style that holds the definition
}

// A docxNum is a list that paragraphs refer to.
type docxNum struct {
	list    *docxList
	own     map[int]*docxLevel // overridden levels
	restart map[int]int        // first numbers of levels that start at another number when they are first used
}

// docxNumbering holds the lists of a document by the identifiers that paragraphs use.
type docxNumbering struct {
	nums   map[string]*docxNum
	styles *docxStyles
}

// docxNumbering reads the part that defines lists.
func (p *packed) docxNumbering(ctx context.Context, part string, styles *docxStyles) (*docxNumbering, error) {
	numbering := &docxNumbering{nums: map[string]*docxNum{}, styles: styles}
	if part == "" {
		return numbering, nil
	}
	lists, linked := map[string]*docxList{}, map[string]*docxList{}
	err := p.walk(ctx, part, xmlHandler{
		whole: func(name string) bool { return name == "abstractNum" || name == "num" },
		tree: func(n *node) {
			if n.name == "abstractNum" {
				list := &docxList{link: n.child("numStyleLink").attr("val")}
				for i := range list.levels {
					list.levels[i] = docxLevel{start: 1, format: "bullet", restart: -1}
				}
				n.each("lvl", func(l *node) { list.levels[levelOf(l)] = docxLevelOf(l) })
				lists[n.attr("abstractNumId")] = list
				if style := n.child("styleLink").attr("val"); style != "" {
					linked[style] = list
				}
				return
			}
			num := &docxNum{list: lists[n.child("abstractNumId").attr("val")],
				own: map[int]*docxLevel{}, restart: map[int]int{}}
			n.each("lvlOverride", func(o *node) {
				at := levelOf(o)
				if l := o.child("lvl"); l != nil {
					level := docxLevelOf(l)
					num.own[at] = &level
				}
				if start := o.child("startOverride"); start != nil {
					num.restart[at] = numberIn(start.attr("val"))
				}
			})
			if num.list != nil {
				numbering.nums[n.attr("numId")] = num
			}
		},
	}, nil)
	for _, num := range numbering.nums {
		if target := linked[num.list.link]; num.list.link != "" && target != nil {
			num.list = target
		}
	}
	return numbering, err
}

func levelOf(n *node) int { return min(numberIn(n.attr("ilvl")), 8) }

func docxLevelOf(l *node) docxLevel {
	level := docxLevel{start: 1, format: "decimal", restart: -1, legal: l.child("isLgl").on()}
	if start := l.child("start"); start != nil {
		level.start = numberIn(start.attr("val"))
	}
	if format := l.child("numFmt"); format != nil {
		level.format = format.attr("val")
	} else if format := l.child("AlternateContent", "Fallback", "numFmt"); format != nil {
		level.format = format.attr("val")
	}
	if restart := l.child("lvlRestart"); restart != nil {
		level.restart = numberIn(restart.attr("val"))
	}
	level.text, level.style = l.child("lvlText").attr("val"), l.child("pStyle").attr("val")
	return level
}

// of returns the list and level of a paragraph with the given properties and style. ok is false if
// it is in no list.
func (d *docxNumbering) of(properties *node, style string) (num *docxNum, level int, ok bool) {
	level, id, inherited := -1, "", false
	if own := properties.child("numPr"); own != nil {
		if l := own.child("ilvl"); l != nil {
			level = min(numberIn(l.attr("val")), 8)
		}
		id = own.child("numId").attr("val")
	}
	if id == "" {
		d.styles.look(style, func(at string, s *docxStyle) bool {
			if level < 0 {
				level = s.level
			}
			if s.numID == "" {
				return false
			}
			id, style, inherited = s.numID, at, true
			return true
		})
	}
	if num = d.nums[id]; num == nil || id == "0" {
		return nil, 0, false
	}
	if level < 0 && inherited {
		for i := range num.list.levels {
			if num.list.levels[i].style == style {
				level = i
			}
		}
	}
	return num, max(level, 0), true
}

// next counts a paragraph at a level and returns its number as printed, or "" for a bullet.
func (num *docxNum) next(at int) string {
	list := num.list
	if start, ok := num.restart[at]; ok {
		list.counts[at] = start
		delete(num.restart, at)
	} else if list.used[at] {
		list.counts[at]++
	} else {
		list.counts[at] = num.level(at).start
	}
	list.used[at] = true
	for deeper := at + 1; deeper < len(list.levels); deeper++ {
		if restart := num.level(deeper).restart; restart < 0 || restart > at {
			list.used[deeper] = false
		}
	}
	own := num.level(at)
	if own.format == "bullet" {
		return ""
	}
	text := own.text
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' || i+1 == len(text) || text[i+1] < '1' || text[i+1] > '9' {
			b.WriteByte(text[i])
			continue
		}
		i++
		of := int(text[i] - '1')
		level, count := num.level(of), list.counts[of]
		if !list.used[of] && of != at {
			count = level.start
		}
		format := level.format
		if own.legal && format != "none" && format != "bullet" {
			format = "decimal"
		}
		b.WriteString(formatNumber(count, format))
	}
	return tidy(b.String())
}

func (num *docxNum) level(at int) *docxLevel {
	if own := num.own[at]; own != nil {
		return own
	}
	return &num.list.levels[at]
}
