"""``python -m reference_runtime``: the service on a port."""

import gc
import logging
import resource
import sys
import time

try:
    from asgi_correlation_id import correlation_id
    from pydantic import ValidationError
    from pydantic_settings import CliApp
    from sqlalchemy.exc import SQLAlchemyError

    from reference_runtime.app import create_app
    from reference_runtime.server import listen, serve
    from reference_runtime.settings import Settings
except ModuleNotFoundError as error:
    sys.exit(f"reference_runtime: {error}; it is part of: pip install 'phase12-lint[runtime]'")


class Lines(logging.Formatter):
    """A line a record: UTC time, level, request, job, and the message with all that is not plain text escaped."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        record.request, record.job = f"{correlation_id.get() or '-'} -".split()[:2]
        return super().format(record).encode("unicode_escape").decode("ascii")


def main() -> int:
    """Serve until interrupted; returns 2 if it cannot start, with the reason on stderr."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    sys.setswitchinterval(0.0005)  # threads that start workers or ask the database wait for the loop's
    handler = logging.StreamHandler()
    shape = "%(asctime)s.%(msecs)03dZ %(levelname)s %(request)s %(job)s %(name)s: %(message)s"
    handler.setFormatter(Lines(shape, "%Y-%m-%dT%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    try:
        settings = CliApp.run(Settings)
        app, listener = create_app(settings), listen(settings)
    except ValidationError as error:
        first = error.errors()[0]
        reason = f"--{first['loc'][0]}: {first['msg']}".replace("_", "-")
    except (OSError, SQLAlchemyError, ImportError) as error:
        reason = str(getattr(error, "orig", error))
    else:
        gc.freeze()  # what is there now stays, and no collection need look at it again
        serve(app, settings, listener)
        return 0
    print(f"reference_runtime: {' '.join(reason.split())}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
