"""Tasks: made, switched and kept; what they share; what they tell."""
from rows.row import BENCH, Row, beside


def with_fibers(labels, words):
    """A task's program, and the same by stacks that nothing schedules."""
    how, count = words.split()[1:]
    return {**beside(labels, words),
            "bare fibers": ["{dir}/fibers", how, count]}


def tasks():
    yield Row("fiber", "one switch between two bare fibers", "cpu_ns",
              {"gyre": ["{dir}/switch", "{n:20000000}", "2", "1"],
               **beside("minicoro", "switch {n:20000000}")}, "minicoro",
              (("gyre", "minicoro", 0.25),))
    yield Row("spawn/warm", "one task spawned, run to its end and joined",
              "cpu_ns", with_fibers("gyre go libdill neco minicoro",
                                    "spawn warm {n:1000000}"),
              "go", (("gyre", "go", 0.1), ("gyre", "libdill", 0.6)))
    yield Row("spawn/cold", "one of 100,000 spawned, yielding once, joined",
              "cpu_ns", with_fibers("gyre go", "spawn cold {n:100000}"),
              "go", (("gyre", "go", 2.0),))
    yield Row("spawn/again", "the same, a second time in the same process",
              "cpu_ns", with_fibers("gyre go", "spawn again {n:100000}"),
              "go", (("gyre", "go", 0.2),))
    for n in 2, 1000:
        yield Row(f"switch/{n}", f"one yield among {n:,} tasks", "cpu_ns",
                  {**beside("gyre go libdill neco",
                            f"switch {{n:10000000}} {n}"),
                   "bare fibers": ["{dir}/switch", "{n:10000000}", f"{n}",
                                   "1"]}, "go",
                  (("gyre", "go", 0.06),) if n == 2 else ())
    yield Row("parked", "one of 100,000 tasks parked: resident bytes",
              "rss_bytes", beside("gyre go", "parked {n:100000}"), "go")


def sharing():
    python = f"{BENCH}/peers/python/sharing.py"
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


def rows():
    for group in tasks, sharing, overheads:
        yield from group()
