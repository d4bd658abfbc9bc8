package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weft/rag/embed/vectorstore"
	"weft/rag/index"
	"weft/ui/canvas"
	"weft/ui/history"
)

// What `weft clean` deletes without flags.
const (
	goneIndexAge = 30 * 24 * time.Hour  // indexes whose directories are gone
	vectorsAge   = 180 * 24 * time.Hour // vectors
)

// A cleanup is one call of `weft clean`.
type cleanup struct {
	cache, runs string
	dirs        []string      // absolute; delete the indexes of these only
	older       time.Duration // 0: the defaults
	maxSize     int64         // of indexes and vectors; -1: no limit
	withRuns    bool
	dryRun      bool
	now         time.Time
}

// A keptItem is something that weft keeps on disk.
type keptItem struct {
	kind   string
	what   string
	used   time.Time
	bytes  int64
	cache  bool         // it can be made again
	delete string       // why it is deleted; "": it is kept
	remove func() error // nil: it is only listed
}

func newClean() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "clean [DIR ...]",
		Short:   "Show what weft keeps on disk, and delete what is not needed any more",
		Long:    "clean lists what weft keeps on disk, and deletes indexes of directories that are gone and that were not used for 30 days, and vectors of models that were not used for 180 days. With DIR it deletes the index of DIR. No document is touched.",
		Example: "weft clean --dry-run\nweft clean --older 60d\nweft clean --max-size 500MB\nweft clean --runs --older 30d",
		Args:    cobra.ArbitraryArgs,
	}
	flags := cmd.Flags()
	dryRun := flags.Bool("dry-run", false, "delete nothing, and say what would be deleted")
	older := flags.String("older", "", "delete all indexes and vectors that were not used for so long, such as 60d")
	maxSize := flags.String("max-size", "", "delete the indexes and vectors that were not used for the longest time, until all have at most this size, such as 500MB")
	runs := flags.Bool("runs", false, "delete kept runs too: those older than --older, or else than the setting runs_age; marked ones stay")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		st, err := loadSettings(cmd.Flags(), os.Getenv)
		if err != nil {
			return err
		}
		c := cleanup{runs: runsDir(st), maxSize: -1, withRuns: *runs, dryRun: *dryRun, now: time.Now()}
		if c.cache, err = cacheDir(st); err != nil {
			return err
		}
		if *older != "" {
			if want, err := parse(*older, &c.older); err != nil || c.older == 0 {
				return usageError{fmt.Errorf("--older is %q: it must be %s", *older, strings.TrimSuffix(want, ", not below 0"))}
			}
		}
		if *maxSize != "" {
			if c.maxSize, err = parseSize(*maxSize); err != nil {
				return usageError{fmt.Errorf("--max-size is %q: it must be a size such as 500MB or 2GB", *maxSize)}
			}
		}
		for _, d := range args {
			abs, err := filepath.Abs(d)
			if err != nil {
				return err
			}
			c.dirs = append(c.dirs, deepReal(abs))
		}
		limit := st.limit()
		if c.older > 0 {
			limit = history.Limit{Age: c.older}
		}
		return c.run(cmd.OutOrStdout(), limit)
	}
	return cmd
}

// parseSize parses a number of bytes with a unit, such as 500MB.
func parseSize(text string) (int64, error) {
	factor := 1.0
	number := strings.ToUpper(strings.TrimSpace(text))
	for i, unit := range []string{"KB", "MB", "GB", "TB"} {
		if n, ok := strings.CutSuffix(number, unit); ok {
			number = n
			for range i + 1 {
				factor *= 1000
			}
		}
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(number, "B")), 64)
	if err != nil || !(n >= 0 && n*factor < 1<<60) {
		return 0, errors.New("not a size")
	}
	return int64(n * factor), nil
}

// run lists everything that is kept, and deletes what is to be deleted. It reports what it cannot
// delete, and deletes the rest.
func (c *cleanup) run(w io.Writer, limit history.Limit) error {
	items, err := c.items()
	if err != nil {
		return err
	}
	c.choose(items)
	runs, err := c.keptRuns(limit)
	if err != nil {
		return err
	}
	items = append(items, runs...)
	var failed []error
	var total, freed int64
	for _, k := range items {
		note := k.delete
		switch {
		case note == "":
		case c.dryRun:
			note = "would be deleted: " + note
			freed += k.bytes
		default:
			if err := k.remove(); err != nil {
				failed = append(failed, err)
				note = "cannot be deleted: " + err.Error()
				break
			}
			note = "deleted: " + note
			freed += k.bytes
		}
		used := "–"
		if !k.used.IsZero() {
			used = k.used.Format(time.DateOnly)
		}
		fmt.Fprintf(w, "%-8s %10s  %-10s  %s\n", k.kind, size(k.bytes), used, canvas.Line(k.what))
		if note != "" {
			fmt.Fprintf(w, "%32s%s\n", "", canvas.Line(note))
		}
		total += k.bytes
	}
	word := "deleted"
	if c.dryRun {
		word = "would be deleted"
	}
	fmt.Fprintf(w, "%s in %s and %s, %s %s\n", size(total), canvas.Line(c.cache), canvas.Line(c.runs), size(freed), word)
	if len(failed) > 0 {
		return fmt.Errorf("%d of these cannot be deleted: %w", len(failed), failed[0])
	}
	return nil
}

