"""Makes a PDF file whose only page is a picture: make_scan.py page.png scan.pdf"""
import struct
import sys
import zlib

data = open(sys.argv[1], "rb").read()
width, height, depth, color = struct.unpack(">IIBB", data[16:26])
at, pixels = 8, b""
while at < len(data):
    size, kind = struct.unpack(">I4s", data[at : at + 8])
    if kind == b"IDAT":
        pixels += data[at + 8 : at + 8 + size]
    at += 12 + size
image = (
    b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent %d /Filter /FlateDecode"
    b" /DecodeParms << /Predictor 15 /Colors 1 /BitsPerComponent %d /Columns %d >> /Length %d >>\nstream\n%s\nendstream"
    % (width, height, depth, depth, width, len(pixels), pixels)
)
content = b"q 595 0 0 842 0 0 cm /Im0 Do Q"
objects = [
    b"<< /Type /Catalog /Pages 2 0 R >>",
    b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /Im0 4 0 R >> >> /Contents 5 0 R >>",
    image,
    b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
]
out, offsets = b"%PDF-1.4\n", []
for n, body in enumerate(objects, 1):
    offsets.append(len(out))
    out += b"%d 0 obj\n%s\nendobj\n" % (n, body)
xref = len(out)
out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
out += b"".join(b"%010d 00000 n \n" % o for o in offsets)
out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, xref)
open(sys.argv[2], "wb").write(out)
