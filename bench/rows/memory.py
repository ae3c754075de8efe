"""What things take: as they are declared and allocated, and measured."""
from rows.row import Row, beside


def sizes():
    for what, words in (
            ("timer", "a timer"),
            ("job", "a call to make soon: libuv's is an idle handle"),
            ("watch", "a descriptor watched: libuv's is a poll handle"),
            ("post", "a call to make from another thread: libuv's is an async "
             "handle"),
            ("signal", "a signal waited for"),
            ("connection", "a TCP connection that is read from"),
            ("connecting", "a connection that is being made, beside it"),
            ("writing", "a write under way"),
            ("datagrams", "a socket of datagrams that is received from"),
            ("process", "a child whose end is waited for"),
            ("loop", "a loop")):
        yield Row(f"bytes/{what}", f"bytes of {words}", "bytes",
                  beside("gyre libuv", f"sizes {what}"), "libuv",
                  (("gyre", "libuv", 0.6),) if what == "timer" else ())


def measured():
    yield Row("live-timers", "one of a million timers: resident bytes",
              "rss_bytes", beside("gyre libuv", "live_timers {n:1000000}"),
              "libuv", (("gyre", "libuv", 0.6),))


def rows():
    yield from sizes()
    yield from measured()
