package status

import (
	"testing"

	"weft/ui/canvas"
	"weft/ui/run"
)

func TestEveryStatusIsDistinctWithoutColour(t *testing.T) {
	words, spoken := map[string]Status{}, map[string]Status{}
	for i, sign := range Table {
		s := Status(i)
		if sign.Glyph == "" || sign.Word == "" || sign.Spoken == "" || sign.Style == nil || canvas.Width(s.Cell()) != 1 {
			t.Errorf("status %d is shown as %+v", i, sign)
		}
		if other, twice := words[sign.Glyph+sign.Word]; twice {
			t.Errorf("%d and %d are both %q", i, other, s.Label())
		}
		if other, twice := spoken[sign.Spoken]; twice {
			t.Errorf("%d and %d are both said as %q", i, other, sign.Spoken)
		}
		words[sign.Glyph+sign.Word], spoken[sign.Spoken] = s, s
	}
	if len(Table) != int(Cancelled)+1 {
		t.Errorf("the table has %d rows", len(Table))
	}
}

func TestStatusOfAStepPutsAWaitForAPersonFirst(t *testing.T) {
	var c run.Count
	c.Cancelled = 1
	for _, step := range []struct {
		add  func()
		want Status
	}{
		{func() {}, Cancelled},
		{func() { c.Finished = 1 }, Done},
		{func() { c.In[run.Queued] = 1 }, Queued},
		{func() { c.Failed = 1 }, Failed},
		{func() { c.In[run.Backoff] = 1 }, Retrying},
		{func() { c.In[run.Pending] = 1 }, Pending},
		{func() { c.In[run.Running] = 1 }, Running},
		{func() { c.In[run.Waiting] = 1 }, Waiting},
	} {
		step.add()
		if got := OfCount(c); got != step.want {
			t.Errorf("%+v is %s, want %s", c, got.Word(), step.want.Word())
		}
	}
	if got := OfCount(run.Count{}); got != NotStarted {
		t.Errorf("nothing is %s", got.Word())
	}
}
