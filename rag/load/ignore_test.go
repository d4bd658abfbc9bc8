package load

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// ignoredByGit returns the paths that git ignores.
func ignoredByGit(t testing.TB, top string, paths []string) map[string]bool {
	t.Helper()
	cmd := exec.Command("git", "-C", top, "check-ignore", "--no-index", "-z", "--stdin")
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1")
	cmd.Stdin = strings.NewReader(strings.Join(paths, "\x00") + "\x00")
	out, err := cmd.Output()
	if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() != 1) {
		t.Fatalf("git check-ignore: %v", err)
	}
	ignored := map[string]bool{}
	for p := range bytes.SplitSeq(bytes.TrimSuffix(out, []byte{0}), []byte{0}) {
		ignored[string(p)] = true
	}
	return ignored
}

func needGit(t testing.TB) {
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("WEFT_LONG") == "1" {
			t.Fatal("git is needed to compare with")
		}
		t.Skip("git is needed to compare with")
	}
}

// compareWithGit lists a repository and compares the files left out with those that git ignores.
func compareWithGit(t interface {
	Fatalf(string, ...any)
	Helper()
}, tb testing.TB, top string) {
	t.Helper()
	var paths []string
	filepath.WalkDir(top, func(p string, d os.DirEntry, err error) error {
		if d.Name() == ".git" {
			return filepath.SkipDir
		}
		if rel, _ := filepath.Rel(top, p); !d.IsDir() {
			paths = append(paths, filepath.ToSlash(rel))
		}
		return nil
	})
	want := ignoredByGit(tb, top, paths)
	listing, err := Scan(context.Background(), []string{top}, ScanOptions{Hidden: true, Generated: true, Secrets: true})
	if listing == nil {
		t.Fatalf("Scan: %v", err)
	}
	got := map[string]bool{}
	for _, s := range listing.Skipped {
		if s.Reason == Ignored {
			for _, p := range paths {
				if shown := printable(p); shown == s.Path || s.Dir && strings.HasPrefix(shown, s.Path+"/") {
					got[p] = true
				}
			}
		}
	}
	for _, p := range paths {
		if got[p] != want[p] {
			rules, _ := exec.Command("sh", "-c", "cd "+top+" && tail -n +1 $(find . -name .gitignore) .git/info/exclude").Output()
			t.Fatalf("%q: left out %v, by git %v; the rules:\n%s", p, got[p], want[p], rules)
		}
	}
}

func write(t interface{ Fatalf(string, ...any) }, top, name, content string) {
	file := filepath.Join(top, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatalf("%v", err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatalf("%v", err)
	}
}

func gitInit(t testing.TB, top string) {
	t.Helper()
	if out, err := exec.Command("git", "init", "-q", top).CombinedOutput(); err != nil {
		t.Fatalf("git init: %s", out)
	}
}

func TestIgnoreRulesAreGits(t *testing.T) {
	needGit(t)
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
	files := []string{
		"a.q", "src/a.q", "src/a.c", "build/x", "src/build/x", "doc/a/b/c.txt", "doc/c.txt", "doc/x/c.txt", "keep/a.q", "keep/sub/a.q", "a b ", "a b", "#hash",
		"!bang", "foo]", "file1", "fileA", "file-", "deep/one/two/three", "deep/three", "x.log", "logs/x.log", "logs/keep.log", "debug/a", "debug1/a", "tmp/a/debug/b",
		"a\\b", "é.txt", "abc", "aXc", "a/b", "foo/bar/baz", "foo/baz", ".hidden", "sub/.gitkeep", "q/foobar", "UPPER.TXT", "sp ace/x", "tab\tname", "n/m/o/p/q/r",
	}
	for _, tc := range []struct{ name, rules string }{
		{"plain names", "*.q\nbuild\n"},
		{"directories only", "build/\nabc/\n"},
		{"anchored", "/build\n/a.q\n"},
		{"a slash in the middle anchors", "src/build\nb/c.txt\n"},
		{"stars over directories", "**/c.txt\ndoc/**/c.txt\ndeep/**\n**/debug/**\n"},
		{"stars that are none", "a**c\n**foo\n"},
		{"negation", "*.log\n!keep.log\n!logs/x.log\n"},
		{"negation below an excluded directory", "logs/\n!logs/keep.log\n"},
		{"all but some", "/*\n!/src\n!/keep\n/keep/*\n!/keep/a.q\n"},
		{"a negated parent does not bring files back", "*.q\n!src\n!/keep\n"},
		{"classes", "file[0-9]\nfile[!0-9-]\n[a-c]bc\na[[:upper:]]c\nfoo]\nfile[]-]\n"},
		{"broken classes", "file[\nfile[a\n[[:nope:]]x\n"},
		{"escapes", "\\#hash\n\\!bang\na\\\\b\na\\ b\n\\a.q\nabc\\\n"},
		{"blanks", "a b\\ \nabc   \n  a.q\nx.log\t\n"},
		{"windows line ends and a byte order mark", "\xef\xbb\xbf*.q\r\n*.log\r\n"},
		{"question marks", "a?c\n?.txt\n??.txt\nfoo?baz\n"},
		{"comments and slashes", "# comment\n\n/\n//\n!\n!/\n./a.q\n"},
		{"case", "upper.txt\nABC\n"},
		{"double slashes", "foo//baz\nfoo/\nbuild//\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			top := t.TempDir()
			gitInit(t, top)
			for _, f := range files {
				write(t, top, f, "x")
			}
			write(t, top, ".gitignore", tc.rules)
			compareWithGit(t, t, top)
		})
	}
	t.Run("nested files, exclude files and settings", func(t *testing.T) {
		top := t.TempDir()
		gitInit(t, top)
		for _, f := range files {
			write(t, top, f, "x")
		}
		write(t, top, ".gitignore", "*.log\n/src/build\n")
		write(t, top, "logs/.gitignore", "!x.log\nsub\n")
		write(t, top, "src/.gitignore", "/a.c\n!build\n")
		write(t, top, "doc/.gitignore", "a/b\nx/*\n")
		write(t, top, ".git/info/exclude", "fileA\n*.txt\n!c.txt\nlogs/keep.log\n")
		write(t, os.Getenv("HOME"), ".gitconfig", "[core]\n\texcludesFile = ~/global\n")
		write(t, os.Getenv("HOME"), "global", "file1\n!fileA\nq/\n")
		compareWithGit(t, t, top)
		write(t, top, ".git/config", "[core]\n\tignorecase = true\n\tbare = false\n\trepositoryformatversion = 0\n")
		write(t, top, ".gitignore", "upper.TXT\nABC\n")
		compareWithGit(t, t, top)
	})
	t.Run("a symbolic link is no ignore file", func(t *testing.T) {
		top := t.TempDir()
		gitInit(t, top)
		write(t, top, "a.q", "x")
		write(t, top, "rules", "*.q\n")
		os.Symlink("rules", filepath.Join(top, ".gitignore"))
		compareWithGit(t, t, top)
	})
}

