"""A pool whose queue is full."""

import resource
import socket
from contextlib import ExitStack, contextmanager

from shop.stack import run


@contextmanager
def full_queue(path):
    """Connects to a listening unix socket, for the `with` block, until its queue takes no more. Nobody may accept."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with ExitStack() as sockets:
            while is_taken(sockets.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)), path):
                pass
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def is_taken(connection, path):
    connection.setblocking(False)
    try:
        connection.connect(str(path))
    except BlockingIOError:
        return False
    return True


def queue_length(path):
    """How many connections wait at a socket. One that was closed stays until somebody accepts it."""
    status, output = run("ss", "--no-header", "--listening", "--unix", "src", str(path))
    assert status == 0 and output, output
    return int(output.split()[2])
