//go:build unix

package index

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"weft/rag/embed"
)

// TestAFileThatIsWrittenAllTheTimeCostsLittle writes one of 100,000 files 20 times a second.
func TestAFileThatIsWrittenAllTheTimeCostsLittle(t *testing.T) {
	if os.Getenv("WEFT_LONG") == "" {
		t.Skip("takes minutes: set WEFT_LONG=1")
	}
	docs := t.TempDir()
	files := map[string]string{}
	for i := range 100_000 {
		files[fmt.Sprintf("d%03d/f%d.txt", i%300, i)] = fmt.Sprintf("ship %d sails", i)
	}
	write(t, docs, files)
	x := New(embed.NewHashed(), Options{})
	var updates atomic.Int64
	w := newWatcher(x, []string{docs}, UpdateOptions{}, func(_ *Report, err error) {
		if err != nil {
			t.Error(err)
		}
		updates.Add(1)
	})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = w.run(ctx) })
	defer running.Wait()
	defer cancel()
	running.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			_ = os.WriteFile(filepath.Join(docs, "d000", "f0.txt"), []byte(fmt.Sprintf("ship number %d sails", i)), 0o600)
			time.Sleep(50 * time.Millisecond)
		}
	})
	after := func(n int64) (wall time.Time, processor time.Duration) {
		for deadline := time.Now().Add(10 * time.Minute); updates.Load() < n; {
			if time.Now().After(deadline) {
				t.Fatalf("%d updates in ten minutes", updates.Load())
			}
			time.Sleep(10 * time.Millisecond)
		}
		var u unix.Rusage
		if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return time.Now(), time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	wall, processor := after(2)
	wall2, processor2 := after(5)
	share := float64(processor2-processor) / float64(wall2.Sub(wall))
	t.Logf("%.1f %% of a processor in %v", 100*share, wall2.Sub(wall))
	if share > 0.05 {
		t.Errorf("it costs %.1f %% of a processor", 100*share)
	}
}
