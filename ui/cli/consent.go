package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"weft/rag/answer"
	"weft/rag/statefile"
)

// Consents are the remote endpoints that documents may be sent to: those allowed by the settings,
// and those that the person has allowed, which are stored in a file.
type consents struct {
	unread error // why the file could not be read: what the person has allowed is asked again

	mu   sync.Mutex
	file string
	list []string
}

func newConsents(st *settings) *consents {
	c := &consents{file: filepath.Join(stateDir(st), "allowed"), list: slices.Clone(st.Allow.value)}
	data, err := readState(c.file)
	if err != nil {
		c.unread = fmt.Errorf("the endpoints that were allowed cannot be read: %w", err)
	}
	c.list = slices.AppendSeq(c.list, strings.Lines(string(data)))
	return c
}

func (c *consents) gate() *answer.Gate { return &answer.Gate{Allowed: c.allowed, Allow: c.add} }

// allowed reports whether documents may be sent to an endpoint.
func (c *consents) allowed(endpoint string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.list, func(a string) bool { return sameEndpoint(a, endpoint) })
}

func sameEndpoint(a, b string) bool {
	trim := func(s string) string { return strings.TrimRight(strings.TrimSpace(s), "/") }
	return trim(a) == trim(b)
}

// add allows an endpoint and stores it.
func (c *consents) add(endpoint string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, endpoint)
	return statefile.Update(c.file, func(old []byte) ([]byte, error) {
		if len(old) > 0 && old[len(old)-1] != '\n' {
			old = append(old, '\n') // a line that was cut short must not become one with this
		}
		return append(old, endpoint+"\n"...), nil
	})
}
