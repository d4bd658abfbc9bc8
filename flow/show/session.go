package show

// Provider says what answers from now on: a model, or the extractive answerer.
type Provider struct {
	Name     string `json:"name"`
	Model    string `json:"model"`    // the chat model; "": there is none
	Endpoint string `json:"endpoint"` // the base URL, without secrets
	Local    bool   `json:"local"`    // the endpoint is on this machine
	Embedder string `json:"embedder"`
	Offline  bool   `json:"offline"` // no model is asked: answers are extractive
}

// CorpusState says whether a corpus can be searched.
type CorpusState string

// The states of a corpus.
const (
	CorpusIndexing CorpusState = "indexing" // indexing is under way; the files indexed so far can be searched
	CorpusReady    CorpusState = "ready"    // all of it can be searched
	CorpusFailed   CorpusState = "failed"   // it cannot be searched, because of Error
)

// Corpus says which documents are searched from now on. While State is CorpusIndexing, Files and
// Chunks are what the index held before.
type Corpus struct {
	Dir    string      `json:"dir"` // the directories, as a person names them
	Files  int         `json:"files"`
	Chunks int         `json:"chunks"` // passages
	State  CorpusState `json:"state"`
	Error  string      `json:"error,omitempty"` // why State is CorpusFailed
}

// Overview says what a corpus holds, once all of it can be searched.
type Overview struct {
	Bytes     int64       `json:"bytes"`               // of text
	Kinds     []KindCount `json:"kinds"`               // the most frequent first
	Languages []string    `json:"languages,omitempty"` // their names in English, the most frequent first
	Questions []string    `json:"questions,omitempty"` // that the documents answer
}

// KindCount says how many files of a kind there are.
type KindCount struct {
	Kind  string `json:"kind"` // such as "markdown" or "pdf"
	Files int    `json:"files"`
}

// Level is how urgent a [Notice] is.
type Level string

// The levels of notices.
const (
	Info    Level = "info"
	Warning Level = "warn"
	Failure Level = "error"
)

// Notice is one sentence that a person should know.
type Notice struct {
	Level Level  `json:"level"`
	Text  string `json:"text"`
}

// Opened reports a run that was started without being asked for, such as indexing.
type Opened struct {
	Run      string `json:"run"` // its identifier
	Workflow string `json:"workflow"`
	Title    string `json:"title"` // what it does, in a few words
}

// Arrival says that the times of the run's records are those at which their events arrived here,
// because the server of the run sends none. It comes after the first record, and again when more
// events are missing.
type Arrival struct {
	Missed int `json:"missed"` // events that the server has not sent
}
