package extract

import (
	"strings"

	"weft/rag/chunk"
	"weft/rag/lazyregexp"
)

// kinds is a set of the kinds of things that a question can ask for.
type kinds uint32

const (
	kindNumber  kinds = 1 << iota
	kindTime          // a duration or a frequency
	kindDate          // a past or future date
	kindVersion       // a version of a program
	kindCommand       // something to type: a command, an option, a setting
	kindPath          // a file or folder
	kindDegrees       // a temperature
	kindAnswer        // yes or no
	kindReason        // why
	kindList          // several things
	kindSides         // how things differ
	kindMeaning       // what something is
	kindDefault       // what applies if nothing is set
	kindNot           // a negation: a fact that does not hold, or a thing that is not done
	kindPrice         // what something costs
	kindPhone         // a telephone number
	kindRelease       // in which release something came or went
)

// asked maps the wording of questions to the kinds that they ask for.
var asked = []struct {
	kind kinds
	by   *lazyregexp.Regexp
}{
	{kindNumber, lazyregexp.New(`(?i)\bhow (?:many|much|big|large|far|tall|high|deep|thick|thin|wide|` +
		`heavy|fast|old|long|often|hot|warm|cold)\b|\b(?:ratio|amount|number|size|limit|port|percentage|` +
		`maximum|minimum|largest|smallest|longest|shortest|exit code|timeout)\b|\bwie ?(?:viele?|lange?|` +
		`groß|hoch|oft|weit|schwer|dick|alt)\b|\b(?:Anzahl|Größe|Grenze)\b|\bcombien\b|\bcuánt[oa]s?\b`)},
	{kindTime, lazyregexp.New(`(?i)\bhow (?:long|often|soon|quickly|many (?:seconds|minutes|hours|days|` +
		`weeks|months|years))\b|\b(?:minutes|seconds|hours|delay|timeout|time limit|interval|duration)\b|` +
		`\bwie (?:lange|oft)\b`)},
	{kindDate, lazyregexp.New(`(?i)\bwhen (?:was|is|were|did|will|does)\b|\b(?:what|which) (?:date|day|` +
		`year|month)\b|\bwann (?:wurde|war|ist|wird)\b|\bquand\b`)},
	{kindVersion, lazyregexp.New(`(?i)\b(?:versions?|releases?|released)\b|\b(?:Version|Veröffentlichung)\b`)},
	{kindCommand, lazyregexp.New(`(?i)\b(?:command|flag|option|setting|parameter|variable|function|` +
		`method|what do I (?:set|type|run|call|write)|Befehl|Schalter|Einstellung)\b|^how (?:do|can|to)\b|` +
		`^wie (?:kann|schalte|mache|starte|setze|stelle)`)},
	{kindPath, lazyregexp.New(`(?i)\b(?:where|folder|directory|path|file name|Ordner|Verzeichnis|` +
		`Pfad)\b|^(?:wo|in welche[mnrs]?)\b`)},
	{kindDegrees, lazyregexp.New(`(?i)\b(?:temperatur\w*|how (?:hot|warm|cold)|degrees|oven)\b|` +
		`\bwie (?:heiß|warm|kalt)\b`)},
	{kindAnswer, lazyregexp.New(`(?i)(?:^|[,:.]\s*)(?:and |und )?(?:is|are|can|cant|can't|could|may|do|` +
		`does|did|should|must|will|would|has|have|was|were|ist|sind|kann|können|darf|dürfen|muss|müssen|` +
		`wird|werden|gibt|sieht|hat|habe|soll|sollte)\s|\b(?:may|can|should) (?:i|we|you)\b`)},
	{kindReason, lazyregexp.New(`(?i)\b(?:why|reason|what for|warum|weshalb|wieso|wozu|pourquoi)\b`)},
	{kindList, lazyregexp.New(`(?i)^\W*(?:and )?(?:(?:which|what)(?: are)?(?: the| all)? \w+s\b|list\b|` +
		`name (?:all|the)|what (?:are|kinds?|goes)|in which \w+s\b|welche \w+)|\b(?:list|all the|` +
		`how many kinds|what are they|which ones|liste)\b`)},
	{kindSides, lazyregexp.New(`(?i)\b(?:differ\w*|difference|versus|vs|compared?|same as|instead of|` +
		`rather than|distinguish|unterschied\w*|unterscheid\w*|or (?:else )?a)\b`)},
	{kindMeaning, lazyregexp.New(`(?i)^\W*(?:what|who)(?:'?s|\s+is|\s+are)\b|\bmeans?\b|^was (?:ist|sind|bedeutet)\b`)},
	{kindDefault, lazyregexp.New(`(?i)\b(?:defaults?|out of the box|unless|by itself|initially|` +
		`at the (?:very )?start|if I (?:set|say|do) nothing|normally|standardmäßig|ohne mein Zutun|voreingestellt)\b`)},
	{kindNot, lazyregexp.New(`(?i)\b(?:not|never|n't|doesnt|dont|cannot|without|nicht|nie|kein\w*)\b`)},
	{kindPrice, lazyregexp.New(`(?i)\b(?:costs?|prices?|pricing|fees?|expensive|kostet|kosten|preise?|` +
		`gebühr(?:en)?|coûte|prix|cuesta|precio|costa|prezzo)\b`)},
	{kindPhone, lazyregexp.New(`(?i)\b(?:(?:tele)?phone number|telefonnummer|numéro de téléphone)\b`)},
	{kindRelease, lazyregexp.New(`(?i)\b(?:(?:in|since|from|with|as of|until|before|after) (?:which|what) ` +
		`(?:version|release)|which release|(?:in|seit|ab|mit|bis zu) welcher version)\b`)},
}

