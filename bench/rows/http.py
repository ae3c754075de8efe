"""HTTP."""
from rows.row import BENCH, Row, beside


def http_servers():
    python = f"{BENCH}/peers/python/http_server.py"
    return {
        "gyre": ["{dir}/gyre/hello", "{port}", "{folder}"],
        "nginx": ["nginx", "-c", f"{BENCH}/peers/nginx.conf"],
        "go": ["{dir}/go/hello", "{port}", "{folder}"],
        "node": ["node", f"{BENCH}/peers/node/http.js", "{port}", "{folder}"],
        "aiohttp": ["python with aiohttp", python, "{port}", "{folder}"],
        "aiohttp, uvloop": ["python with aiohttp,uvloop", python, "{port}",
                            "{folder}", "uvloop"],
    }


def rows():
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
