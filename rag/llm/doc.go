// Package llm calls models: chat completions (streamed), embeddings, reranking and the list of
// models of an OpenAI-compatible server.
//
// [Detect] finds a provider, a [Config] describes it, and [New] returns a [Client] for it. A call
// passes through three layers. The client builds the request and collects the answer (chat.go,
// embed.go, rerank.go). go-openai implements the chat protocol. Below both, the wire (wire.go,
// events.go) handles the behaviour of real servers: it applies timeouts, retries, turns every
// failure into an [Error] that says what to do, and cleans the event stream, because go-openai
// loses errors, comments and the difference between a finished and a broken stream. Embeddings,
// reranking and the model list use the wire directly: go-openai reads a null in a vector as 0, has
// no reranking, and drops the context size from the model list.
//
// The observer in the context (see [WithObserver]) is notified of each phase of a call as it
// happens: queueing, retries, the first token and the end. The timeline is drawn from these events.
//
// The package also has the pure functions around an answer: the prompts ([Prompts]), the selection
// of passages that fit ([Fit]), token counts ([Tokens]), citations ([Cite]), and lenient parsing of
// a model's decisions (parse.go).
package llm
