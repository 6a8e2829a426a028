"""/docs and /redoc in the browser."""

import json

from selenium.common.exceptions import NoSuchElementException
from selenium.webdriver.common.by import By

from shop.stack import wait_for

# The element that each page shows last.
LAST_SHOWN = {"/docs": "#operations-shop-headRedoc", "/redoc": "[data-section-id='tag/shop/operation/headRedoc']"}


def element(parent, selector):
    """Waits for the element and returns it."""

    def find():
        try:
            return parent.find_element(By.CSS_SELECTOR, selector)
        except NoSuchElementException:
            return None

    return wait_for(find, f"{selector} is shown")


def open_page(browser, origin, page):
    """Opens the page with empty logs. The window is wide enough for Redoc to show its menu."""
    browser.set_window_size(1280, 1000)
    browser.get("about:blank")
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(origin + page)
    element(browser, LAST_SHOWN[page])


def console(browser):
    return [entry["message"] for entry in browser.get_log("browser")]


def requested_urls(browser):
    """The URLs of all requests since open_page."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]


class Operation:
    """An operation on the page /docs, after a click on "Try it out"."""

    def __init__(self, browser, tag, operation_id):
        self._block = element(browser, f"#operations-{tag}-{operation_id}")
        self.press(".opblock-summary-control")
        self.press(".try-out__btn")

    def press(self, selector):
        element(self._block, selector).click()

    def set(self, parameter, value):
        field = element(self._block, f"[data-param-name='{parameter}'] input")
        field.clear()
        field.send_keys(value)

    def execute(self):
        """Sends the request. Returns the answer's status and its JSON."""
        for button in self._block.find_elements(By.CSS_SELECTOR, ".btn-clear"):
            button.click()  # Clears the last answer.
        self.press(".execute")
        shown = element(self._block, ".live-responses-table .response")
        status = int(element(shown, ".response-col_status").text.split()[0])
        return status, json.loads(element(shown, "code").text)
