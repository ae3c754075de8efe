"""How cost grows with how many there are: rows grow/WHAT/N, which are drawn as
grow-WHAT.svg, and run only when they are named."""
from rows.row import Row, beside

TENS = [10 ** digits for digits in range(1, 7)]
TWOS = [2 ** digits for digits in range(7)]


def grow(what, among, measure, anchor, labels, words, counts, **more):
    """A row for each count, with {count} in its words."""
    for count in counts:
        yield Row(f"grow/{what}/{count}", among.format(count=f"{count:,}"),
                  measure, beside(labels, words.replace("{count}", str(count))),
                  anchor, apart=True, **more)


def rows():
    yield from grow("tasks", "one yield among {count} tasks", "cpu_ns", "go",
                    "gyre go", "yields {n:10000000} {count}", TENS)
    yield from grow("parked", "one of {count} tasks parked: resident bytes",
                    "rss_bytes", "go", "gyre go", "parked {n:{count}}",
                    TENS[2:])
    yield from grow("timers", "one of {count} timers cancelled, and armed for "
                    "another time", "cpu_ns", "libuv", "gyre libuv libevent",
                    "timers random {n:1000000} {count}", TENS)
    yield from grow("descriptors", "one of {count} descriptors made ready, "
                    "polled for, and read", "cpu_ns", "libuv",
                    "gyre libuv libevent", "descriptors {n:100000} {count}",
                    [10, 100, 1000, 10000, 19000])
    yield from grow("loops", "one item passed on, among {count} loops and as "
                    "many items", "cpu_ns", "libuv", "gyre libuv",
                    "ring {n:50000} {count}", TWOS, threads=2)
    yield from grow("pool-threads", "one piece of work done by a pool of "
                    "{count} threads", "cpu_ns", "libuv", "gyre libuv",
                    "pool {n:100000} {count}", TWOS, threads=2)
