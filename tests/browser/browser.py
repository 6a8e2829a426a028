"""Chromium without a window, for as long as a `with` block, and pages for it to show."""

import os
import tempfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

TIMEOUT_SECONDS = 30

# It is to talk to nobody but the tests' own servers.
QUIET = [
    "--headless=new",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-breakpad",
]


@contextmanager
def started_browser(*arguments):
    """A WebDriver; `arguments` are chromium's, beside those above. The profile is new, and gone in the end."""
    with tempfile.TemporaryDirectory(prefix="browser-test-", ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        # What the console says, and each request.
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        for argument in [*QUIET, f"--user-data-dir={profile}", *arguments]:
            options.add_argument(argument)
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")  # Which root cannot have.
        driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        try:
            driver.set_page_load_timeout(TIMEOUT_SECONDS)
            driver.set_script_timeout(TIMEOUT_SECONDS)
            yield driver
        finally:
            driver.quit()


class BlankPage(BaseHTTPRequestHandler):
    """For scripts to run in."""

    def do_GET(self):
        body = b"<!DOCTYPE html><title>a page</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def served_pages():
    """The port at which there is a blank page under every path, on 127.0.0.1."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BlankPage)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
