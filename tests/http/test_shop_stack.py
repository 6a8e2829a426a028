"""Helpers that the tests rely on."""

import os
import select
import signal
import subprocess
import sys

from shop.stack import has_ended

# A process with a second thread, because Redis has several.
PROGRAM = (
    "import threading, time; threading.Thread(target=time.sleep, args=[60]).start(); print(flush=True); time.sleep(60)"
)


def test_a_process_that_has_ended_has_no_connection_left():
    """Otherwise a test would go on while a worker can still send a request to a store that was stopped."""
    for _ in range(50):
        with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            os.kill(process.pid, signal.SIGKILL)
            while not has_ended(process.pid):
                pass
            assert select.select([process.stdout], [], [], 0)[0], "its end of the pipe is still open"
