#!/bin/sh
# Makes the sample files of this directory and the words that they hold from the sources beside it.
# It needs pandoc, pdflatex, LibreOffice, Chromium, poppler-utils, qpdf and python3; the results are committed, so that the tests need none of them.
set -eu
cd "$(dirname "$0")"
export SOURCE_DATE_EPOCH=1700000000 TZ=UTC LC_ALL=C.UTF-8
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

words() { # the reference conversion's words, one a line, in their order
	python3 -c 'import re,sys; print("\n".join(re.findall(r"\w+", sys.stdin.read())))' >"words/$1.txt"
}
mkdir -p words

# One text in all formats that pandoc writes.
for to in rst org asciidoc html docx odt epub ipynb; do
	case $to in
	asciidoc) ext=adoc ;;
	*) ext=$to ;;
	esac
	pandoc -s --wrap=auto -f markdown -t "$to" -o "handbook.$ext" source.md
done
cp source.md handbook.md
pandoc -t plain --wrap=none source.md >handbook.txt
pandoc -s -t pptx --slide-level=2 -o handbook.pptx source.md
for f in html docx odt epub ipynb; do
	pandoc -t plain --wrap=none "handbook.$f" | words "handbook.$f"
done
for f in md rst org; do
	pandoc -t plain --wrap=none "handbook.$f" | words "handbook.$f"
done
pandoc -t plain --wrap=none source.md | words handbook.adoc # pandoc does not read AsciiDoc
words handbook.txt <handbook.txt

# PDF by TeX, by LibreOffice, and one with a page that is a picture, one that is nothing else, one with a password, one cut short.
python3 - <<'PY' >"$tmp/tex.md"
s = open("source.md", encoding="utf-8").read()
print(s.replace("李光明", "Li Guangming").replace("Þorsteinn Jónsson", "Thorsteinn Jonsson").replace("Władysław Łoś", "Wladyslaw Los"))
PY
pandoc --pdf-engine=pdflatex -V geometry:margin=3cm -o tex.pdf "$tmp/tex.md"
soffice --headless --convert-to pdf --outdir "$tmp" handbook.docx >/dev/null 2>&1
cp "$tmp/handbook.pdf" office.pdf
for f in tex office; do
	pdftotext "$f.pdf" - | words "$f.pdf"
done
pdftoppm -r 40 -gray -png -f 1 -l 1 tex.pdf "$tmp/page"
python3 make_scan.py "$tmp"/page*.png scan.pdf
qpdf --empty --pages tex.pdf 1 scan.pdf 1 tex.pdf 2 -- --deterministic-id partly-scanned.pdf
qpdf --encrypt secret owner 256 -- --deterministic-id tex.pdf encrypted.pdf 2>/dev/null || qpdf --encrypt secret owner 256 -- tex.pdf encrypted.pdf

# Tables: two sheets by LibreOffice, and what LibreOffice reads from them.
python3 make_tables.py "$tmp"
cp "$tmp/ships.csv" "$tmp/ships.tsv" .
soffice --headless --convert-to xlsx:"Calc MS Excel 2007 XML" --outdir "$tmp" "$tmp/port.fods" >/dev/null 2>&1
cp "$tmp/port.xlsx" port.xlsx
soffice --headless --convert-to 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1' --outdir "$tmp" port.xlsx >/dev/null 2>&1
cat "$tmp"/port-*.csv | words port.xlsx
words ships.csv <ships.csv
words ships.tsv <ships.tsv

# Slides by LibreOffice, and their words by way of PDF.
soffice --headless --convert-to pdf --outdir "$tmp" handbook.pptx >/dev/null 2>&1
pdftotext "$tmp/handbook.pdf" - | words handbook.pptx

# What LibreOffice writes itself, from a text with notes, nested lists and a formula; its words without the numbers of lists and notes, which are no text.
pandoc -s -o "$tmp/office.odt" logbook.md
pandoc -s -o "$tmp/office.docx" logbook.md
mkdir "$tmp/made"
soffice --headless --convert-to docx:"MS Word 2007 XML" --outdir "$tmp/made" "$tmp/office.odt" >/dev/null 2>&1
soffice --headless --convert-to odt --outdir "$tmp/made" "$tmp/office.docx" >/dev/null 2>&1
soffice --headless --convert-to html:"HTML (StarWriter)" --outdir "$tmp/made" handbook.odt >/dev/null 2>&1
soffice --headless --convert-to pptx --outdir "$tmp/made" handbook.pptx >/dev/null 2>&1
for f in docx odt; do
	cp "$tmp/made/office.$f" .
	pandoc --lua-filter unnumbered.lua -t plain --wrap=none "office.$f" | words "office.$f"
done
cp "$tmp/made/handbook.html" office.html
cp "$tmp/made/handbook.pptx" office.pptx
pandoc --lua-filter unnumbered.lua -t plain --wrap=none office.html | words office.html
soffice --headless --convert-to pdf --outdir "$tmp/made" office.pptx >/dev/null 2>&1
pdftotext "$tmp/made/office.pdf" - | words office.pptx

# The other formats of LibreOffice and the older ones of Microsoft Office; they hold the same words.
for f in ods xls:"MS Excel 97"; do
	soffice --headless --convert-to "$f" --outdir . port.xlsx >/dev/null 2>&1
	cp words/port.xlsx.txt "words/port.${f%%:*}.txt"
done
soffice --headless --convert-to odp --outdir . handbook.pptx >/dev/null 2>&1
cp words/handbook.pptx.txt words/handbook.odp.txt
for f in rtf doc:"MS Word 97"; do
	soffice --headless --convert-to "$f" --outdir . handbook.docx >/dev/null 2>&1
	cp words/handbook.docx.txt "words/handbook.${f%%:*}.txt"
done

for f in xlsx:"Calc MS Excel 2007 XML" xls:"MS Excel 97"; do
	soffice --headless --convert-to "$f" --outdir . ledger.fods >/dev/null 2>&1
done

soffice --headless --convert-to ppt:"MS PowerPoint 97" --outdir . handbook.pptx >/dev/null 2>&1
cp words/handbook.pptx.txt words/handbook.ppt.txt
python3 make_compound.py . handbook.ppt
python3 -c '
print("The new chimney glasses Ève Kerouédan eve@example.org Harbour office 3 Jan 2025 10:00:00 Dear colleagues, the new chimney glasses for 海燕 have come. None is broken. Ève glasses.csv Glass Number small 12 large 7")' | words letter.msg

# A web page that a browser prints.
chromium --headless --no-sandbox --disable-gpu --no-pdf-header-footer --print-to-pdf=browser.pdf handbook.html >/dev/null 2>&1
pdftotext browser.pdf - | words browser.pdf

# What is text anyway.
python3 make_text.py
for f in settings.json settings.yaml settings.toml lamp.go lamp.py harbour.log; do
	words "$f" <"$f"
done
python3 -c '
import email, email.policy
m = email.message_from_binary_file(open("letter.eml", "rb"), policy=email.policy.default)
print(m["subject"], m["from"], m["to"], m["date"], m.get_body(("plain",)).get_content())' | words letter.eml
