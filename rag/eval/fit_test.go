package eval

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

func TestFittingFindsTheInformativeFeature(t *testing.T) {
	var choices []Choice
	for i := range 30 {
		noise := float64(i%7) / 7
		choices = append(choices, Choice{
			Values: [][]float64{{1, noise}, {0, 1 - noise}, {0.2, noise}},
			Right:  []bool{true, false, false},
		})
	}
	choices = append(choices, Choice{Values: [][]float64{{0, 5}}, Right: []bool{false}}) // no right one: ignored
	weights := Fit(choices, []float64{0, 1}, 1)
	if weights[0] < 2 || weights[1] > weights[0]/2 {
		t.Errorf("the weights are %.2f", weights)
	}
	for _, c := range choices[:30] {
		if c.first(weights) != 1 {
			t.Errorf("the right one is not first in %v with %.2f", c.Values, weights)
		}
	}
	if kept := Fit(nil, []float64{3, -1}, 1); kept[0] != 3 || kept[1] != -1 {
		t.Errorf("without questions the weights become %v", kept)
	}
}

func TestWeightsAreFittedOnTheQuestionsOfDirectories(t *testing.T) {
	var dirs []string
	for _, mill := range []string{"water", "wind"} {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"docs/" + mill + ".md": "# The " + mill + " mill\n\n## Grease\n\nGrease the shaft every 40 hours.\n\n## Stone\n\nThe stone weighs 900 kg.\n",
			QuestionsFile: `{"question":"how often is the shaft greased?","kind":"how","file":["` + mill + `.md"],"must":["40 hours"]}` + "\n" +
				`{"question":"how heavy is the stone?","kind":"units","file":["` + mill + `.md"],"must":["900"]}` + "\n" +
				`{"question":"who owns it?","kind":"near"}`,
		} {
			name = filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		dirs = append(dirs, dir)
	}
	tables, err := FitWeights(context.Background(), dirs)
	if err != nil || len(tables) != 2 {
		t.Fatalf("%v, %v", tables, err)
	}
	if f := tables[0]; f.Choices != 4 || f.Present != 4 || f.Apart != 4 || len(f.Weights) != len(f.Features) {
		t.Errorf("%+v", f)
	}
	if _, err := FitWeights(context.Background(), []string{t.TempDir()}); err == nil {
		t.Error("a directory without questions gives weights")
	}
}
