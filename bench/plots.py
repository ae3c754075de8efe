"""What the tables say, as plots: SVG, drawn by gnuplot.

    ratios.svg       each row's contenders, beside the one it is held against
    latency.svg      p50, p99 and p99.9 of the servers
    grow-WHAT.svg    the rows grow/WHAT/N: what one costs among N
"""
import os
import shutil
import statistics
import subprocess

import machine
import report

HEAD = """set terminal svg size 900,{height} noenhanced font "sans-serif,12" \
background rgb "white"
set output "{path}"
set title "{title}"
set key outside right top
set grid
set logscale x
set format x "%g"
"""
OURS = 7                          # gnuplot's full circle
OTHERS = (6, 4, 8, 10, 12, 1, 2)  # and those that are not full
LINE = 18  # pixels for a line of points
REST = 110  # and for what is around them


def quoted(text):
    return '"' + text.replace('"', "'") + '"'


def block(name, points):
    """Data that stands in the script itself."""
    lines = "\n".join(" ".join(f"{x:g}" for x in point) for point in points)
    return f"${name} << END\n{lines}\nEND\n"


def gnuplot(folder, name, title, lines, body):
    """Draw one; `lines` is how many stand below each other."""
    head = HEAD.format(height=REST + LINE * lines, title=title,
                       path=os.path.join(folder, name))
    done = subprocess.run(["gnuplot"], input=head + body, text=True,
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"gnuplot: {done.stderr.strip()[-300:]}")
    return name


def plotted(series, style, columns):
    """The data of each series, by its name, and the command that draws all:
    with more of them than there are colours, shapes tell them apart as well."""
    data, drawn = "", []
    for i, (name, points) in enumerate(series.items()):
        data += block(f"data{i}", points)
        shape = OURS if name.startswith("gyre") else OTHERS[i % len(OTHERS)]
        drawn.append(f"$data{i} using {columns} with {style} pt {shape} ps 0.7 "
                     f"title {quoted(name)}")
    return data, f"plot {', '.join(drawn)}\n"


def beneath(names):
    """Names down the left side, the first at the top."""
    ticks = ", ".join(f"{quoted(name)} {-i}" for i, name in enumerate(names))
    return f"set ytics ({ticks})\nset yrange [{-len(names)}:1]\n"


def ratios(folder, rows, results):
    """A point a contender, with its spread, beside a line that is its peer."""
    series, names = {}, []
    for row in rows:
        samples = results[row.name]["samples"]
        points = {label: report.ratios(row, samples, label, row.anchor)
                  for label in samples if label != row.anchor}
        points = {label: against for label, against in points.items()
                  if against}
        if not points:
            continue
        for label, against in points.items():
            series.setdefault(label, []).append(
                (statistics.median(against), -len(names), min(against),
                 max(against)))
        names.append(f"{row.name} to {row.anchor}")
    if not names:
        return None
    data, plot = plotted(series, "xerrorbars", "1:2:3:4")
    return gnuplot(folder, "ratios.svg",
                   "Cost, and its spread, to that of the peer at 1",
                   len(names), beneath(names) + data +
                   "set arrow from 1, graph 0 to 1, graph 1 nohead lw 2\n" +
                   plot)


def latency(folder, rows, results):
    series, names = {}, []
    for row in rows:
        keys = [key for key in row.fields if key.startswith("p")]
        for label, ran in results[row.name]["samples"].items():
            ran = [sample for sample in ran if sample]
            if not keys or not ran:
                continue
            for key in keys:
                x = statistics.median(sample[key] for sample in ran) / 1e3
                series.setdefault(report.latency(key), []).append(
                    (x, -len(names)))
            names.append(f"{row.name} {label}")
    if not names:
        return None
    data, plot = plotted(series, "points", "1:2")
    return gnuplot(folder, "latency.svg", "Microseconds to an answer",
                   len(names), beneath(names) + data + plot)


def growing(rows):
    """grow/WHAT/N, by WHAT."""
    found = {}
    for row in rows:
        if row.name.startswith("grow/"):
            _, what, _ = row.name.split("/")
            found.setdefault(what, []).append(row)
    return found


def grow(folder, what, rows, results):
    """How what one costs changes with how many there are."""
    series = {}
    for row in rows:
        n = int(row.name.rsplit("/", 1)[1])
        for label, ran in results[row.name]["samples"].items():
            values = [report.value(row, sample) for sample in ran if sample]
            if values:
                series.setdefault(label, []).append(
                    (n, statistics.median(values), min(values), max(values)))
    if not series:
        return None
    data, plot = plotted(series, "yerrorlines", "1:2:3:4")
    axis = f"set logscale y\nset ylabel {quoted(rows[0].measure)}\n" \
           f"set xlabel {quoted(what)}\n"
    return gnuplot(folder, f"grow-{what}.svg",
                   f"What one costs among so many {what}", 25,
                   axis + data + plot)


def draw_all(folder, rows, results):
    yield ratios(folder, rows, results)
    yield latency(folder, rows, results)
    for what, some in growing(rows).items():
        yield grow(folder, what, some, results)


def draw(folder, rows, results):
    """Draw what there is; return the files' names, and what to say of it.  The
    report is more than the plots, and is not lost with them."""
    if not shutil.which("gnuplot"):
        return [], "none, as gnuplot is not there"
    try:
        names = list(filter(None, draw_all(folder, rows, results)))
    except RuntimeError as failure:
        return [], f"none: {failure}"
    return names, "by " + machine.first_line("gnuplot", "--version")
