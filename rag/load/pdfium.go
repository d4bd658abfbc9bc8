package load

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"reflect"
	"sync"
	"unicode/utf16"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// A pdfRuntime is PDFium (Chromium's PDF library) compiled to WebAssembly and run by wazero. It has
// no access to files or the network, and a crash in it becomes an error.
type pdfRuntime struct {
	pool   pdfium.Pool
	cache  wazero.CompilationCache
	memory *pdfAllocator
	making sync.Mutex // held while an instance is created with the allocator's limit
}

// newPDFRuntime compiles PDFium. The machine code is cached in cacheDir; without a usable cache the
// start takes seconds. A killable runtime checks at each loop whether its context has ended, which
// makes it about half as fast; any other cannot be interrupted.
func newPDFRuntime(cacheDir string, killable bool) (*pdfRuntime, error) {
	config := wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithMemoryLimitPages(maxPDFMemory >> 16).
		WithCloseOnContextDone(killable)
	start := func(config wazero.RuntimeConfig) (*pdfRuntime, error) {
		memory := &pdfAllocator{reuse: !killable}
		pool, err := webassembly.Init(webassembly.Config{
			Context: memory.context(context.Background()), MaxTotal: 256, RuntimeConfig: config,
			FSConfig: wazero.NewFSConfig(), Stdout: io.Discard, Stderr: io.Discard,
		})
		if err != nil {
			return nil, err
		}
		return &pdfRuntime{pool: pool, memory: memory}, nil
	}
	if cacheDir != "" {
		if cache, err := wazero.NewCompilationCacheWithDir(cacheDir); err == nil {
			if r, err := start(config.WithCompilationCache(cache)); err == nil {
				r.cache = cache
				return r, nil
			}
			_ = cache.Close(context.Background())
		}
	}
	r, err := start(config)
	if err != nil {
		return nil, &Error{Reason: Unreadable,
			Detail: "cannot be read: the reader of PDF does not start: " + causeOf(err), Err: err}
	}
	return r, nil
}

func (r *pdfRuntime) close() error {
	err := r.pool.Close()
	if r.cache != nil {
		err = errors.Join(err, r.cache.Close(context.Background()))
	}
	return err
}

// A pdfiumInstance is one instance of PDFium, which reads one document. It calls PDFium's functions
// directly: go-pdfium's methods make several calls, allocations and look-ups for each character's
// box, which take longer than PDFium itself.
//
// The first failure is kept in err. Every later call does nothing and returns 0, so callers check
// err once at the end.
type pdfiumInstance struct {
	ctx       context.Context
	instance  pdfium.Pdfium
	module    reflect.Value
	memory    wasmMemory
	functions map[string]wasmFunction
	stack     [16]uint64
	scratch   uint32 // address of scratchSize bytes for results
	err       error
}

const scratchSize = 64 << 10

// A wasmFunction is an exported function of the instance. Arguments and results are passed in the
// first words of the stack.
type wasmFunction interface {
	CallWithStack(ctx context.Context, stack []uint64) error
}

// A wasmMemory is the memory of the instance.
type wasmMemory interface {
	Read(offset, count uint32) ([]byte, bool)
}

var errPDFMemory = errors.New("the reader of PDF has no memory left")

// instantiate creates an instance for a document of size bytes. Each document has its own, so that
// a malformed one cannot affect the next. One that draws pages needs more memory.
func (r *pdfRuntime) instantiate(ctx context.Context, size int, pictures bool) (*pdfiumInstance, error) {
	r.making.Lock()
	const step = 8 << 20 // rounding lets documents of similar size reuse one block of memory
	memory := pdfMemory
	if pictures {
		memory = pdfPictureMemory
	}
	r.memory.limit = min(memory+(size+step-1)/step*step, maxPDFMemory)
	instance, err := r.pool.GetInstanceWithContext(ctx)
	r.making.Unlock()
	if err != nil {
		return nil, err
	}
	p := &pdfiumInstance{ctx: ctx, instance: instance, functions: map[string]wasmFunction{}}
	if err := p.bind(); err != nil {
		_ = instance.Close()
		return nil, err
	}
	return p, nil
}

