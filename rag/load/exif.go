package load

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// A pictureMeta is the metadata that a camera, a scanner or a person stored in a picture file.
type pictureMeta struct {
	orientation int // 1 to 8 as in EXIF; 1 is upright; 0: unknown
	fields      []Field
}

// describes reports whether fields describe the content of a picture, and not only how it was
// taken.
func describes(fields []Field) bool {
	return slices.ContainsFunc(fields, func(f Field) bool {
		return slices.Contains([]string{"title", "description", "subject", "keywords", "comment"}, f.Name)
	})
}

// readEXIF reads the metadata of JPEG, PNG, WebP and TIFF files: EXIF, and the texts of PNG. It
// returns the metadata that it understands and ignores the rest.
func readEXIF(data []byte) (meta pictureMeta) {
	var fields fieldList
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8")):
		meta.readTIFF(exifOfJPEG(data), &fields)
	case bytes.HasPrefix(data, []byte("\x89PNG")):
		eachChunk(data, 8, binary.BigEndian, func(name string, body []byte) {
			switch name {
			case "eXIf":
				meta.readTIFF(body, &fields)
			case "tEXt", "iTXt":
				pngText(name, body, &fields)
			}
		})
	case bytes.HasPrefix(data, []byte("RIFF")):
		eachChunk(data, 12, binary.LittleEndian, func(name string, body []byte) {
			if name == "EXIF" {
				meta.readTIFF(bytes.TrimPrefix(body, []byte("Exif\x00\x00")), &fields)
			}
		})
	default:
		meta.readTIFF(data, &fields)
	}
	meta.fields = fields
	return meta
}

// exifOfJPEG returns the EXIF block of a JPEG file, which lies in one of the segments before the
// image; nil if there is none.
func exifOfJPEG(data []byte) []byte {
	for at := 2; at+4 <= len(data) && data[at] == 0xff; {
		size := int(binary.BigEndian.Uint16(data[at+2:]))
		end := at + 2 + size
		if data[at+1] == 0xda || size < 2 || end > len(data) { // start of the image
			return nil
		}
		if body := data[at+4 : end]; data[at+1] == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return body[6:]
		}
		at = end
	}
	return nil
}

// eachChunk calls do for each chunk of a PNG (big-endian, length before the name, checksum at the
// end) or RIFF file (little-endian, length after the name, padded to an even size).
func eachChunk(data []byte, at int, order binary.ByteOrder, do func(name string, body []byte)) {
	for at+8 <= len(data) {
		name, length := data[at+4:at+8], data[at:]
		tail := 4
		if order == binary.LittleEndian {
			name, length, tail = data[at:at+4], data[at+4:], 0
		}
		size := int(order.Uint32(length))
		if size < 0 || size > len(data)-at-8 {
			return
		}
		do(string(name), data[at+8:at+8+size])
		if tail == 0 {
			size += size % 2
		}
		at += 8 + size + tail
	}
}

// pngText reads a chunk "tEXt" (a keyword, zero, Latin-1) or "iTXt" (also two bytes on compression,
// a language and a translated keyword, UTF-8) of a PNG file. Compressed texts are not read.
func pngText(chunk string, body []byte, fields *fieldList) {
	keyword, text, ok := bytes.Cut(body, []byte{0})
	if !ok {
		return
	}
	if chunk == "iTXt" {
		if len(text) < 2 || text[0] != 0 {
			return
		}
		parts := bytes.SplitN(text[2:], []byte{0}, 3)
		if len(parts) < 3 {
			return
		}
		text = parts[2]
	}
	name := map[string]string{"Title": "title", "Author": "author", "Description": "description",
		"Copyright": "copyright", "Creation Time": "date", "Comment": "comment"}[string(keyword)]
	if name != "" {
		fields.add(name, exifText(text))
	}
}

// Tags of EXIF, by directory.
var (
	exifImage = map[uint16]string{0x010d: "title", 0x010e: "description", 0x010f: "camera", 0x0110: "camera",
		0x0132: "date", 0x013b: "author", 0x8298: "copyright", 0x9c9b: "title", 0x9c9c: "comment",
		0x9c9e: "keywords", 0x9c9f: "subject"}
	exifPhoto = map[uint16]string{exifTaken: "date", exifUserComment: "comment"}
)

const (
	exifOrientation = 0x0112
	exifDirectory   = 0x8769 // of the photo
	exifPlace       = 0x8825 // directory of the place
	exifTaken       = 0x9003
	exifUserComment = 0x9286
	maxEXIFEntries  = 500
)

