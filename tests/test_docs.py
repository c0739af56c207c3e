"""The documentation says what is so: generated pages are current, links lead somewhere, commands and code work."""

import importlib.util
import re
import shlex
from pathlib import Path

import click
import pytest
from PIL import Image

from moodscore import cli

HOME = Path(__file__).parent.parent
DOCS = HOME / "docs"
PAGES = sorted([*HOME.glob("*.md"), *DOCS.rglob("*.md"), HOME / "examples" / "photos" / "CREDITS.md"])
WRITTEN = [page for page in PAGES if page.parent.name != "reference" or page.name == "files.md"]
CODE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.M | re.S)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)|<img[^>]*src=\"([^\"]+)\"")


def name_of(page: Path) -> str:
    return page.relative_to(HOME).as_posix()


def module_at(path: Path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(page: Path, *languages: str) -> list[str]:
    return [code for language, code in CODE.findall(page.read_text("utf-8")) if language in languages]


@pytest.mark.parametrize("page", ["command-line", "python-api", "schemes", "model-cards"])
def test_generated_pages_are_what_the_code_says_now(page):
    generate = module_at(DOCS / "generate.py")
    name = f"reference/{page}.md"
    assert (DOCS / name).read_text("utf-8") == generate.PAGES[name](), "run  python docs/generate.py"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the documentation builder makes them."""
    titles = re.findall(r"^#+ (.+)$", CODE.sub("", page.read_text("utf-8")), re.M)
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", title).strip().lower()) for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_leads_to_something(page):
    text = CODE.sub("", page.read_text("utf-8"))
    for found in LINK.finditer(text):
        target = found[1] or found[2]
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        goal = (page.parent / path).resolve() if path else page
        assert goal.exists(), f"{name_of(page)} links to {target}, which is not there"
        assert HOME in goal.parents, f"{name_of(page)} links out of the project: {target}"
        if anchor and goal.suffix == ".md":
            assert anchor in anchors(goal), f"{name_of(page)} links to {target}, and there is no such heading"


def as_words(lines: list[str]) -> list[list[str]]:
    """The lines that run moodscore, as words after its name; pipes, redirections and comments are left out."""
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    found = [shlex.split(re.split(r"\s[|>&]", line, maxsplit=1)[0], comments=True) for line in joined]
    return [words[1:] for words in found if words and Path(words[0]).name == "moodscore"]


def commands(page: Path) -> list[list[str]]:
    """Every `moodscore ...` line of a page's shell blocks, as words."""
    return as_words([line for code in blocks(page, "sh", "bash", "console") for line in code.splitlines()])


def mentions(page: Path) -> list[list[str]]:
    """Every `moodscore ...` inside a sentence, as words; arguments may be missing there."""
    return as_words(re.findall(r"`(moodscore [^`]+)`", CODE.sub("", page.read_text("utf-8"))))


def resolve(words: list[str]) -> tuple[click.Command, click.Context, list[str]]:
    """The verb that `words` run, its context, and the words that are left for it; raises UsageError when unknown."""
    command: click.Command = cli.moodscore
    context = click.Context(command, info_name="moodscore", **command.context_settings)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        if found is None:
            raise click.UsageError(f"no such command {words[0]!r}")
        command, words = found, words[1:]
        context = click.Context(command, info_name=command.name, parent=context)
    return command, context, words


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_every_command_shown_would_be_understood(page):
    for words in commands(page):
        command, context, rest = resolve(words)
        if rest != ["--help"]:
            command.parse_args(context, rest)
        for word in rest:
            assert not word.startswith("examples/") or (HOME / word).exists(), f"{word} is not there"


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_every_option_mentioned_exists(page):
    for words in mentions(page):
        command, _, rest = resolve(words)
        known = {name for option in command.params for name in option.opts} | {"--help", "--version"}
        assert {word for word in rest if word.startswith("-")} <= known, words


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_every_make_target_shown_exists(page):
    targets = set(re.findall(r"^([a-z]+):", (HOME / "Makefile").read_text("utf-8"), re.M))
    text = page.read_text("utf-8")
    shown = re.findall(r"^(?:\$ )?make ([a-z]+)", "\n".join(blocks(page, "sh", "bash", "console")), re.M)
    shown += re.findall(r"`make ([a-z]+)`", text)
    assert set(shown) <= targets


def test_every_verb_has_a_text_and_a_file():
    for name, (module, text) in cli.VERBS.items():
        assert importlib.util.find_spec(module) is not None, f"{module} is not there"
        assert text.endswith(".")
        command = cli.moodscore.get_command(click.Context(cli.moodscore), name)
        assert command is not None
        assert command.help


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A working folder with the photos the documentation speaks of, small."""
    for k, name in enumerate(("beach.jpg", "photos/a.jpg", "photos/b.jpg", "photos/c.jpg")):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        Image.linear_gradient("L").resize((96, 72)).rotate(90 * k).convert("RGB").save(path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "page", [HOME / "README.md", HOME / "README.ko.md", DOCS / "tutorials" / "python.md"], ids=name_of
)
def test_the_python_shown_runs(page, desk, capsys):
    code = blocks(page, "python")
    assert code
    seconds = re.compile(r"seconds=\d+(\.\d+)?")  # shorter than shown, so that the test is quick
    exec(compile(seconds.sub("seconds=1.5", "\n".join(code)), name_of(page), "exec"), {})


def test_the_navigation_names_every_page():
    listed = set(re.findall(r"([\w./-]+\.md)", (HOME / "mkdocs.yml").read_text("utf-8")))
    assert listed == {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")}


def test_pictures_of_the_documentation_are_small():
    pictures = sorted((DOCS / "pictures").glob("*"))
    assert pictures
    for picture in pictures:
        assert picture.stat().st_size <= 400_000, f"{picture.name} has {picture.stat().st_size / 1e3:.0f} kB"


@pytest.mark.parametrize("page", ["README.md", "README.ko.md"])
def test_the_figures_shown_are_those_of_the_card(page):
    assert (HOME / page).read_text("utf-8") == module_at(DOCS / "readme_figures.py").page(page), (
        "run  python docs/readme_figures.py"
    )


@pytest.mark.parametrize("page", ["README.md", "README.ko.md", "docs/sources.md"])
def test_the_figures_of_the_music_are_those_of_its_tables(page):
    from moodscore.music.composers import DEFAULT

    text = (HOME / page).read_text("utf-8")
    table = (DOCS / "reference" / "composers.md").read_text("utf-8")
    (row,) = re.findall(rf"^\| {DEFAULT} \| (\d+ \|.*)$", table, re.M)
    found = [cell.split()[0] for cell in row.split(" | ") if "[" in cell][:2]
    if not page.startswith("docs"):
        second = (HOME / "benchmarks" / "music-grid.md").read_text("utf-8").split(f"### {DEFAULT}\n")[1]
        found += re.findall(r"^\| (?:valence|arousal) \| ([\d.]+) \|", second, re.M)[:2]
    assert len(found) == (2 if page.startswith("docs") else 4)
    for r in found:
        assert f"{float(r):.2f}" in text, f"the table says r = {r}"
