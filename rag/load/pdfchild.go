package load

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"time"

	"weft/rag/proctree"
)

// A child process that reads PDFs receives requests on standard input and sends answers on standard
// output. A message is a length (four bytes, little-endian) followed by that many bytes of JSON.
// The file's content follows the request that opens it.
type (
	pdfRequest struct {
		Open     int           `json:",omitempty"` // size in bytes of the file that follows the request
		Pictures bool          `json:",omitempty"` // open the file with memory for pictures of its pages
		Picture  int           `json:",omitempty"` // page to be drawn
		From, To int           `json:",omitempty"` // pages to be read
		PageTime time.Duration `json:",omitempty"` // limit of processor time for each page
	}
	pdfAnswer struct {
		Version int         `json:",omitempty"` // protocol version, sent once when the child is ready
		Info    *pdfInfo    `json:",omitempty"` // the file has been opened
		Page    *pdfPage    `json:",omitempty"`
		Picture *pdfPicture `json:",omitempty"`
		Slow    bool        `json:",omitempty"` // a page, or opening the file, took too long; the child exits
		Reason  Reason      `json:",omitempty"` // why the file cannot be opened
		Detail  string      `json:",omitempty"`
	}
)

const (
	pdfProtocol   = 1
	maxPDFMessage = 64 << 20
	pdfChildFlag  = "-weft-read-pdf" // shaped like a flag, so that other programs reject it

	// A child is killed if it sends nothing for pdfPatience times the processor time allowed for a
	// page.
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

// startPDFChild starts this program as a reader of PDFs and waits until it is ready. That takes
// seconds when PDFium has to be compiled.
func startPDFChild(ctx context.Context, pool *pdfPool) (*pdfChild, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := &exec.Cmd{Path: program, Args: []string{os.Args[0], pdfChildFlag, pool.cacheDir},
		Env: []string{}}
	proctree.Own(cmd)
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

// receive waits for one answer, for patience at most.
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

func (c *pdfChild) open(ctx context.Context, data []byte, pictures bool) (pdfInfo, error) {
	stop := context.AfterFunc(ctx, func() { _ = c.cmd.Process.Kill() })
	defer stop()
	err := writeMessage(c.in, pdfRequest{Open: len(data), Pictures: pictures, PageTime: c.pool.pageTime})
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

func (c *pdfChild) picture(ctx context.Context, number int) (*image.Gray, error) {
	if err := writeMessage(c.in, pdfRequest{Picture: number}); err != nil {
		return nil, errPDFStopped
	}
	answer, err := c.receive(ctx, c.patience())
	switch {
	case err != nil:
		return nil, err
	case answer.Picture == nil:
		return nil, errPDFStopped
	}
	return answer.Picture.grey()
}

func (c *pdfChild) close(useful bool) {
	if useful {
		c.pool.keep(c)
	} else {
		c.kill()
	}
	c.pool.release()
}

// kill kills the child and waits until it has exited.
func (c *pdfChild) kill() {
	_ = c.in.Close()
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}
