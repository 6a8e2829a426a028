"""An edge: an nginx of its own, in front of the pools of a shop that runs. Its settings are in a file, as on a host."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
from contextlib import contextmanager
from pathlib import Path

from shop import logs
from shop.client import Client
from shop.dev_stack import IS_ROOT, Outcome, command_line, identity, listens, temp_folder
from shop.stack import READ, ROOT, children, free_port, run, wait_for

NAME = "shop.example.com"
USER = "www-data" if IS_ROOT else None


class Edge:
    def __init__(self, shop):
        self.folder = Path(temp_folder())
        self.port = free_port()
        self.http_port = next(port for port in iter(free_port, None) if port != self.port)
        self.settings = {"HTTP_PORT": self.http_port, "HTTPS_PORT": self.port, "SERVER_NAMES": NAME}
        self.settings |= {f"{pool.upper()}_POOL": f"unix:{shop.run_dir}/{pool}.sock" for pool in ("products", "orders")}
        self.settings |= dict(zip(("TLS_CERTIFICATE", "TLS_KEY"), certificate(self.folder / "first")))
        self.env = self.folder / "edge.env"
        self._nginx = None
        logs.watch(self.folder)

    @property
    def prefix(self):
        return self.folder / "nginx"

    def render(self, *arguments, **settings):
        """Runs the command that makes the configuration. A setting that is None is left out."""
        values = {name: value for name, value in (self.settings | settings).items() if value is not None}
        self.env.write_text("".join(f'{name}="{value}"\n' for name, value in values.items()))
        return self.render_as_it_is(*arguments)

    def render_as_it_is(self, *arguments):
        folders = {"CONFIGURATION": "", "RUNTIME": "nginx/run", "LOGS": "log", "CACHE": "temp"}
        environment = {f"{name}_DIRECTORY": str(self.folder / folder) for name, folder in folders.items()}
        environment |= {"PATH": os.environ["PATH"], "MAINPID": str(self._nginx.pid) if self._nginx else ""}
        status, output = run(ROOT / "ops/edge/render.sh", *arguments, environment=environment)
        return Outcome(status, output.splitlines())

    def start(self, *arguments, user=USER, **settings):
        outcome = self.render(*arguments, **settings)
        assert outcome == (0, []), outcome
        where = ["-p", f"{self.prefix}/", "-c", self.prefix / "conf/nginx.conf", "-e", self.folder / "log/error.log"]
        command = ["/usr/sbin/nginx", *where, "-g", "daemon off;"]
        self._nginx = subprocess.Popen(command, **identity(user), **READ)
        wait_for(lambda: self._is_complete() or self._nginx.poll() is not None, "the edge starts")
        assert self._nginx.poll() is None, self._nginx.stdout.read()

    def reload(self, **settings):
        """As `systemctl reload` does it. Returns what the command said."""
        outcome = self.render("--unprivileged", **settings)
        if outcome.status == 0:
            old = set(self.worker_pids())
            self._nginx.send_signal(signal.SIGHUP)
            wait_for(lambda: self.worker_pids() and not old & set(self.worker_pids()), "other workers than before")
        return outcome

    def worker_pids(self):
        """Without the processes that look after the cache: one of those ends by itself."""
        return [pid for pid in children(self._nginx.pid) if command_line(pid).startswith("nginx: worker process")]

    def _is_complete(self):
        return listens(self.http_port) and len(self.worker_pids()) == os.cpu_count()

    def log(self, name):
        return (self.folder / f"log/{name}.log").read_text()

    def tls(self, cafile=None):
        """What a client needs that trusts the edge's certificate alone."""
        return ssl.create_default_context(cafile=cafile or self.settings["TLS_CERTIFICATE"])

    def client(self, fingerprint=None, **options):
        """It asks for the shop by its name, over HTTPS."""
        return NamedClient(self.port, fingerprint, tls=self.tls(), **options)

    def connect(self, source):
        """A connection over TLS from this address."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30, source_address=(source, 0))
        return self.tls().wrap_socket(plain, server_hostname=NAME)

    def plain_client(self, **options):
        """The same without TLS, for the port of HTTP."""
        return NamedClient(self.http_port, **options)

    def stop(self):
        if self._nginx:
            self._nginx.terminate()
            self._nginx.communicate(timeout=30)
            self._nginx = None

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder)


@contextmanager
def running_edge(shop, **settings):
    """An edge for tests that only ask it, in front of a shop that it brings up."""
    shop.up()
    edge = Edge(shop)
    try:
        edge.start("--unprivileged", **settings)
        yield edge
    finally:
        edge.remove()


class NamedClient(Client):
    def __call__(self, request, body=None, headers=None):
        return super().__call__(request, body, {"Host": NAME} | (headers or {}))


def certificate(folder):
    """Makes a certificate and its key, which only this user can read. Returns their paths."""
    folder.mkdir()
    paths = folder / "certificate.pem", folder / "key.pem"
    names = f"subjectAltName=DNS:{NAME},DNS:www.example.com,IP:127.0.0.1"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", f"/CN={NAME}", "-addext", names, "-out", paths[0], "-keyout", paths[1]]
    status, output = run(*command)
    assert status == 0, output
    folder.chmod(0o700)
    return paths
