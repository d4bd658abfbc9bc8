"""Makes ships.csv, ships.tsv and port.fods, a workbook of two sheets, in the directory given."""
import csv
import sys
from xml.sax.saxutils import escape

where = sys.argv[1]
names = ["Marguerite", "Étoile du Nord", "Kittiwake", "Fortuna", "Old Grey", "Sea, Wind & Sons", 'The "Bell"', "Łódka", "Ålesund", "海燕"]
cargo = ["salt", "coal", "oak beams", "herring", "slate", "wool", "wine", "ice"]
header = ["Ship", "Cargo", "Tons", "Arrived", "Dues"]
rows = [[names[i % 10] + (f" {i // 10 + 1}" if i > 9 else ""), cargo[i % 8], str(40 + 7 * i), f"1887-{i % 12 + 1:02}-{i % 28 + 1:02}", f"{3.5 * i + 12:.2f}"] for i in range(120)]
with open(where + "/ships.csv", "w", newline="", encoding="utf-8") as f:
    w = csv.writer(f, lineterminator="\r\n")
    w.writerow(header)
    w.writerows(rows)
    w.writerow(["Two\nlines", "of one value", "1", "1887-12-31", "0.50"])
with open(where + "/ships.tsv", "w", newline="", encoding="utf-8") as f:
    w = csv.writer(f, delimiter="\t", lineterminator="\n")
    w.writerow(header)
    w.writerows(rows)


def cell(value, kind="string"):
    if kind == "float":
        return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'


def sheet(name, lines):
    return f'<table:table table:name="{name}">' + "".join("<table:table-row>" + "".join(line) + "</table:table-row>" for line in lines) + "</table:table>"


ships = [[cell(h) for h in header]] + [[cell(r[0]), cell(r[1]), cell(r[2], "float"), cell(r[3]), cell(r[4], "float")] for r in rows]
staff = [[cell(v) for v in line] for line in (["Keeper", "Watch", "Since"], ["Ève Kerouédan", "first", "the spring of 1881"], ["李光明", "second", "the flood"])]
open(where + "/port.fods", "w", encoding="utf-8").write(
    '<?xml version="1.0" encoding="UTF-8"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"'
    ' office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>'
    + sheet("Ships", ships) + sheet("Keepers & watches".replace("&", "&amp;"), staff)
    + "</office:spreadsheet></office:body></office:document>"
)
