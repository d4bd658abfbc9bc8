package load

import (
	"strings"
	"unicode"
)

// Limits of the fields that describe a document in the index, whose passages are shown with them.
const (
	maxDescribing      = 24
	maxDescribingValue = 300 // bytes
)

// The names under which [Describing] returns the fields that say what a document is about.
const (
	FieldAlias       = "alias"
	FieldTag         = "tag"
	FieldDescription = "description"
	FieldDate        = "date"
	FieldAuthor      = "author"
)

// fieldNames maps the names that files use to the name under which Describing returns the field.
var fieldNames = func() map[string]string {
	all := map[string]string{}
	for name, spellings := range map[string]string{
		FieldAlias:       "alias aliases aka akas synonym synonyms",
		FieldTag:         "tag tags keyword keywords category categories topic topics subject subjects label labels",
		FieldDescription: "description summary abstract excerpt subtitle",
		FieldDate:        "date published published_time pubdate issued",
		FieldAuthor:      "author authors creator",
	} {
		for spelling := range strings.FieldsSeq(spellings) {
			all[spelling] = name
		}
	}
	return all
}()

// technicalFields are settings of programs that make pages of the files. They say nothing about
// the content. The title is among them because it is kept apart from the fields.
var technicalFields = func() map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(`title layout template theme slug permalink url uri link href path
		file id uid uuid guid weight order position rank sidebar_label sidebar_position nav_order draft hidden
		published_at toc mathjax comments css cssclass cssclasses class icon image images cover banner thumbnail
		robots viewport generator charset output format documentclass fontsize geometry bibliography csl markup
		startup options property setup latex_class html_head email`) {
		all[name] = true
	}
	return all
}()

// Describing returns the fields that say what a document is about, for searching and showing:
// aliases, tags, description, date and author under the names of the Field constants, and the others
// under their own. Settings of programs, addresses, numbers and switches are left out, repeated
// fields too. At most 24 fields are returned, with values of up to 300 bytes.
func Describing(fields []Field) (out []Field) {
	seen := map[Field]bool{}
	for _, f := range fields {
		name := describingName(f.Name)
		if name == "" || !describingValue(name, f.Value) {
			continue
		}
		f = Field{name, clipped(f.Value, maxDescribingValue)}
		if key := (Field{name, strings.ToLower(f.Value)}); !seen[key] && len(out) < maxDescribing {
			seen[key] = true
			out = append(out, f)
		}
	}
	return out
}

// describingName returns the name for a field, or "" for a setting of a program. In a name with
// dots, such as "taxonomies.tags" or "author.name", one part decides.
func describingName(name string) string {
	parts := strings.Split(name, ".")
	last := parts[len(parts)-1]
	if known := fieldNames[last]; known != "" {
		return known
	}
	if technicalFields[last] || technicalFields[parts[0]] {
		return ""
	}
	if known := fieldNames[parts[0]]; known != "" && last == "name" {
		return known
	}
	return name
}

// describingValue reports whether a value can be searched or read: dates always, other values if
// they have letters and are neither switches nor addresses.
func describingValue(name, value string) bool {
	switch strings.ToLower(value) {
	case "true", "false", "yes", "no", "on", "off", "none", "null":
		return false
	}
	if strings.Contains(value, "://") || strings.HasPrefix(value, "/") || strings.HasPrefix(value, "./") {
		return false
	}
	return name == FieldDate || strings.ContainsFunc(value, unicode.IsLetter) ||
		name == FieldAlias || name == FieldTag
}

// clipped returns a value of at most n bytes, with an ellipsis in place of the rest.
func clipped(value string, n int) string {
	if len(value) <= n {
		return value
	}
	return strings.ToValidUTF8(value[:n], "") + "…"
}
