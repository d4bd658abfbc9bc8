package load

import (
	"cmp"
	"slices"
	"strings"

	"weft/rag/lazyregexp"
)

// The letters that the body of a token consists of.
const (
	upperDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	lowerHex    = "0123456789abcdef"
	alphanum    = upperDigits + "abcdefghijklmnopqrstuvwxyz"
	wordDash    = alphanum + "_-"
	dotted      = wordDash + "."
	base64ish   = wordDash + "+/=."
)

// longestToken limits the body of a token whose form has no length of its own, in bytes.
const longestToken = 8 << 10

// A tokenForm describes the tokens of one service: how they begin, and what follows.
type tokenForm struct {
	kind     string
	prefixes string // separated by blanks
	letters  string
	min, max int // bytes after the prefix; max 0: no limit
}

// tokenForms are the services whose tokens can be recognised by their prefixes.
var tokenForms = []tokenForm{
	{"AWS access key", "AKIA ASIA ABIA ACCA", upperDigits, 16, 16},
	{"GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", alphanum, 30, 255},
	{"GitHub token", "github_pat_", wordDash, 22, 255},
	{"GitLab token", "glpat- gldt- glrt- glcbt- glptt- glft- glsoat- gloas- glagent- glimt-", dotted, 18, 0},
	{"Slack token", "xoxb- xoxp- xoxa- xoxr- xoxs- xoxe- xoxe. xapp-", dotted, 18, 0},
	{"Stripe key", "sk_live_ rk_live_ sk_test_ rk_test_ sk_org_", alphanum, 16, 0},
	{"webhook secret", "whsec_", base64ish, 20, 0},
	{"Anthropic key", "sk-ant-", wordDash, 20, 0},
	{"OpenAI key", "sk-proj- sk-svcacct- sk-admin- sk-None-", wordDash, 20, 0},
	{"API key", "sk-or-v1- sk-lf- sk-", wordDash, 24, 0},
	{"Google API key", "AIza", wordDash, 35, 35},
	{"Google OAuth secret", "GOCSPX-", wordDash, 24, 32},
	{"Google OAuth token", "ya29.", dotted, 30, 0},
	{"npm token", "npm_", alphanum, 36, 36},
	{"PyPI token", "pypi-", wordDash, 50, 0},
	{"Docker token", "dckr_pat_ dckr_oat_", wordDash, 20, 0},
	{"SendGrid key", "SG.", dotted, 40, 80},
	{"Twilio key", "SK", lowerHex, 32, 32},
	{"Mailgun key", "key-", lowerHex, 32, 32},
	{"Brevo key", "xkeysib-", lowerHex + "-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", 64, 0},
	{"Shopify token", "shpat_ shpss_ shpca_ shppa_", lowerHex + "ABCDEF", 32, 32},
	{"DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", lowerHex, 64, 64},
	{"Hugging Face token", "hf_ api_org_", alphanum, 30, 40},
	{"Databricks token", "dapi", lowerHex + "-", 32, 36},
	{"Atlassian token", "ATATT3 ATBB ATCTT3", base64ish, 24, 0},
	{"Linear key", "lin_api_ lin_oauth_", alphanum, 32, 0},
	{"Notion token", "ntn_ secret_", alphanum, 40, 60},
	{"Postman key", "PMAK-", lowerHex + "-", 50, 70},
	{"Grafana token", "glsa_ glc_", base64ish, 32, 0},
	{"New Relic key", "NRAK- NRII-", wordDash, 27, 40},
	{"Doppler token", "dp.pt. dp.st. dp.ct. dp.sa. dp.scim.", dotted, 36, 0},
	{"Vault token", "hvs. hvb. hvr.", wordDash, 20, 0},
	{"Heroku key", "HRKU-", wordDash, 30, 0},
	{"Fly token", "fm2_ fm1r_ fo1_", base64ish, 40, 0},
	{"Square token", "sq0atp- sq0csp- EAAAE EAAAl", wordDash, 22, 0},
	{"Facebook token", "EAACEdEose0cBA EAAG EAAB EAAC EAAD", alphanum, 60, 0},
	{"PlanetScale password", "pscale_tkn_ pscale_pw_ pscale_oauth_", dotted, 32, 0},
	{"Supabase key", "sbp_ sb_secret_", wordDash, 20, 0},
	{"RubyGems key", "rubygems_", lowerHex, 48, 48},
	{"crates.io token", "cio", alphanum, 32, 32},
	{"Sentry token", "sntrys_ sntryu_", base64ish, 40, 0},
	{"Groq key", "gsk_", alphanum, 40, 0},
	{"Replicate token", "r8_", alphanum, 36, 40},
	{"xAI key", "xai-", alphanum, 60, 0},
	{"Perplexity key", "pplx-", alphanum, 40, 0},
	{"NVIDIA key", "nvapi-", wordDash, 50, 0},
	{"LangSmith key", "lsv2_pt_ lsv2_sk_", lowerHex + "_", 32, 0},
	{"Tailscale key", "tskey-", wordDash, 18, 0},
	{"1Password token", "ops_eyJ", base64ish, 80, 0},
	{"age key", "AGE-SECRET-KEY-1", upperDigits, 50, 60},
	{"Figma token", "figd_", wordDash, 36, 0},
	{"PostHog key", "phx_", alphanum, 36, 0},
	{"Airtable token", "pat", dotted, 70, 90},
	{"Contentful token", "CFPAT-", wordDash, 40, 0},
	{"Pulumi token", "pul-", lowerHex, 40, 40},
	{"Cloudflare key", "v1.0-", lowerHex + "-", 100, 0},
	{"wallet key", "xprv yprv zprv tprv", alphanum, 100, 110},
	{"Discord token", "M N O", dotted, 54, 80},
	{"web token (JWT)", "eyJ", dotted, 40, 0},
}