// wanted returns the kinds that a question asks for.
func wanted(text string) (k kinds) {
	for _, a := range asked {
		if a.by.MatchString(text) {
			k |= a.kind
		}
	}
	return k
}

// evidence maps patterns to the kinds that a matching text contains.
var evidence = []struct {
	kind kinds
	by   *lazyregexp.Regexp
}{
	{kindNumber, lazyregexp.New(`(?i)\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|` +
		`fifteen|twenty|half|twice|once|double|eine?|zwei|drei|vier|fünf|zehn)\b`)},
	{kindTime, lazyregexp.New(`(?i)(?:\d|\b(?:an?|one|two|three|half|few|every|other))[\s-]*(?:ms|s|` +
		`sec(?:ond)?s?|min(?:ute)?s?|h|hours?|days?|weeks?|months?|years?|nights?|Sekunden?|Minuten?|` +
		`Stunden?|Tage?|Wochen?|Monate?|Jahre?)\b|\bovernight\b|\b(?:daily|weekly|hourly)\b|\bin seconds\b`)},
	{kindDate, lazyregexp.New(`(?i)\b(?:1[89]|20)\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b(?:january|` +
		`february|march|april|june|july|august|september|october|november|december|januar|februar|märz|` +
		`juni|juli|oktober|dezember)\b`)},
	{kindVersion, lazyregexp.New(`(?i)\bv?\d+\.\d+(?:\.\d+)*\b|\bv\d+\b`)},
	{kindCommand, lazyregexp.New("`[^`]+`|(?:^|\\s)--?[a-z]|\\b[A-Z]+_[A-Z_]+\\b|\\$ \\w")},
	{kindPath, lazyregexp.New("(?:^|[\\s`\"'(])[~.]?/?[\\w.-]+/[\\w./-]*|`[\\w-]*\\.[\\w.-]+`|\\b\\w+\\.(?:md|txt|ya?ml|json|toml|cfg|ini|conf|py|go|js|ts)\\b")},
	{kindDegrees, lazyregexp.New(`(?i)\d\s*(?:°|º|degrees?\b|[CF]\b|Grad\b)`)},
	{kindAnswer, lazyregexp.New(`(?i)\b(?:yes|no|not|never|cannot|can't|don't|doesn't|isn't|can|may|` +
		`should|must|only|always|does|is|are|supports?|possible|ja|nein|nicht|kein\w*|kann|darf|muss|nur|möglich)\b`)},
	{kindReason, lazyregexp.New(`(?i)\b(?:because|since|so that|as it|in order to|otherwise|` +
		`to (?:avoid|prevent|ensure|make sure)|therefore|due to|reason|this (?:is|makes|means)|weil|damit|` +
		`da|um|sonst|deshalb)\b`)},
	{kindSides, lazyregexp.New(`(?i)\b(?:whereas|while|but|unlike|instead|however|on the other hand|` +
		`rather than|differ\w*|in contrast|während|dagegen|hingegen|aber)\b`)},
	{kindDefault, lazyregexp.New(`(?i)\bdefaults?\b|\bby default\b|\binitial\w*\b|` +
		`\bstandard(?:mäßig)?\b|\bnormally\b|\bautomati\w+\b`)},
	{kindNot, lazyregexp.New(`(?i)\b(?:not|never|no|cannot|without|none|nor|isn't|doesn't|don't|won't|` +
		`can't|nicht|nie|kein\w*|ohne)\b`)},
	{kindPrice, lazyregexp.New(`(?i)[€£¥]|\$\s?\d|\b(?:EUR|USD|GBP|CHF|dollars?|cents?|euros?|pounds?|` +
		`francs?|free|pay|pays|paid|charged?|costs?|priced?|prices|pricing|fees?|kostet|kosten|kostenlos|` +
		`kostenfrei|gratis|preise?|gebühr(?:en)?|gratuit\w*|prix|coûte|precio|prezzo|price_\w+)\b`)},
	{kindPhone, lazyregexp.New(`(?:\+|\b)\d[\d ()/-]{5,}\d\b`)},
	{kindRelease, lazyregexp.New(`(?i)\bv?\d+(?:\.\d+)+\b|\b(?:v|version |release )\d+\b`)},
}

