"""The asyncio peer. With --uvloop the same program runs on uvloop's event loop."""

import asyncio
import sys
import time
from functools import partial

import measure

on_uvloop = "--uvloop" in sys.argv


def on_loop(body, *arguments):
    factory = None
    if on_uvloop:
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(body(*arguments))


# Scheduling


async def switch():
    async def yield_often(times):
        for _ in range(times):
            await asyncio.sleep(0)

    async def in_turn(times):
        await asyncio.gather(yield_often(times), yield_often(times))

    await in_turn(10_000)
    times = 250_000
    start = time.perf_counter()
    await in_turn(times)
    return measure.nanoseconds_each(start, 2 * times)


async def spawn_join():
    async def trivial():
        pass

    async def groups(count):
        for _ in range(count):
            async with asyncio.TaskGroup() as group:
                for _ in range(1_000):
                    group.create_task(trivial())

    await groups(10)
    count = 200
    start = time.perf_counter()
    await groups(count)
    return measure.nanoseconds_each(start, count * 1_000)


async def channel(capacity):
    async def produce(queue, items):
        for item in range(items):
            await queue.put(item)

    async def pass_items(items):
        queue = asyncio.Queue(capacity)
        producer = asyncio.create_task(produce(queue, items))
        for expected in range(items):
            assert await queue.get() == expected
        await producer

    await pass_items(10_000)
    items = 200_000
    start = time.perf_counter()
    await pass_items(items)
    return measure.nanoseconds_each(start, items)


async def scope():
    async def scopes(count):
        for done in range(count):
            async with asyncio.timeout(60):
                pass
            if done % 1_000 == 0:
                await asyncio.sleep(0)  # canceled timers are only swept up when the loop turns

    await scopes(10_000)
    count = 200_000
    start = time.perf_counter()
    await scopes(count)
    return measure.nanoseconds_each(start, count)


# Memory


async def sleepers(children, report):
    before = measure.resident_bytes()
    async with asyncio.TaskGroup() as group:
        for _ in range(children):
            group.create_task(asyncio.sleep(3600))
        await asyncio.sleep(0.1)
        report(children, before)


# Timers


async def timer_add_cancel():
    loop = asyncio.get_running_loop()

    def nothing():
        pass

    async def add_and_cancel(delays):
        for done, delay in enumerate(delays):
            loop.call_later(delay, nothing).cancel()
            if done % 1_000 == 0:
                await asyncio.sleep(0)

    outstanding = [loop.call_later(delay, nothing) for delay in measure.timer_delays(measure.OUTSTANDING_TIMERS, 1)]
    delays = measure.timer_delays(200_000, 2)
    await add_and_cancel(delays[:10_000])
    start = time.perf_counter()
    await add_and_cancel(delays)
    found = measure.nanoseconds_each(start, len(delays))
    assert len(outstanding) == measure.OUTSTANDING_TIMERS
    measure.report(*found)


async def timer_late(quantile):
    late = []

    async def sleep_until(due):
        await asyncio.sleep(due - time.perf_counter())
        late.append(time.perf_counter() - due)

    async with asyncio.TaskGroup() as group:
        for due in measure.late_dues(time.perf_counter()):
            group.create_task(sleep_until(due))
    return measure.quantile_ms(late, quantile)


# Cancellation and heartbeats


async def keep_beating(heartbeat):
    while not heartbeat.is_stopping:
        due = time.perf_counter() + heartbeat.INTERVAL
        await asyncio.sleep(heartbeat.INTERVAL)
        heartbeat.beat(due)


async def cancel_waiters(before_cancel):
    # One future each: Event.wait() removes a canceled waiter in linear time.
    async def inner():
        await asyncio.get_running_loop().create_future()

    async def middle():
        await inner()

    async def outer():
        await middle()

    waiters = [asyncio.create_task(outer()) for _ in range(measure.WAITERS)]
    await asyncio.sleep(0.1)
    before_cancel()
    start = time.perf_counter()
    for waiter in waiters:
        waiter.cancel()
    await asyncio.wait(waiters)
    elapsed = time.perf_counter() - start
    assert all(waiter.cancelled() for waiter in waiters)
    return elapsed * 1e3, None


async def cancel():
    return await cancel_waiters(lambda: None)


async def cancel_heartbeat():
    heartbeat = measure.Heartbeat()
    beating = asyncio.create_task(keep_beating(heartbeat))
    await cancel_waiters(heartbeat.start_counting)
    heartbeat.is_stopping = True
    await beating
    return heartbeat.found()


async def executor_heartbeat():
    loop = asyncio.get_running_loop()
    heartbeat = measure.Heartbeat()
    heartbeat.start_counting()
    beating = asyncio.create_task(keep_beating(heartbeat))
    await asyncio.gather(
        *(
            loop.run_in_executor(None, measure.churn_for, measure.EXECUTOR_SECONDS)
            for _ in range(measure.EXECUTOR_WORKERS)
        )
    )
    heartbeat.is_stopping = True
    await beating
    return heartbeat.found()


# Echo. Protocols, not streams: they are asyncio's documented low-level form and the faster one on both
# loops. They have no coroutine per connection. asyncio allocates 256 KiB for each read of a plain
# protocol, so a buffered one is twice as fast there; on uvloop the plain one is the faster.


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


class BufferedEcho(asyncio.BufferedProtocol):
    def connection_made(self, transport):
        self.transport = transport
        self.buffer = bytearray(measure.MESSAGE_BYTES)

    def get_buffer(self, _):
        return self.buffer

    def buffer_updated(self, received):
        self.transport.write(self.buffer[:received])


async def echo_server():
    protocol = Echo if on_uvloop else BufferedEcho
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, backlog=4096)
    measure.announce(server.sockets[0].getsockname()[1])
    await server.serve_forever()


measure.main(
    {
        "switch": partial(on_loop, switch),
        "spawn-join": partial(on_loop, spawn_join),
        "channel-1": partial(on_loop, channel, 1),
        "channel-64": partial(on_loop, channel, 64),
        "scope": partial(on_loop, scope),
        "sleepers-bytes": partial(on_loop, sleepers, 100_000, measure.report_bytes),
        "sleepers-peak-mb": partial(on_loop, sleepers, measure.SLEEPERS, measure.report_peak),
        "timer-add-cancel": partial(on_loop, timer_add_cancel),
        "timer-late-p50-ms": partial(on_loop, timer_late, 0.50),
        "timer-late-p99-ms": partial(on_loop, timer_late, 0.99),
        "cancel-100k-ms": partial(on_loop, cancel),
        "cancel-heartbeat-late-ms": partial(on_loop, cancel_heartbeat),
        "executor-heartbeat-late-ms": partial(on_loop, executor_heartbeat),
    },
    partial(on_loop, echo_server),
)
