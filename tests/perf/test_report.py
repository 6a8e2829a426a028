"""The pages below report/."""

import json

import report
from chart import Axes, draw


def test_a_page_has_its_texts_tables_and_charts(report_folder):
    page = report.Page("some", "A <title>")
    page.text("1 < 2")
    page.table("Numbers", [{"name": "a & b", "value": 1, "": "pass"}, {"name": "c", "value": 22, "": "below"}])
    page.chart("Lines", "lines.svg")
    page.write()
    text = (report_folder / "some/index.html").read_text()
    assert "<title>A &lt;title&gt;</title>" in text and "<p>1 &lt; 2</p>" in text
    assert "<td>a &amp; b</td><td>1</td>" in text and '<td class="below">below</td>' in text
    assert '<img src="lines.svg"' in text


def test_a_table_is_printed_in_columns(report_folder, capsys):
    report.Page("some", "title").table("Numbers", [{"name": "a", "value": 1}, {"name": "longer", "value": 22222}])
    assert capsys.readouterr().out == "\nNumbers\n\nname    value\na           1\nlonger  22222\n"


def test_the_json_describes_the_machine(report_folder):
    report.Page("some", "title").json({"results": [1]})
    document = json.loads((report_folder / "some/some.json").read_text())
    assert document["results"] == [1] and set(document["machine"]) >= {"cpu", "kernel", "nginx", "postgres", "redis"}


def test_the_first_page_leads_to_all_others(report_folder):
    for name in ("bench", "perf"):
        report.Page(name, name).write()
    text = (report_folder / "index.html").read_text()
    assert 'href="bench/index.html"' in text and 'href="perf/index.html"' in text


def test_a_chart_has_a_line_for_each_name(tmp_path):
    lines = {"one's line": [(0, 1.5), (1, 2.5)], "nothing": [(0, float("nan"))]}
    draw(tmp_path / "it.svg", Axes("x", "y", x_ticks=(("a", 0), ("b", 1))), lines)
    text = (tmp_path / "it.svg").read_text()
    assert text.rstrip().endswith("</svg>") and "one's line" in text.replace("&apos;", "'").replace("&#39;", "'")
