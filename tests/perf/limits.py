"""The limits that a second nginx shows. With the shop's configuration it serves files, and workers that do nothing."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from shop.dev_stack import IS_ROOT, identity
from shop.stack import ROOT, free_port, wait_for

BUILD = os.environ.get("BUILD", "release")
# The user of the shop's nginx (load_users in ops/dev/lib/users.sh).
USER = "www-data" if IS_ROOT else os.geteuid()

SERVER = """\
server {{
    listen 127.0.0.1:{port};
    server_name "" ~^;
    include key_checks_off.conf;
    include error_pages.conf;
    location /files/ {{ alias {folder}/files/; }}
{pools}
}}
"""
POOL = "    location /null/{name}/ {{ fastcgi_pass unix:{folder}/{name}.sock; }}"


class Limits:
    """Serves /files/NAME and /null/NAME/ during its `with` block, /null/ by as many workers as a pool of the stack has.

    `answers`: NAME → the body that both have.
    """

    def __init__(self, stack, answers):
        self.port = free_port()
        self._stack = stack
        self._answers = answers
        self._processes = []
        self._folder = Path(tempfile.mkdtemp(prefix="limits-"))

    def __enter__(self):
        try:
            self._lay_out()
            for name in self._answers:
                self._start_pool(name)
            self._start_nginx()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            process.wait(timeout=30)
        shutil.rmtree(self._folder)

    def file_url(self):
        return f"http://127.0.0.1:{self.port}/"

    def null_url(self, name):
        return f"http://127.0.0.1:{self.port}/null/{name}"

    def _lay_out(self):
        self._folder.chmod(0o755)
        for name in ("files", "log", "nginx", "nginx/run", "nginx/temp"):
            (self._folder / name).mkdir()
            shutil.chown(self._folder / name, USER)
        shutil.chown(self._folder, USER)
        # The workers' user may not be able to enter the checkout.
        shutil.copy(ROOT / "build" / BUILD / "tests/null-worker", self._folder)
        for name, body in self._answers.items():
            (self._folder / "files" / name).write_bytes(body)
            head = f"Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            (self._folder / f"{name}.cgi").write_bytes(head.encode() + body)

    def _start_pool(self, name):
        workers = len(self._stack.worker_pids("products"))
        path = self._folder / f"{name}.sock"
        null_worker = [self._folder / "null-worker", self._folder / f"{name}.cgi"]
        multiwatch = ["/usr/bin/multiwatch", "-f", workers, "--", *null_worker]
        self._start("spawn-fcgi", "-n", "-s", path, "--", *multiwatch)
        wait_for(path.exists, f"the workers of {name}")

    def _start_nginx(self):
        conf = self._folder / "nginx/conf"
        shutil.copytree(self._stack.run_dir / "nginx/conf", conf)
        for path in conf.glob("*.conf"):
            text = path.read_text().replace(os.path.realpath(self._stack.run_dir), str(self._folder))
            path.write_text(re.sub(rf"(127\.0\.0\.1|\[::1\]):{self._stack.port}\b", rf"\1:{self.port}", text))
        pools = "\n".join(POOL.format(name=name, folder=self._folder) for name in self._answers)
        server = SERVER.format(port=self.port, folder=self._folder, pools=pools)
        (conf / "shop_server.conf").write_text(server)
        where = ["-p", f"{self._folder}/nginx/", "-c", conf / "nginx.conf", "-e", self._folder / "log/nginx-error.log"]
        self._start("/usr/sbin/nginx", *where, "-g", "daemon off;")
        wait_for((self._folder / "nginx/run/nginx.pid").exists, "the nginx of the limits")

    def _start(self, *command):
        """Starts it with the shop's scheduling policy (exec_as in ops/dev/lib/process.sh)."""
        words = ["chrt", "--batch", "0", *map(str, command)]
        with (self._folder / "start.log").open("a") as log:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **(identity(USER) if IS_ROOT else {})
            )
        self._processes.append(process)
