"""Clients that a server of HTTP must live with, all at once, and a good one.

    hostile.py PORT PID SECONDS IDLE

Opens IDLE connections that ask once and then say nothing, and beside them keeps
up what CLIENTS lists for SECONDS, and until as many of each as there are at a
time have come to their end, but for no more than LIMIT: whoever is let go comes
again.  Meanwhile a good client asks, now on a connection that it keeps and now on a new one, and
must be answered each time.  Prints what became of each kind, one `key: number`
a line, and what the server, whose process is PID or its child, took for it.
"""
import asyncio
import os
import socket
import sys
import time

HEAD = b"GET /json/x?a=1 HTTP/1.1\r\nHost: localhost\r\n"
ASKED = HEAD + b"\r\n"
WORDY = (b"GET /json/" + b"x" * 300 + b" HTTP/1.1\r\nHost: localhost\r\n"
         b"X-Words: " + b"z" * 700 + b"\r\n\r\n")
ANSWER = b'"query_param_b":null}'


class Counts(dict):
    def add(self, key, n=1):
        self[key] = self.get(key, 0) + n


counts = Counts()


# ---- what the server takes ----

class Server:
    def __init__(self, pid):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = file.read().split()
        self.folder = f"/proc/{children[0] if children else pid}"

    def read(self, name):
        with open(f"{self.folder}/{name}", encoding="ascii") as file:
            return file.read()

    def cpu(self):
        """Milliseconds."""
        words = self.read("stat").rpartition(")")[2].split()
        ticks = int(words[11]) + int(words[12])
        return ticks * 1000 // os.sysconf("SC_CLK_TCK")

    def resident(self):
        """KiB."""
        pages = int(self.read("statm").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // 1024

    def descriptors(self):
        return len(os.listdir(f"{self.folder}/fd"))

    def tell(self, when):
        counts[f"resident KiB {when}"] = self.resident()
        counts[f"descriptors {when}"] = self.descriptors()


# ---- the clients ----

class Peer:
    """A connection of a client's, within the `with` block."""

    def __init__(self, port, room=None):
        self.port = port
        self.room = room  # for what it does not read; None: the system's
        self.loop = asyncio.get_running_loop()

    async def __aenter__(self):
        self.socket = socket.socket()
        if self.room:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                   self.room)
        self.socket.setblocking(False)
        try:
            await self.loop.sock_connect(self.socket, ("127.0.0.1", self.port))
        except BaseException:  # a cancellation, too: nobody else would close it
            self.socket.close()
            raise
        return self

    async def __aexit__(self, *_):
        self.socket.close()

    async def send(self, data):
        await self.loop.sock_sendall(self.socket, data)

    async def read(self):
        return await self.loop.sock_recv(self.socket, 65536)

    async def ask(self):
        """Ask, and read the whole answer; None if the connection ended."""
        await self.send(ASKED)
        came = b""
        while not came.endswith(ANSWER):
            some = await self.read()
            if not some:
                return None
            came += some
        return came

    async def rest(self):
        """All that still comes."""
        came = b""
        while some := await self.read():
            came += some
        return came


async def idle(port, ready):
    async with Peer(port) as peer:
        if await peer.ask() is not None:
            counts.add("idle, answered")
        ready.release()
        await peer.rest()
        counts.add("idle, let go")


async def slow(port):
    """A byte of a head a second."""
    async with Peer(port) as peer:
        end = asyncio.ensure_future(peer.rest())
        for byte in HEAD + b"X-Slow: " + b"z" * 3600:
            await peer.send(bytes([byte]))
            done, _ = await asyncio.wait([end], timeout=1)
            if done:
                break
        if (await end).startswith(b"HTTP/1.1 408 "):
            counts.add("slow, told so")


async def deaf(port):
    """Asks and asks, and reads nothing.  The server answers what it reads at
    once in one write, whose time goes by its length: so its questions are
    long, and a write has few answers."""
    async with Peer(port, 4096) as peer:
        try:
            while True:
                await peer.send(10 * WORDY)
        except ConnectionError:
            counts.add("deaf, cut off")


async def stuck(port):
    """Half a head, and then nothing."""
    async with Peer(port) as peer:
        await peer.send(HEAD)
        if (await peer.rest()).startswith(b"HTTP/1.1 408 "):
            counts.add("stuck, told so")


async def halved(port):
    """Half a head, and the end."""
    async with Peer(port) as peer:
        await peer.send(HEAD)
        peer.socket.shutdown(socket.SHUT_WR)
        await peer.rest()
        counts.add("halved, let go")
        await asyncio.sleep(1)


CLIENTS = {slow: 200, deaf: 100, stuck: 50, halved: 50}
ENDS = {slow: "slow, told so", deaf: "deaf, cut off",
        stuck: "stuck, told so", halved: "halved, let go"}
LIMIT = 150  # seconds, for a machine that does other things as well


async def again(client, port):
    while True:
        try:
            await client(port)
        except ConnectionError:
            counts.add("reset")


async def good(port):
    while True:
        async with Peer(port) as peer:
            for _ in range(10):
                before = time.monotonic()
                counts.add("good, asked")
                if await peer.ask() is not None:
                    counts.add("good, answered")
                took = int((time.monotonic() - before) * 1000)
                counts["good, ms at most"] = max(
                    took, counts.get("good, ms at most", 0))
                await asyncio.sleep(0.01)


# ---- all of it ----

async def endure(seconds, friend):
    """Let them go on, while the good client does."""
    start = time.monotonic()
    past = 0
    while not friend.done() and past < LIMIT and (
            past < seconds or any(counts.get(ENDS[client], 0) < n
                                  for client, n in CLIENTS.items())):
        await asyncio.sleep(0.1)
        past = time.monotonic() - start
    counts["lasted, ms"] = int(past * 1000)


async def settle(server, n):
    """Wait for the server to be rid of all but `n` descriptors."""
    for _ in range(600):
        if server.descriptors() <= n:
            break
        await asyncio.sleep(0.05)


async def main(port, pid, seconds, connections):
    server = Server(pid)
    server.tell("before")
    ready = asyncio.Semaphore(100)  # connecting, at a time
    tasks = []
    for _ in range(connections):
        await ready.acquire()
        tasks.append(asyncio.ensure_future(idle(port, ready)))
    while counts.get("idle, answered", 0) < connections:
        await asyncio.sleep(0.05)
    server.tell("with the idle")
    cpu = server.cpu()
    tasks += [asyncio.ensure_future(again(client, port))
              for client, n in CLIENTS.items() for _ in range(n)]
    friend = asyncio.ensure_future(good(port))
    await endure(seconds, friend)
    server.tell("with all")
    counts["processor, ms"] = server.cpu() - cpu
    if friend.done():
        counts.add(f"good, ended by {friend.exception()!r}")
    for task in [*tasks, friend]:
        task.cancel()
    await asyncio.wait([*tasks, friend])
    await settle(server, counts["descriptors before"])
    server.tell("after")


asyncio.run(main(*map(int, sys.argv[1:])))
for name, number in sorted(counts.items()):
    print(f"{name}: {number}")
