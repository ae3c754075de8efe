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
SHARE = 0.01      # of a program's usual count; cachegrind is 30 times slower
MESSAGES = 200    # a connection: what is in flight at the end hardly counts
TRACED = 10       # the same; each call stops the server twice
ENOUGH = 5000     # in all, where connections are few


def slope(few, many):
    """(ops, counts) twice -> what one more operation costs, by name."""
    more = many[0] - few[0]
    if more <= 0:
        raise measure.Failed("no more was done in three times as long")
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


def echoes(server, row, directory, size, each):
    few = max(each * row.load["connections"], ENOUGH)
    return measure.echo(server, row.load, directory, 0, 0, size * few)


def requests(server, row, directory, size, _):
    """For a time, as wrk knows no number: what is under way at the end, and is
    not counted, is so in both runs."""
    return measure.http(server, row.load, directory, size)


COUNTED = {"echo": echoes, "http": requests}


def under_load(row, command, directory, wrapper, each, read):
    """Both runs of a server, by messages answered."""
    runs = []
    for size in 1, 3:
        with measure.Server(command, wrapper) as server:
            load = COUNTED[row.load["kind"]](server, row, directory, size,
                                             each)
        runs.append((load["total"], read(server.errors)))
    return slope(*runs)


def alone(row, command, wrapper, read):
    """Both runs of a program, by what it says it has done."""
    runs = []
    for scale in SHARE, 3 * SHARE:
        result, err = measure.program(command, row.threads, scale, wrapper)
        runs.append((result["ops"], read(err)))
    return slope(*runs)


def both(row, command, directory, wrapper, each, read):
    """What one more operation costs; None where it cannot be told."""
    if row.load is None and not any("{n:" in word for word in command):
        return None  # it can be made to do no more
    if row.load is None:
        return alone(row, command, wrapper, read)
    if row.load["kind"] in COUNTED:
        return under_load(row, command, directory, wrapper, each, read)
    return None


def instructions(row, command, directory):
    """User-space instructions an operation.  Not of threads that wait for one
    another: how they do is a matter of time."""
    if row.threads > 1:
        return None
    told = both(row, command, directory, CACHEGRIND, MESSAGES, collected)
    return told and told["instructions"]


def system_calls(row, command, directory):
    """System calls an operation, by name."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as summary:
        def read(_):
            summary.seek(0)
            return called(summary.read())

        told = both(row, command, directory, [*STRACE, summary.name], TRACED,
                    read)
    return told and {name: n for name, n in told.items() if n >= 0.001}


def of(row, command, chosen):
    """What is to be counted, and why it could not be."""
    told = {}
    try:
        if chosen.instructions:
            told["instructions"] = instructions(row, command, chosen.dir)
        if chosen.syscalls:
            told["syscalls"] = system_calls(row, command, chosen.dir)
    except (measure.Failed, FileNotFoundError) as failure:
        told["why not"] = str(failure).splitlines()[0][:70]
    return told
