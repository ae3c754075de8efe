"""What tasks share, by asyncio.

    sharing.py free OPS            one task locks and unlocks, alone
    sharing.py handed OPS TASKS    that many do, and give way while they hold it
    sharing.py queue OPS ROOM      items from one to another, by a queue
    sharing.py select OPS          items of two, taken from whichever has one

asyncio has no queue without room, and no choice between queues but to wait for
tasks that wait for one each.
"""
import asyncio
import sys
import time


def report(ops, began):
    wall, cpu = time.perf_counter_ns(), time.process_time_ns()
    print(f"ops={ops} wall_ns={wall - began[0]} cpu_ns={cpu - began[1]}")


def start():
    return time.perf_counter_ns(), time.process_time_ns()


async def free(ops):
    lock = asyncio.Lock()
    began = start()
    for _ in range(ops):
        async with lock:
            pass
    report(ops, began)


async def handed(ops, tasks):
    lock = asyncio.Lock()

    async def hold():
        for _ in range(ops // tasks):
            async with lock:
                await asyncio.sleep(0)

    began = start()
    await asyncio.gather(*(hold() for _ in range(tasks)))
    report(ops // tasks * tasks, began)


async def send(items, n):
    for i in range(n):
        await items.put(i)


async def queue(ops, room):
    items = asyncio.Queue(room)
    began = start()
    sender = asyncio.create_task(send(items, ops))
    for _ in range(ops):
        await items.get()
    await sender
    report(ops, began)


async def select(ops):
    queues = [asyncio.Queue(1), asyncio.Queue(1)]
    began = start()
    senders = [asyncio.create_task(send(q, ops // 2)) for q in queues]
    taking = {asyncio.create_task(q.get()): q for q in queues}
    for _ in range(ops // 2 * 2):
        done, _ = await asyncio.wait(taking,
                                     return_when=asyncio.FIRST_COMPLETED)
        q = taking.pop(taken := done.pop())
        taken.result()
        taking[asyncio.create_task(q.get())] = q
    report(ops // 2 * 2, began)
    for task in (*senders, *taking):
        task.cancel()


asyncio.run(globals()[sys.argv[1]](*map(int, sys.argv[2:])))
