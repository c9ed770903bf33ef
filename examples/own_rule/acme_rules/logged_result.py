"""ACM101."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
import libcst.matchers as m

from phase12_lint.own_rules import Evidence, OwnRule

LOG_CALL = m.Call(
    func=m.Attribute(
        value=m.Name("log") | m.Name("logger") | m.Name("logging") | m.Attribute(attr=m.Name("logger")),
        attr=m.OneOf(*map(m.Name, ("debug", "info", "warning", "error", "exception", "critical", "log"))),
    )
)
WRITES_OUT = m.Call(func=m.Name("str") | m.Name("repr") | m.Attribute(attr=m.Name("dumps")))


class LoggedResult(OwnRule):
    """A plugin's result is logged whole.

    What it does:
        Finds a log call that writes out what a governed call or a plugin's run has given, as it is.

    Why:
        A result may hold a customer's pages. Logs are kept longer than pages may be, and more people read them.

    Example:
        ```python
        result = tool_runner.run("ocr", page)
        logger.info("done: %s", result)
        ```

    Use instead:
        ```python
        result = tool_runner.run("ocr", page)
        logger.info("done: %d pages", len(result["pages"]))
        ```

    How to fix:
        Log what is needed of the result: its size, its kind, an id.
    """

    code = "ACM101"
    name = "logged-result"
    words = ("log", "logger", "logging")

    def __init__(self) -> None:
        super().__init__()
        self.results: list[dict[str, Evidence]] = [{}]  # the names that hold a result, function by function

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.results.append({})

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self.results.pop()

    def leave_Assign(self, original_node: cst.Assign) -> None:
        given = self.result(original_node.value)
        for each in original_node.targets:
            target = each.target
            if given and isinstance(target, cst.Tuple):  # the result and an error
                target = target.elements[0].value
            if isinstance(target, cst.Name):
                self.results[-1].pop(target.value, None)
                if given:
                    self.results[-1][target.value] = given

    @m.leave(LOG_CALL)
    def judge(self, node: cst.Call) -> None:
        for argument in node.args:
            for written in self.written_out(argument.value):
                because = self.result(written)
                if because:
                    self.report(written, f"the result of `{because.what}` is logged whole", because)

    def result(self, node: cst.BaseExpression) -> Evidence | None:
        """How it is known that ``node`` is a plugin's result; None if it is none."""
        if isinstance(node, cst.Name):
            return self.results[-1].get(node.value)
        if isinstance(node, cst.Await):
            return self.result(node.expression)
        known = self.known(node)
        return known.governed_call or known.plugin_run

    def written_out(self, node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
        """What is written out if ``node`` is logged: itself, or what it is put together from."""
        if isinstance(node, cst.FormattedString):
            parts = [
                part.expression for part in node.parts if isinstance(part, cst.FormattedStringExpression)
            ]
        elif isinstance(node, cst.BinaryOperation):
            parts = [node.left, node.right]
        elif isinstance(node, (cst.Tuple, cst.List, cst.Dict)):
            parts = [element.value for element in node.elements]
        elif m.matches(node, WRITES_OUT):
            parts = [argument.value for argument in cst.ensure_type(node, cst.Call).args]
        else:
            yield node
            return
        for part in parts:
            yield from self.written_out(part)
