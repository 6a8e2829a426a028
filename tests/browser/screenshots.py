"""make screenshots: takes new screenshots of /docs and /redoc, on its own stack, for docs/images/."""

from browser import started_browser
from shop.stack import ROOT, started_stack
from shown_api import LAST_SHOWN, open_page


def main():
    with started_stack() as stack, started_browser("--hide-scrollbars") as browser:
        for page in LAST_SHOWN:
            open_page(browser, f"http://localhost:{stack.port}", page)
            browser.save_screenshot(str(ROOT / f"docs/images{page}.png"))


if __name__ == "__main__":
    main()
