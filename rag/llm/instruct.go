package llm

import "strings"

// An instruction holds the prefixes that an embedding model was trained with, for questions and for
// texts. Without them, related texts are less similar. Servers do not add them.
type instruction struct{ query, text string }

// instructions maps parts of model names to instructions, as given on the model cards. The first
// match is used; a model without a match gets no prefix.
var instructions = []struct {
	name string
	instruction
}{
	{"nomic-embed-text", instruction{"search_query: ", "search_document: "}},
	{"arctic-embed2", instruction{"query: ", ""}},
	{"arctic-embed-l-v2", instruction{"query: ", ""}},
	{"arctic-embed-m-v2", instruction{"query: ", ""}},
	{"arctic-embed", instruction{"Represent this sentence for searching relevant passages: ", ""}},
	{"mxbai-embed-large", instruction{"Represent this sentence for searching relevant passages: ", ""}},
	{"bge-small-en", instruction{"Represent this sentence for searching relevant passages: ", ""}},
	{"bge-base-en", instruction{"Represent this sentence for searching relevant passages: ", ""}},
	{"bge-large-en", instruction{"Represent this sentence for searching relevant passages: ", ""}},
	{"e5-mistral", instruction{"Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ", ""}},
	{"multilingual-e5-large-instruct", instruction{"Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ", ""}},
	{"e5-small", instruction{"query: ", "passage: "}},
	{"e5-base", instruction{"query: ", "passage: "}},
	{"e5-large", instruction{"query: ", "passage: "}},
	{"qwen3-embedding", instruction{"Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:", ""}},
	{"embeddinggemma", instruction{"task: search result | query: ", "title: none | text: "}},
}

func instructionOf(model string) instruction {
	model = strings.ToLower(model)
	for _, i := range instructions {
		if strings.Contains(model, i.name) {
			return i.instruction
		}
	}
	return instruction{}
}
