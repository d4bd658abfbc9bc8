package llm

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"weft/flow/show"
	"weft/rag/llm/fakeopenai"
)

// A keeper records the last request that reaches a server.
type keeper struct {
	next http.Handler
	got  *http.Request
	body map[string]any
}

func (k *keeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	k.got, k.body = r, nil
	_ = json.Unmarshal(raw, &k.body) // a GET has no body
	r.Body = io.NopCloser(strings.NewReader(string(raw)))
	k.next.ServeHTTP(w, r)
}

func TestRequestsCarryWhatTheConfigurationAdds(t *testing.T) {
	k := &keeper{next: fakeopenai.New("say=yes", "m")}
	n := &network{hosts: map[string]http.Handler{"gateway.test": k}}
	c, err := New(Config{BaseURL: "https://gateway.test/v1", Key: NewKey(canary), Model: "m", Custom: Custom{
		KeyHeader: "api-key", Headers: map[string]string{"X-Team": "docs"}, Query: map[string]string{"api-version": "2024-06-01"},
		Body: map[string]any{"top_p": 0.5, "provider": map[string]any{"sort": "price"}},
	}}, n)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Chat(t.Context(), Request{Messages: []show.Message{{Role: show.RoleUser, Content: "?"}}}, nil)
	if err != nil || got.Text != "yes" {
		t.Fatalf("%+v %v", got, err)
	}
	h := k.got.Header
	if h.Get("api-key") != canary || h.Get("Authorization") != "" || h.Get("X-Team") != "docs" || k.got.URL.Query().Get("api-version") != "2024-06-01" {
		t.Errorf("%v %v", h, k.got.URL)
	}
	if k.body["top_p"] != 0.5 || k.body["model"] != "m" || k.body["provider"].(map[string]any)["sort"] != "price" {
		t.Errorf("%v", k.body)
	}
	if _, err := c.Models(t.Context()); err != nil || k.got.URL.Query().Get("api-version") == "" || k.got.Header.Get("X-Team") == "" {
		t.Errorf("the list of models: %v %v", err, k.got.URL)
	}
}

func TestSecretsStayOffPlainHTTP(t *testing.T) {
	for _, c := range []struct {
		name   string
		cfg    Config
		agreed bool
		sent   bool
	}{
		{"a key", Config{BaseURL: "http://lan.test/v1", Key: NewKey(canary)}, false, false},
		{"a key with consent", Config{BaseURL: "http://lan.test/v1", Key: NewKey(canary)}, true, true},
		{"no key", Config{BaseURL: "http://lan.test/v1"}, false, true},
		{"a key on loopback", Config{BaseURL: "http://127.0.0.1:1/v1", Key: NewKey(canary)}, false, true},
		{"a key over https", Config{BaseURL: "https://lan.test/v1", Key: NewKey(canary)}, false, true},
		{"a secret header", Config{BaseURL: "http://lan.test/v1", Custom: Custom{Headers: map[string]string{"X-Api-Key": canary}}}, false, false},
		{"a secret parameter", Config{BaseURL: "http://lan.test/v1", Custom: Custom{Query: map[string]string{"token": canary}}}, false, false},
	} {
		h := fakeopenai.New("say=yes", "m")
		n := &network{hosts: map[string]http.Handler{"lan.test": h, "127.0.0.1:1": h}}
		c.cfg.Model, c.cfg.PlainKey = "m", func() bool { return c.agreed }
		client, err := New(c.cfg, n)
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Chat(t.Context(), Request{Messages: []show.Message{{Role: show.RoleUser, Content: "?"}}}, nil)
		if sent := len(n.asked) > 0; sent != c.sent || (err == nil) != c.sent {
			t.Errorf("%s: sent %v, %v", c.name, sent, err)
		}
		if err != nil && (strings.Contains(err.Error(), canary) || !strings.Contains(err.Error(), "--allow http://lan.test/v1")) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
