"""Workers that a test puts in place of the shop's."""

import fcntl
import socket
import struct
import termios
from contextlib import contextmanager, suppress
from threading import Thread

from shop.stack import wait_for

# What a worker sends, FastCGI specification, section 8: a part of the answer, and the end of it.
STDOUT, END_REQUEST = 6, 3


@contextmanager
def workers_that_answer(stack, *parts, pool="orders", hang_up=True):
    """Puts workers that take each request and send these bytes in place of a pool's, for the `with` block. They send
    each part when nginx has read the one before. They hang up at once, or not before nginx has hung up."""
    path = stack.run_dir / f"{pool}.sock"
    with stack.without_pool(pool), socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o666)
        listener.listen()
        worker = Thread(target=answer_all, args=(listener, parts, hang_up))
        worker.start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            worker.join()
            path.unlink()


def answer_all(listener, parts, hang_up):
    with suppress(OSError):  # The listener was shut.
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                for part in parts:
                    wait_for(lambda: unread_bytes(connection) == 0, "nginx has read the part before")
                    connection.sendall(part)
                if not hang_up:
                    connection.recv(1)  # Ends when nginx hangs up.


def unread_bytes(connection):
    """What the other side has not read yet: SIOCOUTQ of unix(7), which has the number of TIOCOUTQ."""
    return struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)))[0]


def record(kind, content):
    return struct.pack("!BBHHBx", 1, kind, 1, len(content), 0) + content


# What follows the last part of an answer.
LAST_RECORDS = record(STDOUT, b"") + record(END_REQUEST, bytes(8))


def unavailable(*headers):
    """An answer, from its first to its last record. No other part of the shop sends its message."""
    body = b'{"error":"SERVICE_UNAVAILABLE","message":"Perhaps."}'
    head = [b"Status: 503", b"Content-Type: application/json", b"Content-Length: %d" % len(body), *headers]
    return record(STDOUT, b"\r\n".join(head) + b"\r\n\r\n" + body) + LAST_RECORDS
