package lazyregexp

import (
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
)

func TestEveryMethodMeansTheSameAsInRegexp(t *testing.T) {
	const expr, text = `(\w)(\d+)`, "a1 b22, c333"
	lazy, eager := reflect.ValueOf(New(expr)), reflect.ValueOf(regexp.MustCompile(expr))
	for i := range lazy.NumMethod() {
		name := lazy.Type().Method(i).Name
		same := eager.MethodByName(name)
		var args []reflect.Value
		for k := range same.Type().NumIn() {
			switch in := same.Type().In(k); in.Kind() {
			case reflect.Int:
				args = append(args, reflect.ValueOf(2))
			case reflect.Func:
				args = append(args, reflect.ValueOf(strings.ToUpper))
			default:
				args = append(args, reflect.ValueOf(text).Convert(in))
			}
		}
		got, want := lazy.Method(i).Call(args)[0].Interface(), same.Call(args)[0].Interface()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestGoroutinesMayShareAnExpression(t *testing.T) {
	r := &Regexp{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("b+") })} // as outside tests
	var users sync.WaitGroup
	for range 4 {
		users.Go(func() {
			if !r.MatchString("abc") {
				t.Error("no match")
			}
		})
	}
	users.Wait()
}

func TestAnExpressionThatIsWrongIsNoticedInTests(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	New("(")
}
