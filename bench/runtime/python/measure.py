"""What the Python peers share: the command line, the clock, memory figures and the loads."""

import gc
import json
import os
import random
import resource
import sys
import threading
import time

MESSAGE_BYTES = 1024
LATE_TIMERS = 10_000
OUTSTANDING_TIMERS = 1_000_000
SLEEPERS = 1_000_000
WAITERS = 100_000


def main(cases, echo_server):
    """Runs the case named on the command line. A case is a function that gives (value, extra)."""
    case = sys.argv[-1]
    if case == "echo-server":
        end_with_standard_input()
        raise_file_limit()
        echo_server()
    elif case in cases:
        report(*cases[case]())
    else:
        report(None)


def report(value, extra=None):
    """Prints the one line of JSON and ends the process at once: tidying up is not what is measured."""
    case = sys.argv[-1]
    line = {"case": case, "value": value}
    if value is not None:
        line["unit"] = UNITS[case]
    if extra:
        line["extra"] = extra
    print(json.dumps(line), flush=True)
    os._exit(0)


UNITS = {
    "switch": "ns",
    "spawn-join": "ns",
    "channel-1": "ns",
    "channel-64": "ns",
    "scope": "ns",
    "sleepers-bytes": "bytes",
    "sleepers-peak-mb": "MB",
    "timer-add-cancel": "ns",
    "cancel-100k-ms": "ms",
    "cancel-heartbeat-late-ms": "ms",
    "executor-heartbeat-late-ms": "ms",
    "timer-late-p50-ms": "ms",
    "timer-late-p99-ms": "ms",
}


def nanoseconds_each(start, count):
    return (time.perf_counter() - start) * 1e9 / count, None


def announce(port):
    print(json.dumps({"port": port}), flush=True)


def end_with_standard_input():
    """Ends the process when standard input closes, from a thread of its own, beside the event loop."""

    def wait():
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def raise_file_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def status_bytes(field):
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    raise LookupError(f"/proc/self/status has no {field}")


def resident_bytes():
    gc.collect()
    return status_bytes("VmRSS")


def report_bytes(children, before):
    report((resident_bytes() - before) / children, {"children": children})


def report_peak(children, before):
    """What more children than these would have added is taken to grow in proportion."""
    peak = status_bytes("VmHWM")
    extra = {"children": children}
    if children < SLEEPERS:
        peak = before + (peak - before) * SLEEPERS / children
        extra["note"] = f"scaled up from {children:,} children"
    report(peak / 1e6, extra)


def late_dues(now):
    """Fixed deadlines over one second, half a second from now so that everyone is asleep before the first."""
    chosen = random.Random(1)
    return [now + 0.5 + chosen.random() for _ in range(LATE_TIMERS)]


def quantile_ms(late, quantile):
    late.sort()
    extra = {"max": late[-1] * 1e3}
    early = sum(1 for seconds in late if seconds < 0)
    if early:
        extra["note"] = f"{early / len(late):.0%} of the timers fired before they were due"
    return late[int(quantile * len(late))] * 1e3, extra


def timer_delays(count, seed):
    chosen = random.Random(seed)
    return [3600 + 3600 * chosen.random() for _ in range(count)]


class Heartbeat:
    """The greatest lateness of a heartbeat, from start_counting() on. The peer's loop makes it beat."""

    INTERVAL = 0.01

    def __init__(self):
        self.is_counting = False
        self.is_stopping = False
        self.greatest = 0.0

    def start_counting(self):
        self.is_counting = True

    def beat(self, due):
        if self.is_counting:
            self.greatest = max(self.greatest, time.perf_counter() - due)

    def found(self):
        return self.greatest * 1e3, None


EXECUTOR_WORKERS = os.cpu_count()
EXECUTOR_SECONDS = 2.0


def churn_for(seconds):
    """Pure Python arithmetic, the work an executor is given."""
    until = time.perf_counter() + seconds
    x = 88172645463325252
    while time.perf_counter() < until:
        for _ in range(100_000):
            x = (x * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
    return x
