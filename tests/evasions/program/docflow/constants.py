"""Names that several modules share."""

ENTRY = "run"
LABEL = "describe"
LIFECYCLE = ("setup", "run", "teardown")
HOUSEKEEPING = ("setup", "teardown")
COMMANDS = {"start": "run", "label": "describe"}
QUERIES = {"label": "describe", "text": "summary"}


class Method:
    """Method names, as the console knows them."""

    START = "r" + "un"
    LABEL = "describe"
