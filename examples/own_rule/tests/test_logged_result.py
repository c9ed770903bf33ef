from __future__ import annotations

from acme_rules.logged_result import LoggedResult

from phase12_lint.testing import assert_rule

GOVERNED = {
    "app/__init__.py": "",
    "app/plugins.py": """\
class Plugin:
    def run(self, page):
        raise NotImplementedError
""",
    "app/runner.py": """\
from app.plugins import Plugin


class ToolRunner:
    def run(self, plugin: Plugin, page):
        return plugin.run(page)
""",
}
HEAD = """\
import json
import logging
import subprocess

from app.runner import ToolRunner

logger = logging.getLogger(__name__)


"""
VALID = [
    """\
def work(tool_runner: ToolRunner, page):
    result = tool_runner.run("ocr", page)
    logger.info("done: %d pages of %s", len(result["pages"]), result["id"])
    result = len(result)
    logger.info("%s", result)
""",
    """\
def work(page):
    result = subprocess.run(["ocr", page])
    logger.info("%s", result)
""",
    """\
def work(tool_runner: ToolRunner, page, logger):
    result, error = tool_runner.run("ocr", page)
    logger.error("failed: %s", error)


def other(result):
    logger.info("%s", result)
""",
]
INVALID = [
    """\
def work(tool_runner: ToolRunner, page):
    result = tool_runner.run("ocr", page)
    logger.info("done: %s", result)  # error: ACM101 [certain]
    logger.info(f"done: {result!r}")  # error: ACM101
    logger.info("done: %s" % (result,))  # error: ACM101
    logging.debug("done", extra={"result": json.dumps(result)})  # error: ACM101
    logger.info(tool_runner.run("ocr", page))  # error: ACM101
""",
    """\
async def work(tool_runner, page):
    result, error = await tool_runner.run("ocr", page)
    logger.warning("%s, %s", error, str(result))  # error: ACM101 [named]
""",
    """\
class Worker:
    def work(self, tool_runner: ToolRunner, page):
        return tool_runner.run("ocr", page)

    def work_and_tell(self, tool_runner: ToolRunner, page):
        self.logger.info("%s", self.work(tool_runner, page))  # error: ACM101
""",
]
IN_THE_RUNNER = {
    "app/runner.py": """\
import logging as log

from app.plugins import Plugin


class ToolRunner:
    def run(self, plugin: Plugin, page):
        result = plugin.run(page)
        log.info("%s", result)  # error: ACM101
        return result
"""
}


def test_a_result_is_not_logged_whole() -> None:
    assert_rule(
        LoggedResult,
        valid=[HEAD + text for text in VALID],
        invalid=[*(HEAD + text for text in INVALID), IN_THE_RUNNER],
        files=GOVERNED,
    )
