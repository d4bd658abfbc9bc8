"""Writes compound files (MS-CFB): letter.msg, a message as Outlook saves it, in the directory given, and, of the
presentations named after it, a copy without the picture of the first slide, which takes most of their bytes."""
import struct
import sys

END, FREE, FATSECT, NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF


def read(data):
    """The streams of a compound file without folders."""
    u32 = lambda at: struct.unpack_from("<I", data, at)[0]
    sector = lambda n: data[512 * (n + 1):512 * (n + 2)]
    tables = [n for n in struct.unpack_from("<109I", data, 76) if n < 0xFFFFFFFA]
    at = u32(68)
    while at < 0xFFFFFFFA:
        tables += [n for n in struct.unpack("<127I", sector(at)[:508]) if n < 0xFFFFFFFA]
        at = struct.unpack("<I", sector(at)[508:])[0]
    fat = [n for t in tables for n in struct.unpack("<128I", sector(t))]

    def chain(n):
        out = b""
        while n < 0xFFFFFFFA:
            out, n = out + sector(n), fat[n]
        return out

    directory = chain(u32(48))
    root = directory[:128]
    mini, small = chain(struct.unpack_from("<I", root, 116)[0]), chain(u32(60))
    streams = {}
    for i in range(128, len(directory), 128):
        e = directory[i:i + 128]
        if e[66] != 2:
            continue
        name = e[:struct.unpack_from("<H", e, 64)[0] - 2].decode("utf-16-le")
        at, size = struct.unpack_from("<II", e, 116)
        if size >= 4096:
            streams[name] = chain(at)[:size]
            continue
        out = b""
        while at < 0xFFFFFFFA:
            out, at = out + mini[64 * at:64 * at + 64], struct.unpack_from("<I", small, 4 * at)[0]
        streams[name] = out[:size]
    return streams


def write(streams):
    """A compound file of streams, whose names may have folders in them."""
    sectors, fat, mini, minifat = [], [], b"", []

    def store(data):
        first = len(sectors)
        for i in range(0, len(data), 512):
            sectors.append(data[i:i + 512].ljust(512, b"\0"))
            fat.append(len(sectors))
        if not data:
            return END
        fat[-1] = END
        return first

    entries = [["Root Entry", 5, END, 0, NONE, NONE]]  # name, type, start, size, next, child
    folders = {"": 0}
    last = {}

    def enter(path, kind, start, size):
        nonlocal entries
        folder, _, name = path.rpartition("/")
        if folder not in folders:
            enter(folder, 1, 0, 0)
        n = len(entries)
        entries.append([name, kind, start, size, NONE, NONE])
        parent = folders[folder]
        if parent in last:
            entries[last[parent]][4] = n
        else:
            entries[parent][5] = n
        last[parent] = n
        if kind == 1:
            folders[path] = n

    for path, data in sorted(streams.items(), key=lambda kv: (len(kv[0].rpartition("/")[2]), kv[0].upper())):
        if len(data) >= 4096:
            enter(path, 2, store(data), len(data))
            continue
        start = len(minifat)
        for i in range(0, len(data), 64):
            mini += data[i:i + 64].ljust(64, b"\0")
            minifat.append(len(minifat) + 1)
        if data:
            minifat[-1] = END
        enter(path, 2, start if data else END, len(data))
    entries[0][2], entries[0][3] = store(mini), len(mini)
    small = store(struct.pack("<%dI" % len(minifat), *minifat).ljust(-(-len(minifat) * 4 // 512) * 512, b"\xff"))
    directory = b""
    for name, kind, start, size, following, child in entries:
        units = name.encode("utf-16-le") + b"\0\0"
        directory += units.ljust(64, b"\0") + struct.pack("<HBBIII", len(units), kind, 1, NONE, following, child) + bytes(36) + struct.pack("<III", start, size, 0)
    first = store(directory)
    tables = 1
    while (len(fat) + tables) * 4 > tables * 512:
        tables += 1
    where = list(range(len(fat), len(fat) + tables))
    fat += [FATSECT] * tables
    packed = struct.pack("<%dI" % len(fat), *fat).ljust(tables * 512, b"\xff")
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIIII", 0, tables, first, 0, 4096, small if minifat else END, -(-len(minifat) * 4 // 512), END, 0, where[0])
    head += struct.pack("<108I", *(where[1:] + [FREE] * (108 - len(where[1:]))))
    return head + b"".join(sectors) + packed


def message():
    text = lambda s: s.encode("utf-16-le")
    head = "Subject: The new chimney glasses\r\nFrom: Eve <eve@example.org>\r\nTo: Harbour office <office@example.org>\r\nDate: Mon, 3 Jan 2025 10:00:00 +0100\r\n\r\n"
    streams = {
        "__properties_version1.0": bytes(32),
        "__substg1.0_001A001F": text("IPM.Note"),
        "__substg1.0_0037001F": text("The new chimney glasses"),
        "__substg1.0_0C1A001F": text("Ève Kerouédan"),
        "__substg1.0_5D01001F": text("eve@example.org"),
        "__substg1.0_0E04001F": text("Harbour office"),
        "__substg1.0_007D001F": text(head),
        "__substg1.0_1000001F": text("Dear colleagues,\r\n\r\nthe new chimney glasses for 海燕 have come. None is broken.\r\n\r\nÈve\r\n"),
        "__nameid_version1.0/__substg1.0_00020102": bytes(16),
        "__recip_version1.0_#00000000/__properties_version1.0": bytes(8),
        "__recip_version1.0_#00000000/__substg1.0_3001001F": text("Harbour office"),
        "__recip_version1.0_#00000000/__substg1.0_39FE001F": text("office@example.org"),
        "__attach_version1.0_#00000000/__properties_version1.0": bytes(8),
        "__attach_version1.0_#00000000/__substg1.0_3707001F": text("glasses.csv"),
        "__attach_version1.0_#00000000/__substg1.0_37010102": "Glass,Number\nsmall,12\nlarge,7\n".encode(),
    }
    return write(streams)


if __name__ == "__main__":
    with open(sys.argv[1] + "/letter.msg", "wb") as f:
        f.write(message())
    for file in sys.argv[2:]:
        with open(file, "rb") as f:
            kept = read(f.read())
        kept.pop("\x05SummaryInformation", None)
        with open(file, "wb") as f:
            f.write(write(kept))
