package show

// A Message is one turn of a conversation with a chat model.
type Message struct {
	Role    string     `json:"role"` // RoleSystem, RoleUser, RoleAssistant or RoleTool
	Content string     `json:"content"`
	Calls   []ToolCall `json:"calls,omitempty"`   // of RoleAssistant: the tools that the model calls
	CallID  string     `json:"call_id,omitempty"` // of RoleTool: the call whose result Content is
}

// A ToolCall is a model's request to call a tool.
type ToolCall struct {
	ID        string `json:"id"`                // different for each call of one message
	Name      string `json:"name"`              // as the model wrote it; "": the call could not be read
	Arguments string `json:"arguments"`         // a JSON object, if the model made no mistake
	InText    bool   `json:"in_text,omitempty"` // the model wrote the call into its text
}

// The roles of messages.
const (
	RoleSystem    = "system"
	RoleUser      = "user"
	RoleAssistant = "assistant"
	RoleTool      = "tool"
)

// A LeftOut says how much of a passage was left out of a prompt.
type LeftOut struct {
	Number int    `json:"n"`      // the passage's number
	Source string `json:"source"` // its place in the documents
	Tokens int    `json:"tokens"` // how many were left out, estimated
	Whole  bool   `json:"whole"`  // nothing of it is in the prompt
}

// A Prompt is what is sent to a chat model, and what was left out so that it fits.
type Prompt struct {
	Messages []Message `json:"messages"`
	LeftOut  []LeftOut `json:"left_out,omitempty"`
	Tokens   int       `json:"tokens"`  // estimated, from above
	Context  int       `json:"context"` // tokens that the model has for prompt and answer
	Reserve  int       `json:"reserve"` // tokens of Context that are kept free for the answer
}

// A Delta is a piece of a streamed answer: text, reasoning or both.
type Delta struct {
	// Restart says that the text so far turned out to be reasoning. The answer begins with Text.
	Restart   bool   `json:"restart,omitempty"`
	Text      string `json:"text,omitempty"`
	Reasoning string `json:"reasoning,omitempty"`
}

// CallState is a state of a request to a model.
type CallState string

// The states of a request, in the order in which they come. A request is queued once, may be
// retried, has a first token only if it is streamed, and is done at its end, however it ended.
const (
	CallQueued     CallState = "queued"      // it was sent; the server may hold it in a queue
	CallRetry      CallState = "retry"       // it failed and is tried again after WaitMS
	CallFirstToken CallState = "first_token" // the first piece of text or reasoning has arrived
	CallDone       CallState = "done"        // it ended: Finish says how, or Reason why not
)

// OperationChat is the Operation of a request that a chat model answers with text or tool calls.
const OperationChat = "chat"

// A ModelCall says that a request to a model has reached a state. A request has one for each state
// that it reaches. Tokens, rate, finish reason and cost are set at CallDone only.
type ModelCall struct {
	Operation        string    `json:"operation"` // OperationChat, "embeddings", "rerank" or "models"
	Model            string    `json:"model"`
	Endpoint         string    `json:"endpoint"` // the base URL, without secrets
	State            CallState `json:"state"`
	Attempt          int       `json:"attempt"`            // from 1
	Attempts         int       `json:"attempts,omitempty"` // CallRetry: the most that there will be, with those before; 0: not known
	Reason           string    `json:"reason,omitempty"`   // why it is retried; at the end, what a person should know
	WaitMS           int64     `json:"wait_ms,omitempty"`  // CallRetry: until the next attempt; otherwise since the request began, retries included
	PromptTokens     int       `json:"prompt_tokens,omitempty"`
	CompletionTokens int       `json:"completion_tokens,omitempty"` // reasoning included
	ReasoningTokens  int       `json:"reasoning_tokens,omitempty"`
	Estimated        bool      `json:"estimated,omitempty"`         // the server gave no counts of tokens
	Rate             float64   `json:"tokens_per_second,omitempty"` // from the first token to the end
	Finish           string    `json:"finish,omitempty"`            // the finish reason
	Cost             float64   `json:"cost,omitempty"`              // where prices are configured
	Currency         string    `json:"currency,omitempty"`
}

// Usage counts the tokens of a request.
type Usage struct {
	PromptTokens     int  `json:"prompt_tokens"`
	CompletionTokens int  `json:"completion_tokens"` // reasoning included
	ReasoningTokens  int  `json:"reasoning_tokens,omitempty"`
	Estimated        bool `json:"estimated,omitempty"` // the server gave no counts of tokens
}
