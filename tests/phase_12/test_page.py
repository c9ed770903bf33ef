"""The page, in headless Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.browser import chromium, picture
from tests.runtime_server import Server, png


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    with chromium() as started:
        yield started


def text(browser: webdriver.Chrome, element: str) -> str:
    return browser.find_element(By.ID, element).text


def test_a_person_analyses_an_image_and_sees_result_error_and_metrics(
    faulty: Server, browser: webdriver.Chrome, tmp_path: Path
) -> None:
    image = tmp_path / "sample.png"
    image.write_bytes(png(300, 200, "teal"))
    wait = WebDriverWait(browser, 20)
    browser.get(f"http://127.0.0.1:{faulty.port}/")
    wait.until(lambda _: "statistics" in text(browser, "plugin"))
    successes, errors = faulty.counts("statistics")

    Select(browser.find_element(By.ID, "plugin")).select_by_visible_text("statistics")
    browser.find_element(By.ID, "file").send_keys(str(image))
    wait.until(lambda _: browser.find_element(By.ID, "preview").is_displayed())
    browser.find_element(By.ID, "go").click()
    wait.until(lambda _: '"colour": "#008080"' in text(browser, "answer"))
    assert text(browser, "said") == "Result"
    wait.until(lambda _: f"statistics INITIALIZED {successes + 1} {errors} " in text(browser, "metrics"))

    options = browser.find_element(By.ID, "options")
    options.clear()
    options.send_keys('{"colours": 999}')
    browser.find_element(By.ID, "go").click()
    wait.until(lambda _: text(browser, "said") == "Error (HTTP 400)")
    assert "bad number of colors" in text(browser, "answer")
    wait.until(lambda _: f"statistics FAILED {successes + 1} {errors + 1} " in text(browser, "metrics"))
    picture(browser, "page")


def test_the_page_fits_a_phone(faulty: Server, browser: webdriver.Chrome) -> None:
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    browser.get(f"http://127.0.0.1:{faulty.port}/")
    WebDriverWait(browser, 20).until(lambda _: "statistics" in text(browser, "metrics"))
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
    for element in browser.find_elements(By.CSS_SELECTOR, "#drop, select, textarea, button, td"):
        box = element.rect
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    assert browser.find_element(By.ID, "go").rect["height"] >= 40
    picture(browser, "page-390")
