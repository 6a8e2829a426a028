"""The shop that is measured: of the release build, with a folder and a port of its own."""

import os
import signal
import sys
from contextlib import contextmanager

from shop_client import Client
from shop_stack import Stack


@contextmanager
def started_stack(**settings):
    """A stack with empty stores. PRODUCTS_WORKERS and the other settings of `make up` count for it, too."""
    stack = Stack.with_own_folder(**({"BUILD": os.environ.get("BUILD", "release"), "LOG_LEVEL": "warning"} | settings))
    try:
        stack.make("up")
        yield stack
    finally:
        stack.remove()


def end_in_order_on_sigterm():
    """So that what was started is stopped again."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def number_setting(name, default):
    text = os.environ.get(name, "") or str(default)
    if not text.isdecimal() or int(text) < 1:
        sys.exit(f"{name} must be a number from 1 on, not {text!r}")
    return int(text)


def ask(stack, request, body=None):
    """The answer, which must be a 200."""
    answer = Client(stack.port)(request, body)
    if answer.status != 200:
        raise RuntimeError(f"{request}: {answer}")
    return answer
