"""Bytes over connections."""
from rows.row import BENCH, Row


def echo_servers():
    python = f"{BENCH}/peers/python/echo.py"
    return {
        "gyre tasks": ["{dir}/gyre/echo", "{port}"],
        "gyre limits": ["{dir}/gyre/echo", "{port}", "limits"],
        "gyre watches": ["{dir}/gyre/echo_watch", "{port}"],
        "gyre callbacks": ["{dir}/gyre/echo_callbacks", "{port}"],
        "libuv": ["{dir}/libuv/echo", "{port}"],
        "libevent": ["{dir}/libevent/echo", "{port}"],
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


def rows():
    for group in echo, idle:
        yield from group()
