package load

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// servesPDF is set when this program can be started as a child process that reads PDFs.
var servesPDF atomic.Bool

// ServePDF lets a [Loader] read PDFs in child processes of this program. A page that takes too
// long, needs too much memory or crashes the reader then ends only a child. PDFium also runs about
// twice as fast as in this process, where it must check constantly whether it has to stop.
//
// Call ServePDF first in main or TestMain. In a child process it does not return. A program that
// does not call it reads PDFs in its own process.
func ServePDF() {
	if len(os.Args) != 3 || os.Args[1] != pdfChildFlag {
		servesPDF.Store(true)
		return
	}
	if err := servePDF(os.Args[2], os.Stdin, os.Stdout); err != nil && !errors.Is(err, io.EOF) {
		os.Exit(1)
	}
	os.Exit(0)
}

// servePDF answers requests until the input ends.
func servePDF(cacheDir string, in io.Reader, out io.Writer) error {
	debug.SetGCPercent(40) // compiling PDFium produces hundreds of megabytes of garbage
	pdfium, err := newPDFRuntime(cacheDir, false)
	if err != nil {
		return err
	}
	debug.FreeOSMemory()
	confine()
	if err := writeMessage(out, pdfAnswer{Version: pdfProtocol}); err != nil {
		return err
	}
	s := pdfServer{runtime: pdfium, in: bufio.NewReaderSize(in, 64<<10), out: bufio.NewWriterSize(out, 64<<10)}
	defer s.out.Flush() // delivers the pages before one that crashes PDFium
	// A garbage collection stops the world and cannot proceed until PDFium returns. None may begin
	// within a page, or the watch could not end a page that never returns. The watch also needs a
	// processor of its own.
	debug.SetGCPercent(-1)
	runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0)))
	go s.watch(os.Getppid())
	for {
		var request pdfRequest
		if err := readMessage(s.in, &request); err != nil {
			return err
		}
		if err := s.answer(request); err != nil {
			return err
		}
		if err := s.out.Flush(); err != nil {
			return err
		}
	}
}

// flushTime is how long a finished page may stay in the output buffer.
const flushTime = 20 * time.Millisecond

// A pdfServer answers requests to read PDFs.
type pdfServer struct {
	runtime  *pdfRuntime
	in       *bufio.Reader
	out      *bufio.Writer
	flushed  time.Time
	pdf      *pdfiumInstance
	file     *pdfFile
	pageTime time.Duration
	limit    atomic.Int64 // processor time by which the current page must be done; 0: no page
	garbage  uint64       // bytes allocated before the last collection
}

func (s *pdfServer) answer(request pdfRequest) error {
	if request.Open > 0 {
		if s.pdf != nil {
			s.pdf.close()
		}
		s.collect()
		s.pageTime = request.PageTime
		pdf, err := s.runtime.instantiate(context.Background(), request.Open, request.Pictures)
		if err != nil {
			return err
		}
		s.pdf = pdf
		s.begin()
		data := &io.LimitedReader{R: s.in, N: int64(request.Open)}
		file, info, err := openPDF(pdf, data, request.Open)
		s.end()
		if _, err := io.Copy(io.Discard, data); err != nil { // skip what openPDF did not read
			return err
		}
		var failure *Error
		if errors.As(err, &failure) {
			return writeMessage(s.out, pdfAnswer{Reason: failure.Reason, Detail: failure.Detail})
		} else if err != nil {
			return err
		}
		s.file = file
		return writeMessage(s.out, pdfAnswer{Info: &info})
	}
	if request.Picture > 0 {
		return s.picture(request.Picture)
	}
	for n := request.From; n <= request.To; n++ {
		if s.file == nil {
			return errPDFStopped
		}
		if time.Since(s.flushed) > flushTime { // waking the parent takes longer than a short page
			if err := s.out.Flush(); err != nil {
				return err
			}
			s.flushed = time.Now()
		}
		before := s.begin()
		page := s.file.readPage(n)
		page.Spent = s.end() - before
		if s.pdf.err != nil {
			return s.pdf.err
		}
		if err := writeMessage(s.out, pdfAnswer{Page: &page}); err != nil {
			return err
		}
	}
	s.collect()
	return nil
}

// picture draws a page.
func (s *pdfServer) picture(number int) error {
	if s.file == nil {
		return errPDFStopped
	}
	s.begin()
	picture := s.file.draw(number)
	s.end()
	if s.pdf.err != nil {
		return s.pdf.err
	}
	err := writeMessage(s.out, pdfAnswer{Picture: &picture})
	s.collect()
	return err
}

// collect runs a garbage collection when enough has been allocated since the last one.
func (s *pdfServer) collect() {
	const much = 4 << 20
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	if allocated := sample[0].Value.Uint64(); allocated > s.garbage+much {
		s.garbage = allocated
		runtime.GC()
	}
}

// begin starts the time limit of a page and returns the current processor time.
func (s *pdfServer) begin() time.Duration {
	now := processorTime()
	s.limit.Store(int64(now + s.pageTime))
	return now
}

// end clears the time limit and returns the current processor time. It does not return when the
// page has exceeded its limit.
func (s *pdfServer) end() time.Duration {
	now := processorTime()
	switch limit := s.limit.Swap(0); {
	case limit == 0:
		select {} // the watch is ending the process
	case int64(now) > limit:
		s.giveUp()
	}
	return now
}

// giveUp reports that a page took too long, and ends the process.
func (s *pdfServer) giveUp() {
	_ = writeMessage(s.out, pdfAnswer{Slow: true})
	_ = s.out.Flush()
	os.Exit(0)
}

// watch ends the process when a page exceeds its processor time, or when the parent process has
// exited during a page.
func (s *pdfServer) watch(parent int) {
	for range time.Tick(50 * time.Millisecond) {
		limit := s.limit.Load()
		if limit == 0 {
			continue
		}
		if int64(processorTime()) > limit && s.limit.CompareAndSwap(limit, 0) {
			s.giveUp()
		}
		if os.Getppid() != parent {
			os.Exit(1)
		}
	}
}
