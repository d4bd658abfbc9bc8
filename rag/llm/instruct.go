package llm

import "strings"

// An instruction is what an embedding model was trained to find before a question and before a text; without it, what belongs together
// is further apart. Servers do not add it by themselves.
type instruction struct{ query, text string }

// Instructions by a part of the model's name, from the models' cards. The first that fits counts; a model that is not here needs none.
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
