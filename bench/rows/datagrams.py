"""Datagrams from socket to socket, in one loop."""
from rows.row import Row, beside


def one_by_one():
    for senders, receivers in (1, 1), (10, 10), (100, 100), (100, 1):
        arguments = f"{{n:100000}} {senders} {receivers}"
        yield Row(f"udp/{senders}v{receivers}", "one datagram of 45 bytes sent "
                  f"and received; sockets that do: {senders} and {receivers}",
                  "cpu_ns", {
                      **beside("gyre libuv", f"udp_pummel {arguments}"),
                      "gyre tasks": ["{dir}/gyre/udp_pummel_tasks",
                                     *arguments.split()],
                  }, "libuv", (("gyre", "libuv", 1.02),))


def many_at_once():
    for pairs in 1, 10:
        arguments = f"{{n:200000}} {pairs}"
        yield Row(f"udp/batch/{pairs}", "the same, of 64 that are sent, and "
                  f"received, at once; pairs of sockets: {pairs}", "cpu_ns", {
                      "gyre tasks": ["{dir}/gyre/udp_batch",
                                     *arguments.split()],
                      "libuv": ["{dir}/libuv/udp_batch", *arguments.split()],
                  }, "libuv", (("gyre tasks", "libuv", 0.6),))


def rows():
    yield from one_by_one()
    yield from many_at_once()
