"""Samples into tables: medians, spread, and ratios taken round by round."""
import json
import os
import statistics


def value(row, sample):
    """The number a row compares, by operation where that makes sense."""
    if row.measure in ("cpu_ns", "wall_ns"):
        return sample[row.measure] / sample["ops"]
    if row.measure == "rss_bytes":
        return sample["rss_bytes"] / sample["ops"]
    return sample[row.measure]


def quantity(x):
    """A number with the digits one can believe."""
    if x >= 1000:
        return f"{x:,.0f}"
    return f"{x:.0f}" if x >= 100 else f"{x:.3g}"


def share(ratio):
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.3f}"


def matters(row, label):
    """Whether a row would say little without: ours, and its anchor."""
    return label == row.anchor or label.startswith("gyre") or \
        not any(each.startswith("gyre") for each in row.contenders)


def ratios(row, samples, label, peer):
    """Their ratio in each round: what slowed one then slowed both."""
    return [value(row, a) / value(row, b)
            for a, b in zip(samples[label], samples.get(peer, [])) if a and b]


def spread(against):
    return f"{share(statistics.median(against))} " \
           f"({share(min(against))}..{share(max(against))})"


def latency(key):
    """p999_ns is the key of p99.9."""
    name = key.rsplit("_", 1)[0]
    return f"{name[:3]}.{name[3:]}" if name[3:] else name


def middle(row, ran):
    """The other medians of some samples: of time, and what the row asks for."""
    line = {}
    for key in "cpu_ns", "wall_ns":
        if key != row.measure and all(key in s for s in ran):
            line[key] = quantity(statistics.median(
                s[key] / s["ops"] for s in ran))
    for key in row.fields:
        scale, unit = (1e3, "us") if key.endswith("_ns") else (1024, "KiB")
        line[f"{latency(key)} {unit}"] = quantity(
            statistics.median(s[key] for s in ran) / scale)
    return line


def counted(told):
    """Cells for what was counted of a contender."""
    line = {}
    if told.get("instructions") is not None:
        line["instructions"] = quantity(told["instructions"])
    if told.get("syscalls") is not None:
        line["syscalls"] = f"{sum(told['syscalls'].values()):.2f}"
    return line


def notes(told):
    """What does not fit into them."""
    calls = sorted((told.get("syscalls") or {}).items(),
                   key=lambda pair: -pair[1])
    if calls:
        yield ", ".join(f"{name} {n:.3f}" for name, n in calls)
    if "why not" in told:
        yield f"not counted: {told['why not']}"


def cells(row, samples, label, told):
    ran = [s for s in samples[label] if s]
    values = [value(row, s) for s in ran]
    against = ratios(row, samples, label, row.anchor)
    return {"contender": label,
            row.measure: quantity(statistics.median(values)),
            "min..max": f"{quantity(min(values))}..{quantity(max(values))}",
            f"x {row.anchor}": spread(against) if against else "",
            **middle(row, ran), **counted(told)}


def table(lines):
    """Rows of cells, the first column flush left and the others right."""
    heads = list(dict.fromkeys(key for line in lines for key in line))
    grid = [heads] + [[line.get(h, "") for h in heads] for line in lines]
    widths = [max(len(row[i]) for row in grid) for i in range(len(heads))]
    return "\n".join(
        "  " + "  ".join(cell.ljust(w) if i == 0 else cell.rjust(w)
                         for i, (cell, w) in enumerate(zip(row, widths)))
        for row in grid)


def verdicts(row, samples):
    """Each goal that both sides ran for: (goal, median ratio)."""
    for goal in row.goals:
        label, peer, _ = goal
        if label in samples and peer in samples:
            against = ratios(row, samples, label, peer)
            if against:
                yield goal, statistics.median(against)


def text(row, result):
    """One row's table."""
    samples, counts = result["samples"], result["counts"]
    lines = [cells(row, samples, label, counts.get(label, {}))
             for label in samples if any(samples[label])]
    out = [f"{row.name}: {row.what}"]
    if lines:
        out.append(table(lines))
    for label, ran in samples.items():
        if None in ran:
            out.append(f"  {label}: failed {ran.count(None)} times "
                       f"of {len(ran)}")
    for label, told in counts.items():
        out += [f"  {label}: {note}" for note in notes(told)]
    for label, why in result["absent"].items():
        out.append(f"  {label}: absent ({why})")
    for (label, peer, most), ratio in verdicts(row, samples):
        met = "met" if ratio <= most else "MISSED"
        out.append(f"  goal: {label} at most {most} of {peer}: "
                   f"{ratio:.3f}, {met}")
    return "\n".join(out) + "\n"


