package explorer

import (
	"fmt"
	"os"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/show"
)

// TestDemo opens the explorer in the terminal that the test binary runs in, with a scripted engine,
// to be looked at:
//
//	go test -c -o /tmp/demo ./ui/explorer && WEFT_DEMO=ready /tmp/demo -test.run TestDemo
func TestDemo(t *testing.T) {
	how := os.Getenv("WEFT_DEMO")
	if how == "" {
		t.Skip("set WEFT_DEMO=index, ready or empty to look at the explorer in this terminal")
	}
	e := newScripted(playRag(time.Sleep))
	e.introduce(true)
	switch how {
	case "ready":
		e.ready()
	case "empty":
		tell(e.session, show.Corpus{Dir: "~/empty", State: show.CorpusFailed, Error: "there are no documents in ~/empty that weft can read"})
	case "index":
		r := e.startIndex()
		go func() {
			for i := range 204 {
				indexed(r, i, 204, i*89)
				time.Sleep(50 * time.Millisecond)
			}
			r.write(flow.Record{Kind: flow.StepFinished, Step: "scan", Execution: 2, Worker: 1, Attempt: 1})
			r.write(flow.Record{Kind: flow.RunFinished, Event: 3, Cause: 2, Type: "Indexed"})
			e.ready()
		}()
	}
	res, err := Open(t.Context(), e, Options{Theme: os.Getenv("WEFT_DEMO_THEME")})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(res.Summary)
}
