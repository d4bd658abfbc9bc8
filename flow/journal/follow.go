package journal

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"weft/flow"
)

// Follow yields the records of a run that another process writes, after the given sequence number,
// and waits for further ones until the run has ended or ctx is done. It looks at the file each
// interval.
func (d *Dir) Follow(ctx context.Context, id string, after uint64, interval time.Duration) iter.Seq2[flow.Record, error] {
	return func(yield func(flow.Record, error) bool) {
		tick := time.NewTicker(max(interval, time.Millisecond))
		defer tick.Stop()
		f, dec, err := d.decode(id)
		if err != nil {
			yield(flow.Record{}, err)
			return
		}
		defer func() { f.Close() }() // the file that is open at the end
		for {
			rec, err := dec.Decode()
			switch {
			case err == io.EOF: // perhaps half a line: begin again at its start
				select {
				case <-tick.C:
				case <-ctx.Done():
					return
				}
				same, err := current(f, f.Name())
				if err != nil {
					yield(flow.Record{}, err)
					return
				}
				if !same { // it was compacted: further records are in a new file
					f.Close()
					if f, dec, err = d.decode(id); err != nil {
						yield(flow.Record{}, err)
						return
					}
					continue
				}
				if _, err := f.Seek(dec.Offset(), io.SeekStart); err != nil {
					yield(flow.Record{}, err)
					return
				}
				dec.r.Reset(f)
				continue
			case err != nil:
				yield(rec, fmt.Errorf("%s: %w", f.Name(), err))
				return
			}
			if rec.Seq > after {
				if after = rec.Seq; !yield(rec, nil) {
					return
				}
			}
			if over(rec) {
				return
			}
		}
	}
}

// over reports whether a record is the last of its run.
func over(r flow.Record) bool {
	switch r.Kind {
	case flow.RunFinished, flow.RunFailed, flow.RunCancelled:
		return !strings.Contains(r.Run, "/")
	}
	return false
}
