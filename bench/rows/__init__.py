"""What is measured, beside whom, and what would be good enough.

A module a subject, in the order in which they run; each has `rows()`.
"""
from rows import (datagrams, grow, http, loop, memory, programs, streams, task,
                  threads)


def rows():
    for subject in (loop, task, streams, datagrams, threads, programs, memory,
                    http, grow):
        yield from subject.rows()
