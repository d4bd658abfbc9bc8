package load

import (
	"context"
	"strconv"
	"strings"
)

// maxChain is how many styles are followed that are based on each other.
const maxChain = 16

// A docxStyle is what a style says of the paragraphs or texts that have it.
type docxStyle struct {
	based   string
	heading int // level from 1; 0: of the title; -1: it says nothing
	numID   string
	level   int // in the numbering; -1: it says nothing
	hidden  int // 1: hidden, 0: shown, -1: it says nothing
}

// docxStyles are the styles of a document by their identifiers.
type docxStyles struct {
	byID     map[string]*docxStyle
	standard string // of paragraphs that name none
}

// docxStyles reads a part of styles.
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

// look goes from a style to those that it is based on, until f is content.
func (s *docxStyles) look(id string, f func(id string, style *docxStyle) bool) {
	for n := 0; n < maxChain; n++ {
		style := s.byID[id]
		if style == nil || f(id, style) {
			return
		}
		id = style.based
	}
}

// heading gives the level of a style's paragraphs: 0 for the title, -1 when they are no headings.
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
	start   int
	format  string
	text    string // "%1.%2." where %1 is the number of the first level
	style   string // of the paragraphs that are numbered by it
	restart int    // the level whose next number begins this one again, from 1; 0: never; -1: each level above
	legal   bool   // all numbers are written in decimal
}

// A docxList numbers paragraphs. Lists that share their definition go on with each other's numbers.
type docxList struct {
	levels [9]docxLevel
	counts [9]int
	used   [9]bool
	link   string // the style that has the definition
}

// A docxNum is a list as paragraphs refer to it.
type docxNum struct {
	list    *docxList
	own     map[int]*docxLevel // levels that are defined otherwise
	restart map[int]int        // levels that begin at another number when they are first used
}

// docxNumbering are the lists of a document by the identifiers that paragraphs use.
type docxNumbering struct {
	nums   map[string]*docxNum
	styles *docxStyles
}

// docxNumbering reads a part of definitions of lists.
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
			num := &docxNum{list: lists[n.child("abstractNumId").attr("val")], own: map[int]*docxLevel{}, restart: map[int]int{}}
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

// of finds the list and the level of a paragraph with these properties and this style; ok is false
// when it is in none.
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

// next counts a paragraph of a level and gives its number as it is printed; "" for a bullet.
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
