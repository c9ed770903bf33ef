"""GOV302: the call stands outside the ``try``."""

from __future__ import annotations

from phase12_lint.fixes.uncaught import draft

__all__ = ["SAFE", "draft"]

SAFE = False
