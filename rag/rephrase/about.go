package rephrase

import (
	"strings"
	"unicode/utf8"

	"weft/rag/lazyregexp"
)

// mostRequest is the length in characters of the longest request about an answer. A longer text has
// content of its own and is searched for in the documents.
const mostRequest = 90

const (
	politeWords = `(?:please|pls|bitte|now|ok(?:ay)?|and|und|thanks?|danke|can you|could you|would you|can i have|may i have|` +
		`i(?:'d| would) like|give me|let me have|show me|make|put|write|say|kannst du|könntest du|mach(?:e|st du)?|schreib(?:e)?|sag(?:e)?|` +
		`gib mir|zeig(?:e)? mir|s'il (?:te|vous) plaît|svp|por favor|per favore)`
	thatWords = `(?:it|this|that|them|those|the (?:last |previous )?(?:answer|reply|text|above|whole thing)|your (?:last )?(?:answer|reply)|` +
		`das|es|dies|die (?:letzte )?antwort|deine antwort|den text|ça|cela|la réponse|ta réponse|votre réponse|eso|la respuesta|tu respuesta|questo|la risposta)`
	language = `(?:english|german|french|spanish|italian|portuguese|dutch|finnish|swedish|danish|norwegian|polish|czech|greek|turkish|russian|ukrainian|` +
		`chinese|japanese|korean|arabic|hebrew|hindi|vietnamese|thai|latin|plain english|simple english|` +
		`englisch|deutsch|französisch|spanisch|italienisch|griechisch|finnisch|schwedisch|polnisch|türkisch|russisch|chinesisch|japanisch|einfache sprache|` +
		`anglais|allemand|français|espagnol|italien|inglés|alemán|francés|español|inglese|tedesco|francese|spagnolo|αγγλικά|ελληνικά)`
	shape = `(?:a |an |one |the |eine[rn]? |une? |una? )?(?:short |single |simple |numbered |bulleted |markdown |kurze |einfache )?` +
		`(?:table|(?:bullet(?:ed)? |numbered )?list|bullets?|bullet points?|paragraph|sentence|summary|haiku|email|e-mail|tabelle|liste|stichpunkten?|satz|absatz|` +
		`zusammenfassung|tableau|liste|phrase|résumé|tabla|lista|frase|resumen|tabella|elenco|riassunto|json|csv|markdown|prose|key points|steps)`
	manner = `(?:much |a (?:bit|little) |a lot |even |etwas |viel |noch |deutlich |plus |más |più )?` +
		`(?:shorter|briefer|longer|simpler|clearer|more (?:briefly|brief|concise|concisely|detailed|detail|details|formal|formally|simply|clearly|precise|precisely|casual)|` +
		`less (?:detail|detailed|formal|technical)|in (?:more|less) detail|in (?:fewer|other|simple|simpler|your own|plain) words|(?:more )?simply|in short|briefly|` +
		`kürzer|knapper|länger|ausführlicher|einfacher|genauer|klarer|verständlicher|in (?:anderen|einfachen) worten|` +
		`court|courte|bref|brève|long|longue|simple|simplement|corto|corta|breve|largo|sencillo|semplice|lungo|συντομότερα|πιο σύντομα|lyhyemmin|kortare|korter)`
)

var aboutAnswer = lazyregexp.New(`(?i)^(?:` + politeWords + `[ ,]+)*(?:` + strings.Join([]string{
	// shorter; make it a bit longer; kürzer bitte
	`(?:` + thatWords + ` )?` + manner,
	// as a table; put that into bullet points; als Tabelle
	`(?:` + thatWords + ` )?(?:as|in|into|als|in|en|sous forme de|comme|como|come) ` + shape,
	// translate that into German; in German; auf Deutsch; and in French
	`(?:translate|translated|übersetz(?:e|en)?|tradui(?:re|s|sez)|traduce|traducir|traduci|traduzca)(?: ` + thatWords + `)?(?:,? (?:to|into|in|ins|auf|en|al|in) ` + language + `)?`,
	`(?:` + thatWords + ` )?(?:in|into|auf|en|al|στα|into simple) ` + language,
	// summarise that; rephrase your answer; fasse das zusammen
	`(?:summari[sz]e|sum up|rephrase|reword|rewrite|shorten|simplify|expand|clarify|repeat|paraphrase|reformulate|elaborate(?: on)?|kürze|vereinfache|wiederhole?|` +
		`formuliere|erkläre|explain|resume|résume|reformule|répète|repite|simplifica|riassumi|ripeti)(?: ` + thatWords + `)?(?: again| once more| nochmal| um|(?: more)? simply| to me| neu| anders| ` + manner + `| (?:as|in|into|als) ` + shape + `| in ` + language + `)?`,
	`fass(?:e|t)? (?:das|es|die antwort)(?: kurz| bitte)? zusammen`,
	`(?:sum|break|dumb) ` + thatWords + ` (?:up|down)`,
	`(?:tl;?dr|eli5|again|once more|say (?:that|it) again|nochmal|noch einmal|encore une fois|otra vez)`,
	// I did not understand the answer
	`(?:what|wie|comment|cómo|come)\?? ?(?:bitte|was that|do you mean(?: by that| with that)?|meinst du(?: damit)?|veux-tu dire)?`,
	`(?:sorry|pardon|excuse me|huh|hä|perdón|scusi?|anteeksi|ursäkta)(?:,? (?:what|say that again|i (?:don't|do not|didn't|did not) (?:understand|get (?:that|it))))?`,
	`i (?:don't|do not|didn't|did not) (?:understand|get)(?: ` + thatWords + `)?|(?:das )?verstehe ich nicht|ich verstehe (?:das )?nicht|je ne comprends pas|no entiendo|non capisco`,
	`(?:are you|bist du(?: dir)?) (?:sure|sicher)(?: about (?:that|this))?`,
	`(?:もう一度|もっと短く|短く(?:して)?(?:ください)?|日本語で|英語で|要約して(?:ください)?|更短一些|简短一点|用中文|用英文|再说一遍|总结一下|翻译成[\p{Han}]{1,4})`,
}, `|`) + `)(?:[ ,]+(?:please|pls|bitte|thanks?|danke|then|dann|now|jetzt|again|nochmal|instead|stattdessen|s'il (?:te|vous) plaît|svp|por favor|per favore))*[\s.?!。！？]*$`)

// AboutAnswer reports whether a text asks for something to be done with the last answer, such as
// "shorter", "as a table" or "translate that into German". The whole text must be such a request:
// "a shorter password" and "translate.go" are questions for the documents.
func AboutAnswer(text string) bool {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, "’", "'")), " ")
	return text != "" && utf8.RuneCountInString(text) <= mostRequest && aboutAnswer.MatchString(text)
}
