"""Chromium without a window, and blank pages for it, each for a `with` block."""

import os
import tempfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

TIMEOUT_SECONDS = 30

# It must connect to the tests' own servers only.
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
    """Yields a WebDriver. `arguments` are added to those above. The profile is new, and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="browser-test-", ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        # Logs of the console, and of all requests.
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        for argument in [*QUIET, f"--user-data-dir={profile}", *arguments]:
            options.add_argument(argument)
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")  # Chromium has no sandbox for root.
        driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        try:
            driver.set_page_load_timeout(TIMEOUT_SECONDS)
            driver.set_script_timeout(TIMEOUT_SECONDS)
            yield driver
        finally:
            driver.quit()


class BlankPage(BaseHTTPRequestHandler):
    """A page in which scripts can run."""

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
    """Serves a blank page under every path, on 127.0.0.1. Yields the port."""
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