// items returns what is in the cache directory.
func (c *cleanup) items() (items []*keptItem, err error) {
	indexes, err := keptIndexes(c.cache)
	if err != nil {
		return nil, err
	}
	for _, x := range indexes {
		what := cmp.Or(strings.Join(x.about.Directories, ", "), "an index of unknown directories, in "+x.dir)
		if len(x.about.With) > 0 {
			what += " with " + strings.Join(x.about.With, ", ")
		}
		k := &keptItem{kind: "index", what: what, used: x.used, bytes: x.bytes, cache: true,
			remove: func() error { return index.Remove(x.dir) }}
		age := c.now.Sub(x.used)
		switch {
		case len(c.dirs) > 0:
			if x.of(c.dirs) {
				k.delete = "asked for"
			}
		case c.older > 0 && age > c.older:
			k.delete = "not used since"
		case c.older == 0 && len(x.about.Directories) == 0 && age > goneIndexAge:
			k.delete = "nothing says what it is of"
		case c.older == 0 && x.gone() && age > goneIndexAge:
			k.delete = "its directory does not exist"
		}
		items = append(items, k)
	}
	store := filepath.Join(c.cache, "vectors")
	parts, err := vectorstore.Parts(store)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		k := &keptItem{kind: "vectors", bytes: p.Bytes, used: p.End.AddDate(0, 0, -1), cache: true, remove: p.Remove,
			what: fmt.Sprintf("%d of %s, %d dimensions, last used in %s", p.Count, p.Model, p.Dims, p.Month)}
		if len(c.dirs) == 0 && c.now.Sub(p.End) > cmp.Or(c.older, vectorsAge) {
			k.delete = "not used since"
		}
		items = append(items, k)
	}
	others, err := os.ReadDir(c.cache)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range others {
		if slices.Contains([]string{"index", "vectors"}, e.Name()) {
			continue
		}
		k := &keptItem{kind: "other", what: filepath.Join(c.cache, e.Name())}
		if k.bytes, k.used, err = dirSize(k.what); err != nil {
			return nil, err
		}
		items = append(items, k)
	}
	return items, nil
}

// choose marks items for deletion until what remains of the cache fits into the size.
func (c *cleanup) choose(items []*keptItem) {
	var left int64
	for _, k := range items {
		if k.cache && k.delete == "" {
			left += k.bytes
		}
	}
	if c.maxSize < 0 {
		return
	}
	oldest := slices.Clone(items)
	slices.SortStableFunc(oldest, func(a, b *keptItem) int { return a.used.Compare(b.used) })
	for _, k := range oldest {
		if left > c.maxSize && k.cache && k.delete == "" {
			k.delete = "not used for the longest time"
			left -= k.bytes
		}
	}
}

// keptRuns returns the kept runs as one item, and one for those to delete.
func (c *cleanup) keptRuns(limit history.Limit) ([]*keptItem, error) {
	if _, err := os.Stat(c.runs); err != nil {
		return nil, nil // none were kept yet
	}
	store, err := history.Open(c.runs)
	if err != nil {
		return nil, err
	}
	runs, err := store.List()
	if err != nil {
		return nil, err
	}
	all := &keptItem{kind: "runs", what: fmt.Sprintf("%d questions, in %s", len(runs), c.runs)}
	if all.bytes, all.used, err = dirSize(c.runs); err != nil {
		return nil, err
	}
	items := []*keptItem{all}
	if !c.withRuns {
		return items, nil
	}
	expired := &keptItem{kind: "runs", remove: func() error { _, err := store.Expire(limit); return err }}
	n := 0
	for _, r := range store.Expired(runs, limit) {
		n++
		expired.bytes += r.Bytes
	}
	if n > 0 {
		all.bytes -= expired.bytes
		all.what = fmt.Sprintf("%d questions, in %s", len(runs)-n, c.runs)
		expired.what, expired.delete = fmt.Sprintf("%d questions", n), "older than is wanted"
		items = append(items, expired)
	}
	return items, nil
}