// indispensable are the kinds that an answer must contain if the question asks for them: a text
// without a price does not answer a question for a price.
const indispensable = kindPrice | kindPhone | kindRelease

// relevant returns the kinds that decide how well a text fits a question which asks for the kinds k.
func (k kinds) relevant() kinds {
	if k&kindAnswer != 0 {
		k |= kindNot // a negation answers a question for yes or no
	}
	return k
}

// carried returns the kinds that a text in a block of the given kind contains. Evidence is only
// searched for the kinds in the set of: most of the time of an answer would go into the others.
func carried(text string, block chunk.Kind, of kinds) (k kinds) {
	for _, e := range evidence {
		if e.kind&of != 0 && e.by.MatchString(text) {
			k |= e.kind
		}
	}
	switch block {
	case chunk.Code:
		k |= kindCommand
	case chunk.Item, chunk.Row:
		k |= kindList
	case chunk.Definition:
		k |= kindMeaning
	}
	if strings.Count(text, ", ") >= 2 {
		k |= kindList
	}
	return k
}

// telling are the kinds that few texts contain, so that a text with a wanted one is likely the
// answer.
const telling = kindNumber | kindTime | kindDate | kindVersion | kindCommand | kindPath | kindDegrees | kindReason | kindList | kindDefault | kindNot | kindSides

// fits returns the share of the wanted telling kinds that are carried, or 1 if no telling kind is
// wanted.
func (k kinds) fits(carried kinds) float64 {
	want, has := 0, 0
	for bit := kinds(1); bit <= kindNot; bit <<= 1 {
		if k&telling&bit == 0 {
			continue
		}
		want++
		if carried&bit != 0 {
			has++
		}
	}
	if want == 0 {
		return 1
	}
	return float64(has) / float64(want)
}

// part returns the share of the wanted kinds within the set of that are carried, or 0 if none of
// the set is wanted.
func (k kinds) part(of, carried kinds) float64 {
	if k &= of; k == 0 {
		return 0
	}
	return k.fits(carried)
}

// several matches questions that ask for several things of a kind, possibly one per document.
var several = lazyregexp.New(`(?i)^\W*(?:(?:which|what)(?: of the| all| other)? \w+s|` +
	`how many \w+s are there|list (?:all )?(?:the )?\w+s|name (?:all )?(?:the )?\w+s|welche \w+)\b`)

// wholeKind matches a question for all things of a kind: "which exit codes are there?", "list the
// keys". Its group holds the words between "which" and the verb.
var wholeKind = lazyregexp.New(`(?i)^\W*(?:and )?(?:(?:which|what) ((?:\w+ ){0,3}\w+s) (?:are|exist|can|could|do|have|may|must|should|will)\b|` +
	`(?:which|what) are (?:all )?(?:the )?(?:\w+ ){0,2}\w+s\b|what (?:kinds|types|sorts) of\b|(?:list|name|enumerate) (?:all|the|every)\b|` +
	`how many (?:\w+ ){0,2}\w+s are there\b|welche (?:\w+ ){1,3}(?:gibt|sind|kann|können|hat|haben)\b)`)

// oneThing matches words between "what" and the verb which show that the question asks for one
// thing: "what does the list of keys do?".
var oneThing = lazyregexp.New(`(?i)\b(?:does|is|was|has|happens|means|this)\b`)

// wantsAll reports whether a question asks for all things of a kind.
func wantsAll(question string) bool {
	m := wholeKind.FindStringSubmatch(question)
	return m != nil && !oneThing.MatchString(m[1])
}
