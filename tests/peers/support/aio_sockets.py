# aio_sockets.py asks URL | serves - WebSockets of aiohttp, before our server or
# for our client.
import asyncio
import os
import random
import sys

import aiohttp
from aiohttp import web


async def ask():
    async with aiohttp.ClientSession() as s:
        async with s.ws_connect(f"{sys.argv[2]}/socket", max_msg_size=1 << 25,
                                protocols=["chat.1"]) as ws:
            assert ws.protocol == "chat.1"
            for size in [0, 1, 125, 126, 127, 65535, 65536, 1 << 20] + [
                    random.randrange(5000) for _ in range(300)]:
                data = os.urandom(size)
                await ws.send_bytes(data)
                assert await ws.receive_bytes() == data
                await ws.send_str("\u00e4" * (size // 2))
                assert await ws.receive_str() == "\u00e4" * (size // 2)
            await ws.ping(b"x")
            await ws.close(code=4000, message=b"enough")
            assert ws.close_code == 4000, ws.close_code
        async with s.ws_connect(f"{sys.argv[2]}/socket/close/3000") as ws:
            message = await ws.receive()
            assert message.type == aiohttp.WSMsgType.CLOSE
            assert message.data == 3000 and message.extra == "as you like"


async def echo(request):
    ws = web.WebSocketResponse(max_msg_size=1 << 25, protocols=["chat.2"])
    await ws.prepare(request)
    async for message in ws:
        if message.type == aiohttp.WSMsgType.TEXT:
            await ws.send_str(message.data)
        elif message.type == aiohttp.WSMsgType.BINARY:
            await ws.send_bytes(message.data)
    return ws


async def serve():
    app = web.Application()
    app.add_routes([web.get("/echo", echo)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print("listening on 127.0.0.1:%d" % runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()

asyncio.run(ask() if sys.argv[1] == "asks" else serve())
