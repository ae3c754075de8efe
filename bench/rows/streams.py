"""Bytes over connections."""
from rows.row import BENCH, Row, beside


def both_faces(program, arguments, goals=()):
    """By callbacks, beside libuv, and by tasks, which costs what it costs."""
    return {"contenders": {
        **beside("gyre libuv", f"{program} {arguments}"),
        "gyre tasks": ["{dir}/gyre/%s_tasks" % program, *arguments.split()],
    }, "anchor": "libuv", "goals": goals}


def pingpong():
    for kind in "tcp", "pipe":
        what = f"8 bytes over one connection ({kind}) and back"
        yield Row(f"pingpong/{kind}", f"{what}, in one loop", "cpu_ns",
                  **both_faces("pingpong", f"{kind} {{n:50000}}",
                               (("gyre", "libuv", 1.0),)))
        yield Row(f"pingpong/{kind}/apart", f"{what}, between two loops",
                  "wall_ns", threads=2,
                  **both_faces("pingpong", f"{kind} {{n:10000}} apart"))


def writes():
    yield Row("writes", "one of a million writes of 13 bytes, made at once",
              "cpu_ns", {
                  **beside("gyre libuv", "write_batch each {n:1000000}"),
                  "gyre tasks": ["{dir}/gyre/write_batch_tasks",
                                 "{n:1000000}"],
                  "gyre writer": ["{dir}/gyre/write_batch", "gathered",
                                  "{n:1000000}"],
              }, "libuv", (("gyre", "libuv", 0.7),), threads=2)


def pound():
    for kind in "tcp", "pipe":
        for n in 100, 1000:
            row = Row(f"pound/{kind}/{n}",
                      "one connection made, 2 bytes there and back, and closed:"
                      f" {n:,} at a time ({kind})", "cpu_ns",
                      **both_faces("pound", f"{kind} {{n:10000}} {n}",
                                   (("gyre", "libuv", 1.02),)))
            if kind == "tcp":
                row.contenders["raw epoll"] = ["{dir}/limits/pound",
                                               "{n:10000}", f"{n}"]
            yield row


def pump():
    for kind in "tcp", "pipe":
        for n in 1, 100:
            yield Row(f"pump/{kind}/{n}", "one mebibyte from loop to loop, "
                      f"over {n} at a time ({kind})", "wall_ns", threads=2,
                      **both_faces("pump", f"{kind} {{n:2000}} {n}",
                                   (("gyre", "libuv", 1.02),)))


def accept():
    for n in 1, 2, 4:
        row = Row(f"accept/{n}", "one connection accepted and closed; loops "
                  f"that share the socket: {n}", "cpu_ns", threads=2,
                  **both_faces("accept", f"{{n:10000}} {n}",
                               (("gyre", "libuv", 1.02),)))
        row.contenders["raw epoll"] = ["{dir}/limits/accept", "{n:10000}",
                                       f"{n}"]
        yield row


def echo_servers(*large):
    """All of them; `large` is what those are told that have a buffer for each
    connection, if the messages are."""
    python = f"{BENCH}/peers/python/echo.py"
    return {
        "gyre tasks": ["{dir}/gyre/echo", "{port}", *large],
        "gyre limits": ["{dir}/gyre/echo", "{port}", "limits"],
        "gyre watches": ["{dir}/gyre/echo_watch", "{port}"],
        "gyre callbacks": ["{dir}/gyre/echo_callbacks", "{port}"],
        "libuv": ["{dir}/libuv/echo", "{port}"],
        "libev": ["{dir}/libev/echo", "{port}"],
        "libevent": ["{dir}/libevent/echo", "{port}"],
        "raw epoll": ["{dir}/limits/epoll", "echo", "{port}"],
        "go": ["{dir}/go/echo", "{port}", *large],
        "uvloop": ["python with uvloop", python, "{port}", "uvloop"],
        "asyncio": ["python with asyncio", python, "{port}"],
    }


def echo_row(connections, size, servers, goals=()):
    return Row(f"echo/{connections}x{size}",
               f"{size:,} bytes over one of {connections:,} TCP connections "
               "and back", "cpu_ns", servers, "libuv", goals,
               {"kind": "echo", "connections": connections, "size": size},
               fields=("p50_ns", "p99_ns", "p999_ns", "rss_bytes"))


def echo():
    """Everybody where there are goals; elsewhere how cost grows.  None for one
    connection: how long a halted processor takes to wake is in it."""
    goals = (("gyre callbacks", "libuv", 1.0), ("gyre watches", "libuv", 1.0),
             ("gyre tasks", "libuv", 1.02), ("gyre tasks", "go", 0.7),
             ("gyre tasks", "uvloop", 0.8))
    for connections in 100, 1000:
        yield echo_row(connections, 64, echo_servers(), goals)
    for connections, size in ((1, 64), (1, 1024), (1, 65536), (100, 1024),
                              (1000, 1024), (100, 65536), (1000, 65536)):
        servers = echo_servers(*["large"] if size > 4096 else [])
        few = "gyre tasks", "gyre callbacks", "libuv"
        yield echo_row(connections, size, {who: servers[who] for who in few},
                       goals[:1] if connections > 1 else ())


def idle():
    servers = echo_servers()
    del servers["raw epoll"]  # remembers nothing, so there is no ratio to it
    servers["gyre tasks, 1 KiB"] = ["{dir}/gyre/echo", "{port}", "small"]
    yield Row("idle", "one of 10,000 TCP connections that have had 64 bytes "
              "echoed, and are idle: resident bytes", "rss_bytes",
              servers, "libuv", (("gyre callbacks", "libuv", 1.0),),
              {"kind": "idle", "connections": 10000, "message": b"x" * 64})


def rows():
    for group in pingpong, writes, pound, pump, accept, echo, idle:
        yield from group()