// readTIFF reads the first directory of a TIFF file, the form in which EXIF is stored, and the
// directories of the photo and of the place to which it points.
func (m *pictureMeta) readTIFF(data []byte, fields *fieldList) {
	order := tiffOrder(data)
	if order == nil {
		return
	}
	values := map[string]string{}
	add := func(name, value string) {
		switch value = tidy(value); {
		case value == "":
		case name == "camera" && values[name] != "" && !strings.HasPrefix(value, values[name]):
			values[name] += " " + value // maker, then model
		case name == "camera", values[name] == "":
			values[name] = value
		}
	}
	eachEXIF(data, order, order.Uint32(data[4:]), func(tag, kind uint16, value []byte) {
		switch {
		case tag == exifOrientation && len(value) >= 2:
			m.orientation = int(order.Uint16(value))
		case tag == exifDirectory && len(value) >= 4:
			eachEXIF(data, order, order.Uint32(value), func(tag, _ uint16, value []byte) {
				if tag == exifUserComment {
					value = exifComment(value, order)
				}
				if tag == exifTaken {
					delete(values, "date") // date of the last change, less useful than that of the photo
				}
				if name := exifPhoto[tag]; name != "" {
					add(name, exifText(value))
				}
			})
		case tag == exifPlace && len(value) >= 4:
			add("location", exifLocation(data, order, order.Uint32(value)))
		case tag >= 0x9c9b && tag <= 0x9c9f: // Windows writes UTF-16
			add(exifImage[tag], utf16Text(value, binary.LittleEndian))
		case exifImage[tag] != "":
			add(exifImage[tag], exifText(value))
		}
	})
	for _, name := range []string{"title", "description", "subject", "keywords", "comment", "date",
		"author", "camera", "location", "copyright"} {
		value := values[name]
		if name == "date" { // "2025:05:09 10:00:00"
			if day, time, ok := strings.Cut(value, " "); ok && strings.Count(day, ":") == 2 {
				value = strings.ReplaceAll(day, ":", "-") + " " + time
			}
		}
		fields.add(name, value)
	}
}

// eachEXIF calls do with the entries of a directory at an offset.
func eachEXIF(data []byte, order binary.ByteOrder, at uint32, do func(tag, kind uint16, value []byte)) {
	if uint64(at)+2 > uint64(len(data)) {
		return
	}
	count := int(order.Uint16(data[at:]))
	for i := range min(count, maxEXIFEntries) {
		entry := int(at) + 2 + 12*i
		if entry+12 > len(data) {
			return
		}
		kind := order.Uint16(data[entry+2:])
		size := uint64(order.Uint32(data[entry+4:])) * exifSize(kind)
		value := data[entry+8 : entry+12]
		if size > 4 {
			from := uint64(order.Uint32(value))
			if size > maxFieldValue*4 || from+size > uint64(len(data)) {
				continue
			}
			value = data[from : from+size]
		} else {
			value = value[:max(size, 1)]
		}
		do(order.Uint16(data[entry:]), kind, value)
	}
}

// exifSize returns the size in bytes of a value of one of the types of EXIF.
func exifSize(kind uint16) uint64 {
	switch kind {
	case 3, 8: // 16-bit integers
		return 2
	case 4, 9, 11: // 32-bit integers, float
		return 4
	case 5, 10, 12: // fractions, double
		return 8
	}
	return 1
}

// exifText decodes a text, which should be ASCII and is UTF-8 or an older encoding in practice.
func exifText(value []byte) string {
	value = bytes.TrimRight(value, "\x00 ")
	text, _, ok := decode(value, len(value))
	if !ok {
		return ""
	}
	return text
}

// exifComment returns the text of a comment, which begins with the name of its encoding.
func exifComment(value []byte, order binary.ByteOrder) []byte {
	if len(value) < 8 {
		return nil
	}
	if encoding, text := string(value[:8]), value[8:]; encoding == "UNICODE\x00" {
		return []byte(utf16Text(text, order))
	} else if encoding == "ASCII\x00\x00\x00" || strings.Trim(encoding, "\x00") == "" {
		return text
	}
	return nil
}

func utf16Text(value []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(value)/2)
	for i := range units {
		units[i] = order.Uint16(value[2*i:])
	}
	return strings.TrimRight(string(utf16.Decode(units)), "\x00")
}

// exifLocation returns latitude and longitude in degrees, such as "53.5461, 9.9661"; "" if they are
// not known.
func exifLocation(data []byte, order binary.ByteOrder, at uint32) string {
	var degrees [5]float64
	var found [5]bool
	sign := map[int]float64{2: 1, 4: 1}
	eachEXIF(data, order, at, func(tag, kind uint16, value []byte) {
		switch {
		case tag == 1 || tag == 3:
			if c := value[0]; c == 'S' || c == 'W' {
				sign[int(tag)+1] = -1
			}
		case (tag == 2 || tag == 4) && kind == 5 && len(value) >= 24:
			unit := 1.0
			for i := range 3 { // degrees, minutes, seconds
				divisor := float64(order.Uint32(value[8*i+4:]))
				if divisor == 0 {
					return
				}
				degrees[tag] += float64(order.Uint32(value[8*i:])) / divisor / unit
				unit *= 60
			}
			found[tag] = true
		}
	})
	if !found[2] || !found[4] {
		return ""
	}
	return fmt.Sprintf("%.4f, %.4f", sign[2]*degrees[2], sign[4]*degrees[4])
}
