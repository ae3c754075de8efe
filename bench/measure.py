"""Run one contender once, pinned, and return the numbers it gave.

A contender is a command.  A program does its work and prints `key=number` pairs
on one line.  A server is told a port and runs until it is killed; what it did
is told by the load that is put on it: echo_load for TCP, wrk for HTTP, and for
what idle connections take, nobody.

The contender has the first processor the driver may use, the load the second; a
program that needs two threads has both, and pins its threads itself.
"""
import os
import re
import signal
import socket
import subprocess
import tempfile
import time

CORES = sorted(os.sched_getaffinity(0))
WRK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "load/wrk.lua")


class Failed(Exception):
    """A contender did not do its work; the message says how."""


def pinned(cores):
    return lambda: os.sched_setaffinity(0, cores)


def numbers(text):
    return {k: float(v) for k, v in re.findall(r"(\w+)=([\d.]+)", text)}


def run(command, cores, timeout=120):
    """Run to the end; return standard output and standard error."""
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              timeout=timeout, preexec_fn=pinned(cores))
    except subprocess.TimeoutExpired:
        raise Failed(f"not done after {timeout} s: {' '.join(command)}")
    if done.returncode != 0:
        raise Failed(f"exit {done.returncode} of {' '.join(command)}: "
                     f"{done.stderr.strip()[-300:]}")
    return done.stdout, done.stderr


def program(command, threads, scale=1, wrapper=()):
    """A program's numbers, and what its wrapper wrote.

    `{n:1000}` in the command is how often it is to do its thing, times `scale`.
    """
    def scaled(match):
        return str(max(1, int(float(match[1]) * scale)))

    words = [re.sub(r"\{n:(\d+)\}", scaled, word) for word in command]
    out, err = run([*wrapper, *words], set(CORES[:threads]))
    result = numbers(out)
    if "ops" not in result:
        raise Failed(f"{' '.join(words)}: printed no ops=: {out[:200]!r}")
    return result, err


class Server:
    """A server process, ready to be talked to within the `with` block."""

    def __init__(self, command, wrapper=()):
        self.folder = tempfile.TemporaryDirectory()
        self.port = free_port()
        with open(f"{self.folder.name}/10k", "wb") as file:
            file.write(b"x" * 10240)
        self.said = open(f"{self.folder.name}/stderr", "w+", encoding="utf-8")
        words = [self.fill(word) for word in command]
        self.process = subprocess.Popen(
            [*wrapper, *words], stdout=subprocess.DEVNULL,
            stderr=self.said,  # a pipe might fill: a wrapper may say much
            preexec_fn=pinned(set(CORES[:1])))

    def fill(self, word):
        """The port for {port}; for {folder} one of its own, which has a file
        to serve, `10k`; for a template *.conf, its filled-in copy."""
        word = word.replace("{port}", str(self.port))
        word = word.replace("{folder}", self.folder.name)
        if not word.endswith(".conf"):
            return word
        with open(word, encoding="utf-8") as template:
            text = template.read()
        text = text.replace("@PORT@", str(self.port))
        text = text.replace("@DIR@", self.folder.name)
        copy = os.path.join(self.folder.name, os.path.basename(word))
        with open(copy, "w", encoding="utf-8") as file:
            file.write(text)
        return copy

    def __enter__(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except ConnectionRefusedError:
                time.sleep(0.005)
        self.__exit__()
        raise Failed(f"the server did not open its port: {self.errors[-300:]}")

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.kill(self.pid(), signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.said.seek(0)
        self.errors = self.said.read()
        self.said.close()
        self.folder.cleanup()

    def pid(self):
        """The server's own process, under its wrapper if it has one."""
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        with open(path, encoding="ascii") as file:
            children = file.read().split()
        return int(children[0]) if children else self.process.pid

    def cpu_ns(self):
        folder = f"/proc/{self.process.pid}/task"
        total = 0
        for thread in os.listdir(folder):
            with open(f"{folder}/{thread}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total

    def rss_bytes(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def enough(load):
    """Messages that tell a server's costs, and its latency, but where they are
    few at a time, or long."""
    connections = load["connections"]
    return max(connections,
               min(20000, 1000 * connections, 2 ** 28 // load["size"]))


def echo(server, load, directory, seconds, warm=0.2, messages=None):
    """Put TCP echo on a server, for a time and for at least so many."""
    command = [f"{directory}/load/echo_load", "-p", str(server.port),
               "-c", str(load["connections"]), "-s", str(load["size"]),
               "-w", str(int(warm * 1000)), "-d", str(int(seconds * 1000)),
               "-n", str(messages or enough(load)), "-P", str(server.pid())]
    return numbers(run(command, set(CORES[-1:]))[0])


def http(server, load, _, seconds):
    """Put HTTP requests on a server with wrk."""
    cpu = server.cpu_ns()
    out, _ = run(["wrk", "-t1", f"-c{load['connections']}",
                  f"-d{max(1, round(seconds))}s", "-s", WRK,
                  f"http://127.0.0.1:{server.port}{load['path']}", "--",
                  str(load.get("at a time", 1))], set(CORES[-1:]))
    cpu = server.cpu_ns() - cpu
    if "Non-2xx" in out or "Socket errors" in out:
        raise Failed(f"wrk saw errors: {out}")
    found = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m)", out)
    ops, scale = int(found[1]), {"ms": 1e6, "s": 1e9, "m": 60e9}[found[3]]
    return {"ops": ops, "wall_ns": float(found[2]) * scale, "cpu_ns": cpu,
            "total": ops, **numbers(out)}


def resident(server, load, *_):
    """Connect, have one message of each answered, and let them be idle: what
    they add to the server's resident memory, but for the first.  An answer ends
    as the message does, or as the load says."""
    def connect():
        peer = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        peer.sendall(message)
        came = b""
        while not came.endswith(end):
            some = peer.recv(65536)
            if not some:
                raise Failed(f"a connection ended, after {came[:60]!r}")
            came += some
        return peer

    message = load["message"]
    end = load.get("answer", message)
    peers = [connect()]
    before, cpu, start = server.rss_bytes(), server.cpu_ns(), time.monotonic()
    peers += [connect() for _ in range(load["connections"])]
    result = {"ops": load["connections"],
              "wall_ns": (time.monotonic() - start) * 1e9,
              "cpu_ns": server.cpu_ns() - cpu,
              "rss_bytes": server.rss_bytes() - before}
    for peer in peers:
        peer.close()
    return result


LOADS = {"echo": echo, "http": http, "idle": resident}


def once(row, command, directory, seconds, scale=1):
    """One sample of one contender of a row."""
    if row.load is None:
        return program(command, row.threads, scale)[0]
    with Server(command) as server:
        result = LOADS[row.load["kind"]](server, row.load, directory, seconds)
        result.setdefault("rss_bytes", server.rss_bytes())
        return result