// bind looks up the module of the instance. go-pdfium returns an internal implementation type,
// whose exported fields and methods are accessible by reflection only.
func (p *pdfiumInstance) bind() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("go-pdfium's implementation has changed: %v", r)
		}
	}()
	p.module = reflect.ValueOf(p.instance.GetImplementation()).Elem().FieldByName("Module")
	p.memory = p.module.MethodByName("Memory").Call(nil)[0].Interface().(wasmMemory)
	p.scratch = uint32(p.call("malloc", scratchSize))
	return p.err
}

func (p *pdfiumInstance) close() { _ = p.instance.Close() }

// call calls a short function of PDFium's C interface, which cannot be interrupted.
func (p *pdfiumInstance) call(name string, args ...uint64) uint64 {
	return p.callUntil(context.Background(), name, args...)
}

// work calls a function that may take long. In a killable runtime the call ends with the instance's
// context; watching the context costs more than most functions, so call does not.
func (p *pdfiumInstance) work(name string, args ...uint64) uint64 {
	return p.callUntil(p.ctx, name, args...)
}

func (p *pdfiumInstance) callUntil(ctx context.Context, name string, args ...uint64) uint64 {
	if p.err != nil {
		return 0
	}
	f := p.functions[name]
	if f == nil {
		found := p.module.MethodByName("ExportedFunction").Call([]reflect.Value{reflect.ValueOf(name)})[0]
		if found.IsNil() {
			p.err = fmt.Errorf("PDFium has no function %s", name)
			return 0
		}
		f = found.Interface().(wasmFunction)
		p.functions[name] = f
	}
	copy(p.stack[:], args)
	if err := f.CallWithStack(ctx, p.stack[:]); err != nil {
		p.err = err
		return 0
	}
	return p.stack[0]
}

// number calls a function that returns an int.
func (p *pdfiumInstance) number(name string, args ...uint64) int {
	return int(int32(p.call(name, args...)))
}

// bytes returns a view of the instance's memory, which the next call may invalidate.
func (p *pdfiumInstance) bytes(address, n uint32) []byte {
	if p.err != nil {
		return make([]byte, n)
	}
	b, ok := p.memory.Read(address, n)
	if !ok {
		p.err = errPDFMemory
		return make([]byte, n)
	}
	return b
}

// load copies size bytes from r into the instance's memory.
func (p *pdfiumInstance) load(r io.Reader, size int) (address uint64) {
	address = p.call("malloc", uint64(size))
	if address == 0 && p.err == nil {
		p.err = errPDFMemory
	}
	if p.err != nil {
		return 0
	}
	if _, err := io.ReadFull(r, p.bytes(uint32(address), uint32(size))); err != nil && p.err == nil {
		p.err = err
	}
	return address
}

// key returns the address of a constant string in the instance's memory, as a C string.
func (p *pdfiumInstance) key(s string) uint64 {
	at := p.scratch + scratchSize/2
	copy(p.bytes(at, uint32(len(s)+1)), s+"\x00")
	return uint64(at)
}

// text calls a function that writes UTF-16 text to a buffer and returns its length in bytes. The
// buffer and its length are appended to args. A text longer than the buffer is not read.
func (p *pdfiumInstance) text(name string, args ...uint64) string {
	n := uint32(p.call(name, append(args, uint64(p.scratch), scratchSize/2)...))
	if n < 2 || n > scratchSize/2 {
		return ""
	}
	units := make([]uint16, n/2)
	for i, b := 0, p.bytes(p.scratch, n/2*2); i < len(units); i++ {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	for len(units) > 0 && units[len(units)-1] == 0 {
		units = units[:len(units)-1]
	}
	return string(utf16.Decode(units))
}
