package load

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkScan lists a tree of 5,000 files with ignore rules. The floor is filepath.WalkDir with
// the size of each file.
func BenchmarkScan(b *testing.B) {
	top := b.TempDir()
	for i := range 5000 {
		write(b, top, fmt.Sprintf("d%d/e%d/f%d.md", i%10, i%50, i), "x")
	}
	write(b, top, ".gitignore", strings.Repeat("*.nothing\n/d?/nothing/**\n", 20))
	for b.Loop() {
		if _, err := Scan(context.Background(), []string{top}, ScanOptions{}); err != nil {
			b.Fatal(err)
		}
	}
	perOp := b.Elapsed() / time.Duration(b.N)
	began := time.Now()
	filepath.WalkDir(top, func(_ string, d fs.DirEntry, _ error) error {
		_, err := d.Info()
		return err
	})
	b.ReportMetric(float64(perOp)/float64(time.Since(began)), "x-floor")
}

// BenchmarkFile reads one file of each family of formats. The floor is reading its bytes.
func BenchmarkFile(b *testing.B) {
	l := testLoader()
	for _, name := range []string{"handbook.md", "handbook.html", "tex.pdf", "handbook.docx", "handbook.odt", "handbook.pptx", "port.xlsx", "handbook.epub", "ships.csv"} {
		b.Run(name, func(b *testing.B) {
			listing, err := Scan(context.Background(), []string{files}, ScanOptions{})
			if err != nil {
				b.Fatal(err)
			}
			var entry Entry
			for _, e := range listing.Files {
				if e.Path == name {
					entry = e
				}
			}
			if _, err := l.File(context.Background(), entry); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := l.File(context.Background(), entry); err != nil {
					b.Fatal(err)
				}
			}
			perOp := b.Elapsed() / time.Duration(b.N)
			began := time.Now()
			for range 100 {
				if _, err := os.ReadFile(entry.File()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(perOp)/float64(time.Since(began)/100), "x-floor")
		})
	}
}
