package load

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// byName decides by name alone whether a directory entry is left out. It returns an empty Reason
// for an entry to keep. dir is the path of the directory that holds the entry.
func byName(name string, isDir bool, dir string, opts ScanOptions) (Reason, string) {
	lower := strings.ToLower(name)
	secret := isSecret(lower, isDir)
	switch {
	case lower == ".git" || lower == ".hg" || lower == ".svn" || lower == ".jj":
		return Hidden, "holds a version control system's own files"
	case secret && !opts.Secrets:
		return Secret, "has the name of a file with keys or passwords"
	case !secret && !opts.Hidden && strings.HasPrefix(name, "."):
		return Hidden, "begins with a dot"
	case !opts.Generated && isGenerated(lower, isDir, filepath.Join(dir, name)):
		return Generated, "is written by a program for a program"
	case isDir:
		return "", ""
	}
	ext := strings.TrimPrefix(path.Ext(lower), ".")
	if advice, ok := unsupported[ext]; ok {
		return Unsupported, "is of a type that is not read: " + advice
	}
	if kindByExtension[ext] == "picture" && !opts.Pictures {
		return Binary, pictureDetail
	}
	if kindByExtension[ext] == "recording" && !opts.Recordings {
		return Binary, recordingDetail
	}
	if slices.Contains(binaries, ext) {
		return Binary, "is neither text nor a document"
	}
	return "", ""
}

// isSecret reports whether a name, in lower case, is one that conventionally holds keys or
// passwords. Templates of such files (.env.example) and source code are not secrets.
func isSecret(name string, isDir bool) bool {
	if isDir {
		return slices.Contains([]string{".ssh", ".gnupg", ".aws", ".azure", ".gcloud", ".kube",
			".docker", ".password-store", ".secrets", ".1password"}, name)
	}
	ext := path.Ext(name)
	if slices.Contains([]string{".example", ".sample", ".template", ".dist", ".md", ".rst", ".html",
		".go", ".py", ".js", ".ts", ".java", ".rb", ".rs"}, ext) {
		return false
	}
	if slices.Contains([]string{".pem", ".key", ".p8", ".p12", ".pfx", ".pk8", ".ppk", ".jks",
		".keystore", ".kdbx", ".kdb", ".gpg", ".pgp", ".ovpn", ".tfstate", ".mobileconfig", ".jceks", ".bks", ".pkpass", ".psafe3", ".rdp", ".agilekeychain",
		".tfvars", ".keychain", ".agekey", ".kubeconfig"}, ext) {
		return true
	}
	if slices.Contains([]string{".netrc", "_netrc", ".pgpass", ".npmrc", ".pypirc", ".git-credentials",
		".htpasswd", ".envrc", ".dockercfg", ".my.cnf", ".s3cfg",
		".boto", ".vault-token", ".bash_history", ".zsh_history", ".python_history", ".psql_history",
		".mysql_history", ".sqlite_history", ".rediscli_history", ".irb_history", ".node_repl_history",
		".mylogin.cnf", ".terraformrc", ".passwd-s3fs", "credentials", "kubeconfig", "shadow", "gshadow",
		"master.key", "rclone.conf", "wpa_supplicant.conf", "local.settings.json", "auth.json", "accesskeys.csv",
		"application_default_credentials.json", "logins.json", "key4.db"}, name) {
		return true
	}
	stem := strings.TrimSuffix(name, ext)
	if slices.Contains([]string{"id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk"}, stem) {
		return ext != ".pub"
	}
	if name == ".env" || strings.HasPrefix(name, ".env.") || ext == ".env" {
		return true
	}
	if slices.Contains([]string{".json", ".yaml", ".yml", ".toml", ".ini", ".xml", ".txt", ".csv",
		".cfg", ".conf", ".properties", ".enc"}, ext) {
		stem = strings.Trim(stem, ".")
		return slices.Contains([]string{"credentials", "credential", "secrets", "secret",
			"client_secret", "passwords", "password", "token", "tokens", "api_key",
			"apikey", "api_keys", "apikeys"}, stem) ||
			strings.HasPrefix(stem, "service-account") || strings.HasPrefix(stem, "service_account") ||
			strings.HasPrefix(stem, "client_secret")
	}
	return false
}

