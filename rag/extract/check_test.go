package extract

import (
	"os"
	"strings"
	"testing"
)

// checked are sentences that a source supports, each with a variant in which one detail is wrong.
var checked = []struct{ source, right, wrong string }{
	{"mill", "The main shaft is greased every 40 hours.", "The main shaft is greased every 400 hours."},
	{"mill", "You grease the main shaft every 40 hours with tallow.", "You grease the main shaft every 40 days with tallow."},
	{"mill", "In frost, mix 25 g of tallow with some linseed oil.", "In frost, mix 25 kg of tallow with some linseed oil."},
	{"mill", "While the shaft is greased, the sails must not turn.", "While the shaft is greased, the sails must turn."},
	{"mill", "The cap does not turn by itself.", "The cap turns by itself."},
	{"mill", "The cap can be turned by hand.", "The cap cannot be turned by hand."},
	{"mill", "The fantail was never replaced after the storm of 14 March 1911.", "The fantail was never replaced after the storm of 14 March 1921."},
	{"mill", "The upper stone weighs 1200 kg and was made by Jansen.", "The upper stone weighs 1200 kg and was made by Hartog."},
	{"mill", "The lower stone has a weight of 900 kg.", "The lower stone has a weight of 450 kg."},
	{"mill", "The barley stone was dressed on 2016-02-28.", "The barley stone was dressed on 2021-09-17."},
	{"mill", "Saturdays from 10 to 16, the mill is open.", "Sundays from 10 to 16, the mill is open on Sundays."},
	{"mill", "Up to 12 people can visit as a group.", "Up to 20 people can visit as a group."},
	{"mill", "Groups need not pay.", "Groups need to pay."},
	{"mill", "Children under 6 are not allowed above the second floor.", "Children under 6 are allowed above the second floor."},
	{"mill", "The mill stands in Sandhoek.", "The mill stands near Amersfoort."},
	{"pump", "`PUMP_DELAY` defaults to 30 seconds.", "`PUMP_DELAY` defaults to 30 minutes."},
	{"pump", "The delay between two strokes is at most 10 minutes.", "The delay between two strokes is at most 10 hours."},
	{"pump", "Set `PUMP_PORT` to change the port of the console.", "Set `PUMP_LISTEN` to change the port of the console."},
	{"pump", "By default the port is 7010.", "By default the port is 7100."},
	{"pump", "The console is disabled unless `PUMP_CONSOLE` is set.", "The console is enabled unless `PUMP_CONSOLE` is set."},
	{"pump", "No, the password is not stored.", "Yes, the password is stored."},
	{"pump", "The password is asked for at each start.", "The password is not asked for at each start."},
	{"pump", "Release 2.4.1 appeared on 3 June 2024.", "Release 2.4.2 appeared on 3 June 2024."},
	{"pump", "Ilse Marten added logging to `/var/log/pump.log`.", "Jonas Marten added logging to `/var/log/pump.log`."},
	{"pump", "Version 2.3.0 is not supported any more.", "Version 2.3.0 is supported."},
	{"pump", "Error 17 means that the intake is blocked.", "Error 71 means that the intake is blocked."},
	{"pump", "Error 23 says that the valve is stuck.", "Error 17 says that the valve is stuck."},
	{"pump", "The pressure has to stay below 8 bar.", "The pressure has to stay below 18 bar."},
	{"pump", "The safety valve opens at 6 bar.", "The safety valve opens at 6 psi."},
	{"pump", "The tank of 250 litres is filled within a quarter of an hour.", "The tank of 250 gallons is filled within a quarter of an hour."},
}

func TestSentencesThatTheirSourceDoesNotSupportAreDoubted(t *testing.T) {
	sources := map[string][]Passage{}
	for _, name := range []string{"mill", "pump"} {
		text, err := os.ReadFile("testdata/check/" + name + ".md")
		if err != nil {
			t.Fatal(err)
		}
		sources[name] = markdown(string(text))
	}
	cite := func(sentence, name string) string {
		var b strings.Builder
		b.WriteString(strings.TrimSuffix(sentence, "."))
		for _, p := range sources[name] {
			b.WriteString(cite(" ", p.N))
		}
		return b.String() + "."
	}
	marked, unmarked := 0, 0
	for _, c := range checked {
		if doubts := Check("?", cite(c.right, c.source), sources[c.source]); len(doubts) > 0 {
			unmarked++
			t.Logf("right, but doubted for %q: %s", doubts[0].What, c.right)
		}
		answer := cite(c.wrong, c.source)
		if doubts := Check("?", answer, sources[c.source]); len(doubts) > 0 {
			marked++
			t.Logf("%s: %q", c.wrong, doubts[0].What)
			if d := doubts[0]; answer[d.Start:d.End] != answer {
				t.Errorf("the sentence is %q", answer[d.Start:d.End])
			}
		} else {
			t.Logf("wrong, but not doubted: %s", c.wrong)
		}
	}
	if len(checked) != 30 || marked < 27 || unmarked > 2 {
		t.Errorf("of %d wrong sentences %d are doubted, and %d of the right ones", len(checked), marked, unmarked)
	}
}
