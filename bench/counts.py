"""Numbers that come out alike from run to run: instructions and system calls.

Each is the slope between a short run and one three times as long, so that
start-up, connecting and the rest of what happens once are not in it.
"""
import re
import tempfile

import measure

# Not callgrind, which follows calls and may fail where stacks are switched; the
# counts are the same.
CACHEGRIND = ["valgrind", "--tool=cachegrind", "--cache-sim=no",
              "--trace-children=yes",  # through env
              "--cachegrind-out-file=/dev/null"]
STRACE = ["strace", "-f", "-c", "-o"]
SHARE = 0.01       # of a program's ordinary count; cachegrind is 30 times slower
MESSAGES = 200    # a connection: what is in flight at the end hardly counts


def slope(few, many):
    """(ops, counts) twice -> what one more operation costs, by name."""
    more = many[0] - few[0]
    names = sorted(set(few[1]) | set(many[1]))
    return {name: (many[1].get(name, 0) - few[1].get(name, 0)) / more
            for name in names}


def collected(text):
    found = re.search(r"I +refs: +([\d,]+)", text)
    if found is None:
        raise measure.Failed(f"cachegrind told no count: {text[-300:]}")
    return {"instructions": int(found[1].replace(",", ""))}


def called(text):
    """The calls of strace's summary, by name."""
    table = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+\d+)?\s+(\w+)$",
                       text, re.M)
    return {name: int(calls) for calls, name in table if name != "total"}


def under_load(row, command, directory, wrapper, read):
    """Both runs of a server, by messages echoed."""
    runs = []
    few = MESSAGES * row.load["connections"]
    for messages in few, 3 * few:
        with measure.Server(command, wrapper) as server:
            load = measure.echo(server, row.load, directory, 0, 0, messages)
        runs.append((load["total"], read(server)))
    return slope(*runs)


def instructions(row, command, directory):
    """User-space instructions an operation, or None where it cannot be told."""
    if row.load is None and row.threads == 1:
        runs = []
        for scale in SHARE, 3 * SHARE:
            result, err = measure.program(command, 1, scale, CACHEGRIND)
            runs.append((result["ops"], collected(err)))
        return slope(*runs)["instructions"]
    if row.load is not None and row.load["kind"] == "echo":
        return under_load(row, command, directory, CACHEGRIND, lambda server:
                          collected(server.errors))["instructions"]
    return None


def system_calls(row, command, directory):
    """System calls a message echoed, by name, or None."""
    if row.load is None or row.load["kind"] != "echo":
        return None
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as summary:
        def read(_):
            summary.seek(0)
            return called(summary.read())

        per_message = under_load(row, command, directory,
                                 [*STRACE, summary.name], read)
    return {name: n for name, n in per_message.items() if n >= 0.001}
