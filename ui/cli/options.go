package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"
)

// Options are all settings. A field's tags are its only description: help, the config file, `weft
// doctor` and the manual's test read them.
//
//	key    name in the config file and in messages
//	flag   name of the flag, without dashes; none for values that must not show up in a process list
//	short  one-letter flag
//	env    environment variable
//	shared environment variable of other programs too; the config file wins over it
//	def    default, as written in the config file
//	help   line in the help
//	secret "true": the value is never shown
type options struct {
	Profile        option[string]            `key:"profile" flag:"profile" env:"WEFT_PROFILE" help:"provider of the config file to use, by its name"`
	BaseURL        option[string]            `key:"base_url" flag:"base-url" env:"WEFT_BASE_URL" shared:"OPENAI_BASE_URL" help:"address of an OpenAI-compatible endpoint, such as http://localhost:8080/v1"`
	APIKey         option[string]            `key:"api_key" env:"WEFT_API_KEY" shared:"OPENAI_API_KEY" secret:"true" help:"key for the endpoint"`
	KeyEnv         option[string]            `key:"key_env" help:"environment variable that holds the key"`
	KeyFile        option[string]            `key:"key_file" help:"file that holds the key"`
	KeyCommand     option[string]            `key:"key_command" help:"command that prints the key"`
	KeyHeader      option[string]            `key:"key_header" help:"header that carries the key (none: Authorization, as a bearer token)"`
	Headers        option[map[string]string] `key:"headers" secret:"true" help:"headers of every request"`
	Query          option[map[string]string] `key:"query" secret:"true" help:"parameters of every address, such as api-version"`
	Body           option[map[string]any]    `key:"body" help:"fields added to every chat request"`
	OllamaHost     option[string]            `key:"ollama_host" shared:"OLLAMA_HOST" help:"where Ollama listens"`
	Model          option[string]            `key:"model" flag:"model" env:"WEFT_MODEL" help:"model that writes answers"`
	DecideModel    option[string]            `key:"decide_model" env:"WEFT_DECIDE_MODEL" help:"model that decides: understands follow-ups, classifies, judges (none: the one that answers)"`
	EmbeddingModel option[string]            `key:"embedding_model" flag:"embedding-model" env:"WEFT_EMBEDDING_MODEL" help:"model that embeds passages (none: embed offline)"`
	RerankModel    option[string]            `key:"rerank_model" flag:"rerank-model" env:"WEFT_RERANK_MODEL" help:"model behind the endpoint's /rerank (none: rerank offline)"`
	Offline        option[bool]              `key:"offline" flag:"offline" env:"WEFT_OFFLINE" def:"false" help:"use no model and no network"`
	Allow          option[[]string]          `key:"allow" flag:"allow" env:"WEFT_ALLOW" help:"endpoints that documents may be sent to without asking"`
	Hidden         option[bool]              `key:"hidden" flag:"hidden" env:"WEFT_HIDDEN" def:"false" help:"read hidden files and directories too"`
	NoIgnore       option[bool]              `key:"no_ignore" flag:"no-ignore" env:"WEFT_NO_IGNORE" def:"false" help:"read what .gitignore and .ignore leave out too"`
	Generated      option[bool]              `key:"generated" flag:"generated" env:"WEFT_GENERATED" def:"false" help:"read lock files, node_modules and generated code too"`
	Secrets        option[bool]              `key:"secrets" flag:"secrets" env:"WEFT_SECRETS" def:"false" help:"read keys, .env and credentials too"`
	OCR            option[string]            `key:"ocr" flag:"ocr" env:"WEFT_OCR" help:"languages in which tesseract recognises the text of scans and pictures, such as eng+deu (none: it does not)"`
	Transcribe     option[string]            `key:"transcribe" env:"WEFT_TRANSCRIBE" help:"command that writes down what is said in a recording, such as whisper-cli -m model.bin -f {file} (none: recordings are not read)"`
	Workflow       option[string]            `key:"workflow" flag:"workflow" short:"w" env:"WEFT_WORKFLOW" def:"rag" help:"workflow that answers"`
	Classifier     option[string]            `key:"classifier" flag:"classifier" env:"WEFT_CLASSIFIER" def:"words" help:"what tells simple questions from complex ones in routing: words or model"`
	Parts          option[int]               `key:"parts" env:"WEFT_PARTS" def:"12" help:"most parts of a question that research and routing search for, at least 1"`
	AgentRounds    option[int]               `key:"agent_rounds" env:"WEFT_AGENT_ROUNDS" def:"8" help:"most turns of the model in the workflow agent, at least 1"`
	AgentCalls     option[int]               `key:"agent_calls" env:"WEFT_AGENT_CALLS" def:"24" help:"most calls of tools in the workflow agent, at least 1"`
	AgentTokens    option[int]               `key:"agent_tokens" env:"WEFT_AGENT_TOKENS" def:"0" help:"tokens after which the workflow agent must answer (0: no limit)"`
	AgentTime      option[time.Duration]     `key:"agent_time" env:"WEFT_AGENT_TIME" def:"0s" help:"time after which the workflow agent must answer (0s: no limit)"`
	ToolServers    option[map[string]any]    `key:"tool_servers" help:"programs whose tools the workflow agent may call, over the Model Context Protocol: a name and a command each"`
	Fault          option[[]string]          `key:"fault" flag:"fault" env:"WEFT_FAULT" help:"make a step fail on purpose, as in rerank:error=0.5,delay=300ms"`
	Timeout        option[time.Duration]     `key:"timeout" flag:"timeout" env:"WEFT_TIMEOUT" def:"0s" help:"longest time for a run (0s: no limit)"`
	ContextTokens  option[int]               `key:"context_tokens" env:"WEFT_CONTEXT_TOKENS" def:"0" help:"the model's context in tokens, prompt and answer together (0: what the server says)"`
	MaxTokens      option[int]               `key:"max_tokens" env:"WEFT_MAX_TOKENS" def:"0" help:"longest answer in tokens (0: a quarter of the context, at most 2048)"`
	HeadersTimeout option[time.Duration]     `key:"headers_timeout" env:"WEFT_HEADERS_TIMEOUT" def:"5m" help:"how long a server may take before it begins to answer"`
	IdleTimeout    option[time.Duration]     `key:"idle_timeout" env:"WEFT_IDLE_TIMEOUT" def:"1m" help:"how long a server may say nothing in the middle of an answer"`
	Temperature    option[float64]           `key:"temperature" def:"0" help:"how freely the model chooses its words"`
	Effort         option[string]            `key:"reasoning_effort" help:"how much a reasoning model thinks: none, minimal, low, medium or high (none given: as the model does by itself)"`
	PriceIn        option[float64]           `key:"price_in" def:"0" help:"price of a million prompt tokens"`
	PriceOut       option[float64]           `key:"price_out" def:"0" help:"price of a million answer tokens"`
	Currency       option[string]            `key:"currency" def:"USD" help:"of the prices"`
	QuestionTokens option[int]               `key:"question_tokens" env:"WEFT_QUESTION_TOKENS" def:"0" help:"most tokens that the models' answers to one question may use (0: no limit)"`
	QuestionCost   option[float64]           `key:"question_cost" env:"WEFT_QUESTION_COST" def:"0" help:"most that one question may cost (0: no limit)"`
	SessionTokens  option[int]               `key:"session_tokens" env:"WEFT_SESSION_TOKENS" def:"0" help:"most tokens that all questions may use until weft ends (0: no limit)"`
	SessionCost    option[float64]           `key:"session_cost" env:"WEFT_SESSION_COST" def:"0" help:"most that all questions may cost until weft ends (0: no limit)"`
	Instructions   option[string]            `key:"instructions" env:"WEFT_INSTRUCTIONS" help:"what you want of all answers of a model, in words"`
	Prompts        option[string]            `key:"prompts" env:"WEFT_PROMPTS" help:"directory of prompts that replace the built-in ones"`
	Theme          option[string]            `key:"theme" flag:"theme" env:"WEFT_THEME" def:"auto" help:"colours: auto, dark, light, dark-cb, light-cb (for the colour-blind) or mono"`
	ScreenReader   option[string]            `key:"screen_reader" flag:"screen-reader" env:"WEFT_SCREEN_READER" def:"auto" help:"write lines of text for a screen reader and draw nothing: auto, on or off"`
	Cache          option[string]            `key:"cache" env:"WEFT_CACHE" help:"directory for indexes (none: the user's cache directory)"`
	State          option[string]            `key:"state" env:"WEFT_STATE" help:"directory for kept runs, remembered consent and questions (none: the user's state directory)"`
	KeepRuns       option[bool]              `key:"keep_runs" env:"WEFT_KEEP_RUNS" def:"true" help:"keep the runs of questions, with their answers and passages, for weft runs"`
	RunsAge        option[time.Duration]     `key:"runs_age" env:"WEFT_RUNS_AGE" def:"90d" help:"how long runs are kept, unless they are marked (0s: no limit)"`
	RunsSize       option[int]               `key:"runs_size" env:"WEFT_RUNS_SIZE" def:"1000" help:"most megabytes of runs that are kept; the oldest go first (0: no limit)"`
}

