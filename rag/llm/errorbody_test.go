package llm

import (
	"testing"
	"time"
)

// TestErrorsOfServicesKeepTheirWordsAndTheirKind parses error bodies as documented by the services.
func TestErrorsOfServicesKeepTheirWordsAndTheirKind(t *testing.T) {
	for _, c := range []struct {
		status  int
		body    string
		kind    Kind
		message string
	}{
		{401, `{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"}}`, Unauthorized, "Incorrect API key provided"},
		{400, `[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}]`, Unauthorized, "API key not valid."},
		{403, `{"error":{"message":"Country, region, or territory not supported","code":"unsupported_country_region_territory"}}`, Forbidden, "Country, region, or territory not supported"},
		{400, `{"error":{"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}`, Forbidden, "User location is not supported for the API use."},
		{400, `{"error":{"message":"The response was filtered","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}`, Forbidden, "The response was filtered"},
		{404, `{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}`, NotFound, "The API deployment for this resource does not exist."},
		{403, `{"error":{"message":"Project has no access to model gpt-5","code":"model_not_found"}}`, NotFound, "Project has no access to model gpt-5"},
		{402, `{"error":{"message":"Insufficient credits"}}`, Exhausted, "Insufficient credits"},
		{429, `{"error":{"message":"You exceeded your current quota","type":"insufficient_quota"}}`, Exhausted, "You exceeded your current quota"},
		{400, `{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API"}}`, Exhausted, "Your credit balance is too low to access the API"},
		{400, `{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}`, TooLong, "prompt is too long: 210000 tokens > 200000 maximum"},
		{529, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`, NotReady, "Overloaded"},
		{401, `{"detail":"Unauthorized"}`, Unauthorized, "Unauthorized"},
		{422, `{"detail":[{"type":"extra_forbidden","loc":["body","messages",0,"name"],"msg":"Extra inputs are not permitted"}]}`, Rejected, "messages.0.name: Extra inputs are not permitted"},
		{422, `{"object":"error","message":{"detail":[{"loc":["body"],"msg":"x"}]}}`, Rejected, `{"object":"error","message":{"detail":[{"loc":["body"],"msg":"x"}]}}`},
		{429, `{"object":"error","message":"Requests rate limit exceeded","type":"rate_limited","code":"1300"}`, Limited, "Requests rate limit exceeded"},
		{400, `{"errors":[{"code":5007,"message":"No such model @cf/x"}],"success":false}`, NotFound, "No such model @cf/x"},
		{200, `{"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}`, Exhausted, "insufficient balance"},
		{200, `{"error":{"message":"Rate limit reached","code":429}}`, Limited, "Rate limit reached"},
		{200, `{"error":{"message":"The engine is overloaded, try again later"}}`, NotReady, "The engine is overloaded, try again later"},
		{200, `{"error":"something broke"}`, Failed, "something broke"},
		{500, `plain words`, Failed, "plain words"},
		{500, `[]`, Failed, "[]"},
		{500, `{"error":{"message":["a","b"]}}`, Failed, `{"message":["a","b"]}`},
	} {
		call := &call{operation: "chat", model: "m", endpoint: "http://models.test/v1", observe: nil}
		var e *Error
		if c.status == 200 {
			if !isError([]byte(c.body)) {
				t.Errorf("%s is not seen to be an error", c.body)
			}
			e = call.reported([]byte(c.body))
		} else {
			e = call.serverFailure(c.status, readError([]byte(c.body)))
		}
		if e.Kind != c.kind || e.Message != c.message {
			t.Errorf("%d %s:\n got %d %q\nwant %d %q", c.status, c.body, e.Kind, e.Message, c.kind, c.message)
		}
	}
	for _, fine := range []string{`{"choices":[]}`, `{"error":null}`, `{"base_resp":{"status_code":0}}`, `[]`, `[{"embedding":[1]}]`, `7`, ``} {
		if isError([]byte(fine)) {
			t.Errorf("%s is taken for an error", fine)
		}
	}
}

func TestSizesInOverflowErrorsAreRead(t *testing.T) {
	for message, want := range map[string][2]int{
		"request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it":                                                             {8192, 9000},
		"This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (8000 in the messages, 1000 in the completion).":                {8192, 8000},
		"This model's maximum context length is 4096 tokens. However, your request has 5000 input tokens.":                                                      {4096, 5000},
		"'max_tokens' or 'max_completion_tokens' is too large: 2000. This model's maximum context length is 4096 tokens and your request has 3000 input tokens": {4096, 3000},
		"prompt is too long: 210000 tokens > 200000 maximum":                                                                                                    {200000, 210000},
		"Request too large on tokens per minute (TPM): Limit 6000, Requested 7000, please reduce your message size":                                             {6000, 0},
		"The input token count (1,200,000) exceeds the maximum number of tokens allowed (1,048,576).":                                                           {1048576, 0},
		"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length":                                                {32768, 40000},
		"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 2048 `max_new_tokens`":                     {4096, 5000},
		"The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller":                        {4096, 5000},
		"the context is full": {0, 0},
		"maximum context length is 99999999999999999999 tokens": {0, 0},
	} {
		context, prompt := serverError{Message: flexibleString(message)}.sizes()
		if context != want[0] || prompt != want[1] {
			t.Errorf("%s: %d and %d, want %v", message, context, prompt, want)
		}
	}
}

func TestTheWaitInAnErrorIsRead(t *testing.T) {
	for body, want := range map[string]time.Duration{
		`[{"error":{"message":"m","details":[{"@type":"x"},{"@type":"y.RetryInfo","retryDelay":"34.07s"}]}}]`: 34070 * time.Millisecond,
		`{"error":{"message":"Please try again in 1.2s."}}`:                                                   1200 * time.Millisecond,
		`{"error":{"message":"Please try again in 250ms"}}`:                                                   250 * time.Millisecond,
		`{"error":{"message":"Retry after 3 s"}}`:                                                             3 * time.Second,
		`{"error":{"message":"Please try again in a while"}}`:                                                 0,
		`{"error":{"message":"m","details":[{"retryDelay":"-5s"}]}}`:                                          0,
	} {
		if got := readError([]byte(body)).after(); got != want {
			t.Errorf("%s: %v, want %v", body, got, want)
		}
	}
}

func TestAnAttemptSaysWhatIsAtAnAddress(t *testing.T) {
	for state, err := range map[State]error{
		Answers: nil, Refuses: &Error{Kind: Unauthorized, Status: 401}, Foreign: &Error{Kind: NotAPI},
		Loading: &Error{Kind: NotReady, Status: 503, Message: "Loading model"},
		Busy:    &Error{Kind: NotReady, Status: 503, Message: "The model is overloaded"},
		Absent:  &Error{Kind: Unreachable},
	} {
		if got := (Attempt{Err: err}).State(); got != state {
			t.Errorf("%v: %s, want %s", err, got, state)
		}
	}
}

// FuzzErrorBody checks that any error body can be parsed.
func FuzzErrorBody(f *testing.F) {
	for _, s := range []string{`{"error":{"message":"m"}}`, `[{"error":{}}]`, `{"detail":[{"loc":[1,null],"msg":"x"}]}`, `{"errors":[{"errors":[]}]}`, `x`} {
		f.Add(s, 400)
	}
	f.Fuzz(func(t *testing.T, body string, status int) {
		c := &call{operation: "chat", model: "m", endpoint: "http://models.test/v1"}
		for _, e := range []*Error{c.serverFailure(status, readError([]byte(body))), c.reported([]byte(body))} {
			if e.Kind == 0 || len(e.Message) > 400 || e.Error() == "" {
				t.Fatalf("%q: %+v", body, e)
			}
		}
	})
}
