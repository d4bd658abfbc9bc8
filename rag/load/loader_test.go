package load

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"
)

func TestSeveralGoroutinesMayShareALoader(t *testing.T) {
	listing, err := Scan(t.Context(), []string{files}, ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var g errgroup.Group
	g.SetLimit(4)
	for _, e := range listing.Files {
		g.Go(func() error {
			_, err := testLoader().File(t.Context(), e)
			var failure *Error
			if errors.As(err, &failure) && (failure.Reason == Encrypted || failure.Reason == NoText) {
				return nil
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

func TestReadingStopsWithItsContextAndLeavesNothingBehind(t *testing.T) {
	testLoader() // compiles PDFium into the cache
	if _, err := loadFile(t, "tex.pdf"); err != nil {
		t.Fatal(err)
	}
	before := goleak.IgnoreCurrent()
	data, err := os.ReadFile(filepath.Join(files, "tex.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	l := New(Options{CacheDir: testLoader().opts.CacheDir})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Document(ctx, "a.pdf", data); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
	for _, wait := range []time.Duration{time.Millisecond, 10 * time.Millisecond, 30 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		if _, err := l.Document(ctx, "a.pdf", data); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("cancelled after %s: %v", wait, err)
		}
		cancel()
	}
	if _, err := l.Document(t.Context(), "a.pdf", data); err != nil {
		t.Errorf("the next read after a cancelled read: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	slow := New(Options{CacheDir: testLoader().opts.CacheDir, PageTime: time.Microsecond})
	var e *Error
	if _, err := slow.Document(t.Context(), "a.pdf", data); !errors.As(err, &e) || e.Reason != TooSlow || e.Path != "a.pdf" {
		t.Errorf("too slow: %v", err)
	}
	if err := slow.Close(); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, before)
}
