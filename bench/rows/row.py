"""A row: one thing to do and the contenders that do it.

The first goal's peer is its anchor, to which every ratio is taken.
`{n:1000000}` in a command is a count, which the instruction counter makes
smaller; `{port}` is where a server shall listen.
"""
import os
from dataclasses import dataclass, field

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@dataclass
class Row:
    name: str
    what: str            # one operation, in words
    measure: str         # the number compared: cpu_ns or wall_ns, by operation;
                         # or another key of the program's line, as it stands
    contenders: dict     # label: command
    anchor: str          # the label ratios are taken to
    goals: tuple = ()    # (label, peer, at most): of the medians' ratio
    load: dict = None    # what is put on a server; None for a program
    threads: int = 1     # processors a program may use
    fields: tuple = ()   # further keys to show
    apart: bool = False  # only run when it is named


def beside(labels, words):
    """The same program of several contenders: build/bench/LABEL/PROGRAM."""
    program, *arguments = words.split()
    return {label: ["{dir}/%s/%s" % (label, program), *arguments]
            for label in labels.split()}
