package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// indexFile is the name of the index in the folder of a store. Each line is the summary of an ended
// run as JSON, a space, and eight hexadecimal digits, the CRC-32C of the JSON. A line that cannot
// be read is as if it were not there. A later line about the same run replaces an earlier one.
const indexFile = "index"

// An index holds the summaries of ended runs by their identifiers. Such a run never changes.
type index struct {
	runs map[string]Run
	read int64 // how much of the file was read, in bytes
	// wasted counts the lines of the file that are damaged or replaced.
	wasted int
	file   fs.FileInfo
}

var crcTable = crc32.MakeTable(crc32.Castagnoli)

// refresh reads what was added to the index file since the last time.
func (x *index) refresh(path string) error {
	st, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		*x = index{runs: map[string]Run{}}
		return nil
	}
	if err != nil {
		return err
	}
	if x.file == nil || !os.SameFile(x.file, st) || st.Size() < x.read { // it was written again
		*x = index{runs: map[string]Run{}}
	}
	x.file = st
	if st.Size() == x.read {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	data := make([]byte, st.Size()-x.read)
	n, _ := f.ReadAt(data, x.read) // a shorter file gives fewer lines
	data = data[:bytes.LastIndexByte(data[:n], '\n')+1]
	x.read += int64(len(data))
	runs, lines := parseLines(data)
	before := len(x.runs)
	for _, part := range runs {
		maps.Copy(x.runs, part)
	}
	x.wasted += lines - (len(x.runs) - before)
	return nil
}

// parseLines parses the lines of an index, on all processors, and returns the summaries in the
// order of the lines, and the number of lines.
func parseLines(data []byte) (runs []map[string]Run, lines int) {
	parts := max(1, min(runtime.GOMAXPROCS(0), len(data)>>16))
	runs = make([]map[string]Run, parts)
	var wait sync.WaitGroup
	for i := range parts {
		end := len(data) * (i + 1) / parts
		from := len(data) * i / parts
		from, end = lineAfter(data, from), lineAfter(data, end)
		part := data[from:end]
		lines += bytes.Count(part, []byte("\n"))
		wait.Go(func() {
			runs[i] = make(map[string]Run, len(part)/300)
			for line := range bytes.Lines(part) {
				if r, ok := parseLine(line); ok {
					runs[i][r.ID] = r
				}
			}
		})
	}
	wait.Wait()
	return runs, lines
}

// lineAfter returns where the first line begins that begins at or after a place.
func lineAfter(data []byte, at int) int {
	if at == 0 {
		return 0
	}
	if i := bytes.IndexByte(data[at-1:], '\n'); i >= 0 {
		return at + i
	}
	return len(data)
}

func parseLine(line []byte) (r Run, ok bool) {
	n := len(line) - len(" 01234567\n")
	if n < 2 || line[n] != ' ' {
		return r, false
	}
	want, err := strconv.ParseUint(string(line[n+1:len(line)-1]), 16, 32)
	if err != nil || uint32(want) != crc32.Checksum(line[:n], crcTable) {
		return r, false
	}
	return r, json.Unmarshal(line[:n], &r) == nil && r.ID != "" && r.Outcome.Ended()
}

// formatLine returns the line of a run. What changes after its end is left out.
func formatLine(r Run) ([]byte, error) {
	r.Marked, r.Deleted, r.Owner, r.Waits, r.Title = false, time.Time{}, nil, nil, ""
	doc, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(doc, " %08x\n", crc32.Checksum(doc, crcTable)), nil
}

// add appends the summary of an ended run to the index file. Other processes may do so at the same
// time, because each line is one write.
func (s *Store) add(runs ...Run) error {
	var lines []byte
	for _, r := range runs {
		line, err := formatLine(r)
		if err != nil {
			return fmt.Errorf("history: %w", err)
		}
		lines = append(lines, line...)
	}
	f, err := os.OpenFile(filepath.Join(s.path, indexFile), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	_, err = f.Write(lines)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}
