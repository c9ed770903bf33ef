"""``check --diff-base`` in real repositories: branches, worktrees, submodules, shallow clones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.old_codebase import BASELINE, Codebase, function

PLUGIN = "class Plugin:\n    def run(self, page):\n        return page\n"
HELPER = "def apply(thing, page):\n    return thing.run(page)\n"


@pytest.fixture
def old(tmp_path: Path) -> Codebase:
    """The old codebase, on a branch that has left ``main``."""
    codebase = Codebase.make(tmp_path / "old")
    codebase.git("checkout", "-q", "-b", "topic")
    return codebase


def test_a_change_that_brings_nothing_passes(old: Codebase) -> None:
    done = old.run("check", "--diff-base", "main")
    assert done.stdout.startswith("No findings in 20 files.\n")
    commit = old.git("rev-parse", "main")[:12]
    assert done.stderr == (
        f"phase12-lint: only what the change since {commit} (merge base with main) brings;"
        " 200 found there already\n"
    )


def test_committed_uncommitted_and_untracked_findings_are_the_change(old: Codebase) -> None:
    old.write("app/committed.py", function("one"))
    old.commit()
    old.edit(
        "app/old_00.py", "def work_0_0(plugin, page):\n", "def work_0_0(plugin, page):\n    plugin.run()\n"
    )
    old.write("app/untracked.py", function("two"))
    before = old.git("status", "--short"), old.git("diff")
    assert old.found("--diff-base", "main") == ["app/committed.py:2", "app/old_00.py:2", "app/untracked.py:2"]
    assert old.found("--diff-base", "HEAD") == ["app/old_00.py:2", "app/untracked.py:2"]
    assert old.found("--diff-base", "main", "app/untracked.py") == ["app/untracked.py:2"]
    assert old.found("--diff-base", "main", "--select", "GOV5") == []
    assert old.found("--diff-base", "main", "--min-confidence", "certain") == []
    assert (old.git("status", "--short"), old.git("diff")) == before
    assert old.git("worktree", "list").count("\n") == 1


def test_what_main_did_since_is_not_the_change(old: Codebase) -> None:
    old.git("checkout", "-q", "main")
    old.write("app/old_00.py", "")
    old.commit()
    old.git("checkout", "-q", "topic")
    assert old.found("--diff-base", "main") == []


def test_renamed_moved_and_deleted_code_brings_nothing_and_a_copy_does(old: Codebase) -> None:
    old.git("mv", "app/old_00.py", "app/renamed.py")
    old.git("rm", "-q", "app/old_01.py")
    old.edit("app/old_02.py", "def work_2_0", "import os\n\n\ndef work_2_0")
    old.commit()
    assert old.found("--diff-base", "main") == []
    old.write("app/copy.py", (old.folder / "app" / "renamed.py").read_text()[:60])
    assert old.found("--diff-base", "main") == ["app/copy.py:2"]


def test_a_finding_in_an_unchanged_file_is_brought_by_a_call_elsewhere(old: Codebase) -> None:
    old.write("lib/plugins.py", PLUGIN)
    old.write("lib/helper.py", HELPER)
    base = old.commit()
    assert old.found("--diff-base", base) == []
    old.write(
        "lib/caller.py",
        "from lib.helper import apply\nfrom lib.plugins import Plugin\n\n\n"
        "def go(page):\n    return apply(Plugin(), page)\n",
    )
    assert old.found("--diff-base", base) == ["lib/helper.py:2"]


def test_a_suppression_that_is_taken_away_brings_its_finding(old: Codebase) -> None:
    old.write("app/new.py", function("one").replace("(page)\n", "(page)  # noqa: GOV101 so\n"))
    base = old.commit()
    assert old.found("--diff-base", base) == []
    old.write("app/new.py", function("one"))
    assert old.found("--diff-base", base) == ["app/new.py:2"]


def test_a_policy_that_governs_more_brings_findings(old: Codebase) -> None:
    old.write("app/new.py", "def go(tool):\n    return tool.run()\n")
    base = old.commit()
    old.write("setup.cfg", "[phase12-lint]\nplugin-names = tool, plugin\n")
    assert old.found("--diff-base", base) == ["app/new.py:2"]
    assert old.found("--diff-base", base, "--config", "setup.cfg") == []


def test_a_wrong_configuration_of_then_is_no_obstacle(old: Codebase) -> None:
    old.write("setup.cfg", "[phase12-lint]\nplugin-nams = tool\n")
    base = old.commit()
    old.write("setup.cfg", "[phase12-lint]\nplugin-names = plugin\n")
    done = old.run("check", "--diff-base", base)
    assert (
        "today's configuration is used, as that of the base is wrong: setup.cfg:2: unknown key" in done.stderr
    )


def test_with_a_baseline_both_hold(old: Codebase) -> None:
    old.run("baseline", "create")
    old.write("app/one.py", function("one"))
    base = old.commit()
    old.write("app/two.py", function("two"))
    assert old.found() == ["app/one.py:2", "app/two.py:2"]
    assert old.found("--diff-base", base) == ["app/two.py:2"]
    assert old.found("--diff-base", base, "--no-baseline") == ["app/two.py:2"]
    old.run("baseline", "update", "--accept-growth")
    assert old.found("--diff-base", base) == []
    assert old.frozen(BASELINE) == 202


def test_the_answer_does_not_depend_on_the_cache(old: Codebase) -> None:
    old.write("app/new.py", function("one"))
    cold = old.found("--diff-base", "main", "--no-cache")
    assert not (old.folder / ".phase12_lint_cache").exists()
    assert old.found("--diff-base", "main") == cold
    assert old.found("--diff-base", "main") == cold == ["app/new.py:2"]


def test_every_format_tells_the_same(old: Codebase) -> None:
    old.write("app/new.py", function("one"))
    told = old.run("check", "--diff-base", "main", "--format", "concise", status=1).stdout
    assert told.startswith("app/new.py:2:12: GOV101 ")
    assert told.count("\n\n1 finding in 21 files.\n") == 1


def test_files_that_git_tracks_in_odd_places_are_read_as_they_are_today(old: Codebase) -> None:
    for name in (".hidden/a.py", "build/lib/b.py", "node_modules/c.py", "ignored/d.py", "sp ace/ä.py"):
        old.write(name, function("one"))
    old.write(".gitignore", "ignored/\n")
    (old.folder / "link.py").symlink_to("app/old_00.py")
    old.git("add", "-f", "ignored/d.py")
    base = old.commit()
    assert len(old.found()) > 200
    assert old.found("--diff-base", base) == []


def test_a_root_below_the_repository(old: Codebase) -> None:
    old.write("part/setup.cfg", "[phase12-lint]\n")
    old.write("part/lib/a.py", function("one"))
    base = old.commit()
    old.write("part/lib/b.py", function("two"))
    assert Codebase(old.folder / "part" / "lib").found("--diff-base", base) == ["b.py:2"]


def test_a_worktree(old: Codebase, tmp_path: Path) -> None:
    old.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "other"))
    other = Codebase(tmp_path / "other")
    other.write("app/new.py", function("one"))
    assert other.found("--diff-base", "main") == ["app/new.py:2"]
    assert old.found("--diff-base", "main") == []


def test_a_submodule_is_read_as_it_was(old: Codebase, tmp_path: Path) -> None:
    inner = Codebase(tmp_path / "inner")
    inner.write("tool.py", function("inner"))
    inner.git("init", "-q", "-b", "main")
    inner.commit()
    old.git("submodule", "--quiet", "add", str(inner.folder), "vendor/inner")
    base = old.commit()
    assert old.found("--diff-base", base) == []
    checkout = Codebase(old.folder / "vendor" / "inner")
    checkout.write("more.py", function("more"))
    checkout.commit()
    old.commit()
    assert old.found("--diff-base", base) == ["vendor/inner/more.py:2"]
    assert old.found("--diff-base", "main") == ["vendor/inner/more.py:2", "vendor/inner/tool.py:2"]


def test_a_submodule_without_the_commit_of_then_says_where_to_fetch(old: Codebase, tmp_path: Path) -> None:
    inner = Codebase(tmp_path / "inner")
    inner.write("tool.py", function("inner"))
    inner.git("init", "-q", "-b", "main")
    inner.commit()
    old.git("submodule", "--quiet", "add", str(inner.folder), "vendor/inner")
    old.git("update-index", "--cacheinfo", f"160000,{'1' * 40},vendor/inner")
    old.git("commit", "-qm", "a commit that is not here")
    told = old.run("check", "--diff-base", "HEAD", status=2).stderr
    assert told.startswith(
        "phase12-lint: --diff-base: the submodule vendor/inner lacks the commit 111111111111; "
    )


def test_in_a_hook_the_environment_of_git_does_not_mislead(old: Codebase) -> None:
    hook = old.folder / ".git" / "hooks" / "pre-commit"
    hook.write_text(
        f"#!/bin/sh\nexec {sys.executable} -m phase12_lint check --diff-base main --format concise\n"
    )
    hook.chmod(0o755)
    old.write("app/new.py", function("one"))
    old.git("add", "-A")
    done = old.run_git("commit", "-m", "a shortcut")
    assert done.returncode == 1
    assert "app/new.py:2:12: GOV101 " in done.stdout + done.stderr


@pytest.mark.parametrize("revision", ["nowhere", "--all", "", "main:app", "HEAD~99"])
def test_an_unknown_revision(old: Codebase, revision: str) -> None:
    told = old.run("check", f"--diff-base={revision}", status=2).stderr
    assert told.startswith(f"phase12-lint: --diff-base: unknown revision {revision!r}; name a branch")
    assert told.count("\n") == 1


def test_no_common_ancestor(old: Codebase) -> None:
    old.git("checkout", "-q", "--orphan", "alone")
    old.commit("a beginning of its own")
    told = old.run("check", "--diff-base", "main", status=2).stderr
    assert told.startswith(
        "phase12-lint: --diff-base: HEAD and 'main' have no common ancestor; name a revision"
    )


def test_outside_git_and_before_the_first_commit(tmp_path: Path) -> None:
    plain = Codebase(tmp_path / "plain")
    plain.write("setup.cfg", "")
    told = plain.run("check", "--diff-base", "main", status=2).stderr
    assert told == f"phase12-lint: --diff-base needs git and a repository; {plain.folder} is in none\n"
    assert "needs git" in plain.run("check", "--diff-base", "main", status=2, PATH="").stderr
    plain.git("init", "-q")
    told = plain.run("check", "--diff-base", "main", status=2).stderr
    assert told == "phase12-lint: --diff-base: there is no commit yet\n"


def test_a_shallow_clone_says_what_to_fetch(old: Codebase, tmp_path: Path) -> None:
    old.write("app/new.py", function("one"))
    old.commit()
    url = f"file://{old.folder}"
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", "--no-single-branch", url, tmp_path / "clone"], check=True
    )
    clone = Codebase(tmp_path / "clone")
    for revision in ("origin/main", old.git("rev-parse", "main").strip()[:-1] + "0"):
        told = clone.run("check", "--diff-base", revision, status=2).stderr
        assert "this clone is shallow: run 'git fetch --unshallow', or check out with its history" in told
    clone.git("fetch", "-q", "--unshallow")
    assert clone.found("--diff-base", "origin/main") == ["app/new.py:2"]


def test_a_partial_clone(old: Codebase, tmp_path: Path) -> None:
    old.git("config", "uploadpack.allowFilter", "true")
    old.write("app/new.py", function("one"))
    old.commit()
    url = f"file://{old.folder}"
    subprocess.run(["git", "clone", "-q", "--filter=blob:none", url, tmp_path / "clone"], check=True)
    clone = Codebase(tmp_path / "clone")
    assert clone.found("--diff-base", "origin/main") == ["app/new.py:2"]
