package flow_test

import (
	"reflect"
	"sync"
	"testing"
)

// Nothing can read the records of a run that was started with Run, so later runs reuse their
// memory. The records of a run that was started with Start may be read at any time.
func TestRecordsThatCanBeReadKeepTheirMemory(t *testing.T) {
	wf := loop()
	must(wf.Run(t.Context(), Tick{}))
	run := begin(t, wf, Tick{5000})
	must(run.Wait(t.Context()))
	before := all(t, run)
	var others sync.WaitGroup
	for range 4 {
		others.Go(func() {
			for range 3 {
				if stop, err := wf.Run(t.Context(), Tick{}); err != nil || stop.N != 10000 {
					t.Errorf("stop %v, error %v", stop, err)
				}
			}
		})
	}
	others.Wait()
	if !reflect.DeepEqual(all(t, run), before) {
		t.Error("its records have changed")
	}
}
