"""GOV505: the first service is called, where exactly one value of it is at hand."""

from __future__ import annotations

from phase12_lint.fixes.redirecting import crossing as draft

__all__ = ["SAFE", "draft"]

SAFE = False
