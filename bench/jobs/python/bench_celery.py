"""The Celery peer: the worker's task, and the client that measures.

CELERY -A bench_celery worker runs the worker; bench_celery.py CASE COUNT prints one line of JSON:
{"seconds": S} for all of COUNT jobs, or {"samples": [milliseconds, ...]}.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from celery import Celery
from celery.result import ResultSet

REDIS = os.environ["BENCH_REDIS"]
IDLE_SECONDS = 0.020

# With more or fewer Celery was slower.
SUBMITS_AT_ONCE = 4

# As Celery's documentation has it for short tasks, but for what durability asks: a task is taken
# from the queue when it has ended, not when it starts, so that a worker's death does not lose it.
app = Celery("bench", broker=REDIS, backend=REDIS)
app.conf.task_acks_late = os.environ["BENCH_DURABLE"] == "yes"


@app.task(name="run")
def run(command):
    return subprocess.run(command, check=True).returncode


def throughput(count):
    """From the first submit to the last ending known."""
    start = time.perf_counter()
    with ThreadPoolExecutor(SUBMITS_AT_ONCE) as threads:
        submitted = list(threads.map(lambda _: run.delay(["/bin/true"]), range(count)))
    ResultSet(submitted).join()
    return {"seconds": time.perf_counter() - start}


def start_latency(count):
    """From submit until the process reads the clock."""
    samples = []
    folder = tempfile.mkdtemp()
    for number in range(count):
        time.sleep(IDLE_SECONDS)
        stamp = os.path.join(folder, str(number))
        submitted = time.time_ns()
        run.delay(["/bin/sh", "-c", 'exec /bin/date +%s%N >"$0"', stamp]).get()
        with open(stamp, encoding="ascii") as file:
            samples.append((int(file.read()) - submitted) / 1e6)
    return {"samples": samples}


def end_latency(count):
    """From submit until the ending is known."""
    samples = []
    for _ in range(count):
        time.sleep(IDLE_SECONDS)
        start = time.perf_counter()
        run.delay(["/bin/true"]).get()
        samples.append((time.perf_counter() - start) * 1e3)
    return {"samples": samples}


CASES = {"throughput": throughput, "start-latency": start_latency, "end-latency": end_latency}
WARM_UP = 100

if __name__ == "__main__":
    case = CASES[sys.argv[1]]
    case(WARM_UP)
    print(json.dumps(case(int(sys.argv[2]))))
