"""Makes the samples that are text: settings, code, a log, a letter."""
import base64
import json

settings = {"lamp": {"oil": "colza", "wicks": 4, "range": 18.5}, "fog": {"bell": [3, 20, 3], "rock": "Old Sow"}, "keepers": ["Ève Kerouédan", "李光明"]}
open("settings.json", "w", encoding="utf-8").write(json.dumps(settings, indent=2, ensure_ascii=False) + "\n")
open("settings.yaml", "w", encoding="utf-8").write(
    "# How the light is kept.\nlamp:\n  oil: colza\n  wicks: 4\n  range: 18.5\nfog:\n  bell: [3, 20, 3]\n  rock: Old Sow\nkeepers:\n  - Ève Kerouédan\n  - 李光明\n")
open("settings.toml", "w", encoding="utf-8").write(
    '# How the light is kept.\ntitle = "Light"\n\n[lamp]\noil = "colza"\nwicks = 4\nrange = 18.5\n\n[fog]\nbell = [3, 20, 3]\nrock = "Old Sow"\n')
open("lamp.go", "w", encoding="utf-8").write(
    "// Package lamp keeps a light.\npackage lamp\n\nimport \"time\"\n\n// Lamp is the light of a tower.\ntype Lamp struct {\n\tOil    float64 // litres\n\tWicks  int\n"
    "\tburning bool\n}\n\n// Light lights the lamp half an hour before sunset.\nfunc (l *Lamp) Light(sunset time.Time) time.Time {\n\tl.burning = true\n"
    "\treturn sunset.Add(-30 * time.Minute)\n}\n\n// Trim cuts the wicks level with the brass.\nfunc (l *Lamp) Trim() { l.Wicks = 4 }\n")
open("lamp.py", "w", encoding="utf-8").write(
    '"""Keeps a light."""\n\n\nclass Lamp:\n    """The light of a tower."""\n\n    def light(self, sunset):\n        """Half an hour before sunset."""\n        self.burning = True\n'
    '        return sunset - 1800\n\n\ndef period(seconds, panels):\n    return seconds / panels\n')
open("harbour.log", "w", encoding="utf-8").write(
    "".join(f"1887-03-{d:02} {h:02}:15:00 INFO watch={h // 4} wind=NE{d % 9} ships={d * h % 17} all is well\n" for d in range(1, 29) for h in range(0, 24, 4))
    + "1887-03-29 02:40:00 \x1b[31mERROR\x1b[0m pilot boat Marguerite ran aground\n")
text = "Dear keeper,\n\nthe new chimney glasses arrive on Tuesday with the Étoile du Nord. Please send back the old crate.\n\nThe harbour office\n"
page = "<html><body><p>Dear keeper,</p><p>the new chimney glasses arrive on <b>Tuesday</b>.</p></body></html>"
open("letter.eml", "w", encoding="utf-8", newline="").write(
    "\r\n".join([
        "From: =?utf-8?q?=C3=88ve_Kerou=C3=A9dan?= <office@example.org>", "To: keeper@example.org", "Date: Mon, 07 Mar 1887 10:00:00 +0000",
        "Subject: =?utf-8?b?" + base64.b64encode("Chimney glasses for the tower – Étoile du Nord".encode()).decode() + "?=", "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="outer"', "", "--outer", 'Content-Type: multipart/alternative; boundary="inner"', "", "--inner",
        "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "", base64.encodebytes(text.encode()).decode().replace("\n", "\r\n"), "--inner",
        "Content-Type: text/html; charset=utf-8", "", page, "--inner--", "--outer", 'Content-Type: image/png; name="crate.png"',
        'Content-Disposition: attachment; filename="crate.png"', "Content-Transfer-Encoding: base64", "", "iVBORw0KGgo=", "--outer--", ""]))
cells = [
    {"cell_type": "markdown", "metadata": {}, "source": ["# Flashes\n", "\n", "How often the light is seen."]},
    {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": ["90 / 9"], "outputs": [
        {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": ["10.0"], "image/png": "iVBORw0KGgo="}}]},
    {"cell_type": "code", "execution_count": 2, "metadata": {}, "source": "print('all is well')", "outputs": [
        {"output_type": "stream", "name": "stdout", "text": ["all is well\n"]}]},
]
json.dump({"cells": cells, "metadata": {"kernelspec": {"language": "python", "name": "python3"}}, "nbformat": 4, "nbformat_minor": 5},
          open("watch.ipynb", "w", encoding="utf-8"), indent=1)