// inclusion returns the options that widen which files are read. They determine which index is
// used: see indexDir.
func (o *options) inclusion() []anyOption {
	return []anyOption{&o.Hidden, &o.NoIgnore, &o.Generated, &o.Secrets, &o.OCR, &o.Transcribe}
}

// describe returns every option with its tags, in field order.
func (o *options) describe() []described {
	fields := reflect.ValueOf(o).Elem()
	all := slices.Clone(optionTags())
	for i := range all {
		all[i].anyOption = fields.Field(i).Addr().Interface().(anyOption)
	}
	return all
}

// optionTags returns the tags of the fields of options, without the options. It parses them once,
// because every command describes its flags when the program starts.
var optionTags = sync.OnceValue(func() []described {
	fields := reflect.TypeFor[options]()
	all := make([]described, fields.NumField())
	for i := range all {
		tag := fields.Field(i).Tag
		all[i] = described{
			key: tag.Get("key"), flag: tag.Get("flag"), short: tag.Get("short"), env: tag.Get("env"), shared: tag.Get("shared"),
			def: tag.Get("def"), help: tag.Get("help"), secret: tag.Get("secret") == "true",
		}
	}
	return all
})

// described is an option with its tags.
type described struct {
	anyOption
	key, flag, short, env, shared, def, help string
	secret                                   bool
}

