package flow_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"weft/flow"
)

func TestWhatAStepLogsIsARecordAndALine(t *testing.T) {
	type start struct{}
	type stop struct{}
	var lines bytes.Buffer
	wf := flow.New[start, stop]("chatty", flow.LogTo(slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelWarn}))))
	flow.Step(wf, "talk", func(ctx *flow.Context, _ start) (stop, error) {
		log := ctx.Logger().With("lamp", 3).WithGroup("sea")
		log.Debug("nobody reads this")
		log.Info("calm", "waves", 2)
		log.Warn("storm", slog.Group("wind", "force", 9), "cause", errors.New("a low"))
		return stop{}, nil
	})
	run, err := wf.Start(t.Context(), start{})
	if err != nil {
		t.Fatal(err)
	}
	var got []flow.Log
	for r := range run.Records(t.Context(), 0) {
		if l, ok := r.Payload.(flow.Log); ok {
			if r.Kind != flow.EventEmitted || r.Step != "talk" || r.Type != "Log" {
				t.Errorf("%v", r)
			}
			got = append(got, l)
		}
	}
	if len(got) != 2 || got[0].Level != "INFO" || got[0].Message != "calm" || got[0].Attrs["lamp"] != "3" || got[0].Attrs["sea.waves"] != "2" {
		t.Fatalf("%+v", got)
	}
	if got[1].Attrs["sea.wind.force"] != "9" || got[1].Attrs["sea.cause"] != "a low" {
		t.Errorf("%+v", got[1])
	}
	if text := lines.String(); strings.Contains(text, "calm") || !strings.Contains(text, "storm") || !strings.Contains(text, "step=talk") {
		t.Errorf("the logger wrote %q", text)
	}
}