// A tokenPrefix is one prefix of a form.
type tokenPrefix struct {
	text string
	form *tokenForm
}

// tokenPrefixes has the prefixes by their first byte, longer ones first.
var tokenPrefixes = func() (by [256][]tokenPrefix) {
	for i := range tokenForms {
		for _, p := range strings.Fields(tokenForms[i].prefixes) {
			by[p[0]] = append(by[p[0]], tokenPrefix{p, &tokenForms[i]})
		}
	}
	for _, list := range by {
		slices.SortStableFunc(list, func(a, b tokenPrefix) int { return cmp.Compare(len(b.text), len(a.text)) })
	}
	return by
}()

// tokenShapes are further conditions for kinds whose prefix is short.
var tokenShapes = map[string]*lazyregexp.Regexp{
	"web token (JWT)": lazyregexp.New(`^eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}$`),
	"Discord token":   lazyregexp.New(`^[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,}$`),
	"SendGrid key":    lazyregexp.New(`^SG\.[\w-]{16,32}\.[\w-]{16,64}$`),
	"Airtable token":  lazyregexp.New(`^pat\w{14}\.[0-9a-f]{64}$`),
	"Cloudflare key":  lazyregexp.New(`^v1\.0-[0-9a-f]{24}-[0-9a-f]{100,}$`),
}

// findTokens returns the tokens that begin as those of a known service do, and whose rest looks
// drawn at random.
func findTokens(text string) []found {
	var list []found
	// tried is the offset up to which each form was looked for without success. What repeats a
	// prefix thousands of times is then read once.
	tried := make(map[*tokenForm]int)
	for i := 0; i < len(text); i++ {
		prefixes := tokenPrefixes[text[i]]
		if len(prefixes) == 0 || i > 0 && (isWordByte(text[i-1]) || text[i-1] == '-' && text[i] != 'x') {
			continue
		}
		for _, p := range prefixes {
			if !strings.HasPrefix(text[i:], p.text) || i < tried[p.form] {
				continue
			}
			end := i + len(p.text)
			for end < len(text) && strings.IndexByte(p.form.letters, text[end]) >= 0 {
				end++
			}
			for end > i && (text[end-1] == '.' || text[end-1] == '-') {
				end-- // the end of a sentence, a dash
			}
			if p.form.matches(text[i:end], len(p.text)) && (end == len(text) || !isWordByte(text[end])) {
				list = append(list, found{i, end, p.form.kind})
				i = end - 1
				break
			}
			tried[p.form] = end
		}
	}
	return list
}

// matches reports whether a token has the form, where the first bytes are the prefix.
func (f *tokenForm) matches(token string, prefix int) bool {
	body := token[min(prefix, len(token)):]
	if len(body) < f.min || len(body) > cmp.Or(f.max, longestToken) {
		return false
	}
	if shape := tokenShapes[f.kind]; shape != nil && !shape.MatchString(token) {
		return false
	}
	if strings.HasPrefix(f.prefixes, "sk-or-v1-") && !mixed(body) { // "sk-" begins names in style sheets
		return false
	}
	return entropy(body) >= 2.6 && strings.ContainsAny(body, "0123456789") && !isPlaceholder(body)
}

// mixed reports whether a text has letters and digits in the way that random text has: more than
// one digit.
func mixed(s string) bool {
	digits := 0
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			digits++
		}
	}
	return digits > 2 && digits < len(s)
}

// A secretShape finds secrets by what surrounds them. The first group of the expression, or all of
// it, is the secret. The expression is only tried if the text contains the anchor.
type secretShape struct {
	kind, anchor string
	expr         *lazyregexp.Regexp
	value        func(string) bool // judges the group; nil: everything is a secret
}

