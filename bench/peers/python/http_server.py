"""HTTP by aiohttp: 13 bytes of text, and the files of FOLDER.

    http_server.py PORT FOLDER [uvloop]
"""
import sys

from aiohttp import web


async def hello(_):
    return web.Response(text="Hello, world!")


if "uvloop" in sys.argv[3:]:
    import uvloop
    uvloop.install()
app = web.Application()
app.router.add_get("/", hello)
app.router.add_static("/files/", sys.argv[2])
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None,
            backlog=4096, keepalive_timeout=120, print=None)
