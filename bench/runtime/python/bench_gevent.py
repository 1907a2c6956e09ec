"""The gevent peer."""

import time
from functools import partial

import gevent
import measure
from gevent.event import Event
from gevent.queue import Queue
from gevent.server import StreamServer

# Scheduling


def switch():
    def yield_often(times):
        for _ in range(times):
            gevent.sleep(0)

    def in_turn(times):
        gevent.joinall([gevent.spawn(yield_often, times), gevent.spawn(yield_often, times)])

    in_turn(10_000)
    times = 250_000
    start = time.perf_counter()
    in_turn(times)
    return measure.nanoseconds_each(start, 2 * times)


def spawn_join():
    def trivial():
        pass

    def groups(count):
        for _ in range(count):
            gevent.joinall([gevent.spawn(trivial) for _ in range(1_000)])

    groups(10)
    count = 200
    start = time.perf_counter()
    groups(count)
    return measure.nanoseconds_each(start, count * 1_000)


def channel(capacity):
    def produce(queue, items):
        for item in range(items):
            queue.put(item)

    def pass_items(items):
        queue = Queue(capacity)
        producer = gevent.spawn(produce, queue, items)
        for expected in range(items):
            assert queue.get() == expected
        producer.join()

    pass_items(10_000)
    items = 200_000
    start = time.perf_counter()
    pass_items(items)
    return measure.nanoseconds_each(start, items)


def scope():
    def scopes(count):
        for _ in range(count):
            with gevent.Timeout(60, False):
                pass

    scopes(10_000)
    count = 200_000
    start = time.perf_counter()
    scopes(count)
    return measure.nanoseconds_each(start, count)


# Memory


def sleepers(children, report):
    before = measure.resident_bytes()
    group = [gevent.spawn(gevent.sleep, 3600) for _ in range(children)]
    gevent.sleep(0.1)
    report(len(group), before)


# Timers


def timer_add_cancel():
    loop = gevent.get_hub().loop

    def nothing():
        pass

    def add(delay):
        timer = loop.timer(delay)
        timer.start(nothing)
        return timer

    def add_and_cancel(delays):
        for delay in delays:
            add(delay).close()  # stops it too

    outstanding = [add(delay) for delay in measure.timer_delays(measure.OUTSTANDING_TIMERS, 1)]
    delays = measure.timer_delays(200_000, 2)
    add_and_cancel(delays[:10_000])
    start = time.perf_counter()
    add_and_cancel(delays)
    found = measure.nanoseconds_each(start, len(delays))
    assert len(outstanding) == measure.OUTSTANDING_TIMERS
    measure.report(*found)


def timer_late(quantile):
    late = []

    def sleep_until(due):
        gevent.sleep(due - time.perf_counter())
        late.append(time.perf_counter() - due)

    gevent.joinall([gevent.spawn(sleep_until, due) for due in measure.late_dues(time.perf_counter())])
    return measure.quantile_ms(late, quantile)


# Cancellation and heartbeats


def keep_beating(heartbeat):
    while not heartbeat.is_stopping:
        due = time.perf_counter() + heartbeat.INTERVAL
        gevent.sleep(heartbeat.INTERVAL)
        heartbeat.beat(due)


def cancel_waiters(before_cancel):
    # One event each: an event removes a canceled waiter in linear time. The frames are plain calls.
    def inner():
        Event().wait()

    def middle():
        inner()

    def outer():
        middle()

    waiters = [gevent.spawn(outer) for _ in range(measure.WAITERS)]
    gevent.sleep(0.1)
    before_cancel()
    start = time.perf_counter()
    gevent.killall(waiters)
    elapsed = time.perf_counter() - start
    assert all(isinstance(waiter.value, gevent.GreenletExit) for waiter in waiters)
    return elapsed * 1e3, None


def cancel():
    return cancel_waiters(lambda: None)


def cancel_heartbeat():
    heartbeat = measure.Heartbeat()
    beating = gevent.spawn(keep_beating, heartbeat)
    cancel_waiters(heartbeat.start_counting)
    heartbeat.is_stopping = True
    beating.join()
    return heartbeat.found()


def executor_heartbeat():
    heartbeat = measure.Heartbeat()
    heartbeat.start_counting()
    beating = gevent.spawn(keep_beating, heartbeat)
    executor = gevent.get_hub().threadpool
    workers = [
        executor.spawn(measure.churn_for, measure.EXECUTOR_SECONDS) for _ in range(measure.EXECUTOR_WORKERS)
    ]
    for worker in workers:
        worker.get()
    heartbeat.is_stopping = True
    beating.join()
    return heartbeat.found()


def echo(connection, _):
    try:
        while data := connection.recv(measure.MESSAGE_BYTES):
            connection.sendall(data)
    except OSError:
        pass  # The other side is gone; the load generator notices what is missing.


def echo_server():
    server = StreamServer(("127.0.0.1", 0), echo, backlog=4096)
    server.start()
    measure.announce(server.server_port)
    server.serve_forever()


measure.main(
    {
        "switch": switch,
        "spawn-join": spawn_join,
        "channel-1": partial(channel, 1),
        "channel-64": partial(channel, 64),
        "scope": scope,
        "sleepers-bytes": partial(sleepers, 100_000, measure.report_bytes),
        "sleepers-peak-mb": partial(sleepers, measure.SLEEPERS, measure.report_peak),
        "timer-add-cancel": timer_add_cancel,
        "timer-late-p50-ms": partial(timer_late, 0.50),
        "timer-late-p99-ms": partial(timer_late, 0.99),
        "cancel-100k-ms": cancel,
        "cancel-heartbeat-late-ms": cancel_heartbeat,
        "executor-heartbeat-late-ms": executor_heartbeat,
    },
    echo_server,
)
