package load

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"strings"
	"time"
	"unicode/utf16"
)

// maxStreams is how many entries of the directory of a compound file are listed.
const maxStreams = 20_000

// A compoundFile is a file of streams in folders (MS-CFB). Office wrote its documents in this
// format until 2003, and Outlook still does.
type compoundFile struct {
	data    []byte
	sector  int // bytes
	fat     []uint32
	miniFAT []uint32
	mini    []byte // the stream that holds all small streams
	streams map[string]compoundStream
	order   []string // the paths of the streams, in directory order
	spent   int      // bytes read so far
}

// A compoundStream locates a stream.
type compoundStream struct {
	start uint32
	size  int
}

// isCompound reports whether data begins with the signature of a compound file.
func isCompound(data []byte) bool {
	return bytes.HasPrefix(data, []byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1})
}

// openCompound lists the streams of a compound file. The size of the file bounds the time and
// memory used.
func openCompound(data []byte) (*compoundFile, error) {
	damaged := &Error{Reason: Damaged, Detail: "is damaged or cut short: the list of what is in it cannot be read"}
	if !isCompound(data) || len(data) < 512 {
		return nil, damaged
	}
	le := binary.LittleEndian
	c := &compoundFile{data: data, sector: 1 << min(le.Uint16(data[30:]), 16), streams: map[string]compoundStream{}}
	if c.sector != 512 && c.sector != 4096 {
		return nil, damaged
	}
	sectors := len(data)/c.sector + 1
	tables := make([]uint32, 0, 109)
	for i := range 109 {
		tables = append(tables, le.Uint32(data[76+4*i:]))
	}
	for next, n := le.Uint32(data[68:]), 0; next < 0xfffffffa && n < sectors; n++ {
		s := c.sectorAt(next)
		if s == nil {
			break
		}
		for i := 0; i+8 <= len(s); i += 4 {
			tables = append(tables, le.Uint32(s[i:]))
		}
		next = le.Uint32(s[len(s)-4:])
	}
	for _, at := range tables {
		if s := c.sectorAt(at); s != nil && len(c.fat) < sectors+c.sector {
			for i := 0; i+4 <= len(s); i += 4 {
				c.fat = append(c.fat, le.Uint32(s[i:]))
			}
		}
	}
	raw := c.chain(le.Uint32(data[60:]), len(data))
	for i := 0; i+4 <= len(raw); i += 4 {
		c.miniFAT = append(c.miniFAT, le.Uint32(raw[i:]))
	}
	directory := c.chain(le.Uint32(data[48:]), len(data))
	if len(directory) < 128 {
		return nil, damaged
	}
	c.mini = c.chain(le.Uint32(directory[116:]), int(min(le.Uint32(directory[120:]), uint32(len(data)))))
	c.list(directory)
	return c, nil
}

// sectorAt returns a sector, or nil beyond the end. A last sector that is cut short is padded with
// zeros.
func (c *compoundFile) sectorAt(n uint32) []byte {
	from := (int(n) + 1) * c.sector
	if n >= 0xfffffffa || from >= len(c.data) {
		return nil
	}
	s := c.data[from:min(from+c.sector, len(c.data))]
	if len(s) < c.sector {
		s = append(bytes.Clone(s), make([]byte, c.sector-len(s))...)
	}
	return s
}

// chain returns the first size bytes of a chain of sectors, or all of it if it is shorter.
func (c *compoundFile) chain(start uint32, size int) []byte {
	var out []byte
	for n := 0; n <= len(c.fat) && len(out) < size; n++ {
		s := c.sectorAt(start)
		if s == nil {
			break
		}
		out = append(out, s...)
		if int(start) >= len(c.fat) {
			break
		}
		start = c.fat[start]
	}
	return out[:min(len(out), size)]
}

// list walks the directory. Each folder is a tree of entries.
func (c *compoundFile) list(directory []byte) {
	le := binary.LittleEndian
	entry := func(n uint32) []byte {
		if int(n) >= len(directory)/128 {
			return nil
		}
		return directory[int(n)*128 : int(n)*128+128]
	}
	type step struct {
		entry  uint32
		folder string
	}
	seen := map[uint32]bool{0: true}
	todo := []step{{le.Uint32(entry(0)[76:]), ""}}
	for len(todo) > 0 && len(seen) < maxStreams {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		e := entry(at.entry)
		if e == nil || seen[at.entry] {
			continue
		}
		seen[at.entry] = true
		length := int(min(le.Uint16(e[64:]), 64))
		var units []uint16
		for i := 0; i+2 < length; i += 2 {
			units = append(units, le.Uint16(e[i:]))
		}
		name := string(utf16.Decode(units))
		todo = append(todo, step{le.Uint32(e[68:]), at.folder}, step{le.Uint32(e[72:]), at.folder})
		switch e[66] {
		case 1:
			if strings.Count(at.folder, "/") < 32 {
				todo = append(todo, step{le.Uint32(e[76:]), at.folder + name + "/"})
			}
		case 2:
			c.streams[strings.ToUpper(at.folder+name)] = compoundStream{le.Uint32(e[116:]),
				int(min(le.Uint32(e[120:]), uint32(len(c.data))))}
			c.order = append(c.order, at.folder+name)
		}
	}
}

