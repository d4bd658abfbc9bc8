package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"weft/flow"
)

// A part of a payload with at least largePart bytes is stored in a file of its own.
const largePart = 64 << 10

// payloadFolder is the folder, within the folder of the journals, of the parts that are stored in
// files of their own. Each part is in a folder that is named by its SHA-256, beside an empty file
// for each run that refers to it:
//
//	payloads/3a7b…/data.json
//	payloads/3a7b…/<run>.weft
const payloadFolder = "payloads"

const payloadData = "data.json"

// A payloads stores the large parts of the payloads in a folder of journals.
type payloads struct {
	path  string
	fresh []string // files that were written and are not yet synced
}

// syncFiles syncs files, so that the parts in them survive a power loss.
func syncFiles(paths []string) error {
	for _, path := range paths {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue // its run was removed
		}
		if err == nil {
			err = f.Sync()
			f.Close()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// split stores the large parts of a payload for a run, and returns what is left.
func (p *payloads) split(run string, raw []byte) (flow.Partial, error) {
	var out flow.Partial
	from := 0
	for _, part := range largeParts(raw) {
		blob, err := p.store(run, raw[part.start:part.end])
		if err != nil {
			return out, err
		}
		out.Payload = append(out.Payload, raw[from:part.start]...)
		blob.At = len(out.Payload)
		out.Payload = append(out.Payload, "null"...)
		out.Blobs = append(out.Blobs, blob)
		from = part.end
	}
	out.Payload = append(out.Payload, raw[from:]...)
	return out, nil
}

// A span is where a value begins and ends in JSON text, in bytes.
type span struct{ start, end int }

// largeParts returns the innermost values of at least largePart bytes. Because they are innermost,
// the same text is the same part wherever it occurs in a payload or a snapshot. The JSON must be
// valid and without white space.
func largeParts(raw []byte) (found []span) {
	var open []span // the objects and lists around this place; end is how many parts were found before each
	note := func(start, end, before int) {
		if end-start >= largePart && len(found) == before {
			found = append(found, span{start, end})
		}
	}
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '{', '[':
			open = append(open, span{i, len(found)})
		case '}', ']':
			last := open[len(open)-1]
			open = open[:len(open)-1]
			note(last.start, i+1, last.end)
		case '"':
			start := i
			for i++; raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
			if i+1 >= len(raw) || raw[i+1] != ':' { // not the name of a member
				note(start, i+1, len(found))
			}
		}
	}
	return found
}

// store stores a part of a payload for a run and returns the reference to it.
func (p *payloads) store(run string, raw []byte) (flow.Blob, error) {
	sum := sha256.Sum256(raw)
	blob := flow.Blob{SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(raw))}
	folder := filepath.Join(p.path, blob.SHA256)
	unlock, err := p.lock()
	if err != nil {
		return blob, err
	}
	defer unlock()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return blob, err
	}
	if err := os.WriteFile(filepath.Join(folder, run+Suffix), nil, 0o600); err != nil {
		return blob, err
	}
	data := filepath.Join(folder, payloadData)
	if st, err := os.Stat(data); err == nil && st.Size() == blob.Bytes {
		return blob, nil
	}
	p.fresh = append(p.fresh, data)
	return blob, writeFile(data, raw)
}

// writeFile writes a file as a whole: if the process is killed it is there completely or not at
// all.
func writeFile(path string, raw []byte) error {
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		os.Remove(part)
	}
	return err
}

// lock keeps other processes from adding and removing payloads meanwhile.
func (p payloads) lock() (unlock func(), err error) {
	if err := os.MkdirAll(p.path, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(p.path, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockWait(f); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

// load returns a function that completes payloads, and reads each part once.
func (p payloads) load() func(flow.Partial) (json.RawMessage, error) {
	read := p.reader()
	return func(partial flow.Partial) (json.RawMessage, error) {
		var out json.RawMessage
		from := 0
		for _, b := range partial.Blobs {
			raw, err := read(b)
			if err != nil {
				return nil, err
			}
			if b.At < from || !bytes.HasPrefix(partial.Payload[min(b.At, len(partial.Payload)):], []byte("null")) {
				return nil, fmt.Errorf("it has no place %d for a part of its payload", b.At)
			}
			if b.At == 0 && len(partial.Payload) == len("null") {
				return raw, nil // all of it: no copy is needed
			}
			out = append(append(out, partial.Payload[from:b.At]...), raw...)
			from = b.At + len("null")
		}
		return append(out, partial.Payload[from:]...), nil
	}
}

func (p payloads) reader() func(flow.Blob) (json.RawMessage, error) {
	read := map[string]json.RawMessage{}
	return func(b flow.Blob) (json.RawMessage, error) {
		if raw, ok := read[b.SHA256]; ok {
			return raw, nil
		}
		if len(b.SHA256) != 2*sha256.Size || bytes.ContainsAny([]byte(b.SHA256), `./\`) {
			return nil, fmt.Errorf("%q is no name of a part of a payload", b.SHA256)
		}
		raw, err := os.ReadFile(filepath.Join(p.path, b.SHA256, payloadData))
		if err != nil {
			return nil, fmt.Errorf("a part of its payload, of %d bytes, is missing: %w", b.Bytes, err)
		}
		if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != b.SHA256 {
			return nil, fmt.Errorf("the part %.12s of its payload was changed", b.SHA256)
		}
		read[b.SHA256] = raw
		return raw, nil
	}
}

// forget removes the payloads that only this run refers to.
func (p payloads) forget(run string) error {
	all, err := os.ReadDir(p.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	unlock, err := p.lock()
	if err != nil {
		return err
	}
	defer unlock()
	for _, e := range all {
		folder := filepath.Join(p.path, e.Name())
		if !e.IsDir() || os.Remove(filepath.Join(folder, run+Suffix)) != nil {
			continue // the run does not refer to this part
		}
		left, err := os.ReadDir(folder)
		if err != nil {
			return err
		}
		used := false
		for _, other := range left {
			used = used || filepath.Ext(other.Name()) == Suffix
		}
		if !used {
			if err := os.RemoveAll(folder); err != nil {
				return err
			}
		}
	}
	return nil
}
