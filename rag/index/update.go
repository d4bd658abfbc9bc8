package index

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	batchChunks = 512                    // number of passages after which a batch of files is committed
	batchTime   = 100 * time.Millisecond // time after which a batch is committed
	// firstTime replaces batchTime for the first batch, so that questions soon find something.
	firstTime  = 20 * time.Millisecond
	syncTime   = time.Second           // maximum amount of work, as time, that a power loss may destroy
	reportTime = 50 * time.Millisecond // interval between progress reports
	// rateTime is how long a phase must have lasted before its rate means anything.
	rateTime = 200 * time.Millisecond

	// The log is folded into a new snapshot when it exceeds checkpointBytes and 1/checkpointShare
	// of the snapshot's size.
	checkpointBytes = 1 << 20
	checkpointShare = 4
)

// Update synchronises the index with the files in the directories. Files whose stamp (size, times,
// inode) is unchanged are not read, except a few that were not read for long. Files that are read
// but have the same content are not split and embedded again. Of a changed file, only new passages
// are embedded. Each file changes as a whole and becomes searchable within a tenth of a second.
//
// A directory in which no file is found any more, as below the mount point of a drive that is away,
// keeps its passages, and the report names it. A file that cannot be read is reported and does not
// stop the others. An error is a [*LockedError], a [*load.RootError], a write error, or the
// context's; files committed before the error stay committed. Concurrent calls run one at a time.
//
// Update is [Index.Begin], all parts of the [Updating] in parallel, and [Updating.Finish].
func (x *Index) Update(ctx context.Context, dirs []string, opts UpdateOptions) (*Report, error) {
	u, err := x.Begin(ctx, dirs, opts)
	if err != nil {
		return nil, err
	}
	return u.Finish(u.all(ctx))
}

// all performs the parts of an update.
func (u *Updating) all(ctx context.Context) error {
	report := u.opts.Progress
	if report == nil {
		report = func(Progress) {}
	}
	err := inParallel(ctx, ReadWorkers(), len(u.reads), func(n int) error {
		_, err := u.Read(ctx, n, report)
		return err
	})
	if err != nil {
		return err
	}
	rest, err := u.FinishReading(report)
	if err != nil {
		return err
	}
	return inParallel(ctx, EmbedWorkers, len(rest.Parts), func(n int) error {
		_, err := u.Embed(ctx, n, report)
		return err
	})
}

// inParallel calls a function for each number below n, by some workers at once, until a call fails
// or the context ends.
func inParallel(ctx context.Context, workers, n int, part func(int) error) error {
	group, unfailed := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for i := range n {
		if unfailed.Err() != nil {
			break
		}
		group.Go(func() error { return part(i) })
	}
	return cmp.Or(group.Wait(), ctx.Err())
}

// ReadWorkers returns how many files are read at once.
func ReadWorkers() int { return max(2, runtime.GOMAXPROCS(0)) }

// settle makes committed changes durable. At the end of a phase (done) it also compacts the index,
// and writes a snapshot if the log has grown long.
func (x *Index) settle(done bool) error {
	if done {
		x.compact()
	}
	x.mu.Lock()
	d := x.disk
	if d == nil {
		defer x.mu.Unlock()
		if !done {
			return nil
		}
		return x.unwritten(x.writeErr)
	}
	grown := d.logSize - d.carried
	long := d.unsavedVectors || grown > checkpointBytes && grown > d.snapSize/checkpointShare
	if !done || !long {
		d.sync()
	}
	failed := d.failed
	if !done || !long && failed == nil {
		x.mu.Unlock()
		return nil
	}
	x.mu.Unlock()
	err := x.checkpoint()
	x.mu.Lock()
	defer x.mu.Unlock()
	return cmp.Or(x.unwritten(d.failed), err)
}

// unwritten returns the error for an index that cannot be written, or nil if err is nil.
func (x *Index) unwritten(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("index: %s cannot be written, all is kept in memory only and will be read again at the next start: %w", x.dir, err)
}
