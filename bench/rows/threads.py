"""What goes to other threads and comes from them: bells, and pools of threads
for what blocks."""
from rows.row import Row, beside


def bells():
    for n in 1, 4:
        yield Row(f"async/ping/{n}", "one ring from the main loop to another "
                  f"thread's, and back; of these there are {n}", "wall_ns",
                  beside("gyre libuv", f"async ping {{n:10000}} {n}"), "libuv",
                  threads=2)
    for n in 1, 4:
        yield Row(f"async/pummel/{n}", "one call of a loop by its bell, which "
                  f"is rung all the time; threads that do: {n}", "wall_ns",
                  beside("gyre libuv", f"async pummel {{n:10000}} {n}"), "libuv",
                  threads=2)
    for loops in 1, 2:
        yield Row(f"async/million/{loops}", "one ring of a bell at random, of "
                  f"a million; loops that have them: {loops}", "cpu_ns",
                  beside("gyre libuv", f"million_async {{n:300000}} {loops}"),
                  "libuv", threads=2)


def through_pools(name, what, program, words, measure):
    """By tasks: nothing else waits for a pool."""
    return Row(name, what, measure, {
        "gyre tasks": ["{dir}/gyre/%s" % program, *words.split()],
        "libuv": ["{dir}/libuv/%s" % program, *words.split()],
    }, "libuv", (("gyre tasks", "libuv", 1.0),), threads=2)


def work():
    for n, ops, measure in (1, 20000, "wall_ns"), (32, 100000, "cpu_ns"):
        row = through_pools(f"work/{n}", "one piece of work that does nothing, "
                            f"by a pool of 4 threads, {n} at a time", "pool",
                            f"{{n:{ops}}} 4 {n}", measure)
        row.contenders["raw C"] = ["{dir}/limits/pool", f"{{n:{ops}}}", "4",
                                   f"{n}"]
        yield row


def files():
    yield Row("stat/at-once", "what is known of a folder, without a pool",
              "cpu_ns", {"raw stat": ["{dir}/limits/stat", "{n:500000}"],
                         "libuv": ["{dir}/libuv/stat", "{n:500000}"]}, "libuv")
    for n, ops, measure in (1, 20000, "wall_ns"), (32, 100000, "cpu_ns"):
        yield through_pools(f"stat/{n}", f"the same, through the pool, {n} at "
                            "a time", "stat", f"{{n:{ops}}} {n}", measure)


def names():
    """Of libuv's threads two are for such work, of Gyre's sixteen, unless it is
    told otherwise."""
    for host in "localhost", "127.0.0.1":
        row = through_pools(f"names/{host}", f"one look-up of {host}, 10 at a "
                            "time", "names", f"{{n:20000}} {host}", "cpu_ns")
        row.contenders["gyre tasks, 2 threads"] = [
            "env", "GYRE_NAMES_THREADS=2", *row.contenders["gyre tasks"]]
        yield row


def rows():
    for group in bells, work, files, names:
        yield from group()
