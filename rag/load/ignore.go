package load

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-git/gcfg/v2"
)

// maxIgnoreFile is how many bytes of an ignore file are read.
const maxIgnoreFile = 1 << 20

// A rule is one line of an ignore file.
type rule struct {
	pattern string
	negated bool // !pattern: matching paths are not ignored
	dirOnly bool // pattern/: matches directories only
	nameful bool // no slash inside: matched against the last path element at any depth
	line    int
}

// Rules are the lines of one ignore file. They apply to the paths below one directory.
type rules struct {
	file string // the name shown in reports: "docs/.gitignore"
	base string // the directory that the rules apply to, with a final slash; "" for the corpus root
	// above is set for a file above the root: the path from its directory to the root, with a final
	// slash.
	above string
	fold  bool
	list  []rule
}

// parseRules parses the lines of an ignore file by git's rules.
func parseRules(data []byte) []rule {
	var list []rule
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	for n, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if strings.HasPrefix(line, "#") {
			continue
		}
		r := rule{pattern: trimTrailingSpaces(line), line: n + 1}
		if strings.HasPrefix(r.pattern, "!") {
			r.negated, r.pattern = true, r.pattern[1:]
		}
		if strings.HasSuffix(r.pattern, "/") {
			r.dirOnly, r.pattern = true, r.pattern[:len(r.pattern)-1]
		}
		r.nameful = !strings.Contains(r.pattern, "/")
		r.pattern = strings.TrimPrefix(r.pattern, "/")
		if r.pattern != "" {
			list = append(list, r)
		}
	}
	return list
}

// trimTrailingSpaces removes the spaces at the end of a pattern that no backslash protects.
func trimTrailingSpaces(s string) string {
	end := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ' ':
			continue
		case '\\':
			if i++; i == len(s) {
				return s
			}
		}
		end = i + 1
	}
	return s[:end]
}

// match returns the last rule that matches a path. The path must lie below the rules' directory.
func (rs *rules) match(path string, dir bool) (rule, bool) {
	rel := rs.above + strings.TrimPrefix(path, rs.base)
	name := path[strings.LastIndexByte(path, '/')+1:]
	for i := len(rs.list) - 1; i >= 0; i-- {
		r := rs.list[i]
		if r.dirOnly && !dir {
			continue
		}
		subject := rel
		if r.nameful {
			subject = name
		}
		if matchPath(r.pattern, subject, rs.fold) {
			return r, true
		}
	}
	return rule{}, false
}

// An ignorer holds the rules that apply inside one directory, in ascending precedence. Rules of
// .ignore files (own) override those of git.
type ignorer struct {
	git, own []*rules
	fold     bool // the repository's core.ignorecase
}

// ignored returns the rule that decides about a path and the file it comes from, and reports
// whether the path is ignored.
func (ig ignorer) ignored(path string, dir bool) (*rules, rule, bool) {
	for _, chain := range [2][]*rules{ig.own, ig.git} {
		for i := len(chain) - 1; i >= 0; i-- {
			if r, ok := chain[i].match(path, dir); ok {
				return chain[i], r, !r.negated
			}
		}
	}
	return nil, rule{}, false
}

// asked reports whether a .ignore file re-includes a path (!path). Such a path is read even if it
// is hidden or generated. Files with secrets still need the user's consent, which a file in the
// corpus cannot give.
func (ig ignorer) asked(path string, dir bool) bool {
	for i := len(ig.own) - 1; i >= 0; i-- {
		if r, ok := ig.own[i].match(path, dir); ok {
			return r.negated
		}
	}
	return false
}

// add appends rules to a chain in a new slice, because directories share the chain of their parent.
func add(chain []*rules, rs *rules) []*rules {
	if rs == nil || len(rs.list) == 0 {
		return chain
	}
	return append(chain[:len(chain):len(chain)], rs)
}

// readRules reads an ignore file. A file that is missing, irregular or unreadable holds no rules,
// as for git.
func readRules(file string) *rules {
	data := readSmall(file)
	if len(data) == 0 {
		return nil
	}
	return &rules{file: filepath.Base(file), list: parseRules(data)}
}

