package span

import "time"

// Phrase is "in 3 days" before it has a language: a catalogue key of
// span.json and the number it counts. N is 0 for keys that count nothing.
type Phrase struct {
	Key string
	N   int
}

// Args returns the phrase's arguments as name and value: "n" and the number.
func (p Phrase) Args() []any { return []any{"n", p.N} }

// Relative says how far at is from now, in the largest unit that is not coarse:
// minutes below two hours, hours below two days, then days of 24 hours, and
// months above 60 days. The number is cut down, so that a due date never looks
// farther than it is.
func Relative(now, at time.Time) Phrase {
	d := at.Sub(now)
	side := "in_"
	if d < 0 {
		side, d = "ago_", -d
	}
	switch {
	case d < time.Minute:
		return Phrase{Key: "span.now"}
	case d < 2*time.Hour:
		return Phrase{"span." + side + "minutes", int(d / time.Minute)}
	case d < 48*time.Hour:
		return Phrase{"span." + side + "hours", int(d / time.Hour)}
	case d < 60*24*time.Hour:
		return Phrase{"span." + side + "days", int(d / (24 * time.Hour))}
	default:
		return Phrase{"span." + side + "months", int(d / (30 * 24 * time.Hour))}
	}
}

// Length says how long d lasts: "span.days" and so on, by the same units.
func Length(d time.Duration) Phrase {
	d = d.Abs()
	switch {
	case d < 2*time.Hour:
		return Phrase{"span.minutes", int(d / time.Minute)}
	case d < 48*time.Hour:
		return Phrase{"span.hours", int(d / time.Hour)}
	default:
		return Phrase{"span.days", int(d / (24 * time.Hour))}
	}
}
