// Package fakeopenai is a small OpenAI-compatible server for tests. Its answers are a pure function
// of the request, and every way in which a real server can misbehave is a named fault. Only tests
// import it.
//
//	GET  /health  /v1/models  /v1/models/{id}
//	POST /v1/chat/completions  /v1/embeddings  /v1/rerank   (also without /v1)
//
// It quotes the best numbered passage of a prompt ("[1] ...") with its number, so that answers with
// citations can be tested. The behaviour of a request is set, in increasing precedence, by the
// options of [New] and [Server.Configure], the next line of [Server.Script], the part of the model
// name after '?', the header X-Fake, and "{{fake:...}}" in the last user message. Each is a query
// string with the keys of options.go, such as "tps=20&drop_after=5".
//
// A model whose name is in the table of quirks (see [Quirks]) imitates the reported behaviour of a
// public service or gateway: quirktable.go has one entry for each.
package fakeopenai