func TestAnyIgnoreRulesAreGits(t *testing.T) {
	needGit(t)
	t.Setenv("HOME", t.TempDir())
	top := t.TempDir()
	gitInit(t, top)
	for _, dir := range []string{"", "a/", "b/", "ab/", "a/b/", "a/a/b/", "b.c/", "ab/a/"} {
		for _, f := range []string{"a", "b", "ab", "a.b", "b.c", "-", "A"} {
			if _, err := os.Stat(filepath.Join(top, dir+f)); err != nil {
				write(t, top, dir+f+".x", "x")
			}
		}
	}
	if os.Getenv("WEFT_LONG") != "1" { // git is started for each case
		checks := flag.Lookup("rapid.checks").Value
		before := checks.String()
		checks.Set("20")
		defer checks.Set(before)
	}
	// In git before 2.41, ** after a letter may count as ** after a slash, depending on the
	// contents of memory.
	undefined := regexp.MustCompile(`[^/]\*\*+(/|$)`)
	atoms := []string{"a", "b", "ab", "*", "**", "/", "?", ".", "[ab]", "[!a]", "[a-", "]", "!", "\\", " ", "x", ".x", "**/", "/**", "[^b]", "[[:alpha:]]", "-"}
	rapid.Check(t, func(rt *rapid.T) {
		for _, file := range []string{".gitignore", "a/.gitignore"} {
			rules := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) string {
				return strings.Join(rapid.SliceOfN(rapid.SampledFrom(atoms), 1, 6).Draw(rt, "atoms"), "")
			}).Filter(func(s string) bool { return !undefined.MatchString(s) }), 0, 5).Draw(rt, "rules")
			write(rt, top, file, strings.Join(rules, "\n")+"\n")
		}
		compareWithGit(rt, t, top)
	})
}

func TestRulesAboveTheRootHoldInIt(t *testing.T) {
	needGit(t)
	t.Setenv("HOME", t.TempDir())
	top := t.TempDir()
	gitInit(t, top)
	for _, f := range []string{"docs/a.md", "docs/b.log", "docs/x/c.md", "docs/x/d.md", "docs/x/keep.log"} {
		write(t, top, f, "x")
	}
	write(t, top, ".gitignore", "*.log\n/docs/x/c.md\n")
	write(t, top, "docs/.gitignore", "!keep.log\n")
	listing, err := Scan(context.Background(), []string{filepath.Join(top, "docs")}, ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := pathsOf(listing); !slices.Equal(got, []string{"a.md", "x/d.md", "x/keep.log"}) {
		t.Errorf("got %q", got)
	}
}

func TestDotIgnoreOverridesGitignore(t *testing.T) {
	top := t.TempDir()
	for _, f := range []string{"a.md", "b.md", "sub/c.md", "sub/d.md"} {
		write(t, top, f, "x")
	}
	write(t, top, ".gitignore", "a.md\n")
	write(t, top, ".ignore", "!a.md\nb.md\n")
	write(t, top, "sub/.ignore", "c.md\n")
	listing, err := Scan(context.Background(), []string{top}, ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := pathsOf(listing); !slices.Equal(got, []string{"a.md", "sub/d.md"}) {
		t.Errorf("got %q", got)
	}
	for _, s := range listing.Skipped {
		if s.Path == "sub/c.md" && s.Error() != "sub/c.md is left out by line 1 of sub/.ignore" {
			t.Errorf("the reason reads %q", s.Error())
		}
	}
}

func TestDotIgnoreAsksForHiddenAndGeneratedFilesButNotForSecrets(t *testing.T) {
	top := t.TempDir()
	for _, f := range []string{".github/a.md", ".other/b.md", "go.sum", ".env", ".git/config", "c.md"} {
		write(t, top, f, "x")
	}
	write(t, top, ".ignore", "!.github\n!go.sum\n!.env\n!.git\n")
	listing, err := Scan(context.Background(), []string{top}, ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := pathsOf(listing); !slices.Equal(got, []string{".github/a.md", "c.md", "go.sum"}) {
		t.Errorf("got %q", got)
	}
}

func TestAPatternMadeToTakeForeverDoesNot(t *testing.T) {
	pattern := strings.Repeat("**/a*a*a*", 40) + "b"
	if matchPath(pattern, strings.Repeat("aaaaaaaaaaaa/", 100)+"c", false) {
		t.Error("it matches")
	}
}

func pathsOf(l *Listing) (paths []string) {
	for _, f := range l.Files {
		paths = append(paths, f.Path)
	}
	return paths
}
