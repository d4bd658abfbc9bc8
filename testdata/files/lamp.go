// Package lamp keeps a light.
package lamp

import "time"

// Lamp is the light of a tower.
type Lamp struct {
	Oil    float64 // litres
	Wicks  int
	burning bool
}

// Light lights the lamp half an hour before sunset.
func (l *Lamp) Light(sunset time.Time) time.Time {
	l.burning = true
	return sunset.Add(-30 * time.Minute)
}

// Trim cuts the wicks level with the brass.
func (l *Lamp) Trim() { l.Wicks = 4 }
