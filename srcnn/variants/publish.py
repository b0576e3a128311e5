"""Send to the Hub: variant folders, one repository each, a collection that lists them, and both pages as Spaces."""

import re
from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import SpaceCard

from srcnn.hub.download import CONFIG_FILE, WEIGHTS_FILE, Offer, list_variants
from srcnn.hub.names import check_repository
from srcnn.hub.upload import README_FILE, Upload, set_space_variable, update_collection, upload_files
from srcnn.inference.export.onnx_files import ONNX_FOLDER, Origin, export_all
from srcnn.variants.card import is_generated, package_address, seal_card
from srcnn.variants.catalogue import NAMESPACE_VARIABLE
from srcnn.variants.loading import VariantError, load_any_scale

_PROJECT_FOLDER = Path(__file__).resolve().parents[2]
_COLLECTION_TITLE = "SRCNN"
_COLLECTION_TEXT = "The three-layer network that started deep super-resolution: a variant for each scale and loss."
# A Space runs app.py, and `pip install git+https://huggingface.co/spaces/NAMESPACE/NAME` builds the package from it.
# What its README leads to goes with it. Both READMEs are written for the Space.
_SPACE_FILES = (
    "LICENSE",
    "SECURITY.md",
    "app.py",
    "benchmarks/README.md",
    "browser/README.md",
    "pyproject.toml",
    "requirements.txt",
)
_SPACE_FOLDERS = ("demo", "docs", "srcnn", "weights")
_CHINESE_README_FILE = "README.zh.md"
_BROWSER_FOLDER = _PROJECT_FOLDER / "browser"
_LAST_BUILT_FILE = "offline-files.js"  # the build writes it when all others are there
_VARIANT_PICTURE_PATTERN = re.compile(r"weights/.*\.png")  # a model card shows it, the demo does not


def target_repository(folder: Path, namespace: str) -> str:
    """Where a variant folder goes: NAMESPACE/NAME OF THE FOLDER. Raises HubError for a name that the Hub refuses."""
    return check_repository(f"{namespace}/{folder.resolve().name}")


def push_variant(
    folder: Path, namespace: str, *, onnx: bool = True, replace_card: bool = False, **choices: bool
) -> Upload:
    """Send what differs of a variant folder to its repository. `choices`: private, pull_request, dry_run.

    With `onnx`, ONNX files that are made of the weights now go along; those in the folder are never sent. A model card
    that was edited on the Hub is kept, unless `replace_card`. Raises HubError; VariantError where the folder holds no
    variant; ExportError where ONNX files cannot be made here.
    """
    repository = target_repository(folder, namespace)
    if not folder.is_dir():
        raise VariantError(f"There is no folder {folder}.")
    model = load_any_scale(folder.resolve())
    files: dict[str, Path | bytes] = dict(list_files(folder))
    files = {path: file for path, file in files.items() if not path.startswith(f"{ONNX_FOLDER}/")}
    if onnx:
        files |= export_all(model, Origin(folder.resolve().name, folder / WEIGHTS_FILE))
    return upload_files(
        repository,
        files,
        message=f"Weights, config and card of {folder.resolve().name}",
        replaceable=lambda text: replace_card or is_generated(text),
        **choices,
    )


def push_collection(namespace: str, repositories: Sequence[str]) -> str:
    """List repositories in the namespace's collection; returns its address. Raises HubError."""
    return update_collection(namespace, _COLLECTION_TITLE, _COLLECTION_TEXT, repositories)


def push_space(
    space: str, namespace: str, *, replace_card: bool = False, private: bool = False, dry_run: bool = False
) -> Upload:
    """Bring the Space NAMESPACE/NAME up to date with this demo, which shows the variants of `namespace`.

    Raises HubError; FileNotFoundError where the package was installed without the demo.
    """
    check_repository(space)
    _check_project_is_there("push-space")
    offers = list_variants(namespace)
    readmes = {
        README_FILE: _space_readme(_install_from(space, README_FILE), offers),
        _CHINESE_README_FILE: _install_from(space, _CHINESE_README_FILE),
    }
    sent = upload_files(
        space,
        _space_files() | {name: text.encode() for name, text in readmes.items()},
        kind="space",
        message="The SRCNN demo",
        replaceable=lambda text: replace_card or is_generated(text),
        private=private,
        dry_run=dry_run,
    )
    if offers and not dry_run:
        set_space_variable(space, NAMESPACE_VARIABLE, namespace)
    return sent


def _check_project_is_there(command: str) -> None:
    """Raises FileNotFoundError for a package that was installed without the project."""
    if not (_PROJECT_FOLDER / "app.py").is_file():
        raise FileNotFoundError(
            "A Space is sent from the project's folder, which this package was installed without; get that folder and "
            f"run `python -m srcnn {command}` in it."
        )


def _install_from(space: str, readme: str) -> str:
    """A README of the project, whose reader installs the package from a Space and not from a folder."""
    text = (_PROJECT_FOLDER / readme).read_text("utf-8")
    return text.replace("`pip install .`", f"`pip install {package_address(space)}`")


def push_browser_page(
    space: str, *, replace_card: bool = False, private: bool = False, dry_run: bool = False
) -> Upload:
    """Bring the static Space NAMESPACE/NAME up to date with the page without a server, as it is built.

    Raises HubError; FileNotFoundError where the page is not built, or the package was installed without it.
    """
    check_repository(space)
    _check_project_is_there("push-browser")
    built = _BROWSER_FOLDER / "dist"
    if not (built / _LAST_BUILT_FILE).is_file():
        raise FileNotFoundError("The page is not built: call `npm ci && npm run build` in the folder browser first.")
    readme = seal_card((_BROWSER_FOLDER / README_FILE).read_text("utf-8"))
    return upload_files(
        space,
        list_files(built) | {README_FILE: readme.encode()},
        kind="space",
        space_sdk="static",
        message="SRCNN as a page without a server",
        replaceable=lambda text: replace_card or is_generated(text),
        private=private,
        dry_run=dry_run,
    )


def _space_readme(text: str, offers: Sequence[Offer]) -> str:
    """The project's README with the variants in its YAML block: the Hub links them, and a Space fetches them when it is
    built."""
    space = SpaceCard(text)
    if offers:
        space.data["models"] = [offer.repository for offer in offers]
        public = [offer.repository for offer in offers if not offer.private]  # a private one cannot be fetched so early
        space.data["preload_from_hub"] = [f"{repository} {CONFIG_FILE},{WEIGHTS_FILE}" for repository in public]
    return seal_card(str(space))


def _space_files() -> dict[str, Path]:
    """What a Space is made of, by path: the demo, the package with what a build of it needs, the bundled variants."""
    files = {name: _PROJECT_FOLDER / name for name in _SPACE_FILES}
    for folder in _SPACE_FOLDERS:
        files |= {f"{folder}/{path}": file for path, file in list_files(_PROJECT_FOLDER / folder).items()}
    return {path: file for path, file in files.items() if not _VARIANT_PICTURE_PATTERN.fullmatch(path)}


def list_files(folder: Path) -> dict[str, Path]:
    """A folder's files by their path in it, without hidden ones and what Python has compiled."""
    files = {file.relative_to(folder): file for file in sorted(folder.rglob("*")) if file.is_file()}
    return {
        path.as_posix(): file
        for path, file in files.items()
        if not any(part.startswith(".") or part == "__pycache__" for part in path.parts)
    }
