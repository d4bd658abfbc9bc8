package cli

import (
	"strings"
	"testing"

	"weft/flow/show"
)

func TestAnUnreachableProviderIsReportedOnce(t *testing.T) {
	t.Parallel()
	dead := deadAddress
	s := begin(t, map[string]string{"OPENAI_BASE_URL": dead, "WEFT_MODEL": "foo", "WEFT_EMBEDDING_MODEL": "bar"}, "../../docs")
	<-s.corpus.built
	s.cancel()
	var said []string
	for r := range s.life.Records(t.Context(), 0) {
		if n, ok := r.Payload.(show.Notice); ok && strings.Contains(n.Text, dead) {
			said = append(said, n.Text)
		}
	}
	if len(said) != 1 {
		t.Errorf("%q", said)
	}
}