def losses(row, result):
    """Where a contender of ours costs more than one of others, and whether it
    did in every round."""
    samples = result["samples"]
    peers = [label for label in samples if not label.startswith("gyre")]
    for label in samples:
        for peer in peers if label not in peers else ():
            against = ratios(row, samples, label, peer)
            if against and statistics.median(against) > 1:
                yield min(against) > 1, f"{row.name}: {label} costs " \
                                        f"{spread(against)} of {peer}"


def amount(row, samples, label):
    """Who it is, and what it costs."""
    x = statistics.median(value(row, s) for s in samples[label] if s)
    unit = "B" if row.measure.endswith("bytes") else "ns"
    if unit == "ns" and x >= 10000:
        x, unit = x / 1000, "us"
    return f"{label} {quantity(x)} {unit}"


def grid(rows, results):
    """All of it as one table of Markdown: each of ours beside each peer."""
    out = ["| row | ours | peer | ratio (spread) |", "|---|---|---|---|"]
    for row in rows:
        samples = {label: ran for label, ran in
                   results[row.name]["samples"].items() if any(ran)}
        ours = [label for label in samples if label.startswith("gyre")]
        peers = [label for label in samples if label not in ours]
        for label in ours:
            cost = amount(row, samples, label)
            if not peers:
                out.append(f"| {row.name} | {cost} | | |")
            for peer in peers:
                against = ratios(row, samples, label, peer)
                out.append(f"| {row.name} | {cost} | "
                           f"{amount(row, samples, peer)} | "
                           f"{spread(against) if against else ''} |")
    return out


def all_losses(rows, results):
    """What is said of them, under two headings."""
    lost = [told for row in rows for told in losses(row, results[row.name])]
    return {
        "Where Gyre loses": [line for always, line in lost if always]
                            or ["nowhere in these rows"],
        "Where it does at the median, and not in every round":
            [line for always, line in lost if not always] or ["nowhere"],
    }


def plain(about, rows, results):
    """The report as text."""
    head = "".join(f"{key}: {said}\n" for key, said in about.items())
    tables = "\n".join(text(row, results[row.name]) for row in rows)
    lost = "\n".join("\n  ".join([f"{heading}:", *told]) for heading, told
                     in all_losses(rows, results).items())
    return f"{head}\n{tables}\n{lost}\n"


def markdown(about, rows, results, drawn):
    """The report as Markdown."""
    out = ["# Benchmarks", "", "| | |", "|---|---|"]
    out += [f"| {key} | {said} |" for key, said in about.items()]
    out += ["", "`make bench ARGS=ROW` runs one row; `report.json` has the "
            "commands, and every sample.", "", *grid(rows, results)]
    for heading, told in all_losses(rows, results).items():
        out += ["", f"{heading}:", "", *(f"- {line}" for line in told)]
    out += [f"\n![{name}]({name})" for name in drawn]
    return "\n".join(out) + "\n"


def summary(row, result):
    """A row for a program to read: its numbers, and all that they come of."""
    samples = result["samples"]
    medians = {label: statistics.median(value(row, s) for s in ran if s)
               for label, ran in samples.items() if any(ran)}
    against = {label: ratios(row, samples, label, row.anchor)
               for label in medians}
    return {"what": row.what, "measure": row.measure, "anchor": row.anchor,
            "load": row.load and {key: said for key, said in row.load.items()
                                  if not isinstance(said, bytes)},
            "commands": {label: row.contenders[label] for label in samples},
            "medians": medians,
            "ratios": {label: {"median": statistics.median(each),
                               "least": min(each), "most": max(each)}
                       for label, each in against.items() if each},
            **result}


def write(folder, about, rows, results, drawn):
    """The report, three times, beside the plots; returns it as text."""
    said = plain(about, rows, results)
    written = {
        "txt": said,
        "md": markdown(about, rows, results, drawn),
        "json": json.dumps({"machine": about, "rows": {
            row.name: summary(row, results[row.name]) for row in rows}},
            indent=1) + "\n",
    }
    for kind, content in written.items():
        path = os.path.join(folder, f"report.{kind}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
    return said
