"""``python -m reference_runtime``: the service on a port."""

from __future__ import annotations

import resource
import sys

try:
    from sqlalchemy.exc import SQLAlchemyError

    from reference_runtime.app import create_app
    from reference_runtime.logs import set_up_logs
    from reference_runtime.server import serve
    from reference_runtime.settings import SettingsError, read_settings
except ModuleNotFoundError as error:
    sys.exit(f"reference_runtime: {error}; install what it needs: pip install 'phase12-lint[runtime]'")


def main() -> int:
    """Serve until interrupted; returns 2 if it cannot start, with the reason on stderr."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        settings = read_settings()
        app = create_app(settings)
    except (SettingsError, OSError, SQLAlchemyError, ImportError) as error:
        reason = getattr(error, "orig", None) or error
        print(f"reference_runtime: {' '.join(str(reason).split())}", file=sys.stderr)
        return 2
    set_up_logs()
    serve(app, settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
