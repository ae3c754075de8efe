"""What is counted in instructions, and not timed: parts of the library that
only compute, one of which is all that the program does.

Some are rows that are timed as well; the rest have no peer, and stand here.
"""
from rows import rows
from rows.row import Row, beside

ROWS = ("timers/rearm", "timers/random", "ready", "fiber", "spawn/warm",
        "spawn/again", "switch", "sharing", "http/head-parse")


def part(name, what, words):
    return Row(name, what, "cpu_ns", beside("gyre", words), "gyre")


def parts():
    for row in rows():
        if row.name.startswith(ROWS):
            yield row
    yield part("timers/simulated", "a timer started and fired, in no real time",
               "timers simulated {n:1000000}")
    yield part("post/alone", "one item that a loop posts to itself",
               "post alone {n:1000000}")
    yield part("buffer", "64 bytes appended to a buffer, and taken off it",
               "buffer {n:10000000}")
    yield part("http/router", "the route of a request found, among 40",
               "router {n:5000000}")
    yield part("json/parse", "an object of 400 bytes read",
               "json parse {n:200000}")
    yield part("json/write", "the same written", "json write {n:100000}")
    yield part("websocket/frame", "the head of a frame written and read",
               "websocket frame {n:10000000}")
    yield part("websocket/mask", "1,000 bytes unmasked",
               "websocket mask {n:1000000}")
    yield Row("websocket/utf8", "1,000 bytes checked for being UTF-8",
              "cpu_ns", {"gyre": ["{dir}/utf8", "{n:500000}"]}, "gyre")