// isGenerated reports whether an entry is written by programs for programs: dependencies, lock
// files, compiled or minified code, backups. name is in lower case; file is the path of the entry.
func isGenerated(name string, isDir bool, file string) bool {
	if isDir {
		if slices.Contains([]string{"node_modules", "bower_components", "jspm_packages", "__pycache__",
			"__macosx", "site-packages"}, name) {
			return true
		}
		if name == "vendor" && (exists(file, "modules.txt") || exists(file, "autoload.php") || exists(file, "bundle")) {
			return true
		}
		return exists(file, "CACHEDIR.TAG") || exists(file, "pyvenv.cfg")
	}
	if slices.Contains([]string{"package-lock.json", "npm-shrinkwrap.json", "yarn.lock",
		"pnpm-lock.yaml", "bun.lock", "deno.lock", "cargo.lock", "poetry.lock",
		"uv.lock", "pdm.lock", "pipfile.lock", "gemfile.lock", "composer.lock", "mix.lock",
		"pubspec.lock", "podfile.lock", "flake.lock", "packages.lock.json",
		"go.sum", "go.work.sum", "gradle.lockfile", ".terraform.lock.hcl", "thumbs.db", "desktop.ini"}, name) {
		return true
	}
	for _, end := range []string{".min.js", ".min.css", ".js.map", ".css.map", ".pb.go", ".pb.cc",
		".pb.h", "_pb2.py", "_pb2_grpc.py", ".g.dart", ".designer.cs",
		"~", ".swp", ".swo", ".orig", ".rej", ".bak", ".tmp", ".crdownload", ".part"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return strings.HasPrefix(name, "~$") || strings.HasPrefix(name, ".~lock.")
}

func exists(dir, name string) bool {
	_, err := os.Lstat(filepath.Join(dir, name))
	return err == nil
}

// unsupported maps the extensions of document formats without a reader to advice for the user.
var unsupported = map[string]string{
	"wpd": "save it as .docx", "wps": "save it as .docx",
	"pages":   "export it as .docx or PDF",
	"numbers": "export it as .xlsx or CSV",
	"mobi":    "convert it to EPUB", "azw": "convert it to EPUB", "azw3": "convert it to EPUB",
	"djvu": "convert it to PDF",
	"ps":   "convert it to PDF", "eps": "convert it to PDF", "xps": "convert it to PDF",
	"pst": "export its messages as .eml",
	"chm": "convert it to HTML", "one": "export it as PDF",
	"vsdx": "export it as PDF", "xz": "unpack it", "zst": "unpack it", "7z": "unpack it",
	"rar": "unpack it", "parquet": "export it as CSV", "sqlite": "export it as CSV",
	"db": "export it as CSV", "sqlite3": "export it as CSV", "mdb": "export it as CSV", "accdb": "export it as CSV",
}

// binaries are the extensions of files that hold neither text nor a document.
var binaries = strings.Fields("ico cur avif heic " +
	"heif psd xcf ai indd raw cr2 nef dng exr hdr tga " +
	"wmv flv ogv mid midi " +
	"exe dll so dylib a o obj lib bin com msi app apk ipa deb rpm dmg pkg iso img vhd vmdk " +
	"qcow2 class jar war ear pyc pyo pyd wasm node whl egg " +
	"ttf otf woff woff2 eot pfb pfm npy npz pkl pickle pt pth ckpt safetensors onnx gguf h5 hdf5 tflite pack " +
	"blend fbx glb 3ds dwg swf fla rdb ldb sst pprof")

// printable makes the name of a directory entry safe to show as part of a path. It writes invalid
// UTF-8, control characters and bidirectional controls as %XX; if it changes anything, it escapes
// the percent sign too.
func printable(name string) string {
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unprintable) {
		var b strings.Builder
		for i := 0; i < len(name); {
			r, n := utf8.DecodeRuneInString(name[i:])
			if r == utf8.RuneError && n == 1 || r == '%' || unprintable(r) {
				for _, c := range []byte(name[i : i+n]) {
					fmt.Fprintf(&b, "%%%02X", c)
				}
			} else {
				b.WriteString(name[i : i+n])
			}
			i += n
		}
		return b.String()
	}
	return name
}

func unprintable(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\ufeff' || isBidiControl(r)
}

// isBidiControl reports whether r reorders the text around it.
func isBidiControl(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}
