package load

import (
	"bytes"
	"context"
	"errors"
	"image"
	"runtime"
	"sync"
	"time"
)

// A pdfSession reads one PDF at a time.
type pdfSession interface {
	// open opens a PDF, with memory for drawing pages if pictures is true. The error is an [*Error]
	// when the file is at fault.
	open(ctx context.Context, data []byte, pictures bool) (pdfInfo, error)
	// pages reads the pages from..to, counted from 1, and calls each for every page. The error is
	// errPDFStopped when a page ended the reader, or that of the context; after an error the
	// session can only be closed.
	pages(ctx context.Context, from, to int, each func(pdfPage)) error
	// picture draws a page, counted from 1, of a file opened with pictures set. Its errors are
	// those of the method pages.
	picture(ctx context.Context, number int) (*image.Gray, error)
	// close releases the session. If useful is true it may be kept for the next file.
	close(useful bool)
}

// A pdfPool provides sessions: child processes where this program can be started as one (see
// [ServePDF]), else PDFium in this process. It is set up when the first PDF is read.
type pdfPool struct {
	cacheDir string
	pageTime time.Duration

	mu     sync.Mutex
	slots  chan struct{} // semaphore: one slot for each active session
	idle   []*pdfChild
	local  *pdfRuntime // PDFium in this process; nil until it is needed
	failed error       // permanent error: no PDF can be read
	closed bool
}

// maxPDFReaders bounds how many sessions are active at a time. Each takes about 80 MB.
const maxPDFReaders = 4

// session returns a session. If all slots are taken it waits for one, or without wait returns nil
// and no error.
func (p *pdfPool) session(ctx context.Context, wait bool) (pdfSession, error) {
	p.mu.Lock()
	if p.slots == nil {
		p.slots = make(chan struct{}, min(runtime.GOMAXPROCS(0), maxPDFReaders))
	}
	p.mu.Unlock()
	if wait {
		select {
		case p.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	} else {
		select {
		case p.slots <- struct{}{}:
		default:
			return nil, nil
		}
	}
	s, err := p.ready(ctx)
	if err != nil {
		<-p.slots
	}
	return s, err
}

// ready returns a child process or, where none can be started, PDFium in this process. It holds the
// lock, because the first session may have to compile PDFium, and later ones find it in the cache.
func (p *pdfPool) ready(ctx context.Context) (pdfSession, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		child := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return child, nil
	}
	if p.local == nil && p.failed == nil && servesPDF.Load() {
		if child, err := startPDFChild(ctx, p); err == nil {
			return child, nil
		} else if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if p.local == nil && p.failed == nil {
		p.local, p.failed = newPDFRuntime(p.cacheDir, true)
	}
	return &pdfLocal{pool: p}, p.failed
}

// release frees the slot of a session.
func (p *pdfPool) release() { <-p.slots }

// keep keeps an idle child process for the next file.
func (p *pdfPool) keep(c *pdfChild) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		c.kill()
		return
	}
	p.idle = append(p.idle, c)
}

func (p *pdfPool) close() (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, c := range p.idle {
		c.kill()
	}
	p.idle = nil
	if p.local != nil {
		err = p.local.close()
		p.local = nil
	}
	return err
}

// batchPages is how many pages a session is asked for at a time.
const batchPages = 16

// A pdfJob is the reading of one PDF, which several sessions may share.
type pdfJob struct {
	pool *pdfPool
	data []byte
	last int // number of the last page to be read

	mu    sync.Mutex
	next  int             // next page to be requested
	again [][2]int        // ranges to be requested again, because their session ended before it reached them
	done  map[int]pdfPage // pages read but not delivered yet, because an earlier page is missing
	stops int
	spent time.Duration
	ended bool
	news  chan struct{} // signals that a page is done or a session has left
	busy  int           // sessions at work
}

// read opens a PDF and calls each with its pages in order, until each returns false. Pages
// delivered before an error are valid.
func (p *pdfPool) read(ctx context.Context, data []byte, each func(pdfPage) bool) (pdfInfo, error) {
	s, err := p.session(ctx, true)
	if err != nil {
		return pdfInfo{}, err
	}
	info, err := s.open(ctx, data, false)
	if err != nil {
		var failure *Error
		switch s.close(errors.As(err, &failure)); {
		case failure != nil || ctx.Err() != nil:
		case errors.As(err, new(*pdfSlowError)):
			err = &Error{Reason: TooSlow, Detail: "cannot be read: opening it takes too long", Err: err}
		default:
			err = pdfDamaged(err)
		}
		return pdfInfo{}, err
	}
	j := &pdfJob{pool: p, data: data, last: min(info.Pages, maxPages), next: 1,
		done: map[int]pdfPage{}, news: make(chan struct{}, 1)}
	var readers sync.WaitGroup
	j.busy = 1
	readers.Go(func() { j.work(ctx, s) })
	for range min(cap(p.slots)-1, j.last/(2*batchPages)) {
		j.mu.Lock()
		j.busy++
		j.mu.Unlock()
		readers.Go(func() { j.help(ctx) })
	}
	j.deliver(each)
	readers.Wait()
	return info, ctx.Err()
}

