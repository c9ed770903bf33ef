"""Chromium without a window, as the tests meet it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver

SCREENSHOTS = Path(__file__).parents[1] / ".screenshots"


@contextmanager
def chromium(script: bool = True) -> Iterator[webdriver.Chrome]:
    """A browser, with JavaScript if ``script``."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert program, "chromium is missing; `sh tests/system-packages.sh` installs it"
    assert driver, "chromedriver is missing; `sh tests/system-packages.sh` installs it"
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1000,1100"):
        options.add_argument(flag)
    if not script:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    started = webdriver.Chrome(options, webdriver.ChromeService(driver))
    try:
        yield started
    finally:
        started.quit()


def picture(browser: webdriver.Chrome, name: str) -> None:
    """Keep what ``browser`` shows as ``.screenshots/name.png``, to be looked at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    assert browser.save_screenshot(str(SCREENSHOTS / f"{name}.png"))
