package load

import (
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// random returns n letters of an alphabet, drawn at random from a fixed seed. Tokens are made here so
// that no text in the repository looks like one.
func random(letters string, n int) string {
	r := rand.New(rand.NewPCG(19, uint64(n)))
	for {
		b := make([]byte, n)
		for i := range b {
			b[i] = letters[r.IntN(len(letters))]
		}
		s := string(b)
		if strings.ContainsAny(s, "0123456789") && strings.IndexByte("._-", s[n-1]) < 0 && strings.IndexByte("._-", s[0]) < 0 {
			return s
		}
	}
}

// keyBlock returns a private key in the armour of a kind.
func keyBlock(kind string) string {
	var b strings.Builder
	b.WriteString("-----BEGIN " + kind + "-----\n")
	for range 6 {
		b.WriteString(random(alphanum+"+/", 64) + "\n")
	}
	return b.String() + "-----END " + kind + "-----"
}

// A secretCase is a line of text with a secret. In line, § marks the place of the secret.
type secretCase struct{ name, file, line, secret string }

func secretCases() []secretCase {
	alnum := func(n int) string { return random(alphanum, n) }
	hex := func(n int) string { return random(lowerHex, n) }
	word := func(n int) string { return random(wordDash, n) }
	encoded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	return []secretCase{
		{"RSA key", "a.md", "§", keyBlock("RSA PRIVATE KEY")},
		{"OpenSSH key", "a.md", "§", keyBlock("OPENSSH PRIVATE KEY")},
		{"EC key", "a.txt", "§", keyBlock("EC PRIVATE KEY")},
		{"PKCS 8 key", "a.md", "§", keyBlock("PRIVATE KEY")},
		{"encrypted key", "a.md", "§", keyBlock("ENCRYPTED PRIVATE KEY")},
		{"PGP key", "a.md", "§", keyBlock("PGP PRIVATE KEY BLOCK")},
		{"key that is cut off", "a.md", "§", "-----BEGIN RSA PRIVATE KEY-----\n" + alnum(64) + "\n" + alnum(64)},
		{"key in a string", "a.json", `{"private_key": "§"}`, strings.ReplaceAll(keyBlock("PRIVATE KEY"), "\n", `\n`)},
		{"PuTTY key", "a.txt", "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: mine\nPrivate-Lines: 1\n§\nPrivate-MAC: 0", alnum(48)},
		{"SSH2 key", "a.txt", "§", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n" + alnum(64) + "\n---- END SSH2 ENCRYPTED PRIVATE KEY ----"},
		{"age key", "a.txt", "§", "AGE-SECRET-KEY-1" + random(upperDigits, 58)},
		{"JSON web key", "a.json", `{"kty": "EC", "crv": "P-256", "d": "§"}`, word(43)},
		{"AWS access key", "a.md", "the key is §.", "AKIA" + random(upperDigits, 16)},
		{"AWS secret", "a.md", "aws_secret_access_key = §", random(alphanum+"/+", 40)},
		{"GitHub", "a.md", "git clone with §, please", "ghp_" + alnum(36)},
		{"GitHub, fine-grained", "a.md", "`§`", "github_pat_" + alnum(22) + "_" + alnum(59)},
		{"GitLab", "a.yaml", "job: curl -H 'X: §'", "glpat-" + word(20)},
		{"Slack", "a.md", "bot: §", "xoxb-" + random("0123456789", 12) + "-" + alnum(24)},
		{"Slack webhook", "a.md", "post to https://hooks.slack.com/services/§ then", "T" + random(upperDigits, 8) + "/B" + random(upperDigits, 8) + "/" + alnum(24)},
		{"Discord webhook", "a.md", "https://discord.com/api/webhooks/§", random("0123456789", 18) + "/" + word(68)},
		{"Discord", "a.md", "bot §", "M" + alnum(25) + "." + alnum(6) + "." + word(38)},
		{"Stripe", "a.md", "(§)", "sk_live_" + alnum(24)},
		{"webhook secret", "a.md", "sign with §", "whsec_" + alnum(32)},
		{"OpenAI", "a.md", "export KEY=§", "sk-proj-" + word(60)},
		{"OpenAI, old", "a.md", "key §", "sk-" + alnum(48)},
		{"Anthropic", "a.md", "key §", "sk-ant-api03-" + word(80)},
		{"Google", "a.html", "<p>the map's key is §</p>", "AIza" + word(35)},
		{"Google OAuth", "a.md", "§", "GOCSPX-" + word(28)},
		{"npm", "a.md", "//registry.npmjs.org/:_authToken=§", "npm_" + alnum(36)},
		{"PyPI", "a.md", "§", "pypi-AgEIcHlwaS5vcmc" + word(80)},
		{"SendGrid", "a.md", "§", "SG." + word(22) + "." + word(43)},
		{"Twilio", "a.md", "§", "SK" + hex(32)},
		{"Mailgun", "a.md", "§", "key-" + hex(32)},
		{"Mailchimp", "a.md", "list §", hex(32) + "-us12"},
		{"Telegram", "a.md", "bot §", random("123456789", 9) + ":AA" + word(33)},
		{"Shopify", "a.md", "§", "shpat_" + hex(32)},
		{"DigitalOcean", "a.md", "§", "dop_v1_" + hex(64)},
		{"Hugging Face", "a.md", "§", "hf_" + alnum(34)},
		{"Databricks", "a.md", "§", "dapi" + hex(32)},
		{"Vault", "a.md", "§", "hvs." + word(24)},
		{"Grafana", "a.md", "§", "glsa_" + alnum(32) + "_" + hex(8)},
		{"Docker Hub", "a.md", "§", "dckr_pat_" + word(27)},
		{"Docker login", "a.json", `{"auths": {"registry": {"auth": "§"}}}`, encoded("deploy:quoth9-Raven")},
		{"web token", "a.md", "curl -H §", "eyJ" + word(30) + ".eyJ" + word(60) + "." + word(43)},
		{"bearer", "a.md", "Authorization: Bearer §", alnum(40)},
		{"basic", "a.http", "Authorization: Basic §", encoded("deploy:quoth9-Raven")},
		{"password in an address", "a.yaml", "url: postgres://app:§@db.internal:5432/app", "quoth9Raven"},
		{"netrc", "a.txt", "machine example.org login me password §", "quoth9Raven"},
		{"hash of a password", "a.txt", "me:§", "$apr1$" + alnum(8) + "$" + alnum(22)},
		{"one-time password", "a.md", "otpauth://totp/me?secret=§&issuer=x", random("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32)},
		{"password of settings", "a.ini", "[db]\npassword = §\n", "quoth9Raven"},
		{"password of YAML", "a.yaml", "db:\n  password: §\n", "swordfish"},
		{"password of JSON", "a.json", `{"db_password": "§"}`, "swordfish"},
		{"password in a note", "a.md", "Wi-Fi password: §", "Harbour4711!"},
		{"password, emphasised", "a.md", "**Password**: `§`", "Harbour4711!"},
		{"password in a list of them", "a.csv", "url,user,password\nhttps://x.example,me,§\nhttps://y.example,me,§\n", "Harbour4711!"},
		{"password in a table", "a.md", "| Password | § |", "Harbour4711!"},
		{"password in German", "a.txt", "Passwort: §", "Hafen4711!"},
		{"password in source code", "a.py", `password = "§"`, "quoth9Raven"},
		{"password in an environment", "a.sh", "export PGPASSWORD=§", "quoth9Raven"},
		{"password in XML", "a.xml", "<server><password>§</password></server>", "quoth9Raven"},
		{"password in SQL", "a.sql", "CREATE USER me IDENTIFIED BY '§';", "quoth9Raven"},
		{"password of a command", "a.md", "mysqldump --password=§ app", "quoth9Raven"},
		{"password of curl", "a.sh", "curl -s -u me:§ https://x.example", "quoth9Raven"},
		{"connection string", "a.md", "Server=db;User Id=sa;Password=§;Encrypt=true", "quoth9Raven"},
		{"account key", "a.md", "AccountName=a;AccountKey=§;", random(alphanum+"+/", 86) + "=="},
		{"shared access signature", "a.md", "https://x.example/c?sv=2022&sig=§", alnum(43) + "%3D"},
		{"API key", "a.toml", `api_key = "§"`, hex(40)},
		{"client secret", "a.properties", "oauth.client-secret=§", alnum(32)},
		{"token in source code", "a.go", `const apiToken = "§"`, alnum(32)},
	}
}

// surrounded puts a line into a document long enough not to be a file of secrets.
func surrounded(c secretCase) string {
	line := strings.ReplaceAll(c.line, "§", c.secret)
	if strings.HasSuffix(c.file, ".json") {
		return line[:len(line)-1] + `, "about": "` + strings.Repeat("The harbour opens at six and closes at ten. ", 40) + `"}`
	}
	about := strings.Repeat("The harbour opens at six and closes at ten.\n", 40)
	if strings.HasSuffix(c.file, ".csv") {
		return line + strings.Repeat("https://z.example,the harbour opens at six and closes at ten,\n", 40)
	}
	return about + "\n" + line + "\n\n" + about
}

func TestSecretsAreLeftOutOfADocument(t *testing.T) {
	l := New(Options{})
	defer l.Close()
	all := New(Options{Secrets: true})
	defer all.Close()
	for _, c := range secretCases() {
		t.Run(c.name, func(t *testing.T) {
			data := surrounded(c)
			doc, err := l.Document(t.Context(), c.file, []byte(data))
			if err != nil {
				t.Fatal(err)
			}
			whole := doc.Text + doc.Title + strings.Join(doc.Notes, "\n")
			for _, f := range doc.Fields {
				whole += f.Value
			}
			for part := range strings.FieldsSeq(strings.ReplaceAll(c.secret, `\n`, " ")) {
				if !strings.Contains(part, "-----") && len(part) > 8 && strings.Contains(whole, part) {
					t.Errorf("%q is in the document:\n%s", part, doc.Text[max(0, strings.Index(doc.Text, part)-60):])
				}
			}
			if !strings.Contains(doc.Text, secretMark) || !strings.Contains(doc.Text, "harbour opens") && !strings.Contains(doc.Text, "The harbour") {
				t.Errorf("the text lacks the mark or the rest: %.200q", doc.Text)
			}
			if notes := strings.Join(doc.Notes, "\n"); !strings.Contains(notes, "--secrets") {
				t.Errorf("no note says what is left out: %q", notes)
			}
			with, err := all.Document(t.Context(), c.file, []byte(data))
			if err != nil || strings.Contains(with.Text, secretMark) {
				t.Errorf("with secrets: %v, %q", err, with.Notes)
			}
			if strings.Count(with.Text, "\n") != strings.Count(doc.Text, "\n") || len(with.Marks) != len(doc.Marks) {
				t.Error("the lines are not those of the file")
			}
		})
	}
	if n := len(secretCases()); n < 40 {
		t.Errorf("%d kinds", n)
	}
}

func TestTextThatOnlyLooksLikeASecretStays(t *testing.T) {
	l := New(Options{})
	defer l.Close()
	for _, c := range []struct{ name, file, text string }{
		{"hash", "a.md", "commit " + random(lowerHex, 40)},
		{"checksum", "a.txt", random(lowerHex, 64) + "  weft.tar.gz"},
		{"checksum of settings", "a.yaml", "sha256: " + random(lowerHex, 64)},
		{"lock file", "a.json", `{"resolved": "https://registry.npmjs.org/a/-/a-1.0.0.tgz", "integrity": "sha512-` + random(alphanum+"+/", 86) + `=="}`},
		{"go.sum", "sums.txt", "charm.land/fang/v2 v2.0.1 h1:" + random(alphanum+"+/", 43) + "="},
		{"UUID", "a.md", "id: 6fa459ea-ee8a-3ca4-894e-db77e160355e"},
		{"public key", "a.md", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + random(alphanum+"+/", 43) + " me@host"},
		{"certificate", "a.md", strings.ReplaceAll(keyBlock("CERTIFICATE"), "x", "y")},
		{"public key block", "a.md", keyBlock("PUBLIC KEY")},
		{"example of AWS", "a.md", "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
		{"placeholder", "a.md", "OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
		{"words for it", "a.env.md", "API_KEY=your-api-key-here-1234\nPASSWORD=changeme123\nTOKEN=<token>"},
		{"variable", "a.yaml", "password: ${DB_PASSWORD}\ntoken: $TOKEN\nsecret: {{ vault.secret1 }}"},
		{"command", "a.sh", "TOKEN=$(cat /run/token1)\nPASSWORD=\"$PASSWORD1\""},
		{"code", "a.go", "token := lexer.next1()\npassword := cfg.Password2\nsecret = os.Getenv(\"SECRET_1\")"},
		{"type", "a.ts", "interface Login { password: string; token?: string1 }"},
		{"field", "a.md", "password: required"},
		{"sentence", "a.md", "The password: it must have eight letters. A token: a word of the text."},
		{"question", "a.md", "Forgot your password? Click here: https://x.example/reset1"},
		{"limits", "a.toml", "max_tokens = 4096\ncontext_tokens = 128000\ntoken = 3"},
		{"vocabulary", "a.json", `{"eos_token": "</s>", "pad_token_id": 50256, "bos_token": "<s>"}`},
		{"key of a map", "a.yaml", "primary_key: customer_2024_id\ncache_key: " + random(lowerHex, 32)},
		{"reference", "a.yaml", "secretKeyRef: database-credentials-v2\nsecret: database-credentials-v2"},
		{"style sheet", "a.css", ".sk-circle-fade-dot-delay-animation-12 { color: red }"},
		{"address", "a.md", "https://user@example.org/a:b and http://localhost:8080/x@y and postgres://postgres:postgres@localhost"},
		{"address to fill in", "a.md", "https://user:password@host and redis://:<password>@host"},
		{"key block to fill in", "a.md", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"},
		{"translation", "a.json", `{"password": "Kennwort", "login": "Anmelden"}`},
		{"path", "a.toml", "key_file = \"/home/me/key1\"\ntoken = \"/run/secrets/token1234\""},
		{"picture", "a.html", `<p>Logo <img src="data:image/png;base64,` + random(alphanum+"+/", 400) + `"> here</p>`},
		{"web token that is cut", "a.md", "a token begins with eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Repeat("The harbour opens at six.\n", 10)
			if strings.HasSuffix(c.file, ".json") {
				text = ""
			}
			doc, err := l.Document(t.Context(), c.file, []byte(text+c.text+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(doc.Text, secretMark) {
				t.Errorf("taken for a secret: %s", doc.Text[len(text):])
			}
		})
	}
}

func TestFilesWithTheNamesOfSecretsAreLeftOut(t *testing.T) {
	for name, want := range map[string]bool{
		"id_rsa": true, "id_ed25519": true, "server.pem": true, "server.key": true, "store.p12": true, "store.jks": true,
		".env": true, ".env.production": true, "prod.env": true, ".netrc": true, ".pgpass": true, ".npmrc": true, ".htpasswd": true,
		".git-credentials": true, "credentials.json": true, "secrets.yaml": true, "tokens.csv": true, "terraform.tfstate": true,
		"vault.kdbx": true, "service-account-prod.json": true, "client_secret_4711.json": true, "rclone.conf": true,
		".bash_history": true, "home.ovpn": true, "passwords.txt": true, "auth.json": true,
		"id_rsa.pub": false, ".env.example": false, "secrets.md": false, "token.go": false, "keys.md": false,
		"tokenizer.json": false, "password-policy.txt": false, "environment.yaml": false, "author.json": false,
	} {
		if got := isSecret(name, false); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAFileOfSecretsIsLeftOut(t *testing.T) {
	l := New(Options{})
	defer l.Close()
	for name, text := range map[string]string{
		"keys.txt":  keyBlock("RSA PRIVATE KEY"),
		"notes.txt": "github: ghp_" + random(alphanum, 36) + "\nstripe: sk_live_" + random(alphanum, 30) + "\n",
	} {
		_, err := l.Document(t.Context(), name, []byte(text))
		if failure := (&Error{}); !errors.As(err, &failure) || failure.Reason != Secret {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSecretsAreLeftOutOfFieldsTitlesAndNestedFiles(t *testing.T) {
	secret := "ghp_" + random(alphanum, 36)
	l := New(Options{})
	defer l.Close()
	doc, err := l.Document(t.Context(), "a.md", []byte("---\ntoken: "+secret+"\nauthor: me\n---\n# The token "+secret+"\n\n"+strings.Repeat("Text about the harbour.\n", 9)))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(doc.Title, secret) || strings.Contains(doc.Fields[0].Value, secret) || strings.Contains(doc.Text, secret) {
		t.Errorf("%+v", doc)
	}
	mail := "From: a@x.example\r\nSubject: keys\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nHere it is, with much text around it.\r\n" +
		"--b\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n" +
		strings.Repeat("The harbour opens at six.\r\n", 10) + "token " + secret + "\r\n--b--\r\n"
	doc, err = l.Document(t.Context(), "a.eml", []byte(mail))
	if err != nil || strings.Contains(doc.Text, secret) || !strings.Contains(doc.Text, secretMark) {
		t.Errorf("%v\n%s", err, doc.Text)
	}
}

// The manual of this program writes about passwords, tokens and keys on every page and has none.
func TestTheManualHasNoSecrets(t *testing.T) {
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range findSecrets(file, "markdown", string(data)) {
			t.Errorf("%s: %s %q", file, s.kind, data[s.from:s.to])
		}
	}
}

// A text that is all prefixes and names must not take time that grows with the square of its length.
func TestFindSecretsTakesTimeLinearInTheText(t *testing.T) {
	for _, part := range []string{"M.", "eyJ.", "ATATT3/", "AKIA ", "password=", `password="`, "token:'", "password:", "::", "=",
		"-----BEGIN PRIVATE KEY-----\n", "://a:b", "---- BEGIN SSH2", "curl -u ", "bearer ", `<password>`, "hf_", "SG.", "sk-", "|password|"} {
		took := func(n int) time.Duration {
			text, best := strings.Repeat(part, n/len(part)), time.Hour
			for range 2 {
				began := processorTime()
				findSecrets("a.txt", "text", text)
				best = min(best, processorTime()-began)
			}
			return best
		}
		small, large := took(16<<10), took(128<<10)
		if large > 32*max(small, 4*time.Millisecond) { // 8 times the text
			t.Errorf("%q: %s for 16 kB, %s for 128 kB", part, small, large)
		}
	}
}

func BenchmarkFindSecrets(b *testing.B) {
	data, err := os.ReadFile("../../docs/engine.md")
	if err != nil {
		b.Fatal(err)
	}
	text := string(data)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		findSecrets("engine.md", "markdown", text)
	}
}