// deliver calls each with the pages in order as they become available.
func (j *pdfJob) deliver(each func(pdfPage) bool) {
	for n := 1; n <= j.last; {
		j.mu.Lock()
		page, ok := j.done[n]
		delete(j.done, n)
		over := j.busy == 0
		j.mu.Unlock()
		if ok {
			if !each(page) {
				break
			}
			n++
			continue
		}
		if over {
			break
		}
		<-j.news
	}
	j.mu.Lock()
	j.ended = true
	j.mu.Unlock()
}

// batch returns the next range of pages to read; zeros when the job is done or over its limits.
func (j *pdfJob) batch() (from, to int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.ended || j.stops >= maxPDFStops || j.spent > pdfAllowance+time.Duration(j.last)*pdfPageAllowance {
		return 0, 0
	}
	if n := len(j.again); n > 0 {
		from, to = j.again[n-1][0], j.again[n-1][1]
		j.again = j.again[:n-1]
		return from, to
	}
	if j.next > j.last {
		return 0, 0
	}
	from = j.next
	to = min(from+batchPages-1, j.last)
	j.next = to + 1
	return from, to
}

// help lets another session read pages of the job if a slot is free.
func (j *pdfJob) help(ctx context.Context) {
	s, err := j.pool.session(ctx, false)
	if err == nil && s != nil {
		if _, err = s.open(ctx, j.data, false); err == nil {
			j.work(ctx, s)
			return
		}
		s.close(false)
	}
	j.leave()
}

// leave removes a session from the job.
func (j *pdfJob) leave() {
	j.mu.Lock()
	j.busy--
	j.mu.Unlock()
	j.notify()
}

// work reads pages with one session until none are left. A session that ends within a page is
// replaced by a new one.
func (j *pdfJob) work(ctx context.Context, s pdfSession) {
	defer j.leave()
	for {
		from, to := j.batch()
		if from == 0 {
			s.close(true)
			return
		}
		err := s.pages(ctx, from, to, func(p pdfPage) {
			j.mu.Lock()
			j.done[p.Number] = p
			j.spent += p.Spent
			from = p.Number + 1
			j.mu.Unlock()
			j.notify()
		})
		if err == nil {
			continue
		}
		s.close(false)
		if ctx.Err() != nil {
			return
		}
		j.mu.Lock()
		j.stops++
		if from <= to { // the session ended within page from: report the page as failed
			j.done[from] = pdfPage{Number: from, Failed: true, Slow: errors.As(err, new(*pdfSlowError))}
			if from < to {
				j.again = append(j.again, [2]int{from + 1, to})
			}
		}
		j.mu.Unlock()
		j.notify()
		if s, err = j.pool.session(ctx, true); err != nil {
			return
		}
		if _, err := s.open(ctx, j.data, false); err != nil {
			s.close(false)
			return
		}
	}
}

// notify wakes the goroutine that waits for news of the job.
func (j *pdfJob) notify() {
	select {
	case j.news <- struct{}{}:
	default:
	}
}

// A pdfSlowError is returned when a page exceeds its time limit.
type pdfSlowError struct{}

func (*pdfSlowError) Error() string        { return "a page takes too long" }
func (*pdfSlowError) Is(target error) bool { return target == errPDFStopped }

// A pdfLocal is a session with PDFium in this process.
type pdfLocal struct {
	pool *pdfPool
	pdf  *pdfiumInstance
	file *pdfFile
}

func (l *pdfLocal) open(ctx context.Context, data []byte, pictures bool) (info pdfInfo, err error) {
	if l.pdf, err = l.pool.local.instantiate(ctx, len(data), pictures); err != nil {
		return pdfInfo{}, err
	}
	err = l.limited(ctx, func() error {
		l.file, info, err = openPDF(l.pdf, bytes.NewReader(data), len(data))
		return err
	})
	return info, err
}

// limited runs PDFium with the time limit of a page. The limit is elapsed time, since this process
// cannot measure the processor time of one page, and four times as long to allow for a busy
// machine.
func (l *pdfLocal) limited(ctx context.Context, do func() error) error {
	ctx, cancel := context.WithTimeout(ctx, 4*l.pool.pageTime)
	defer cancel()
	l.pdf.ctx = ctx
	err := do()
	if cause := context.Cause(ctx); cause != nil && l.pdf.err != nil {
		if errors.Is(cause, context.DeadlineExceeded) {
			return &pdfSlowError{}
		}
		return cause
	}
	return err
}

func (l *pdfLocal) pages(ctx context.Context, from, to int, each func(pdfPage)) error {
	for n := from; n <= to; n++ {
		var page pdfPage
		began, worked := time.Now(), processorTime()
		if err := l.limited(ctx, func() error { page = l.file.readPage(n); return nil }); err != nil {
			return err
		}
		if l.pdf.err != nil {
			return errPDFStopped
		}
		page.Spent = min(time.Since(began), processorTime()-worked)
		each(page)
	}
	return nil
}

func (l *pdfLocal) picture(ctx context.Context, number int) (*image.Gray, error) {
	var picture pdfPicture
	if err := l.limited(ctx, func() error { picture = l.file.draw(number); return nil }); err != nil {
		return nil, err
	}
	if l.pdf.err != nil {
		return nil, errPDFStopped
	}
	return picture.grey()
}

func (l *pdfLocal) close(bool) {
	if l.pdf != nil {
		l.pdf.close()
	}
	l.pool.release()
}
