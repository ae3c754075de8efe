# aio_serves.py DIRECTORY - aiohttp's server, for our client.
import asyncio
import sys

from aiohttp import web

routes = web.RouteTableDef()


@routes.route("*", "/measure")
async def measure(request):
    data = await request.read()
    return web.json_response({"method": request.method, "length": len(data),
                              "sum": sum(data)})


@routes.post("/echo")
async def echo(request):
    # Not before it has all of it: our client sends no more to who answers.
    return web.Response(body=await request.read())


@routes.get("/chunked/{n}")
async def chunked(request):
    response = web.StreamResponse()
    response.enable_chunked_encoding()
    await response.prepare(request)
    for i in range(int(request.match_info["n"])):
        await response.write(b"%07d\n" % i)
    await response.write_eof()
    return response


@routes.get("/cut")
async def cut(request):
    response = web.StreamResponse()
    response.content_length = 100
    await response.prepare(request)
    await response.write(b"short")
    request.transport.close()
    return response


@routes.get("/dropped")
async def dropped(request):
    request.transport.abort()
    return web.Response()


@routes.get("/packed")
async def packed(request):
    response = web.Response(text="text " * 1000)
    response.enable_compression()
    return response


@routes.get("/old")
async def old(request):
    response = web.Response(text="the end is the end")
    response.force_close()
    return response


@routes.route("*", "/redirect/{n}")
async def redirect(request):
    await request.read()
    return web.Response(status=int(request.match_info["n"]),
                        headers={"Location": request.query["to"]})


@routes.get("/status/{n}")
async def status(request):
    return web.Response(status=int(request.match_info["n"]))


@routes.get("/connections")
async def connections(request):
    return web.Response(text=str(len(runner.server.connections)))


@routes.get("/fields")
async def fields(request):
    return web.Response(text="\n".join(
        f"{name}: {value}" for name, value in request.headers.items()))


async def serve():
    global runner
    app = web.Application(client_max_size=1 << 26)
    app.add_routes(routes)
    app.router.add_static("/files", sys.argv[1])
    runner = web.AppRunner(app, keepalive_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print("listening on 127.0.0.1:%d" % runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()

asyncio.run(serve())
