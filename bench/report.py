"""Samples into tables: medians, spread, and ratios taken round by round."""
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


def ratios(row, samples, label, peer):
    """Their ratio in each round: what slowed one then slowed both."""
    return [value(row, a) / value(row, b)
            for a, b in zip(samples[label], samples[peer]) if a and b]


def cells(row, samples, label, extra):
    ran = [s for s in samples[label] if s]
    values = [value(row, s) for s in ran]
    line = {"contender": label,
            row.measure: quantity(statistics.median(values)),
            "min..max": f"{quantity(min(values))}..{quantity(max(values))}"}
    if row.measure == "cpu_ns" or row.load:
        line["wall_ns"] = quantity(statistics.median(
            s["wall_ns"] / s["ops"] for s in ran))
    against = ratios(row, samples, label, row.anchor) \
        if row.anchor in samples else []
    line[f"x {row.anchor}"] = "" if not against else \
        f"{share(statistics.median(against))} " \
        f"({share(min(against))}..{share(max(against))})"
    for key in row.fields:
        scale, unit = (1e3, "us") if key.endswith("_ns") else (1024, "KiB")
        line[f"{key.rsplit('_', 1)[0]} {unit}"] = quantity(
            statistics.median(s[key] for s in ran) / scale)
    line.update(extra)
    return line


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
    lines = [cells(row, samples, label,
                   counts.get(label, {}).get("cells", {}))
             for label in samples if any(samples[label])]
    out = [f"{row.name}: {row.what}"]
    if lines:
        out.append(table(lines))
    for label, ran in samples.items():
        if None in ran:
            out.append(f"  {label}: failed {ran.count(None)} times "
                       f"of {len(ran)}")
    for label, counted in counts.items():
        out += [f"  {label}: {note}" for note in counted["notes"]]
    for label, why in result["absent"].items():
        out.append(f"  {label}: absent ({why})")
    for (label, peer, most), ratio in verdicts(row, samples):
        met = "met" if ratio <= most else "MISSED"
        out.append(f"  goal: {label} at most {most} of {peer}: "
                   f"{ratio:.3f}, {met}")
    return "\n".join(out) + "\n"


def losses(row, result):
    """Where a contender of ours costs more than a peer it is held against."""
    samples = result["samples"]
    peers = dict.fromkeys([row.anchor, *(peer for _, peer, _ in row.goals)])
    for label in samples:
        for peer in peers:
            if label.startswith("gyre") and peer in samples:
                against = ratios(row, samples, label, peer)
                if against and statistics.median(against) > 1:
                    yield f"  {row.name}: {label} costs " \
                          f"{statistics.median(against):.2f} of {peer}"


def amount(row, samples, label):
    """Who it is, and what it costs."""
    x = statistics.median(value(row, s) for s in samples[label] if s)
    unit = "B" if row.measure == "rss_bytes" else "ns"
    if unit == "ns" and x >= 10000:
        x, unit = x / 1000, "us"
    return f"{label} {quantity(x)} {unit}"


def markdown(rows, results):
    """All of it as one table: each of ours beside each peer."""
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
                out.append(
                    f"| {row.name} | {cost} | {amount(row, samples, peer)} | "
                    f"{share(statistics.median(against))} "
                    f"({share(min(against))}..{share(max(against))}) |")
    return "\n".join(out) + "\n"
