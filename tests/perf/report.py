"""The pages under report/: text, tables and charts of a measurement, the same as JSON, and the machine it ran on."""

import json
import os
import subprocess
from datetime import datetime, timezone
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPORT = Path(os.environ.get("REPORT_DIR") or ROOT / "report")

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px }
th, td { padding: .25rem .7rem; border-bottom: 1px solid #ddd; text-align: right }
th:first-child, td:first-child { text-align: left }
img { max-width: 100%; display: block; margin: 1rem 0 }
.pass { color: #176b2c } .below { color: #b3261e; font-weight: bold }
footer { color: #777; margin-top: 3rem; font-size: 13px }
"""


class Page:
    """The page of one measurement, in its folder below report/. Its texts and tables are also printed."""

    def __init__(self, name, title):
        self.folder = REPORT / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self._title = title
        self._parts = []

    def text(self, text):
        self._print(text)
        self._parts.append(f"<p>{escape(text)}</p>")

    def table(self, title, rows):
        """Each row is a dict: column → cell."""
        rows = list(rows)
        rows = [list(rows[0]), *(list(map(str, row.values())) for row in rows)]
        self._print(f"{title}\n\n{aligned(rows)}")
        self._parts.append(f"<h2>{escape(title)}</h2>\n{html_table(rows)}")

    def chart(self, title, file):
        self._parts.append(f'<h2>{escape(title)}</h2>\n<img src="{escape(file)}" alt="{escape(title)}">')

    def json(self, results):
        document = {"machine": machine()} | results
        (self.folder / f"{self.folder.name}.json").write_text(json.dumps(document, indent=1) + "\n")

    def write(self):
        facts = escape(" · ".join(machine().values()))
        body = "\n".join(self._parts)
        (self.folder / "index.html").write_text(html(self._title, f"{body}\n<footer>{facts}</footer>"))
        write_index()
        self._print(f"written to {self.folder}/index.html")

    @staticmethod
    def _print(text):
        print(f"\n{text}", flush=True)


def write_index():
    """Writes a page with links to all pages."""
    names = sorted(path.parent.name for path in REPORT.glob("*/index.html"))
    links = "\n".join(f'<li><a href="{name}/index.html">{name}</a></li>' for name in names)
    (REPORT / "index.html").write_text(html("Measurements", f"<ul>\n{links}\n</ul>"))


def html(title, body):
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f"<style>{STYLE}</style></head>\n<body><h1>{escape(title)}</h1>\n{body}\n</body></html>\n"
    )


def html_table(rows):
    head, *body = rows
    lines = ["<table>", "<tr>" + "".join(f"<th>{escape(cell)}</th>" for cell in head) + "</tr>"]
    for row in body:
        lines.append("<tr>" + "".join(f"{cell_tag(cell)}{escape(cell)}</td>" for cell in row) + "</tr>")
    return "\n".join([*lines, "</table>"])


def cell_tag(cell):
    return f'<td class="{cell}">' if cell in ("pass", "below") else "<td>"


def aligned(rows):
    """The first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def machine():
    return {
        "time": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": f"{os.cpu_count()} × {cpu_model()}",
        "kernel": f"Linux {os.uname().release}",
        "nginx": first_line("/usr/sbin/nginx", "-v").replace("nginx version: ", ""),
        "postgres": first_line("/usr/lib/postgresql/15/bin/postgres", "--version"),
        "redis": " ".join(first_line("redis-server", "--version").split()[:3]),
        "commit": first_line("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
    }


def cpu_model():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return os.uname().machine


def first_line(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return (done.stdout.splitlines() or [""])[0]
