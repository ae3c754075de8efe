"""Timers, jobs, and posts: what needs a loop and no more."""
from rows.row import Row, beside


def limit(words):
    program, *arguments = words.split()
    return {"raw C": ["{dir}/limits/" + program, *arguments]}


def with_limit(labels, words):
    return {**beside(labels, words), **limit(words)}


def timers():
    for live, ops, goal in ((1, 5000000, None), (1000, 3000000, 0.12),
                            (100000, 1000000, 0.06)):
        yield Row(f"timers/rearm/{live}",
                  f"one of {live:,} live timers cancelled and armed again",
                  "cpu_ns", with_limit("gyre libuv libevent",
                                       f"timers rearm {{n:{ops}}} {live}"),
                  "libuv", (("gyre", "libuv", goal),) if goal else ())
    yield Row("timers/random/100000",
              "the same, for 1 to 60 s at random, not always 30 s", "cpu_ns",
              beside("gyre libuv libevent", "timers random {n:1000000} 100000"),
              "libuv")
    yield Row("timers/fire", "one of a million random timers started and fired",
              "cpu_ns", beside("gyre libuv libevent",
                               "timers fire {n:1000000}"),
              "libuv", (("gyre", "libuv", 0.12),))


def turn():
    yield Row("loop/turn", "one poll that does not wait, and one callback",
              "cpu_ns", {**beside("gyre libuv", "loop turn {n:1000000}"),
                         "raw epoll": ["{dir}/limits/turn", "{n:1000000}"]},
              "libuv", (("gyre", "libuv", 0.95),))
    yield Row("loop/timed", "the same, while a timer is pending that ends it",
              "cpu_ns", beside("gyre libuv", "loop timed {n:500}"), "libuv",
              (("gyre", "libuv", 0.95),))
    yield Row("loop/alive", "asking whether there is anything to wait for",
              "cpu_ns", beside("gyre libuv", "loop alive {n:200000000}"),
              "libuv")


def ready():
    yield Row("ready/chain", "one callback, alone, made again and again",
              "cpu_ns", with_limit("gyre libev libuv libevent",
                                   "ready chain {n:2000000}"),
              "libuv", (("gyre", "libuv", 0.5), ("gyre", "libev", 0.8)))
    yield Row("ready/batch", "one callback of 1,000 that are due",
              "cpu_ns",
              with_limit("gyre libev libuv libevent",
                         "ready batch {n:20000000} 1000"),
              "libuv", (("gyre", "libuv", 0.5), ("gyre", "libev", 0.8)))


def post():
    yield Row("post/stream", "one item posted by another thread, of many",
              "cpu_ns", {**beside("gyre libuv", "post stream {n:2000000}"),
                         **limit("post {n:2000000}")},
              "libuv", (("gyre", "libuv", 0.2),), threads=2)
    yield Row("post/pingpong", "one item to another thread's loop and back",
              "wall_ns", beside("gyre libuv", "post pingpong {n:20000}"),
              "libuv", (("gyre", "libuv", 0.95),), threads=2,
              fields=("p50_ns", "p99_ns", "p999_ns"))


def rows():
    for group in timers, turn, ready, post:
        yield from group()
