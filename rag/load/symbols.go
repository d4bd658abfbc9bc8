package load

import (
	"strconv"
	"strings"
	"sync"
)

// symbol returns the character of a symbol font that Word writes as a font and a hexadecimal code
// (w:sym).
func symbol(font, char string) string {
	code, err := strconv.ParseUint(char, 16, 32)
	if err != nil {
		return ""
	}
	return symbolOf(font, rune(code))
}

// symbolOf returns the character that a symbol font shows for a code, which may be in the private
// use area from U+F000. It is "□" if the font shows a sign that is not known.
func symbolOf(font string, code rune) string {
	if code >= 0xf000 && code <= 0xf0ff {
		code -= 0xf000
	}
	font = strings.ToLower(strings.TrimSpace(font))
	if code == ' ' || code == 0xa0 {
		return " "
	}
	if s, ok := commonSigns[font][code]; ok {
		return s
	}
	if s := symbolFont(font); s != nil {
		if code > ' ' && int(code-'!') < len(s) && s[code-'!'] != ' ' {
			return string(s[code-'!'])
		}
		return "□"
	}
	if isSymbolFont(font) {
		if s := symbolRune(code); s != 0 {
			return string(s)
		}
	}
	if code < ' ' || code >= 0xe000 && code <= 0xf8ff {
		return "□"
	}
	return string(code)
}

// isSymbolFont reports whether a font has the characters of Symbol. A font without a name counts
// as one: the file only says that it is a symbol font.
func isSymbolFont(font string) bool {
	return font == "" || strings.Contains(font, "symbol") && font != "segoe ui symbol"
}

// symbolFont returns the characters of a font of signs from the code 0x21 on; nil if it is none.
func symbolFont(font string) []rune {
	switch {
	case strings.Contains(font, "dingbats"), font == "monotype sorts": // the names of one font
		font = "zapfdingbats"
	case strings.HasPrefix(font, "mt extra"):
		font = "mt extra"
	}
	return decodedSignFonts()[font]
}

var decodedSignFonts = sync.OnceValue(func() map[string][]rune {
	fonts := map[string][]rune{}
	for font, signs := range signFonts {
		fonts[font] = []rune(signs)
	}
	return fonts
})

