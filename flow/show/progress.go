package show

// Phase is a part of indexing. Programs must act on the Phase, not on the words of Message and
// Unit, which are for a person.
type Phase string

// The phases of indexing. A session reports PhaseOpen before the run that indexes; the run reports
// the others. PhaseRead and PhaseSplit run side by side; PhaseEmbed follows them, and from its
// beginning on all passages can be found by their words.
const (
	PhaseOpen  Phase = "open"  // the existing index is opened
	PhaseRead  Phase = "read"  // files are read
	PhaseSplit Phase = "split" // documents become passages; how many there will be is not known
	PhaseEmbed Phase = "embed" // passages become vectors
)

// Progress is how far a step is.
type Progress struct {
	Message string `json:"message"`         // what the step does, for a person
	Phase   Phase  `json:"phase,omitempty"` // the part of indexing; "" in every other step
	Done    int    `json:"done"`
	Total   int    `json:"total,omitempty"` // 0: not known
	Unit    string `json:"unit,omitempty"`  // what Done and Total count, in the plural, for a person
	// Rate is how many units were done per second, on average. 0: not known.
	Rate  float64 `json:"rate,omitempty"`
	Waits string  `json:"waits,omitempty"` // what the step waits for, for a person; "": it works
}

// Indexed is the stop event of indexing.
type Indexed struct {
	Text    string    `json:"text"`   // a summary in one line
	Files   int       `json:"files"`  // files that can be searched
	Chunks  int       `json:"chunks"` // passages that can be searched
	Read    int       `json:"read"`   // files that were read, because they are new or changed
	Added   int       `json:"added"`
	Changed int       `json:"changed"`
	Removed int       `json:"removed"`
	Renamed int       `json:"renamed"`
	LeftOut int       `json:"left_out"` // files and directories that are not in the index
	Partly  int       `json:"partly"`   // files that are in the index in part
	Skipped []Skipped `json:"skipped"`  // files left out or read in part, by path; if too many, those of most interest
	// Remarks are on files that are read whole. A person need not act on them.
	Remarks []Remark `json:"remarks,omitempty"` // by path; if too many, the first
	Warning string   `json:"warning,omitempty"` // what is missing from the index for now
	TookMS  float64  `json:"took_ms"`           // milliseconds
	// WordsOnly is set if passages lack a vector because embedding them failed.
	WordsOnly bool `json:"words_only,omitempty"`
	// Emptied names directories in which no file is found any more. Their passages are kept.
	Emptied []string `json:"emptied,omitempty"`
	// Unsaved says why the index is only in memory. It is a part of Warning.
	Unsaved string `json:"unsaved,omitempty"`
}

// Remark says what is uncertain about the text of a file, such as a guessed encoding.
type Remark struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// Skipped is a file or directory that is not in the index, or not as a whole.
type Skipped struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`            // in a word or two, the same for all of its kind
	Detail string `json:"detail"`            // the reason for this file
	ByRule bool   `json:"by_rule,omitempty"` // a setting leaves out its kind: a person expects that
	Partly bool   `json:"partly,omitempty"`  // it is in the index, without what Detail names
}
