package index

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weft/rag/chunk"
	"weft/rag/embed"
)

// versions is the number of versions of each file.
const versions = 5

// versionOf returns the text of a file in a version. Every paragraph names the version, so a
// mixture is detected.
func versionOf(file, version int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# File %d\n", file)
	for p := range 6 {
		fmt.Fprintf(&b, "\n## Part %d\n\nfile %d part %d says version%d. %s\n", p, file, p, version, strings.Repeat(fmt.Sprintf("word%d ", p*7+file%3), 40))
	}
	return b.String()
}

// TestKilledChild is the process that is killed: it changes files and updates the index in an
// endless loop. It does nothing unless the environment names a directory.
func TestKilledChild(t *testing.T) {
	dir, docs := os.Getenv("WEFT_KILL_INDEX"), os.Getenv("WEFT_KILL_DOCS")
	if dir == "" {
		t.Skip("started by TestAnIndexSurvivesBeingKilled only")
	}
	random := rand.New(rand.NewPCG(uint64(os.Getpid()), uint64(time.Now().UnixNano())))
	x, err := Open(dir, embed.NewHashed(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("ready")
	for {
		if _, err := x.Update(context.Background(), []string{docs}, UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		if random.IntN(3) == 0 {
			if err := x.checkpoint(); err != nil {
				t.Fatal(err)
			}
		}
		for range 1 + random.IntN(8) {
			change(docs, random)
		}
	}
}

// change writes, removes or renames a file. A text appears atomically, because the test is about
// interrupted indexing and not about interrupted writing of documents.
func change(docs string, random *rand.Rand) {
	n := random.IntN(40)
	name := filepath.Join(docs, fmt.Sprintf("f%02d.md", n))
	switch random.IntN(6) {
	case 0:
		os.Remove(name)
	case 1:
		os.Rename(name, filepath.Join(docs, fmt.Sprintf("f%02d.md", random.IntN(40))))
	default:
		tmp := filepath.Join(filepath.Dir(docs), "tmp")
		if os.WriteFile(tmp, []byte(versionOf(n, random.IntN(versions))), 0o644) == nil {
			os.Rename(tmp, name)
		}
	}
}

func TestAnIndexSurvivesBeingKilled(t *testing.T) {
	t.Parallel()
	kills := 6
	if os.Getenv("WEFT_LONG") == "1" {
		kills = 200
	}
	base := t.TempDir()
	dir, docs := filepath.Join(base, "index"), filepath.Join(base, "docs", "in")
	if err := os.MkdirAll(docs, 0o755); err != nil {
		t.Fatal(err)
	}
	for n := range 40 {
		write(t, docs, map[string]string{fmt.Sprintf("f%02d.md", n): versionOf(n, 0)})
	}
	random := rand.New(rand.NewPCG(3, 5))
	for kill := range kills {
		if random.IntN(10) == 0 {
			os.RemoveAll(dir) // the first indexing is killed too
		}
		killSoon(t, dir, docs, time.Duration(random.IntN(250))*time.Millisecond)
		x, err := Open(dir, embed.NewHashed(), Options{})
		if err != nil {
			t.Fatalf("kill %d: %v", kill, err)
		}
		checkWhole(t, x, kill)
		x.WaitVectors()
		checkVectors(t, x, fmt.Sprintf("kill %d", kill))
		update(t, x, docs)
		clean := New(embed.NewHashed(), Options{})
		update(t, clean, docs)
		if got, want := dump(x), dump(clean); got != want {
			t.Fatalf("kill %d: the index differs from a clean one:\n%s\nwant\n%s", kill, got, want)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killSoon starts the child and kills it some time after it has started working.
func killSoon(t *testing.T, dir, docs string, after time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledChild$")
	cmd.Env = append(os.Environ(), "WEFT_KILL_INDEX="+dir, "WEFT_KILL_DOCS="+docs)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(out)
	line, err := r.ReadString('\n')
	if err != nil || line != "ready\n" {
		rest, _ := io.ReadAll(r)
		t.Fatalf("the child says %q and %q (%v)", line, rest, err)
	}
	timer := time.AfterFunc(after, func() { cmd.Process.Kill() })
	defer timer.Stop()
	rest, _ := io.ReadAll(r)
	if err := cmd.Wait(); err == nil || strings.Contains(string(rest), "FAIL") {
		t.Fatalf("the child ended by itself: %s", rest)
	}
}

// checkWhole checks that each file is present in exactly one version, with each part once.
func checkWhole(t *testing.T, x *Index, kill int) {
	t.Helper()
	texts := make(map[string]map[string]int)
	x.View().Each(func(_ ID, c *chunk.Chunk) {
		if texts[c.Path] == nil {
			texts[c.Path] = make(map[string]int)
		}
		texts[c.Path][c.ID]++
		if texts[c.Path][c.ID] > 1 {
			t.Fatalf("kill %d: %s holds a passage twice", kill, c.Path)
		}
	})
	seen := make(map[string]map[string]bool)
	parts := make(map[string]int)
	x.View().Each(func(_ ID, c *chunk.Chunk) {
		for v := range versions {
			if n := strings.Count(c.Text, fmt.Sprintf("version%d.", v)); n > 0 {
				if seen[c.Path] == nil {
					seen[c.Path] = make(map[string]bool)
				}
				seen[c.Path][fmt.Sprint(v)] = true
				parts[c.Path] += n
			}
		}
	})
	for _, f := range x.Files() {
		if len(seen[f]) != 1 || parts[f] != 6 {
			t.Fatalf("kill %d: %s holds %d versions and %d of 6 parts", kill, f, len(seen[f]), parts[f])
		}
	}
}
