package retrieve

import "testing"

func TestTopicsAskNothing(t *testing.T) {
	for query, want := range map[string]bool{
		"Recommended mooring of small boats":    true,
		"boat mooring 24 feet":                  true,
		"Anlegen bei Sturm":                     true,
		"wie lege ich bei Sturm an":             false,
		"mooring":                               false, // too short
		"moor the boat?":                        false,
		"How to moor a boat":                    false,
		"boats that can moor alone":             false,
		"qué barcos caben en el muelle":         false,
		"my boat drifts and the rope is frayed": false,
		"boats moored by night at the northern pier in storms of force nine and more": false, // too long
	} {
		if got := topic(query); got != want {
			t.Errorf("%q: %v", query, got)
		}
	}
}
