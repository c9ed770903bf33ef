"""GOV306: the handler returns the envelope, and not another error."""

from __future__ import annotations

from phase12_lint.fixes.enveloping import draft

__all__ = ["SAFE", "draft"]

SAFE = False
