"""The shop that is measured: the release build, in its own folder and on its own port."""

import os
import signal
import sys

from shop.client import Client
from shop.stack import started_stack


def started_shop(**settings):
    """The settings of `make up` apply, such as PRODUCTS_WORKERS."""
    return started_stack(BUILD=os.environ.get("BUILD", "release"), LOG_LEVEL="warning", **settings)


def end_in_order_on_sigterm():
    """So that SIGTERM, too, stops what was started."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def number_setting(name, default):
    text = os.environ.get(name, "") or str(default)
    if not text.isdecimal() or int(text) < 1:
        sys.exit(f"{name} must be a number from 1 on, not {text!r}")
    return int(text)


def progress(text):
    """Prints it if stderr is a terminal."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr, flush=True)


def ask(stack, request, body=None):
    """The answer, which must be a 200."""
    answer = Client(stack.port)(request, body)
    if answer.status != 200:
        raise RuntimeError(f"{request}: {answer}")
    return answer
