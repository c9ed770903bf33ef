"""``suppressions`` in real repositories: whose each suppression is and how old, and what git cannot tell."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from phase12_lint.cli import main
from phase12_lint.rules.direct_plugin_run import DirectPluginRun
from tests.forked import command

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "suppressions.md").read_text(encoding="utf-8")
BASELINE = ".phase12-lint-baseline.json"
ADA = ("Ada Lovelace", "ada@example.org")
BOB = ("Bob", "bob@example.org")
SHALLOW = "this clone is shallow: 'git fetch --unshallow' brings the history"


def function(name: str, noqa: str = "GOV101 offline tool") -> str:
    """A function whose one finding is suppressed, long enough for git to see where it has moved."""
    return f"def {name}(plugin, page_of_the_{name}):\n    return plugin.run(page_of_the_{name})  # noqa: {noqa}\n"


class Repository:
    """A project at ``folder``, and the command and git run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.git("init", "-q", "-b", "main")
        self.write("setup.cfg", "[phase12-lint]\n")

    def write(self, name: str, text: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def git(self, *arguments: str | bytes, **environment: str) -> str:
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *arguments],
            cwd=self.folder,
            env=os.environ | environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.decode("utf-8", "replace").strip()

    def commit(self, author: tuple[str, str] = ADA, days: float = 0.0) -> str:
        """Commit everything as ``author``, ``days`` ago and a minute; the commit."""
        self.git("add", "-A")
        when = f"{int(time.time() - 60 - days * 86_400)} +0200"
        name, email = author
        self.git(
            *("commit", "-qm", "a change", "--allow-empty"),
            GIT_AUTHOR_NAME=name,
            GIT_AUTHOR_EMAIL=email,
            GIT_AUTHOR_DATE=when,
        )
        return self.git("rev-parse", "HEAD")

    def run(self, *arguments: str, status: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        done = command(self.folder, ["suppressions", *arguments], {**os.environ, **environment})
        assert done.returncode == status, done.stdout + done.stderr
        return done

    def ledger(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.run("--format", "json", *arguments, status=status).stdout)
        return document

    def owners(self, *arguments: str) -> dict[str, tuple[str | None, int | None]]:
        """Owner and age of each suppression by its place; why not, where that is not known."""
        return {
            f"{each['written_in']}:{each['line']}": (each["owner"] or each["unknown"], each["age_days"])
            for each in self.ledger(*arguments)["suppressions"]
        }


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """One suppression, that Ada wrote a hundred days ago."""
    made = Repository(tmp_path / "project")
    made.write("app/worker.py", function("work"))
    made.commit(ADA, 100)
    return made


def test_each_noqa_has_its_reason_its_owner_and_its_age(repository: Repository) -> None:
    repository.write("app/other.py", "import os  # noqa: F401\n" + function("other", "GOV101,GOV103"))
    commit = repository.commit(BOB, 3)
    first, second = repository.ledger()["suppressions"]
    assert first == {
        "kind": "noqa",
        "path": "app/other.py",
        "written_in": "app/other.py",
        "line": 3,
        "column": 43,
        "codes": ["GOV101", "GOV103"],
        "stale": ["GOV103"],
        "reason": "",
        "owner": "Bob",
        "email": "bob@example.org",
        "commit": commit,
        "age_days": 3,
        "unknown": None,
        "message": "",
        "count": 1,
        "gone": 0,
        "refused": [],
        "since": first["since"],
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", first["since"])
    assert (second["reason"], second["owner"], second["age_days"]) == ("offline tool", "Ada Lovelace", 100)


def test_a_text_that_suppresses_is_listed_and_one_that_does_not_is_a_text(repository: Repository) -> None:
    repository.write(
        "app/worker.py",
        'def work(plugin, page):\n    """# noqa: GOV101 a text"""\n'
        "    return plugin.run(page), '# noqa: GOV101,GOV103 hidden'\n",
    )
    (entry,) = repository.ledger()["suppressions"]
    assert (entry["line"], entry["codes"], entry["stale"]) == (3, ["GOV101"], [])
    assert command(repository.folder, ["check", "--no-cache"]).returncode == 0


def test_an_owner_stays_through_renames_moves_and_new_layout(repository: Repository) -> None:
    (repository.folder / "app" / "worker.py").rename(repository.folder / "app" / "renamed.py")
    repository.commit(BOB, 50)
    assert repository.owners() == {"app/renamed.py:2": ("Ada Lovelace", 100)}
    text = function("work")
    indented = "if True:\n" + "".join(f"    {line}\n" for line in text.splitlines())
    repository.write("app/renamed.py", indented)
    repository.commit(BOB, 40)
    assert repository.owners() == {"app/renamed.py:3": ("Ada Lovelace", 100)}
    repository.write("app/renamed.py", "import os\n\n\n" + function("other") + "\n\n" + text)
    repository.commit(BOB, 30)
    assert repository.owners() == {"app/renamed.py:5": ("Bob", 30), "app/renamed.py:9": ("Ada Lovelace", 100)}
    repository.write("app/renamed.py", "import os\n\n\n" + function("other"))
    repository.write("lib/moved.py", "import sys\n\n\n" + text)
    repository.commit(BOB, 20)
    assert repository.owners()["lib/moved.py:5"] == ("Ada Lovelace", 100)


def test_whoever_edits_the_line_owns_it(repository: Repository) -> None:
    repository.write("app/worker.py", function("work", "GOV101 offline tool, see #12"))
    repository.commit(BOB, 2)
    assert repository.owners() == {"app/worker.py:2": ("Bob", 2)}


def reformat(repository: Repository) -> str:
    """A commit of Bob's that changes the line's quotes."""
    repository.write("app/worker.py", function("work").replace("(page_of", "('page', page_of"))
    repository.commit(ADA, 90)
    repository.write("app/worker.py", function("work").replace("(page_of", '("page", page_of'))
    return repository.commit(BOB, 10)


def test_revisions_to_be_ignored_are(repository: Repository) -> None:
    commit = reformat(repository)
    assert repository.owners() == {"app/worker.py:2": ("Bob", 10)}
    repository.write(".git-blame-ignore-revs", f"# quotes\n{commit}\n")
    assert repository.owners() == {"app/worker.py:2": ("Ada Lovelace", 90)}


@pytest.mark.parametrize("listed", ["no revision\n", "0" * 39 + "\n"])
def test_a_list_of_revisions_that_git_cannot_read_costs_no_answer(
    repository: Repository, listed: str
) -> None:
    repository.write(".git-blame-ignore-revs", listed)
    assert repository.owners() == {"app/worker.py:2": ("Ada Lovelace", 100)}


def test_where_git_itself_fails_that_is_said(repository: Repository) -> None:
    repository.git("config", "blame.ignoreRevsFile", "nowhere")
    assert repository.owners() == {"app/worker.py:2": ("'git blame' fails on this file", None)}


def test_a_mailmap_is_respected(repository: Repository) -> None:
    repository.write(".mailmap", "Augusta King <augusta@example.org> <ada@example.org>\n")
    owner = repository.ledger()["summary"]["by_owner"]
    assert [(each["owner"], each["email"]) for each in owner] == [("Augusta King", "augusta@example.org")]


def test_a_shallow_clone_says_that_it_does_not_know(repository: Repository, tmp_path: Path) -> None:
    repository.write("app/other.py", function("other"))
    repository.commit(BOB, 3)
    repository.write("app/last.py", function("last"))
    repository.commit(BOB, 2)
    clone = Repository(tmp_path / "clone")
    repository.git("clone", "-q", "--depth", "2", f"file://{repository.folder}", str(tmp_path / "shallow"))
    clone.folder = tmp_path / "shallow"
    known = {
        "app/worker.py:2": (SHALLOW, None),
        "app/other.py:2": (SHALLOW, None),
        "app/last.py:2": ("Bob", 2),
    }
    assert clone.owners() == known
    told = clone.run("--max-age", "9000", status=1).stdout
    assert (
        told.count(f"owner and age not known: {SHALLOW}\n    refused: its age is not known: {SHALLOW}\n") == 2
    )
    assert "2 refused by --max-age 9000.\n" in told
    clone.git("fetch", "-q", "--unshallow")
    assert clone.owners()["app/worker.py:2"] == ("Ada Lovelace", 100)


def test_what_is_not_committed_belongs_to_nobody_yet(repository: Repository) -> None:
    repository.write("app/worker.py", function("work", "GOV101 another reason"))
    repository.write("app/untracked.py", function("untracked"))
    repository.write("app/added.py", function("added"))
    repository.git("add", "app/added.py")
    assert set(repository.owners().values()) == {("not committed yet", None)}
    assert repository.ledger("--max-age", "0")["gate"]["refused"] == 0


def test_a_line_that_moved_and_is_not_committed_keeps_its_owner(repository: Repository) -> None:
    repository.write("app/worker.py", "import os\n\n\n" + function("work"))
    assert repository.owners() == {"app/worker.py:5": ("Ada Lovelace", 100)}


def test_no_commit_yet(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "project")
    repository.write("worker.py", function("work"))
    assert repository.owners() == {"worker.py:2": ("not committed yet", None)}


def test_outside_git(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("[phase12-lint]\n")
    (tmp_path / "worker.py").write_text(function("work"))
    done = command(tmp_path, ["suppressions"])
    assert "    owner and age not known: not in a git repository\n" in done.stdout
    assert done.returncode == 0
    assert command(tmp_path, ["suppressions", "--max-age", "1"]).returncode == 1
    without = command(tmp_path, ["suppressions"], {**os.environ, "PATH": ""})
    assert "    owner and age not known: git is not installed\n" in without.stdout


def test_submodules_and_worktrees_are_asked_themselves(repository: Repository, tmp_path: Path) -> None:
    inner = Repository(tmp_path / "inner")
    inner.write("tool.py", function("tool"))
    inner.commit(BOB, 7)
    repository.git("submodule", "--quiet", "add", str(inner.folder), "vendor")
    repository.commit(ADA, 1)
    assert repository.owners()["vendor/tool.py:2"] == ("Bob", 7)
    repository.git("worktree", "add", "-q", "-b", "topic", str(tmp_path / "tree"))
    tree = Repository.__new__(Repository)
    tree.folder = tmp_path / "tree"
    assert tree.owners() == {"app/worker.py:2": ("Ada Lovelace", 100)}
    hooked = repository.run(GIT_DIR=str(inner.folder / ".git"), GIT_INDEX_FILE="elsewhere")
    assert "Ada Lovelace, 100 days ago" in hooked.stdout


def test_a_linked_file_is_asked_about_where_it_is(repository: Repository) -> None:
    (repository.folder / "app" / "link.py").symlink_to("worker.py")
    repository.commit(BOB, 1)
    assert repository.owners()["app/link.py:2"] == ("Ada Lovelace", 100)


def test_names_are_told_as_text(repository: Repository) -> None:
    name = "M\x1b[31m|_x_`q`[l](u)@all"
    repository.write("app/worker.py", function("work", "GOV101 a | b `c` <b> \x1b[0m"))
    repository.commit((name, "a|b@x.org"), 5)
    told = repository.run().stdout
    assert "\x1b" not in told
    assert "M\\x1b[31m|_x_`q`[l](u)@all, 5 days ago" in told
    markdown = repository.run("--format", "markdown").stdout
    rendered = MarkdownIt("commonmark").enable("table").render(markdown)
    rows = [re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row) for row in rendered.split("<tr>")[1:]]
    assert {len(row) for row in rows} == {5, 6}
    assert rows[1][2:4] == ["a | b `c` &lt;b&gt; \\x1b[0m", "M\\x1b[31m|_x_`q`[l](u)@\u200ball"]
    assert rows[-1][0] == "M\\x1b[31m|_x_`q`[l](u)@\u200ball <code>a|b@x.org</code>"
    assert repository.ledger()["suppressions"][0]["owner"] == name


@pytest.mark.parametrize("declared", [True, False])
def test_an_author_in_another_encoding(repository: Repository, declared: bool) -> None:
    repository.write("app/worker.py", function("work", "GOV101 sonst"))
    repository.git("add", "-A")
    repository.git("-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-qm", "x")
    raw = subprocess.run(
        ["git", "cat-file", "commit", "HEAD"], cwd=repository.folder, capture_output=True, check=True
    ).stdout.replace(b"author A Tester", b"author J\xfcrgen")
    if not declared:
        raw = raw.replace(b"encoding ISO-8859-1\n", b"")
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        cwd=repository.folder, input=raw, capture_output=True, check=True,
    )  # fmt: skip
    repository.git("reset", "-q", "--hard", made.stdout.decode().strip())
    owner = repository.ledger()["suppressions"][0]["owner"]
    assert owner == ("Jürgen" if declared else "J\\xfcrgen")
    assert f"    {owner}, 0 days ago" in repository.run().stdout


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_whatever_ends_the_lines(repository: Repository, end: str) -> None:
    repository.write("app/other.py", f"import os{end}import sys{end}import re\n" + function("other"))
    repository.commit(BOB, 4)
    repository.write("app/worker.py", function("work").replace("\n", "\r\n"))
    repository.commit(BOB, 2)
    assert repository.owners() == {"app/other.py:5": ("Bob", 4), "app/worker.py:2": ("Ada Lovelace", 100)}


def test_a_noqa_on_lines_that_are_one_is_owned_where_it_stands(repository: Repository) -> None:
    repository.write("app/worker.py", "def work(plugin):\n    return plugin \\\n        .run()\n")
    repository.commit(ADA, 9)
    text = "def work(plugin):\n    return plugin \\\n        .run()  # noqa: GOV101 so\n"
    repository.write("app/worker.py", text)
    repository.commit(BOB, 8)
    assert repository.owners() == {"app/worker.py:3": ("Bob", 8)}


def test_git_is_asked_once_for_each_file(repository: Repository, tmp_path: Path) -> None:
    repository.write("app/worker.py", "\n\n".join(function(f"work_{number}") for number in range(30)))
    repository.write("app/other.py", function("other"))
    repository.write("app/clean.py", "x = 1\n")
    repository.commit()
    trace = tmp_path / "trace"
    assert "31 noqa" in repository.run(GIT_TRACE2_EVENT=str(trace)).stdout
    events = [json.loads(line) for line in trace.read_text().splitlines()]
    assert [each["name"] for each in events if each["event"] == "cmd_name"].count("blame") == 2


@pytest.mark.parametrize(("days", "status"), [("99", 1), ("100", 0)])
def test_an_age_is_counted_in_whole_days(repository: Repository, days: str, status: int) -> None:
    told = repository.run("--max-age", days, status=status).stdout
    assert ("refused: older than 99 days" in told) == bool(status)


def test_a_date_in_the_future_is_no_age(repository: Repository) -> None:
    repository.write("app/worker.py", function("work", "GOV101 later"))
    repository.commit(BOB, -4000)
    assert repository.ledger()["suppressions"][0]["unknown"] == "the author's date is in the future"
    assert "refused: its age is not known: the author's" in repository.run("--max-age", "90", status=1).stdout


def test_the_gate_says_which_and_why(repository: Repository) -> None:
    repository.write("app/other.py", function("other", "GOV101"))
    repository.commit(BOB, 10)
    document = repository.ledger("--max-age", "50", "--require-reason", status=1)
    assert {each["path"]: each["refused"] for each in document["suppressions"]} == {
        "app/other.py": ["no reason"],
        "app/worker.py": ["older than 50 days"],
    }
    assert document["gate"] == {"max_age_days": 50, "require_reason": True, "refused": 2}
    told = repository.run("--max-age", "50", "--require-reason", status=1).stdout
    assert told.endswith("\n2 refused by --max-age 50 and --require-reason.\n")
    assert repository.ledger("app/other.py", "--max-age", "50")["gate"]["refused"] == 0
    assert "must be 0 or more" in repository.run("--max-age", "9.5", status=2).stderr


def test_totals_by_code_and_by_owner(repository: Repository) -> None:
    repository.write("app/other.py", function("other", "GOV101, GOV1 a") + "\n\nX = 1  # noqa: GOV101 b\n")
    repository.commit(BOB, 10)
    summary = repository.ledger()["summary"]
    assert summary["by_code"] == {
        "GOV1": {"noqa": 1, "baseline": 0, "stale": 0, "oldest_days": 10},
        "GOV101": {"noqa": 3, "baseline": 0, "stale": 1, "oldest_days": 100},
    }
    assert summary["by_owner"] == [
        {"owner": "Bob", "email": BOB[1], "unknown": None, "noqa": 2, "baseline": 0, "stale": 1}
        | {"oldest_days": 10},
        {"owner": ADA[0], "email": ADA[1], "unknown": None, "noqa": 1, "baseline": 0, "stale": 0}
        | {"oldest_days": 100},
    ]


class TestBaseline:
    @pytest.fixture
    def frozen(self, repository: Repository) -> Repository:
        """Two findings that Bob froze five days ago."""
        text = (
            "def two(plugin):\n    plugin.run()\n    plugin.run()\n\n\ndef one(plugin):\n    plugin.run()\n"
        )
        repository.write("app/old.py", text)
        command(repository.folder, ["baseline", "create", "--reason", "adopted"])
        repository.commit(BOB, 5)
        return repository

    def test_an_entry_belongs_to_whom_froze_it(self, frozen: Repository) -> None:
        one, two, noqa = frozen.ledger()["suppressions"]
        assert noqa["kind"] == "noqa"
        for entry in (one, two):
            assert (entry["kind"], entry["path"], entry["written_in"]) == ("baseline", "app/old.py", BASELINE)
            assert (entry["owner"], entry["age_days"], entry["reason"]) == ("Bob", 5, "adopted")
            assert (entry["stale"], entry["gone"]) == ([], 0)
        assert {one["count"], two["count"]} == {1, 2}
        assert f"{BASELINE}:4: baseline GOV101, " in frozen.run().stdout
        assert "    frozen by Bob, 5 days ago (" in frozen.run().stdout

    def test_what_is_not_found_any_more_is_stale(self, frozen: Repository) -> None:
        frozen.write("app/old.py", "def two(plugin):\n    plugin.run()\n")
        entries = {each["count"]: each for each in frozen.ledger("--root", ".")["suppressions"][:2]}
        assert (entries[1]["stale"], entries[1]["gone"]) == (["GOV101"], 1)
        assert (entries[2]["stale"], entries[2]["gone"]) == ([], 1)
        told = frozen.run().stdout
        assert "    stale: no finding is left\n" in told
        assert "    stale: 1 of 2 not found any more\n" in told
        assert (frozen.folder / BASELINE).read_text().count("fingerprint") == 2

    def test_what_may_only_be_out_of_sight_is_not_stale(self, frozen: Repository) -> None:
        frozen.write("app/old.py", "x = 1\n")
        frozen.write("app/broken.py", "def broken(:\n    pass  # noqa: GOV101 so\n")
        done = frozen.run()
        assert "stale:" not in done.stdout
        assert done.stderr == (
            "phase12-lint: incomplete: app/broken.py cannot be read as Python: no noqa in it is listed\n"
            f"phase12-lint: incomplete: {BASELINE}: which entries are stale is not known while app/broken.py has"
            " GOV001\n"
        )
        assert len(frozen.ledger()["summary"]["incomplete"]) == 2

    def test_entries_of_codes_that_a_check_does_not_look_for_are_looked_for(self, frozen: Repository) -> None:
        frozen.write("app/worker.py", "")
        command(frozen.folder, ["baseline", "update", "--accept-growth", "--extend-select", "GOV7"])
        entries = frozen.ledger()["suppressions"]
        assert any(entry["codes"][0].startswith("GOV7") for entry in entries)
        assert not any(entry["stale"] for entry in entries)

    def test_which_baseline(self, frozen: Repository) -> None:
        (frozen.folder / BASELINE).rename(frozen.folder / "frozen.json")
        assert frozen.ledger()["summary"]["baseline"] == 0
        listed = frozen.ledger("--baseline", "frozen.json")["suppressions"]
        assert {each["unknown"] for each in listed if each["kind"] == "baseline"} == {"not committed yet"}
        frozen.commit(ADA, 1)
        owners = frozen.owners("--baseline", "frozen.json")
        assert owners["frozen.json:4"] == owners["frozen.json:5"] == ("Bob", 5)
        assert "no such file" in frozen.run("--baseline", "other.json", status=2).stderr

    def test_paths_choose_by_what_is_suppressed(self, frozen: Repository) -> None:
        assert [each["kind"] for each in frozen.ledger("app/old.py")["suppressions"]] == ["baseline"] * 2
        assert [each["kind"] for each in frozen.ledger("app/worker.py")["suppressions"]] == ["noqa"]
        assert [each["kind"] for each in frozen.ledger("--no-baseline")["suppressions"]] == ["noqa"]


def test_another_configuration(repository: Repository) -> None:
    repository.write("other.cfg", "[phase12-lint]\nplugin-names = nothing\n")
    assert repository.ledger("--config", "other.cfg")["suppressions"][0]["stale"] == ["GOV101"]
    repository.write("setup.cfg", "[phase12-lint]\nexclude = app/\n")
    assert "`exclude` leaves out app/" in repository.run(status=2).stderr
    assert len(repository.ledger("--isolated")["suppressions"]) == 1


def test_paths_are_those_of_the_working_directory(repository: Repository) -> None:
    done = command(repository.folder / "app", ["suppressions", "--format", "json"])
    assert [each["path"] for each in json.loads(done.stdout)["suppressions"]] == ["worker.py"]


def test_the_page_tells_of_every_key_of_the_json(repository: Repository) -> None:
    document = repository.ledger("--max-age", "1", status=1)
    told = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    keys = {*document["suppressions"][0], *document["summary"], *document["gate"]}
    keys |= {key for totals in document["summary"]["by_owner"] for key in totals}
    assert told == keys
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert json.loads(example).keys() == document.keys()
    assert json.loads(example)["suppressions"][0].keys() == document["suppressions"][0].keys()


def test_the_page_shows_what_is_printed(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "project")
    files = re.findall(r"^`(\S+)`\n```\w+\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)
    for name, text in files:
        repository.write(name, text)
    freeze = re.search(r"`phase12-lint (baseline create .*?)`", PAGE)
    assert freeze is not None
    command(repository.folder, shlex.split(freeze[1]))
    repository.commit(ADA, 41)
    repository.write(
        "app/worker.py", dict(files)["app/worker.py"] + "\n\n" + function("export", "GOV101,GOV103")
    )
    repository.commit(BOB, 3)
    shown = re.search(r"```console\n\$ phase12-lint (suppressions .*?)\n(.*?)```", PAGE, re.DOTALL)
    assert shown is not None
    told = repository.run(*shown[1].split()[1:], status=1).stdout
    dated = re.compile(r"\(\d{4}-\d\d-\d\d, [0-9a-f]{12}\)")
    assert dated.sub("(DATE, COMMIT)", told) == dated.sub("(DATE, COMMIT)", shown[2])


def test_after_an_internal_error_nothing_is_called_stale(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(DirectPluginRun, "check", fails)
    monkeypatch.chdir(repository.folder)
    assert main(["suppressions", "--no-cache"]) == 2
    told = capsys.readouterr()
    assert "stale:" not in told.out
    assert (
        "phase12-lint: incomplete: after an internal error it is not known which suppressions are unused\n"
        in told.err
    )
    assert (
        "phase12-lint: internal error: GOV101 at app/worker.py: KeyError: 'x'; --debug shows where\n"
        in told.err
    )
