"""The command line: one file per verb, imported only when it is run."""

from __future__ import annotations

import importlib
import sys

import click

from moodscore import __version__
from moodscore.errors import MoodscoreError

VERBS = {
    "look": ("moodscore.cli.look", "Read the feeling in photos: mood, valence, arousal, confidence."),
    "describe": ("moodscore.cli.describe", "Say in words what a photo shows and how it feels, in English or Korean."),
    "face": ("moodscore.cli.face", "Find the faces in photos and read what their expressions show."),
    "tune": ("moodscore.cli.tune", "Compose a tune for a photo, a mood or a point on the plane."),
    "post": ("moodscore.cli.post", "Answer a photo with three tunes that differ on purpose, on one page."),
    "riff": ("moodscore.cli.riff", "Paint music from words with Riffusion (needs the extra 'riffusion')."),
    "film": ("moodscore.cli.film", "Turn a folder of photos into a film with music of its own."),
    "watch": ("moodscore.cli.watch", "Watch a film and say what is felt in it over time."),
    "soundtrack": ("moodscore.cli.soundtrack", "Give a film music that follows its feeling and its cuts."),
    "genre": ("moodscore.cli.genre", "Read the genre of a film, or of two of its frames."),
    "listening-test": (
        "moodscore.cli.listening_test",
        "Write a blind listening test as one web page.",
    ),
    "measure": ("moodscore.cli.measure", "Measure composers: by judge, and by a listening test."),
    "library": ("moodscore.cli.library", "Read a folder of music to pick from, and show the feeling in each piece."),
    "studio": ("moodscore.cli.studio", "Run the web app where a photo becomes a post with its own music."),
    "learn": ("moodscore.cli.learn", "Train models (needs the extra 'learn')."),
    "doctor": ("moodscore.cli.doctor", "Say what is installed, what verifies and what is missing."),
}


class _Verbs(click.Group):
    """A group that knows its verbs by name and loads a verb's file when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        found: click.Command = importlib.import_module(VERBS[cmd_name][0]).command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in VERBS.items()])


@click.command(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="moodscore")
def moodscore() -> None:
    """moodscore reads the feeling in photos, composes music that carries it, and cuts both into one film."""


def main(args: list[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0 done, 2 cannot be done (one line says why), 130 interrupted."""
    try:
        code = moodscore.main(args, prog_name="moodscore", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("moodscore: interrupted; nothing half-written was left", err=True)
        return 130
    except MoodscoreError as error:
        click.echo(f"moodscore: {' '.join(str(error).split())}", err=True)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    return code if isinstance(code, int) else 0
