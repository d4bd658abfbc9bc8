package load

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// asNobody runs a test again as an unprivileged user, because root may read every file.
func asNobody(t *testing.T) (parent bool) {
	t.Helper()
	if os.Getuid() != 0 {
		return false
	}
	binary := filepath.Join(t.TempDir(), "test")
	data, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(binary, data, 0o755); err != nil {
		t.Fatal(err)
	}
	for dir := filepath.Dir(binary); dir != "/tmp" && dir != "/"; dir = filepath.Dir(dir) {
		os.Chmod(dir, 0o755)
	}
	cmd := exec.Command(binary, "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Dir = "/tmp"
	cmd.Env = append(os.Environ(), "HOME=/nonexistent", "TMPDIR=/tmp")
	if !dropRights(cmd) {
		t.Skip("needs a user other than root")
	}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("as nobody: %v\n%s", err, out)
	}
	return true
}

func reasonsOf(l *Listing) map[string]Reason {
	reasons := map[string]Reason{}
	for _, s := range l.Skipped {
		reasons[s.Path] = s.Reason
		if s.Detail == "" || !strings.HasPrefix(s.Error(), s.Path+" ") {
			panic("no sentence for " + s.Path)
		}
	}
	return reasons
}

func TestSkippedFilesHaveTheirReasons(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	top := t.TempDir()
	read := []string{"a.md", "b/c.txt", "b/.env.example.md", "x.unknown", "Makefile", "docs/secrets.md", "id_rsa.pub", "vendor/readme.md", "keys.go", "data.dat"}
	skipped := map[string]Reason{
		".env": Secret, ".env.local": Secret, "b/server.pem": Secret, "id_rsa": Secret, "b/credentials.json": Secret, ".aws": Secret, "prod.tfvars": Secret, "secrets.yaml": Secret,
		".hidden.md": Hidden, ".github": Hidden, ".git": Hidden, "node_modules": Generated, "package-lock.json": Generated, "b/x.min.js": Generated, "cache": Generated,
		"a.md~": Generated, "pic.PNG": Binary, "b/movie.mp4": Binary, "b/all.7z": Unsupported, "empty.md": Empty, "large.md": TooLarge,
	}
	for _, f := range read {
		write(t, top, f, "text")
	}
	for f, reason := range skipped {
		switch reason {
		case Empty:
			write(t, top, f, "")
		case TooLarge:
			write(t, top, f, strings.Repeat("x", 2000))
		default:
			if filepath.Ext(f) == "" && f != "id_rsa" && f != ".env" || f == ".aws" || f == ".github" || f == ".git" {
				write(t, top, f+"/config", "text")
			} else {
				write(t, top, f, "text")
			}
		}
	}
	write(t, top, "cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55")
	os.Symlink("a.md", filepath.Join(top, "link.md"))
	os.Symlink("..", filepath.Join(top, "b", "loop"))
	os.Symlink("/etc", filepath.Join(top, "b", "out"))
	skipped["link.md"], skipped["b/loop"], skipped["b/out"] = Link, Link, Link
	if makeFIFO(filepath.Join(top, "pipe.md")) {
		skipped["pipe.md"] = Special
	}
	listing, err := Scan(context.Background(), []string{top}, ScanOptions{MaxFile: 1000})
	if err != nil {
		t.Fatal(err)
	}
	got := reasonsOf(listing)
	for path, want := range skipped {
		if got[path] != want {
			t.Errorf("%s: %q, not %q", path, got[path], want)
		}
	}
	for path, reason := range got {
		if skipped[path] == "" && path != "b/.env.example.md" {
			t.Errorf("%s is left out: %s", path, reason)
		}
	}
	files := pathsOf(listing)
	for _, f := range read {
		if !slices.Contains(files, f) && !strings.Contains(f, "/.") {
			t.Errorf("%s is not listed", f)
		}
	}
	all, err := Scan(context.Background(), []string{top}, ScanOptions{Hidden: true, Generated: true, Secrets: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{".env", "id_rsa", ".github/config", "node_modules/config", ".hidden.md"} {
		if !slices.Contains(pathsOf(all), f) {
			t.Errorf("%s is not listed when it is asked for", f)
		}
	}
	if slices.Contains(pathsOf(all), ".git/config") {
		t.Error("git's own files are listed")
	}
}

func TestNamesWithNewlinesAndEscapesArePrintable(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the system knows no such names")
	}
	top := t.TempDir()
	for _, name := range []string{"a\nb.md", "esc\x1b[31m.md", "100%.md", "bidi\u202e.md", "ümläut.md", "a%0Ab.md"} {
		write(t, top, name, "text of "+name)
	}
	want := []string{"100%.md", "a%0Ab.md", "bidi%E2%80%AE.md", "esc%1B[31m.md", "ümläut.md"}
	if os.WriteFile(filepath.Join(top, "bad\xff.md"), []byte("text"), 0o644) == nil {
		want = slices.Insert(want, 2, "bad%FF.md")
	}
	listing, err := Scan(context.Background(), []string{top}, ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := pathsOf(listing); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := reasonsOf(listing); len(got) != 1 || got["a%0Ab.md"] != BadName {
		t.Errorf("left out: %v", got)
	}
	l := New(Options{})
	for _, f := range listing.Files {
		if doc, err := l.File(t.Context(), f); err != nil || doc.Path != f.Path {
			t.Errorf("%s: %v", f.Path, err)
		}
	}
}

func TestARootThatCannotBeACorpusIsNamedWithAdvice(t *testing.T) {
	top := t.TempDir()
	write(t, top, "file.md", "x")
	write(t, top, "pictures/a.png", "x")
	os.Mkdir(filepath.Join(top, "empty"), 0o755)
	for _, tc := range []struct {
		root    string
		problem Problem
		says    string
	}{
		{"nowhere", NotThere, "check the spelling"},
		{"file.md", NotADir, "give the directory"},
		{"empty", NothingIn, "put documents into it"},
		{"pictures", NoDocuments, "1 binary"},
	} {
		_, err := Scan(context.Background(), []string{filepath.Join(top, tc.root)}, ScanOptions{})
		var rootErr *RootError
		if !errors.As(err, &rootErr) || rootErr.Problem != tc.problem || !strings.Contains(err.Error(), tc.says) || !strings.Contains(err.Error(), tc.root) {
			t.Errorf("%s: %v", tc.root, err)
		}
	}
	if _, err := Scan(context.Background(), nil, ScanOptions{}); err == nil {
		t.Error("no directory at all is no error")
	}
}

func TestFilesThatTheSystemDeniesAreReported(t *testing.T) {
	if asNobody(t) {
		return
	}
	top := t.TempDir()
	write(t, top, "a.md", "x")
	write(t, top, "closed/b.md", "x")
	write(t, top, "secretive.md", "x")
	os.Chmod(filepath.Join(top, "closed"), 0)
	os.Chmod(filepath.Join(top, "secretive.md"), 0)
	t.Cleanup(func() { os.Chmod(filepath.Join(top, "closed"), 0o755) })
	listing, err := Scan(context.Background(), []string{top}, ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := reasonsOf(listing); got["closed"] != Unreadable {
		t.Errorf("left out: %v", got)
	}
	l := New(Options{})
	var loadErr *Error
	if _, err := l.File(t.Context(), listing.Files[1]); !errors.As(err, &loadErr) || loadErr.Reason != Unreadable || loadErr.Path != "secretive.md" {
		t.Errorf("the file that may not be read: %v", err)
	}
	var rootErr *RootError
	if _, err := Scan(context.Background(), []string{filepath.Join(top, "closed")}, ScanOptions{}); !errors.As(err, &rootErr) || rootErr.Problem != CannotRead {
		t.Errorf("the root that may not be read: %v", err)
	}
}

func TestSeveralRootsHavePathsOfTheirOwn(t *testing.T) {
	top := t.TempDir()
	for _, f := range []string{"one/docs/a.md", "two/docs/a.md", "two/docs/sub/b.md"} {
		write(t, top, f, "x")
	}
	at := func(p string) string { return filepath.Join(top, p) }
	listing, err := Scan(context.Background(), []string{at("one/docs"), at("two/docs"), at("two/docs/sub"), at("one/docs")}, ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := pathsOf(listing); !slices.Equal(got, []string{"one/docs/a.md", "two/docs/a.md", "two/docs/sub/b.md"}) {
		t.Errorf("got %q", got)
	}
	folders, err := Folders([]string{at("one/docs"), at("two/docs"), at("two/docs/sub")})
	if err != nil || len(folders) != 2 {
		t.Errorf("the folders are %q, error %v", folders, err)
	}
	for prefix, dir := range folders {
		if file := listing.Files[0].File(); prefix == "one/docs/" && filepath.Join(dir, "a.md") != file {
			t.Errorf("the text that begins with %s is in %s, not where %s is", prefix, dir, file)
		}
	}
	os.Symlink(at("one"), at("link"))
	if listing, err = Scan(context.Background(), []string{at("link")}, ScanOptions{}); err != nil || !slices.Equal(pathsOf(listing), []string{"docs/a.md"}) {
		t.Errorf("a root that is a link: %v", err)
	}
}

func TestDirectoriesWithoutEndAreLeft(t *testing.T) {
	top := t.TempDir()
	write(t, top, strings.Repeat("d/", 40)+"a.md", "x")
	write(t, top, "a.md", "x")
	listing, err := Scan(context.Background(), []string{top}, ScanOptions{MaxDepth: 30})
	if err != nil {
		t.Fatal(err)
	}
	if len(listing.Skipped) != 1 || listing.Skipped[0].Reason != TooDeep {
		t.Errorf("left out: %v", listing.Skipped)
	}
}

func TestScanStopsWhenItIsCancelled(t *testing.T) {
	top := t.TempDir()
	write(t, top, "a.md", "x")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Scan(ctx, []string{top}, ScanOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAStampChangesWithTheFile(t *testing.T) {
	top := t.TempDir()
	stamp := func() Stamp {
		listing, err := Scan(context.Background(), []string{top}, ScanOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return listing.Files[0].Stamp
	}
	write(t, top, "a.md", "one")
	first := stamp()
	if first != stamp() {
		t.Error("the stamp changes by itself")
	}
	write(t, top, "b", "two")
	os.Rename(filepath.Join(top, "b"), filepath.Join(top, "a.md"))
	if first == stamp() {
		t.Error("another file has the same stamp")
	}
}
