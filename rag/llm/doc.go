// Package llm talks to models: chat completions (streamed), embeddings, reranking and the list of models of an OpenAI-compatible server.
//
// [Detect] finds a provider, a [Config] describes it, [New] makes a [Client] of it. A call passes three layers, each of which knows one
// thing: the client builds the request and gathers the answer (chat.go, embed.go, rerank.go), go-openai speaks the chat protocol, and
// under both the wire (wire.go, events.go) deals with what servers really do: it keeps the timers, retries what may be retried, turns
// every refusal into an [Error] that says what to do, and cleans the event stream, because go-openai loses errors, comments and the
// difference between an answer that ended and one that broke off. Embeddings, reranking and the model list go through the wire alone:
// go-openai reads a null in a vector as 0, has no reranking, and drops the context size from the model list.
//
// What happens during a call is told, as it happens, to the observer in the context (see [WithObserver]); so the timeline shows queueing,
// retries, the first token and the end of every call.
//
// Beside the client stand the pure parts of an answer: the prompts ([Prompts]), what of the passages fits ([Fit]), the size of a text in
// tokens ([Tokens]), the citations of an answer ([Cite]) and the lenient reading of what a model was asked to decide (parse.go).
package llm