var secretShapes = []secretShape{
	{"private key", "-----BEGIN", lazyregexp.New(`-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\s*[\w+/=:,. ()-]+)*?\s*-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----`), hasKeyText},
	// A key that is cut off, or indented as a block in a setting: to the last line of its text.
	{"private key", "-----BEGIN", lazyregexp.New(`-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:(?:\s|\\n)*[A-Za-z0-9+/=]{32,76})+`), nil},
	{"private key", "---- BEGIN SSH2", lazyregexp.New(`---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----[\s\S]+?---- END SSH2 ENCRYPTED PRIVATE KEY ----`), nil},
	{"PuTTY key", "PuTTY-User-Key-File-", lazyregexp.New(`Private-Lines: \d+((?:\n[A-Za-z0-9+/=]{8,})+)`), nil},
	{"Slack webhook", "hooks.slack.com/", lazyregexp.New(`hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/]{24,})`), notPlaceholder},
	{"Discord webhook", "/api/webhooks/", lazyregexp.New(`discord(?:app)?\.com/api/webhooks/(\d{10,}/[\w-]{40,})`), notPlaceholder},
	{"Teams webhook", ".webhook.office.com/", lazyregexp.New(`\.webhook\.office\.com/webhookb2/([\w@-]{36,}/IncomingWebhook/[\w/-]{36,})`), notPlaceholder},
	{"Telegram token", ":AA", lazyregexp.New(`\b(\d{8,10}:AA[\w-]{32,34})\b`), isRandom},
	{"Mailchimp key", "-us", lazyregexp.New(`\b([0-9a-f]{32}-us\d{1,2})\b`), isRandom},
	{"password in an address", "://", lazyregexp.New(`[a-zA-Z][a-zA-Z0-9+.-]*://([^\s:/@"'<>` + "`" + `]*:[^\s/@"'<>` + "`" + `]+)@[\w.\[{$-]`), isUserAndPassword},
	{"credentials", "asic ", lazyregexp.New(`(?i)\bauthorization["']?\s*[:=,]\s*["']?basic\s+([A-Za-z0-9+/=]{12,})`), isEncodedPassword},
	{"credentials", "earer ", lazyregexp.New(`(?i)\bbearer\s+([\w.~+/=-]{20,})`), isRandom},
	{"credentials", `"auth"`, lazyregexp.New(`"auth"\s*:\s*"([A-Za-z0-9+/=]{12,})"`), isEncodedPassword},
	{"one-time password", "otpauth://", lazyregexp.New(`otpauth://[^\s"'<>]*?secret=([A-Z2-7a-z=]{16,})`), notPlaceholder},
	{"shared access signature", "sig=", lazyregexp.New(`[?&;]sig=([A-Za-z0-9%+/=]{30,})`), isRandom},
	{"password", "machine ", lazyregexp.New(`\bmachine\s+\S+\s+login\s+\S+\s+password\s+(\S+)`), isPassword},
	{"hash of a password", ":$", lazyregexp.New(`(?m)^[\w.-]+:(\$(?:apr1|2[abxy]|1|5|6|y|7|argon2id?)\$[^\s:]{16,})`), nil},
	{"password", "-u ", lazyregexp.New(`\bcurl\b[^\n]*?\s(?:-u|--user)[ =]["']?[^\s:"'$]+:([^\s"']+)`), isPassword},
	{"password", "--pass", lazyregexp.New(`\s--pass(?:word|wd|phrase)?[ =]["']?([^\s"'-][^\s"']*)`), isStrongPassword},
	{"password", "sshpass ", lazyregexp.New(`\bsshpass\s+-p\s*["']?([^\s"']+)`), isPassword},
	{"password", "DENTIFIED BY", lazyregexp.New(`\bIDENTIFIED BY '([^'\n]+)'`), isPassword},
	{"password", "dentified by", lazyregexp.New(`\bidentified by '([^'\n]+)'`), isPassword},
	{"password", "PASSWORD '", lazyregexp.New(`\bPASSWORD '([^'\n]+)'`), isPassword},
	{"password", "assword>", lazyregexp.New(`(?i)<[\w:.-]*password>\s*([^<>\s]+)\s*</`), isPassword},
	{"secret", "</", lazyregexp.New(`(?i)<[\w:.-]*(?:secret|token|api-?_?key|access-?_?key|private-?_?key)>\s*([^<>\s]+)\s*</`), isRandom},
	{"password", `value="`, lazyregexp.New(`(?i)<add\s+(?:key|name)="[^"]*password"\s+value="([^"]+)"`), isPassword},
	{"secret", `value="`, lazyregexp.New(`(?i)<add\s+(?:key|name)="[^"]*(?:secret|token|apikey|accesskey)"\s+value="([^"]+)"`), isRandom},
	{"private key", `"kty"`, lazyregexp.New(`"(?:d|p|q|dp|dq|qi|k)"\s*:\s*"([\w-]{20,})"`), isRandom},
}

// findShapes returns the secrets that secretShapes describe.
func findShapes(text string) []found {
	var list []found
	for _, s := range secretShapes {
		if !strings.Contains(text, s.anchor) {
			continue
		}
		for _, m := range s.expr.FindAllStringSubmatchIndex(text, -1) {
			from, to := m[0], m[1]
			if len(m) > 2 {
				from, to = m[2], m[3]
			}
			if s.value != nil && !s.value(text[from:to]) {
				continue
			}
			if s.kind == "PuTTY key" {
				from++ // the line end before the key
			}
			if s.kind == "password in an address" {
				from += strings.IndexByte(text[from:to], ':') + 1
			}
			list = append(list, found{from, to, s.kind})
		}
	}
	return list
}