// commonSigns are signs for which a plainer character is in wider use than the one in Unicode's
// mapping.
var commonSigns = map[string]map[rune]string{
	"wingdings": {0x4f: "✗", 0x50: "✓", 0x52: "☑", 0x53: "☒", 0x6c: "●", 0x6e: "■", 0x6f: "□", 0x71: "❑",
		0xa8: "☐", 0xd8: "➢", 0xdf: "←", 0xe0: "→", 0xe1: "↑", 0xe2: "↓", 0xe8: "➔", 0xf0: "⇨", 0xfb: "✗",
		0xfc: "✓", 0xfd: "☒", 0xfe: "☑"},
	"wingdings 2": {0x4f: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑"},
}

// signFonts are the characters of fonts from the code 0x21 to 0xfe, according to Unicode's mapping
// of these fonts, with a blank for an unassigned code. The few signs of MT Extra are those that
// equations use.
var signFonts = map[string]string{
	"wingdings": "🖉✂✁👓🕭🕮🕯🕿✆🖂🖃📪📫📬📭🗀🗁🗎🗏🗐🗄⌛🖮🖰🖲🖳🖴🖫🖬✇✍🖎✌🖏👍👎☜☞☝☟🖐☺😐☹💣🕱🏳🏱✈☼🌢❄🕆✞🕈✠✡☪☯🕉☸♈♉♊♋♌♍♎♏♐♑♒♓🙰" +
		"🙵⚫🔾◼🞏🞐❑❒🞟⧫◆❖⬩⌧⮹⌘🏵🏶🙶🙷▯🄋➀➁➂➃➄➅➆➇➈➉🄌➊➋➌➍➎➏➐➑➒➓🙢🙠🙡🙣🙞🙜🙝🙟∙•⬝⭘🞆🞈🞊🞋🔿▪🞎🟁🟅★🟋🟏🟓🟑⯐⌖⯎⯏⯑" +
		"✪✰🕐🕑🕒🕓🕔🕕🕖🕗🕘🕙🕚🕛⮰⮱⮲⮳⮴⮵⮶⮷🙪🙫🙕🙔🙗🙖🙐🙑🙒🙓⌫⌦⮘⮚⮙⮛⮈⮊⮉⮋🡨🡪🡩🡫🡬🡭🡯🡮🡸🡺🡹🡻🡼🡽🡿🡾⇦⇨⇧⇩⬄⇳⬁⬀⬃⬂🢬🢭🗶✓🗷🗹",
	"wingdings 2": "🖊🖋🖌🖍✄✀🕾🕽🗅🗆🗇🗈🗉🗊🗋🗌🗍📋🗑🗔🖵🖶🖷🖸🖭🖯🖱🖒🖓🖘🖙🖚🖛👈👉🖜🖝🖞🖟🖠🖡👆👇🖢🖣🖑🗴🗸🗵☑⮽☒⮾⮿🛇⦸🙱🙴🙲🙳‽🙹🙺🙻🙦🙤🙥🙧🙚🙘🙙🙛⓪①" +
		"②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿ ☉🌕☽☾⸿✝🕇🕜🕝🕞🕟🕠🕡🕢🕣🕤🕥🕦🕧🙨🙩⋅🞄⦁●○🞅🞇🞉⊙⦿🞌🞍◾■□🞑🞒🞓🞔▣🞕🞖🞗🞘⬩⬥◇🞚◈🞛🞜🞝" +
		"🞞⬪⬧◊🞠◖◗⯊⯋⯀⯁⬟⯂⬣⬢⯃⯄🞡🞢🞣🞤🞥🞦🞧🞨🞩🞪🞫🞬🞭🞮🞯🞰🞱🞲🞳🞴🞵🞶🞷🞸🞹🞺🞻🞼🞽🞾🞿🟀🟂🟄🟆🟉🟊✶🟌🟎🟐🟒✹🟃🟇✯🟍🟔⯌⯍※⁂     ",
	"wingdings 3": "⭠⭢⭡⭣⭦⭧⭩⭨⭰⭲⭱⭳⭶⭸⭻⭽⭤⭥⭪⭬⭫⭭⭍⮠⮡⮢⮣⮤⮥⮦⮧⮐⮑⮒⮓⮀⮃⭾⭿⮄⮆⮅⮇⮏⮍⮎⮌⭮⭯⎋⌤⌃⌥␣⍽⇪⮸🢠🢡🢢🢣🢤🢥🢦🢧🢨🢩🢪🢫🡐🡒🡑🡓🡔" +
		"🡕🡗🡖🡘🡙▲▼△▽◀▶◁▷◣◢◤◥🞀🞂🞁 🞃⯅⯆⯇⯈⮜⮞⮝⮟🠐🠒🠑🠓🠔🠖🠕🠗🠘🠚🠙🠛🠜🠞🠝🠟🠀🠂🠁🠃🠄🠆🠅🠇🠈🠊🠉🠋🠠🠢🠤🠦🠨🠪🠬🢜🢝🢞🢟🠮🠰🠲🠴🠶" +
		"🠸🠺🠹🠻🢘🢚🢙🢛🠼🠾🠽🠿🡀🡂🡁🡃🡄🡆🡅🡇⮨⮩⮪⮫⮬⮭⮮⮯🡠🡢🡡🡣🡤🡥🡧🡦🡰🡲🡱🡳🡴🡵🡷🡶🢀🢂🢁🢃🢄🢅🢇🢆🢐🢒🢑🢓🢔🢖🢕🢗              ",
	"webdings": "🕷🕸🕲🕶🏆🎖🖇🗨🗩🗰🗱🌶🎗🙾🙼🗕🗖🗗⏴⏵⏶⏷⏪⏩⏮⏭⏸⏹⏺🗚🗳🛠🏗🏘🏙🏚🏜🏭🏛🏠🏖🏝🛣🔍🏔👁👂🏞🏕🛤🏟🛳🕬🕫🕨🔈🎔🎕🗬🙽🗭🗪🗫⮔✔🚲⬜🛡📦🛱⬛🚑🛈🛩" +
		"🛰🟈🕴⬤🛥🚔🗘🗙❓🛲🚇🚍⛳⦸⊖🚭🗮⏐🗯🗲 🚹🚺🛉🛊🚼👽🏋⛷🏂🏌🏊🏄🏍🏎🚘🗠🛢💰🏷💳👪🗡🗢🗣✯🖄🖅🖃🖆🖹🖺🖻🕵🕰🖽🖾📋🗒🗓🕮📚🗞🗟🗃🗂🖼🎭🎜🎘🎙🎧💿🎞" +
		"📷🎟🎬📽📹📾📻🎚🎛📺💻🖥🖦🖧🕹🎮🕻🕼📟🖁🖀🖨🖩🖿🖪🗜🔒🔓🗝📥📤🕳🌣🌤🌥🌦☁🌨🌧🌩🌪🌬🌫🌜🌡🛋🛏🍽🍸🛎🛍Ⓟ♿🛆🖈🎓🗤🗥🗦🗧🛪🐿🐦🐟🐕🐈🙬🙮🙭🙯🗺🌍🌏🌎",
	"zapfdingbats": "✁✂✃✄☎✆✇✈✉☛☞✌✍✎✏✐✑✒✓✔✕✖✗✘✙✚✛✜✝✞✟✠✡✢✣✤✥✦✧★✩✪✫✬✭✮✯✰✱✲✳✴✵✶✷✸✹✺✻✼✽✾✿❀❁❂❃❄❅❆❇❈❉❊" +
		"❋●❍■❏❐❑❒▲▼◆❖◗❘❙❚❛❜❝❞                                  ❡❢❣❤❥❦❧♣♦♥♠①②③④⑤⑥⑦⑧⑨" +
		"⑩❶❷❸❹❺❻❼❽❾❿➀➁➂➃➄➅➆➇➈➉➊➋➌➍➎➏➐➑➒➓➔→↔↕➘➙➚➛➜➝➞➟➠➡➢➣➤➥➦➧➨➩➪➫➬➭➮➯ ➱➲➳➴➵➶➷➸➹➺➻➼➽➾",
	"mt extra": "                                  ∐     ⋂ …⋯⋮⋰⋱     ⋃                  ℏ   ℓ∓ ∘",
}

// symbolLetters are the letters of the font Symbol from A to Z and from a to z.
const symbolLetters = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖαβχδεφγηιϕκλμνοπθρστυϖωξψζ"

// symbolSigns are the signs of the font Symbol from 0xa1 to 0xfe, with a blank for an unassigned
// code.
const symbolSigns = "ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪ 〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"

// symbolRune returns the character for a code of the font Symbol; 0 when it is unassigned.
func symbolRune(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z':
		return []rune(symbolLetters)[r-'A']
	case r >= 'a' && r <= 'z':
		return []rune(symbolLetters)[26+r-'a']
	case r >= 0xa1 && r <= 0xfe:
		return []rune(symbolSigns)[r-0xa1]
	case r == 0x22:
		return '∀'
	case r == 0x24:
		return '∃'
	case r == 0x2d:
		return '−'
	case r == 0x40:
		return '≅'
	case r == 0x5e:
		return '⊥'
	case r >= ' ' && r < 0x7f:
		return r
	}
	return 0
}