// anyOption is an *option of any type.
type anyOption interface {
	// take parses and stores a value. The error says what the text must be.
	take(text string, from source) error
	// written returns the value's text and its source.
	written() (text string, from source)
	addFlag(flags *pflag.FlagSet, d described)
}

// An option is a value with its source.
type option[T any] struct {
	value T
	text  string
	from  source
}

// A source is the place where an option was set.
type source struct {
	origin origin
	name   string // flag, variable, or file and line
}

// An origin is a kind of source. Higher origins take precedence.
type origin uint8

const (
	fromDefault origin = iota
	fromShared         // an environment variable that other programs use too
	fromConfig
	fromEnvironment
	fromFlag
)

func (s source) String() string {
	switch s.origin {
	case fromConfig:
		return "config " + s.name
	case fromShared, fromEnvironment:
		return "environment " + s.name
	case fromFlag:
		return "flag --" + s.name
	default:
		return "default"
	}
}

func (o *option[T]) written() (string, source) { return o.text, o.from }

func (o *option[T]) take(text string, from source) error {
	want, err := parse(text, &o.value)
	if err != nil {
		return fmt.Errorf("it must be %s", want)
	}
	o.text, o.from = text, from
	return nil
}

// parse parses a value of one of the option types. want describes the accepted text.
func parse(text string, into any) (want string, err error) {
	switch v := into.(type) {
	case *string:
		*v = text
	case *[]string:
		*v = strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
	case *bool:
		want = "true or false"
		*v, err = strconv.ParseBool(text)
	case *int:
		want = "a whole number"
		*v, err = strconv.Atoi(text)
	case *float64:
		want = "a number such as 0.15"
		*v, err = strconv.ParseFloat(text, 64)
	case *map[string]string, *map[string]any:
		want = "a table, such as { name = \"value\" }"
		if text != "" {
			err = json.Unmarshal([]byte(text), v)
		}
	case *time.Duration:
		want = "a duration such as 30s, 2m or 90d, not below 0"
		if days, is := strings.CutSuffix(text, "d"); is {
			var n int
			n, err = strconv.Atoi(days)
			*v = time.Duration(n) * 24 * time.Hour
		} else {
			*v, err = time.ParseDuration(text)
		}
		if err == nil && *v < 0 {
			err = errors.New("below 0")
		}
	default:
		return "of another type", fmt.Errorf("an option cannot be of the type %T", into)
	}
	return want, err
}

func (o *option[T]) addFlag(flags *pflag.FlagSet, d described) {
	var value T
	_, _ = parse(d.def, &value) // cannot fail: a test parses all defaults
	switch v := any(value).(type) {
	case bool:
		flags.BoolP(d.flag, d.short, v, d.help)
	case time.Duration:
		flags.DurationP(d.flag, d.short, v, d.help)
	case []string:
		flags.StringSliceP(d.flag, d.short, nil, d.help)
	default:
		flags.StringP(d.flag, d.short, d.def, d.help)
	}
}

// addFlags adds the flags of the picked options to flags.
func addFlags(flags *pflag.FlagSet, pick func(*options) []anyOption) {
	var o options
	picked := pick(&o)
	for _, d := range o.describe() {
		if d.flag != "" && slices.Contains(picked, d.anyOption) {
			d.addFlag(flags, d)
		}
	}
}
