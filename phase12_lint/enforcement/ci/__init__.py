"""The workflows of a project as steps: GitHub Actions and GitLab CI."""

from __future__ import annotations

from phase12_lint.enforcement.ci import github, gitlab

__all__ = ["github", "gitlab"]
