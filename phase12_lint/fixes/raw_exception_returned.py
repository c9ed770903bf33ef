"""GOV304: the handler returns the envelope, and not the exception."""

from __future__ import annotations

from phase12_lint.fixes.enveloping import draft

__all__ = ["SAFE", "draft"]

SAFE = False
