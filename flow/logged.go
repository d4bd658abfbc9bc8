package flow

import (
	"context"
	"fmt"
	"log/slog"
)

// A Log is a line that a step has written to its [Context.Logger]. It is emitted, so that the run's
// readers see it where it happened.
type Log struct {
	Level   string            `json:"level"` // as log/slog names it: "INFO", "WARN", …
	Message string            `json:"message"`
	Attrs   map[string]string `json:"attrs,omitempty"`
}

// Logger returns the workflow's logger with the run and the step named in it. A line that is logged
// there is also emitted, as a [Log].
func (c *Context) Logger() *slog.Logger {
	next := c.run.logger().With("run", c.run.id, "step", c.step.Name).Handler()
	return slog.New(&tee{ctx: c, next: next})
}

// A tee is a slog.Handler that emits each line as a [Log] and passes it on to the next handler.
type tee struct {
	ctx   *Context
	next  slog.Handler
	attrs []slog.Attr
	group string // before the names of attributes
}

// Enabled reports whether a level is logged. From Info on it always is, as a record.
func (t *tee) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo || t.next.Enabled(ctx, level)
}

func (t *tee) Handle(ctx context.Context, r slog.Record) error {
	l := Log{Level: r.Level.String(), Message: r.Message}
	for _, a := range t.attrs {
		l.set("", a)
	}
	r.Attrs(func(a slog.Attr) bool {
		l.set(t.group, a)
		return true
	})
	t.ctx.Emit(l)
	if t.next.Enabled(ctx, r.Level) {
		return t.next.Handle(ctx, r)
	}
	return nil
}

func (l *Log) set(group string, a slog.Attr) {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			group += a.Key + "."
		}
		for _, inner := range v.Group() {
			l.set(group, inner)
		}
		return
	}
	if l.Attrs == nil {
		l.Attrs = map[string]string{}
	}
	l.Attrs[group+a.Key] = fmt.Sprint(v.Any())
}

func (t *tee) WithAttrs(attrs []slog.Attr) slog.Handler {
	n := *t
	n.next = t.next.WithAttrs(attrs)
	n.attrs = nil
	n.attrs = append(n.attrs, t.attrs...)
	for _, a := range attrs {
		a.Key = t.group + a.Key
		n.attrs = append(n.attrs, a)
	}
	return &n
}

func (t *tee) WithGroup(name string) slog.Handler {
	n := *t
	n.next, n.group = t.next.WithGroup(name), t.group+name+"."
	return &n
}
