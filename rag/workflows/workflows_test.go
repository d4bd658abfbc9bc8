package workflows

import "testing"

func TestEveryWorkflowIsSound(t *testing.T) {
	for _, w := range All(Parts{}) {
		if err := w.Check(); err != nil {
			t.Error(err)
		}
	}
}