// read returns a stream. It returns nil if there is none, or if more than maxPart bytes have been
// read from the file in total, which only a malicious file needs.
func (c *compoundFile) read(name string) []byte {
	s, ok := c.streams[strings.ToUpper(name)]
	if !ok {
		return nil
	}
	if c.spent += s.size; c.spent > maxPart {
		return nil
	}
	if s.size >= 4096 {
		return c.chain(s.start, s.size)
	}
	var out []byte
	for n, at := 0, s.start; n <= len(c.miniFAT) && len(out) < s.size; n++ {
		from := int(at) * 64
		if at >= 0xfffffffa || from >= len(c.mini) {
			break
		}
		out = append(out, c.mini[from:min(from+64, len(c.mini))]...)
		if int(at) >= len(c.miniFAT) {
			break
		}
		at = c.miniFAT[at]
	}
	return out[:min(len(out), s.size)]
}

// part returns size bytes of a stream from an offset on, or nil if the stream does not reach that
// far. They count towards the bytes that [compoundFile.read] allows.
func (c *compoundFile) part(name string, from, size int) []byte {
	s, ok := c.streams[strings.ToUpper(name)]
	if !ok || from < 0 || size < 0 || from > s.size || size > s.size-from {
		return nil
	}
	if s.size < 4096 {
		if data := c.read(name); len(data) == s.size {
			return data[from : from+size]
		}
		return nil
	}
	if c.spent += size; c.spent > maxPart {
		return nil
	}
	start := s.start
	for range from / c.sector {
		if int(start) >= len(c.fat) {
			return nil
		}
		start = c.fat[start]
	}
	within := from % c.sector
	data := c.chain(start, within+size)
	if len(data) < within+size {
		return nil
	}
	return data[within:]
}

// has reports whether the file has a stream with a name.
func (c *compoundFile) has(name string) bool {
	_, ok := c.streams[strings.ToUpper(name)]
	return ok
}

// compoundKind returns the kind of document in a compound file, or "" if it is not supported.
func compoundKind(data []byte) string {
	c, err := openCompound(data)
	if err != nil {
		return ""
	}
	switch {
	case c.has("EncryptedPackage"): // may hold the stream of an older format as a decoy
		return ""
	case c.has("WordDocument"):
		return "doc"
	case c.has("Workbook") || c.has("Book"):
		return "xls"
	case c.has("PowerPoint Document"):
		return "ppt"
	case c.has("__properties_version1.0"):
		return "msg"
	}
	return ""
}

// compoundProperties returns the title of an Office file and the date of its last change from its
// summary (MS-OLEPS); "" for what it lacks.
func (c *compoundFile) compoundProperties() (title, date string) {
	s := c.read("\x05SummaryInformation")
	le := binary.LittleEndian
	if len(s) < 48 {
		return "", ""
	}
	set := int(le.Uint32(s[44:]))
	if set < 0 || set+8 > len(s) {
		return "", ""
	}
	enc := windowsPages[1252]
	raw := []byte(nil)
	var saved, created uint64
	for i := range min(le.Uint32(s[set+4:]), 100) {
		at := set + 8 + int(i)*8
		if at+8 > len(s) {
			break
		}
		value := set + int(le.Uint32(s[at+4:]))
		if value < 0 || value+8 > len(s) {
			continue
		}
		switch le.Uint32(s[at:]) {
		case 1:
			if page := windowsPages[int(le.Uint16(s[value+4:]))]; page != nil {
				enc = page
			}
		case 2:
			n := int(min(le.Uint32(s[value+4:]), 1000))
			raw = s[value+8 : min(value+8+n, len(s))]
		case 12:
			created = fileTimeAt(s, value+4)
		case 13:
			saved = fileTimeAt(s, value+4)
		}
	}
	raw, _, _ = bytes.Cut(raw, []byte{0})
	if at := cmp.Or(saved, created); at != 0 {
		date = fileTime(at).Format(time.DateOnly)
	}
	return decodeWith(enc, raw), date
}

// fileTimeAt returns the 64 bits at an offset, or 0 past the end.
func fileTimeAt(s []byte, at int) uint64 {
	if at+8 > len(s) {
		return 0
	}
	return binary.LittleEndian.Uint64(s[at:])
}
