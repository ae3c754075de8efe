# aio_asks.py CLAIM URL DIRECTORY - aiohttp's client asks our server.
#
# Ends well if what the function CLAIM says is so.
import asyncio
import sys

import aiohttp

url, directory = sys.argv[2:]


def content(name):
    with open(f"{directory}/{name}", "rb") as file:
        return file.read()


async def pieces(data, size):
    for at in range(0, len(data), size):
        yield data[at:at + size]


async def methods(s):
    for method in "GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND":
        async with s.request(method, f"{url}/measure") as r:
            assert (await r.json())["method"] == method


async def types(s):
    async with s.get(f"{url}/measure") as r:
        assert r.content_type == "application/json"
    async with s.get(f"{url}/files/small.txt") as r:
        assert r.content_type == "text/plain" and await r.text() == "small\n"


async def upload(s):
    data = content("random")
    async with s.post(f"{url}/echo", data=data) as r:
        assert await r.read() == data


async def upload_in_chunks(s):
    data = content("random")
    for size in 1, 1000, 65537:
        some = data[:size * 1000]
        async with s.post(f"{url}/echo", data=pieces(some, size)) as r:
            assert await r.read() == some


async def upload_when_asked(s):
    data = content("random")
    async with s.put(f"{url}/measure", data=data, expect100=True) as r:
        assert await r.json() == {"method": "PUT", "length": len(data),
                                  "sum": sum(data)}
    async with s.put(f"{url}/refuse", data=data, expect100=True) as r:
        assert r.status == 403


async def form(s):
    parts = aiohttp.FormData()
    parts.add_field("file", content("random"), filename="x.bin")
    parts.add_field("text", "\u00e4")
    async with s.post(f"{url}/echo", data=parts) as r:
        assert content("random") in await r.read()


async def download(s):
    data = content("lines")
    for path in "sized/262144", "chunked/262144", "files/lines":
        async with s.get(f"{url}/{path}") as r:
            some = [piece async for piece in r.content.iter_chunked(9999)]
            assert b"".join(some) == data


async def chunks(s):
    async with s.get(f"{url}/slow/5") as r:
        got = [some async for some, _ in r.content.iter_chunks() if some]
        assert got == [b"%07d\n" % i for i in range(5)], got


async def cut(s):
    for path in "cut/1000", "cut/1":
        try:
            async with s.get(f"{url}/{path}") as r:
                await r.read()
        except aiohttp.ClientPayloadError:
            continue
        assert False, "not seen"


async def cookies(s):
    async with s.get(f"{url}/cookies/set") as r:
        assert r.cookies["flavour"].value == "oat"
    async with s.get(f"{url}/cookies/deep/x") as r:
        assert sorted((await r.text()).split("; ")) == ["deep=1", "flavour=oat"]
    async with s.get(f"{url}/cookies/other") as r:
        assert await r.text() == "flavour=oat"


async def redirects(s):
    for code in 301, 302, 303, 307, 308:
        async with s.post(f"{url}/redirect/{code}", data=b"ab") as r:
            assert len(r.history) == 1 and r.history[0].status == code
            method = "POST" if code > 303 else "GET"
            assert (await r.json())["method"] == method


async def one_connection(s):
    made = 0

    async def on_create(*args):
        nonlocal made
        made += 1
    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(on_create)
    async with aiohttp.ClientSession(trace_configs=[trace]) as s:
        for i in range(50):
            async with s.get(f"{url}/sized/{i}") as r:
                assert len(await r.read()) == i * 8
            async with s.post(f"{url}/echo", data=b"x" * i) as r:
                assert len(await r.read()) == i
    assert made == 1, made


async def crowd(s):
    async def ask(i):
        async with s.get(f"{url}/chunked/{i * 13}") as r:
            return len(await r.read()) == i * 104
    assert all(await asyncio.gather(*(ask(i) for i in range(500))))


async def timeouts(s):
    async def ask():
        try:
            async with s.get(f"{url}/slow/1000",
                             timeout=aiohttp.ClientTimeout(total=0.2)) as r:
                await r.read()
        except asyncio.TimeoutError:
            return True
    assert all(await asyncio.gather(*(ask() for _ in range(50))))
    async with s.get(f"{url}/measure") as r:
        assert r.status == 200


async def statuses(s):
    for code in 200, 201, 204, 304, 400, 404, 418, 500, 503, 599:
        async with s.get(f"{url}/status/{code}") as r:
            assert r.status == code and await r.read() == b""
    async with s.head(f"{url}/files/lines") as r:
        assert r.headers["Content-Length"] == str(len(content("lines")))


async def ask():
    jar = aiohttp.CookieJar(unsafe=True)    # which takes cookies of addresses
    async with aiohttp.ClientSession(
            cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=60)) as s:
        await globals()[sys.argv[1]](s)

asyncio.run(ask())
