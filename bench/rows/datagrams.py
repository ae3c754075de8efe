"""Datagrams from socket to socket, in one loop."""
from rows.row import Row, beside


def one_by_one():
    for senders, receivers in (1, 1), (10, 10), (100, 100), (100, 1):
        arguments = f"{{n:60000}} {senders} {receivers}"
        yield Row(f"udp/{senders}v{receivers}", "one datagram of 45 bytes sent "
                  f"and received; sockets that do: {senders} and {receivers}",
                  "cpu_ns", {
                      **beside("gyre libuv", f"udp_pummel {arguments}"),
                      "gyre tasks": ["{dir}/gyre/udp_pummel_tasks",
                                     *arguments.split()],
                  }, "libuv", (("gyre", "libuv", 1.02),))


def to_and_fro():
    for n in 1, 100:
        yield Row(f"udp/ping/{n}", "one datagram of 45 bytes sent, and sent "
                  f"back; sockets that it is from: {n}", "cpu_ns",
                  beside("gyre libuv", f"udp_ping {{n:40000}} {n}"), "libuv",
                  (("gyre", "libuv", 1.02),))


def many_at_once():
    for pairs in 1, 10:
        arguments = f"{{n:100000}} {pairs}"
        yield Row(f"udp/batch/{pairs}", "one datagram of 45 bytes, of 64 that "
                  "are sent, and received, at once; pairs of sockets: "
                  f"{pairs}", "cpu_ns", {
                      "gyre tasks": ["{dir}/gyre/udp_batch",
                                     *arguments.split()],
                      "libuv": ["{dir}/libuv/udp_batch", *arguments.split()],
                  }, "libuv", (("gyre tasks", "libuv", 0.6),))


def rows():
    for group in one_by_one, to_and_fro, many_at_once:
        yield from group()
