"""What is measured, beside whom, and what would be good enough.

A row is one thing to do and the contenders that do it; the first goal's peer is
its anchor, to which every ratio is taken.  `{n:1000000}` is a count, which the
instruction counter makes smaller; `{port}` is where a server shall listen.
"""
import os
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))


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


def beside(labels, words):
    """The same program of several contenders: build/bench/LABEL/PROGRAM."""
    program, *arguments = words.split()
    return {label: ["{dir}/%s/%s" % (label, program), *arguments]
            for label in labels.split()}


def timers():
    for live, ops, goal in ((1, 5000000, None), (1000, 3000000, 0.12),
                            (100000, 1000000, 0.1)):
        yield Row(f"timers/rearm/{live}",
                  f"one of {live:,} live timers cancelled and armed again",
                  "cpu_ns", beside("gyre libuv",
                                   f"timers rearm {{n:{ops}}} {live}"),
                  "libuv", (("gyre", "libuv", goal),) if goal else ())
    yield Row("timers/random/100000",
              "the same, for 1 to 60 s at random, not always 30 s", "cpu_ns",
              beside("gyre libuv", "timers random {n:1000000} 100000"), "libuv")
    yield Row("timers/fire", "one of a million random timers started and fired",
              "cpu_ns", beside("gyre libuv", "timers fire {n:1000000}"),
              "libuv", (("gyre", "libuv", 0.12),))


def ready():
    yield Row("ready/chain", "one callback, alone, made again and again",
              "cpu_ns", beside("gyre libev libuv", "ready chain {n:2000000}"),
              "libuv", (("gyre", "libuv", 0.5), ("gyre", "libev", 0.8)))
    yield Row("ready/batch", "one callback of 1,000 that are due",
              "cpu_ns",
              beside("gyre libev libuv", "ready batch {n:20000000} 1000"),
              "libuv", (("gyre", "libuv", 0.5), ("gyre", "libev", 0.8)))


def post():
    yield Row("post/stream", "one item posted by another thread, of many",
              "cpu_ns", beside("gyre libuv", "post stream {n:2000000}"),
              "libuv", (("gyre", "libuv", 0.2),), threads=2)
    yield Row("post/pingpong", "one item to another thread's loop and back",
              "wall_ns", beside("gyre libuv", "post pingpong {n:20000}"),
              "libuv", (("gyre", "libuv", 0.95),), threads=2)


def tasks():
    yield Row("fiber", "one switch between two bare fibers", "cpu_ns",
              {"gyre": ["{dir}/switch", "{n:20000000}", "2", "1"]}, "gyre")
    yield Row("spawn/warm", "one task spawned, run to its end and joined",
              "cpu_ns", beside("gyre go", "spawn warm {n:1000000}"),
              "go", (("gyre", "go", 0.2),))
    yield Row("spawn/cold", "one of 100,000 spawned, yielding once, joined",
              "cpu_ns", beside("gyre go", "spawn cold {n:100000}"),
              "go", (("gyre", "go", 2.0),))
    yield Row("spawn/again", "the same, a second time in the same process",
              "cpu_ns", beside("gyre go", "spawn again {n:100000}"),
              "go", (("gyre", "go", 0.2),))
    for n in 2, 1000:
        yield Row(f"switch/{n}", f"one yield among {n:,} tasks", "cpu_ns",
                  beside("gyre go", f"switch {{n:10000000}} {n}"), "go",
                  (("gyre", "go", 0.06),) if n == 2 else ())
    yield Row("parked", "one of 100,000 tasks parked: resident bytes",
              "rss_bytes", beside("gyre go", "parked {n:100000}"), "go")


def sharing():
    python = f"{HERE}/peers/python/sharing.py"
    for name, what, arguments, asyncio in (
            ("free", "one mutex locked and unlocked, by nobody else wanted",
             "free {n:5000000}", "free {n:200000}"),
            ("handed", "one mutex handed on, by 100 who give way holding it",
             "handed {n:2000000} 100", "handed {n:50000} 100"),
            ("rendezvous", "one item from task to task, by a queue without "
             "room", "queue {n:2000000} 1", "queue {n:50000} 1"),
            ("queue", "the same, with room for 64", "queue {n:5000000} 65",
             "queue {n:200000} 64"),
            ("select", "one item of two queues, from whichever has one",
             "select {n:2000000}", "select {n:20000}")):
        yield Row(f"sharing/{name}", what, "cpu_ns",
                  {**beside("gyre go", f"sharing {arguments}"),
                   "asyncio": ["python with asyncio", python,
                               *asyncio.split()]}, "go")


