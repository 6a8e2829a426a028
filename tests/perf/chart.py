"""Line charts as SVG, drawn by gnuplot."""

import math
import subprocess
from typing import NamedTuple

COLOURS = ["#1b6ca8", "#d1495b", "#2e933c", "#edae49", "#6a4c93", "#00798c", "#8d5524", "#555555"]


class Axes(NamedTuple):
    x: str
    y: str
    log_x: bool = False
    from_zero: bool = True
    x_ticks: tuple = ()  # (label, value)


def draw(path, axes, lines, points=False):
    """`lines`: name → list of (x, y)."""
    gnuplot(script(path, axes, lines, "linespoints pt 7 ps 0.5" if points else "lines"))


def script(path, axes, lines, style):
    settings = [
        'set terminal svg size 960,400 dynamic background "white" font "sans-serif,13"',
        f"set output {quoted(path)}",
        f"set xlabel {quoted(axes.x)}",
        f"set ylabel {quoted(axes.y)}",
        "set key outside right top noenhanced",
        "set grid ytics lc rgb '#dddddd'",
        "set border 3",
        "set tics nomirror",
    ]
    if axes.from_zero:
        settings.append("set yrange [0:*]")
    if axes.log_x:
        settings.append("set logscale x")
    if axes.x_ticks:
        ticks = ", ".join(f"{quoted(label)} {value}" for label, value in axes.x_ticks)
        settings.append(f"set xtics ({ticks})")
    blocks = [f"$line{number} << END\n{rows(line)}\nEND" for number, line in enumerate(lines.values(), 1)]
    plots = [
        f"$line{number} using 1:2 with {style} lw 1.6 lc rgb {quoted(COLOURS[(number - 1) % len(COLOURS)])} "
        f"title {quoted(name)}"
        for number, name in enumerate(lines, 1)
    ]
    return "\n".join([*blocks, *settings, "plot " + ", \\\n  ".join(plots)])


def rows(line):
    return "\n".join(f"{x} {y}" for x, y in line if not math.isnan(y))


def quoted(text):
    return "'" + str(text).replace("'", "''") + "'"


def gnuplot(commands):
    done = subprocess.run(["gnuplot"], input=commands + "\n", capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"gnuplot: {done.stderr.strip()}")
