package cli

import (
	"bytes"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestSecretsReachNeitherModelNorDisk indexes documents with secrets and asks about them, and looks
// for the secrets in every request to the model and in every file that weft has written. With
// --secrets they are found there, which proves that the test would see them.
func TestSecretsReachNeitherModelNorDisk(t *testing.T) {
	key, token, password := randomText(64), "ghp_"+randomText(36), "Quoth"+randomText(8)
	about := strings.Repeat("The harbour opens at six and closes at ten.\n\n", 10)
	docs := t.TempDir()
	write(t, docs, "harbour.pem", "-----BEGIN PRIVATE KEY-----\n"+key+"\n-----END PRIVATE KEY-----\n")
	write(t, docs, "notes.txt", about+"The token of the harbour is "+token+" for all cranes.\n\n"+about)
	write(t, docs, "crane.ini", "[crane]\nabout = the settings of the crane of the harbour\npassword = "+password+"\n"+
		strings.Repeat("; The crane lifts forty tons when the wind is low.\n", 20))
	secrets := map[string]string{"key": key, "token": token, "password": password}
	questions := []string{"what is the token of the harbour for all cranes?", "what is the password of the crane?"}

	// seen asks the questions with some flags and returns where each secret is found.
	seen := func(t *testing.T, flags ...string) (places map[string][]string, report string) {
		m := newMachine(t)
		report, errs, err := m.weft(append([]string{"index", "--report", docs}, flags...)...)
		if err != nil {
			t.Fatalf("%v\n%s", err, errs)
		}
		written := map[string][]byte{}
		for _, q := range questions {
			out, errs, err := m.weft(append([]string{"ask", q, docs}, flags...)...)
			if err != nil {
				t.Fatalf("%v\n%s", err, errs)
			}
			written["output"] = append(written["output"], out+errs...)
		}
		for _, r := range m.server.Requests() {
			written[r.Path] = append(written[r.Path], r.Body...)
		}
		for _, variable := range []string{"WEFT_CACHE", "WEFT_STATE", "HOME"} {
			for name, data := range filesBelow(t, os.Getenv(variable)) {
				place, _, _ := strings.Cut(filepath.ToSlash(name), "/")
				written[variable+"/"+place] = append(written[variable+"/"+place], data...)
			}
		}
		places = map[string][]string{}
		for what, secret := range secrets {
			for _, place := range slices.Sorted(maps.Keys(written)) {
				if bytes.Contains(written[place], []byte(secret)) {
					places[what] = append(places[what], place)
				}
			}
		}
		return places, report
	}

	t.Run("left out", func(t *testing.T) {
		places, report := seen(t)
		if len(places) > 0 {
			t.Errorf("the secrets are in %v", places)
		}
		for _, said := range []string{"harbour.pem", "notes.txt", "crane.ini", "--secrets"} {
			if !strings.Contains(report, said) {
				t.Errorf("the report does not say %s:\n%s", said, report)
			}
		}
	})
	t.Run("included", func(t *testing.T) {
		places, _ := seen(t, "--secrets")
		for what := range secrets {
			for _, place := range []string{"/v1/embeddings", "WEFT_CACHE/index"} {
				if !slices.Contains(places[what], place) {
					t.Errorf("with --secrets the %s is in %v, not in %s", what, places[what], place)
				}
			}
		}
		for _, place := range []string{"/v1/chat/completions", "WEFT_STATE/runs"} {
			if !slices.Contains(places["token"], place) {
				t.Errorf("with --secrets the token is in %v, not in %s", places["token"], place)
			}
		}
	})
}

// randomText returns n letters and digits. The seed is fixed, so that each run sees the same secrets;
// made here, no text in the repository looks like one.
func randomText(n int) string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
	r := rand.New(rand.NewPCG(19, uint64(n)))
	text := make([]byte, n)
	for i := range text {
		text[i] = letters[r.IntN(len(letters))]
	}
	return string(text)
}

// filesBelow returns the content of all files in a directory by their relative paths.
func filesBelow(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			files[name], err = os.ReadFile(filepath.Join(dir, name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