def overheads():
    """What a run tells of itself: by default, when asked, and not at all."""
    def told(*words):
        return {label: ["env", *variables, *words] for label, variables in {
            "nothing": ["GYRE_WATCHDOG=0"],
            "as it comes": [],
            "accounts": ["GYRE_ACCOUNTS=1"],
            "trace": ["GYRE_TRACE=/dev/null"],
        }.items()}

    goals = (("as it comes", "nothing", 1.03),)
    yield Row("overheads/switch", "one yield among 2 tasks", "cpu_ns",
              told("{dir}/gyre/switch", "{n:10000000}", "2"), "nothing", goals)
    yield Row("overheads/echo", "64 bytes over one of 100 TCP connections and "
              "back", "cpu_ns", told("{dir}/gyre/echo", "{port}"), "nothing",
              goals, {"kind": "echo", "connections": 100, "size": 64})


def echo_servers():
    python = f"{HERE}/peers/python/echo.py"
    return {
        "gyre tasks": ["{dir}/gyre/echo", "{port}"],
        "gyre limits": ["{dir}/gyre/echo", "{port}", "limits"],
        "gyre watches": ["{dir}/gyre/echo_watch", "{port}"],
        "gyre callbacks": ["{dir}/gyre/echo_callbacks", "{port}"],
        "libuv": ["{dir}/libuv/echo", "{port}"],
        "raw epoll": ["{dir}/limits/epoll", "echo", "{port}"],
        "go": ["{dir}/go/echo", "{port}"],
        "uvloop": ["python with uvloop", python, "{port}", "uvloop"],
        "asyncio": ["python with asyncio", python, "{port}"],
    }


def echo():
    for connections, size in (100, 64), (1000, 64), (100, 1024):
        yield Row(f"echo/{connections}x{size}",
                  f"{size} bytes over one of {connections:,} TCP connections "
                  "and back", "cpu_ns", echo_servers(), "libuv",
                  (("gyre tasks", "libuv", 1.05),
                   ("gyre callbacks", "libuv", 1.0),
                   ("gyre watches", "libuv", 1.0)),
                  {"kind": "echo", "connections": connections, "size": size},
                  fields=("p50_ns", "p99_ns", "p999_ns", "rss_bytes"))


def idle():
    servers = echo_servers()
    del servers["raw epoll"]  # remembers nothing, so there is no ratio to it
    yield Row("idle", "one of 10,000 TCP connections that have had 64 bytes "
              "echoed, and are idle: resident bytes", "rss_bytes",
              servers, "libuv", (),
              {"kind": "idle", "connections": 10000, "message": b"x" * 64})


def http_servers():
    python = f"{HERE}/peers/python/http_server.py"
    return {
        "gyre": ["{dir}/gyre/hello", "{port}", "{folder}"],
        "nginx": ["nginx", "-c", f"{HERE}/peers/nginx.conf"],
        "go": ["{dir}/go/hello", "{port}", "{folder}"],
        "node": ["node", f"{HERE}/peers/node/http.js", "{port}", "{folder}"],
        "aiohttp": ["python with aiohttp", python, "{port}", "{folder}"],
        "aiohttp, uvloop": ["python with aiohttp,uvloop", python, "{port}",
                            "{folder}", "uvloop"],
    }


def http():
    load = {"kind": "http", "connections": 64, "path": "/"}
    fields = ("p50_ns", "p99_ns", "p999_ns", "rss_bytes")
    limits = {"raw epoll": ["{dir}/limits/epoll", "hello", "{port}"]}
    yield Row("http/hello", "one GET of 13 bytes over one of 64 connections",
              "cpu_ns", {**http_servers(), **limits}, "nginx",
              (("gyre", "nginx", 0.92), ("gyre", "go", 0.5),
               ("gyre", "node", 0.35)), load, fields=fields)
    yield Row("http/hello-pipelined", "the same, 16 sent at a time",
              "cpu_ns", http_servers(), "nginx", (("gyre", "nginx", 0.12),),
              {**load, "at a time": 16}, fields=fields[-1:])
    yield Row("http/file-10k", "one GET of a file of 10 KiB, over one of 64",
              "cpu_ns", http_servers(), "nginx", (),
              {**load, "path": "/files/10k"}, fields=fields)
    yield Row("http/head-parse", "the head of a browser's request, of 700 "
              "bytes, read and checked", "cpu_ns",
              beside("gyre http_parser", "head {n:1000000}"), "http_parser",
              (("gyre", "http_parser", 0.25),))
    yield Row("http/idle", "one of 10,000 connections that have had a GET "
              "answered, and are idle: resident bytes", "rss_bytes",
              http_servers(), "nginx", (),
              {"kind": "idle", "connections": 10000,
               "message": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
               "answer": b"Hello, world!"})


def rows():
    for group in timers, ready, post, tasks, sharing, overheads, echo, \
            idle, http:
        yield from group()
