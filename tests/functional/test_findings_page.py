"""The page of findings, in headless Chromium: with JavaScript, without it, and with names that would be markup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.browser import chromium, picture
from tests.golden.golden import golden


@pytest.fixture
def browser() -> Iterator[webdriver.Chrome]:
    with chromium() as started:
        started.get(golden("html").as_uri())
        yield started


def shown(browser: webdriver.Chrome) -> list[WebElement]:
    return [
        section for section in browser.find_elements(By.CSS_SELECTOR, ".finding") if section.is_displayed()
    ]


def search(browser: webdriver.Chrome, words: str) -> None:
    """Type ``words`` as a person does, in place of what is there."""
    field = browser.find_element(By.ID, "search")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(Keys.BACKSPACE, words)


def choose(browser: webdriver.Chrome, name: str, value: str) -> None:
    Select(browser.find_element(By.ID, name)).select_by_value(value)


def becomes(browser: webdriver.Chrome, *codes: str) -> bool:
    """Whether soon the findings shown are those of ``codes``, and the page says how many they are."""
    everything = len(browser.find_elements(By.CSS_SELECTOR, ".finding"))

    def now(_: webdriver.Chrome) -> bool:
        found = [section.get_attribute("data-code") for section in shown(browser)]
        told = browser.find_element(By.ID, "count").text
        return found == list(codes) and told == f"{len(codes)} of {everything} shown"

    return WebDriverWait(browser, 20).until(now)


def test_findings_are_searched_and_filtered(browser: webdriver.Chrome) -> None:
    everything = [str(section.get_attribute("data-code")) for section in shown(browser)]
    assert becomes(browser, *everything)
    for words in ("getattr reaches", "日本 reaches GETATTR"):
        search(browser, words)
        assert becomes(browser, "GOV103")
    search(browser, "no such thing")
    assert becomes(browser)
    search(browser, "")
    choose(browser, "code", "GOV101")
    assert becomes(browser, *["GOV101"] * everything.count("GOV101"))
    choose(browser, "confidence", "named")
    assert becomes(browser, "GOV101", "GOV101")
    search(browser, "ticket")
    assert becomes(browser, "GOV101")
    picture(browser, "findings-filtered")


def test_names_stay_text_and_nothing_is_fetched(browser: webdriver.Chrome) -> None:
    # An image or a script out of a name would be refused, and logged.
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]
    assert "app/<script>alert(1).py:5:12" in browser.find_element(By.TAG_NAME, "body").text
    assert len(browser.find_elements(By.TAG_NAME, "script")) == 1
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0
    picture(browser, "findings")


def test_each_crossing_is_drawn_between_its_layers_and_leads_to_its_finding(
    browser: webdriver.Chrome,
) -> None:
    told = [each.text for each in browser.find_elements(By.CSS_SELECTOR, "figure li")]
    assert told == [
        "outside the layers → plugin run: 6 findings (GOV101, GOV102, GOV103)",
        "AnalysisService: 1 finding (GOV301)",
        "AnalysisService → ToolRunner: 1 finding (GOV501)",
        "AnalysisService → ToolRunner: 1 finding (GOV503)",
        "ToolRunner: 9 findings (GOV201, GOV202, GOV303, GOV304, GOV401, GOV404, GOV405, GOV406)",
    ]
    marks = browser.find_elements(By.CSS_SELECTOR, "svg a")
    assert sorted(mark.text for mark in marks) == ["1", "1", "1", "6", "9"]
    marks[0].click()
    target = browser.find_element(By.CSS_SELECTOR, "section:target")
    bottom = "return arguments[0].getBoundingClientRect().bottom"
    top = "return arguments[0].getBoundingClientRect().top"
    above = browser.execute_script(bottom, browser.find_element(By.ID, "filter"))
    assert browser.execute_script(top, target) >= above, "it is hidden behind the filter"


def test_a_telephone_shows_the_whole_picture(browser: webdriver.Chrome) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 390, "height": 900, "deviceScaleFactor": 1, "mobile": True},
    )
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    drawing = browser.find_element(By.TAG_NAME, "svg").rect
    for mark in browser.find_elements(By.CSS_SELECTOR, "svg a, svg .name"):
        assert drawing["x"] <= mark.rect["x"]
        assert mark.rect["x"] + mark.rect["width"] <= drawing["x"] + drawing["width"]
    assert browser.execute_script(
        "return document.querySelector('svg .name').getBoundingClientRect().height >= 11"
    )
    picture(browser, "findings-narrow")


def test_it_reads_without_javascript() -> None:
    with chromium(script=False) as browser:
        browser.get(golden("html").as_uri())
        assert not browser.find_element(By.ID, "filter").is_displayed()
        assert len(shown(browser)) == len(browser.find_elements(By.CSS_SELECTOR, ".finding")) > 10
        evidence = browser.find_element(By.CSS_SELECTOR, ".finding details")
        hop = evidence.find_element(By.TAG_NAME, "pre")
        assert not hop.is_displayed()
        evidence.find_element(By.TAG_NAME, "summary").click()
        assert hop.is_displayed()


def test_a_script_that_is_not_ours_does_not_run(tmp_path: Path) -> None:
    page = golden("html").read_text("utf-8")
    (tmp_path / "page.html").write_text(
        page.replace("<h1>", "<script>document.title='theirs'</script><h1>"), "utf-8"
    )
    with chromium() as browser:
        browser.get((tmp_path / "page.html").as_uri())
        assert browser.title == "phase12-lint: findings"
        assert browser.find_element(By.ID, "filter").is_displayed()
