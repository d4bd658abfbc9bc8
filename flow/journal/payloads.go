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

// largePayload is from how many bytes on a payload has a file of its own.
const largePayload = 64 << 10

// payloadFolder is where these files are, below the folder of the journals. A payload is in a folder
// that is named by its SHA-256, beside an empty file for each run that refers to it:
//
//	payloads/3a7b…/data
//	payloads/3a7b…/<run>
const payloadFolder = "payloads"

const payloadData = "data.json"

// A payloads is the large payloads of a folder of journals.
type payloads struct{ path string }

// store keeps a payload for a run and returns what refers to it. It is safe when store returns.
func (p payloads) store(run string, raw []byte) (flow.Blob, error) {
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
	return blob, writeFile(data, raw)
}

// writeFile writes a file as a whole: after a crash it is there completely or not at all.
func writeFile(path string, raw []byte) error {
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err == nil {
		err = f.Sync()
	}
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

// load returns a function that reads payloads, each once.
func (p payloads) load() func(flow.Blob) (json.RawMessage, error) {
	read := map[string]json.RawMessage{}
	return func(b flow.Blob) (json.RawMessage, error) {
		if raw, ok := read[b.SHA256]; ok {
			return raw, nil
		}
		if len(b.SHA256) != 2*sha256.Size || bytes.ContainsAny([]byte(b.SHA256), `./\`) {
			return nil, fmt.Errorf("%q is no name of a payload", b.SHA256)
		}
		raw, err := os.ReadFile(filepath.Join(p.path, b.SHA256, payloadData))
		if err != nil {
			return nil, fmt.Errorf("its payload of %d bytes is missing: %w", b.Bytes, err)
		}
		if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != b.SHA256 {
			return nil, fmt.Errorf("its payload %.12s was changed", b.SHA256)
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
			continue // it has none of this run
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
