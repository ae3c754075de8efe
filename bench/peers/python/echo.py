"""TCP echo as an asyncio protocol, asyncio's fastest way.

    echo.py PORT [uvloop]
"""
import asyncio
import sys


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


async def serve(port):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Echo, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if "uvloop" in sys.argv[2:]:
    import uvloop
    uvloop.install()
asyncio.run(serve(int(sys.argv[1])))