// readSmall returns the first bytes of a regular file, up to maxIgnoreFile. It returns nil for
// symbolic links and on errors.
func readSmall(file string) []byte {
	fi, err := os.Lstat(file)
	if err != nil || !fi.Mode().IsRegular() {
		return nil
	}
	f, err := os.OpenFile(file, os.O_RDONLY|openNonblock, 0)
	if err != nil {
		return nil
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxIgnoreFile))
	if err != nil {
		return nil
	}
	return data
}

// repository returns the rules that git itself has for the repository at dir, an operating system
// path: the user's exclude file, then info/exclude. fold is core.ignorecase. ok is false if dir is
// not the top of a repository.
func repository(dir string, user []gitSettings) (chain []*rules, fold, ok bool) {
	gitDir := filepath.Join(dir, ".git")
	fi, err := os.Lstat(gitDir)
	if err != nil {
		return nil, false, false
	}
	if fi.Mode().IsRegular() { // a worktree or submodule: "gitdir: PATH"
		target, found := strings.CutPrefix(strings.TrimSpace(string(readSmall(gitDir))), "gitdir: ")
		if !found {
			return nil, false, false
		}
		gitDir = under(dir, target)
		if common := strings.TrimSpace(string(readSmall(filepath.Join(gitDir, "commondir")))); common != "" {
			gitDir = under(gitDir, common)
		}
	} else if !fi.IsDir() {
		return nil, false, false
	}
	exclude := ""
	for _, s := range append(user[:len(user):len(user)], readGitSettings(filepath.Join(gitDir, "config"))) {
		if s.excludes != "" {
			exclude = s.excludes
		}
		if s.ignoreCase != nil {
			fold = *s.ignoreCase
		}
	}
	if exclude != "" {
		if rs := readRules(exclude); rs != nil {
			rs.file, rs.fold = "git's core.excludesFile", fold
			chain = add(chain, rs)
		}
	}
	if rs := readRules(filepath.Join(gitDir, "info", "exclude")); rs != nil {
		rs.file, rs.fold = ".git/info/exclude", fold
		chain = add(chain, rs)
	}
	return chain, fold, true
}

func under(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// gitSettings are the settings of a git configuration file that affect ignoring.
type gitSettings struct {
	excludes   string
	ignoreCase *bool
}

// userGitSettings returns the settings for all repositories of the user, in ascending precedence.
func userGitSettings() []gitSettings {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil
	}
	config := os.Getenv("XDG_CONFIG_HOME")
	if config == "" {
		config = filepath.Join(home, ".config")
	}
	return []gitSettings{
		{excludes: filepath.Join(config, "git", "ignore")},
		readGitSettings("/etc/gitconfig"),
		readGitSettings(filepath.Join(config, "git", "config")),
		readGitSettings(filepath.Join(home, ".gitconfig")),
	}
}

func readGitSettings(file string) (s gitSettings) {
	data := readSmall(file)
	if len(data) == 0 {
		return s
	}
	err := gcfg.ReadWithCallback(bytes.NewReader(data), func(section, subsection, key, value string, blank bool) error {
		if !strings.EqualFold(section, "core") || subsection != "" {
			return nil
		}
		switch strings.ToLower(key) {
		case "excludesfile":
			s.excludes = value
		case "ignorecase":
			s.ignoreCase = gitBool(value, blank)
		}
		return nil
	})
	if err != nil {
		return gitSettings{}
	}
	if rest, ok := strings.CutPrefix(s.excludes, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			s.excludes = filepath.Join(home, rest)
		}
	}
	return s
}

// gitBool parses a boolean of a git configuration file, where a key without a value is true. It
// returns nil for other values.
func gitBool(value string, blank bool) *bool {
	switch strings.ToLower(value) {
	case "true", "yes", "on", "1":
		return new(true)
	case "false", "no", "off", "0":
		return new(false)
	}
	if blank {
		return new(true)
	}
	return nil
}
