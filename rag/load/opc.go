package load

import (
	"context"
	"path"
	"slices"
	"strings"
)

// mainPart returns the name of the main part of an Office Open XML package (ECMA-376 part 2): the
// one named by the package's relationships, else the one with the content type of the kind, else
// the one with the customary name. It is "" when there is none.
func (p *packed) mainPart(ctx context.Context, kind, customary string) (string, error) {
	targets, types, err := p.relations(ctx, "")
	if err != nil {
		return "", err
	}
	for id, target := range targets {
		if types[id] == "officeDocument" && p.part(target) != nil {
			return target, nil
		}
	}
	found := ""
	if err := p.walk(ctx, "[Content_Types].xml", xmlHandler{start: func(name string, attr func(string) string) {
		if name == "Override" && found == "" && isMainType(attr("ContentType"), kind) {
			found = partName(attr("PartName"))
		}
	}}, nil); err != nil {
		return "", err
	}
	if found == "" || p.part(found) == nil {
		found = customary
	}
	if p.part(found) == nil {
		return "", nil
	}
	return found, nil
}

// A relationList holds the relationships of a part.
type relationList struct {
	targets map[string]string // part names by identifier
	types   map[string]string // types by identifier, such as "styles" or "chart"
}

// related reads the relationships of a part.
func (p *packed) related(ctx context.Context, part string) (relationList, error) {
	targets, types, err := p.relations(ctx, part)
	return relationList{targets, types}, err
}

// first returns the target of the first relationship of a type; "" when there is none.
func (r relationList) first(kind string) string {
	if ids := r.ids(kind); len(ids) > 0 {
		return r.targets[ids[0]]
	}
	return ""
}

// beside returns the target of the first relationship of a type, or the part of that name in the
// main part's folder, because some programs write no relationships.
func (p *packed) beside(r relationList, main, kind string) string {
	if part := r.first(kind); part != "" && p.part(part) != nil {
		return part
	}
	if part := path.Join(path.Dir(main), kind+".xml"); p.part(part) != nil {
		return part
	}
	return ""
}

// ids returns the identifiers of the relationships of a type, sorted naturally: rId2 before rId10.
func (r relationList) ids(kind string) []string {
	var ids []string
	for id, t := range r.types {
		if t == kind {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		if n := numberIn(a) - numberIn(b); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	return ids
}

// coreProperties returns the title and the date in the properties of an Office file; "" for what it
// lacks.
func (p *packed) coreProperties(ctx context.Context) (title, date string) {
	part := "docProps/core.xml"
	if r, err := p.related(ctx, ""); err == nil {
		for id, kind := range r.types {
			if path.Base(kind) == "core-properties" {
				part = r.targets[id]
			}
		}
	}
	return p.propertiesIn(ctx, part)
}

// tree reads a whole part as a tree; nil when it does not exist or has no elements. It is meant for
// small parts: nodes beyond [maxTree] are dropped.
func (p *packed) tree(ctx context.Context, part string) (*node, error) {
	var root *node
	err := p.walk(ctx, part, xmlHandler{
		whole: func(string) bool { return true },
		tree:  func(n *node) { root = n },
	}, nil)
	return root, err
}
