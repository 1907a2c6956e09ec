"""The Trio peer."""

import time
from functools import partial

import measure
import trio

# A million sleepers take Trio half a minute to start.
SLEEPERS = 100_000


# Scheduling


async def switch():
    # checkpoint(), not cancel_shielded_checkpoint(): a yield that notices cancellation is the usual one.
    async def yield_often(times):
        for _ in range(times):
            await trio.lowlevel.checkpoint()

    async def in_turn(times):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(yield_often, times)
            nursery.start_soon(yield_often, times)

    await in_turn(5_000)
    times = 50_000
    start = time.perf_counter()
    await in_turn(times)
    return measure.nanoseconds_each(start, 2 * times)


async def spawn_join():
    async def trivial():
        pass

    async def groups(count):
        for _ in range(count):
            async with trio.open_nursery() as nursery:
                for _ in range(1_000):
                    nursery.start_soon(trivial)

    await groups(5)
    count = 40
    start = time.perf_counter()
    await groups(count)
    return measure.nanoseconds_each(start, count * 1_000)


async def channel(capacity):
    async def produce(channel, items):
        async with channel:
            for item in range(items):
                await channel.send(item)

    async def pass_items(items):
        send, receive = trio.open_memory_channel(capacity)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(produce, send, items)
            received = 0
            async for item in receive:
                assert item == received
                received += 1
        assert received == items

    await pass_items(2_000)
    items = 50_000
    start = time.perf_counter()
    await pass_items(items)
    return measure.nanoseconds_each(start, items)


async def scope():
    async def scopes(count):
        for _ in range(count):
            with trio.move_on_after(60):
                pass

    await scopes(5_000)
    count = 100_000
    start = time.perf_counter()
    await scopes(count)
    return measure.nanoseconds_each(start, count)


# Memory


async def sleepers(report):
    before = measure.resident_bytes()
    async with trio.open_nursery() as nursery:
        for _ in range(SLEEPERS):
            nursery.start_soon(trio.sleep, 3600)
        await trio.sleep(0.1)
        report(SLEEPERS, before)


# Timers


async def timer_add_cancel():
    # Trio's timers are the deadlines of entered scopes; one task may enter any number of them.
    now = trio.current_time()
    for delay in measure.timer_delays(measure.OUTSTANDING_TIMERS, 1):
        trio.CancelScope(deadline=now + delay).__enter__()

    def add_and_cancel(delays):
        for delay in delays:
            with trio.CancelScope(deadline=now + delay):
                pass

    delays = measure.timer_delays(100_000, 2)
    add_and_cancel(delays[:5_000])
    start = time.perf_counter()
    add_and_cancel(delays)
    value, _ = measure.nanoseconds_each(start, len(delays))
    measure.report(value, {"note": "the timers are cancel scopes with deadlines"})


async def timer_late(quantile):
    late = []

    async def sleep_until(due):
        await trio.sleep_until(due)
        late.append(trio.current_time() - due)

    async with trio.open_nursery() as nursery:
        for due in measure.late_dues(trio.current_time()):
            nursery.start_soon(sleep_until, due)
    return measure.quantile_ms(late, quantile)


# Cancellation and heartbeats


async def keep_beating(heartbeat):
    while not heartbeat.is_stopping:
        due = time.perf_counter() + heartbeat.INTERVAL
        await trio.sleep(heartbeat.INTERVAL)
        heartbeat.beat(due)


async def cancel_waiters(before_cancel):
    never = trio.Event()

    async def inner():
        await never.wait()

    async def middle():
        await inner()

    async def outer():
        await middle()

    async with trio.open_nursery() as nursery:
        for _ in range(measure.WAITERS):
            nursery.start_soon(outer)
        await trio.sleep(0.1)
        assert never.statistics().tasks_waiting == measure.WAITERS
        before_cancel()
        start = time.perf_counter()
        nursery.cancel_scope.cancel()
    return (time.perf_counter() - start) * 1e3, None


async def cancel():
    return await cancel_waiters(lambda: None)


async def cancel_heartbeat():
    heartbeat = measure.Heartbeat()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(keep_beating, heartbeat)
        await cancel_waiters(heartbeat.start_counting)
        heartbeat.is_stopping = True
    return heartbeat.found()


async def executor_heartbeat():
    heartbeat = measure.Heartbeat()
    heartbeat.start_counting()
    async with trio.open_nursery() as beating:
        beating.start_soon(keep_beating, heartbeat)
        async with trio.open_nursery() as workers:
            for _ in range(measure.EXECUTOR_WORKERS):
                workers.start_soon(trio.to_thread.run_sync, measure.churn_for, measure.EXECUTOR_SECONDS)
        heartbeat.is_stopping = True
    return heartbeat.found()


async def echo(stream):
    try:
        while data := await stream.receive_some(measure.MESSAGE_BYTES):
            await stream.send_all(data)
    except trio.BrokenResourceError:
        pass  # The other side is gone; the load generator notices what is missing.


async def echo_server():
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, echo, 0, host="127.0.0.1", backlog=4096))
        measure.announce(listeners[0].socket.getsockname()[1])


measure.main(
    {
        "switch": partial(trio.run, switch),
        "spawn-join": partial(trio.run, spawn_join),
        "channel-1": partial(trio.run, channel, 1),
        "channel-64": partial(trio.run, channel, 64),
        "scope": partial(trio.run, scope),
        "sleepers-bytes": partial(trio.run, sleepers, measure.report_bytes),
        "sleepers-peak-mb": partial(trio.run, sleepers, measure.report_peak),
        "timer-add-cancel": partial(trio.run, timer_add_cancel),
        "timer-late-p50-ms": partial(trio.run, timer_late, 0.50),
        "timer-late-p99-ms": partial(trio.run, timer_late, 0.99),
        "cancel-100k-ms": partial(trio.run, cancel),
        "cancel-heartbeat-late-ms": partial(trio.run, cancel_heartbeat),
        "executor-heartbeat-late-ms": partial(trio.run, executor_heartbeat),
    },
    partial(trio.run, echo_server),
)
