package load

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// A child process that reads PDFs gets requests on its standard input and answers on its standard
// output. A message is its length in four bytes, little-endian, and that many bytes of JSON. The
// file follows the request that opens it.
type (
	pdfRequest struct {
		Open     int           `json:",omitempty"` // bytes of the file that follows
		From, To int           `json:",omitempty"` // pages to be read
		PageTime time.Duration `json:",omitempty"` // processor time for a page
	}
	pdfAnswer struct {
		Version int      `json:",omitempty"` // the first message of a child: it is ready
		Info    *pdfInfo `json:",omitempty"` // the file is open
		Page    *pdfPage `json:",omitempty"`
		Slow    bool     `json:",omitempty"` // the page, or the opening, took too long; the child has ended
		Reason  Reason   `json:",omitempty"` // why the file cannot be opened
		Detail  string   `json:",omitempty"`
	}
)

const (
	pdfProtocol   = 1
	maxPDFMessage = 64 << 20
	pdfChildFlag  = "-weft-read-pdf" // looks like a flag: a program that does not know it ends with an error

	// A child is ended when nothing comes from it for so many times as long as a page may take on a
	// processor.
	pdfPatience = 20
)

func writeMessage(w io.Writer, message any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	_, err = w.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(body))), body...))
	return err
}

func readMessage(r io.Reader, message any) error {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n > maxPDFMessage {
		return fmt.Errorf("a message of %d bytes", n)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return err
	}
	return json.Unmarshal(body, message)
}

// A pdfChild is a child process that reads PDFs. It is killed when the context of a call ends.
type pdfChild struct {
	pool *pdfPool
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

// startPDFChild starts this program as a reader of PDFs and waits until it is ready, which takes
// seconds when PDFium has to be compiled.
func startPDFChild(ctx context.Context, pool *pdfPool) (*pdfChild, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := &exec.Cmd{Path: program, Args: []string{os.Args[0], pdfChildFlag, pool.cacheDir}, Env: []string{}, SysProcAttr: childAttributes()}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &pdfChild{pool: pool, cmd: cmd, in: in, out: bufio.NewReaderSize(out, 64<<10)}
	answer, err := c.receive(ctx, 10*time.Minute)
	if err == nil && answer.Version != pdfProtocol {
		err = fmt.Errorf("a reader of PDF of version %d", answer.Version)
	}
	if err != nil {
		c.kill()
		return nil, err
	}
	return c, nil
}

// receive waits for an answer.
func (c *pdfChild) receive(ctx context.Context, patience time.Duration) (answer pdfAnswer, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, &pdfSlowError{})
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = c.cmd.Process.Kill() })
	defer stop()
	if err := readMessage(c.out, &answer); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return pdfAnswer{}, cause
		}
		return pdfAnswer{}, fmt.Errorf("%w: %w", errPDFStopped, err)
	}
	if answer.Slow {
		return pdfAnswer{}, &pdfSlowError{}
	}
	return answer, nil
}

func (c *pdfChild) patience() time.Duration { return pdfPatience * c.pool.pageTime }

func (c *pdfChild) open(ctx context.Context, data []byte) (pdfInfo, error) {
	stop := context.AfterFunc(ctx, func() { _ = c.cmd.Process.Kill() })
	defer stop()
	err := writeMessage(c.in, pdfRequest{Open: len(data), PageTime: c.pool.pageTime})
	if err == nil {
		_, err = io.Copy(c.in, bytes.NewReader(data))
	}
	if err != nil {
		return pdfInfo{}, errors.Join(errPDFStopped, err, ctx.Err())
	}
	answer, err := c.receive(ctx, c.patience())
	switch {
	case err != nil:
		return pdfInfo{}, err
	case answer.Reason != "":
		return pdfInfo{}, &Error{Reason: answer.Reason, Detail: answer.Detail}
	case answer.Info == nil:
		return pdfInfo{}, errPDFStopped
	}
	return *answer.Info, nil
}

func (c *pdfChild) pages(ctx context.Context, from, to int, each func(pdfPage)) error {
	if err := writeMessage(c.in, pdfRequest{From: from, To: to}); err != nil {
		return errPDFStopped
	}
	for n := from; n <= to; n++ {
		answer, err := c.receive(ctx, c.patience())
		if err != nil {
			return err
		}
		if answer.Page == nil || answer.Page.Number != n {
			return errPDFStopped
		}
		each(*answer.Page)
	}
	return nil
}

func (c *pdfChild) close(useful bool) {
	if useful {
		c.pool.keep(c)
	} else {
		c.kill()
	}
	c.pool.release()
}

// kill ends the child and waits until it is gone.
func (c *pdfChild) kill() {
	_ = c.in.Close()
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}
