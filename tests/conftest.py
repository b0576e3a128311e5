"""What several test files need: pictures that anyone has, and the measuring data that only some machines have."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

# Before anything imports huggingface_hub: no test reads a person's cache or token.
os.environ["HF_HOME"] = tempfile.mkdtemp(prefix="srcnn-tests-")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests run side by side, and threads that share a core slow each other
os.environ["HF_HUB_OFFLINE"] = "1"  # no test talks to the real Hub

import pytest
import skimage.data
import torch
from gradio_client import Client
from hypothesis import HealthCheck, settings
from playwright.sync_api import Page, expect, sync_playwright
from safetensors.torch import save_file

from srcnn import SRCNN
from srcnn.imaging.picture import Picture
from srcnn.networks.vgg19 import Features
from srcnn.training.options import TrainingOptions
from tests.local_hub.server import LocalHub
from tests.support.browser import DESKTOP, read_app_log, running_app, start_chromium
from tests.support.hub_commands import Commands, emptied
from tests.support.photographs import save_photographs
from tests.support.project import PROJECT, SHARED
from tests.support.visitors import Complaints, Visitors

# The clock of a busy machine decides nothing.
FIXED = {"deadline": None, "derandomize": True, "database": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("fixed", max_examples=40, **FIXED)
settings.register_profile("wide", max_examples=500, print_blob=True, **(FIXED | {"derandomize": False}))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


LONGEST_FIRST = ("demo", "training", "data", "variants", "hub", "security")  # folders, by their longest files


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take minutes come first: one that came last would leave the other processes idle."""
    ranks = {folder: rank for rank, folder in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: ranks.get(item.path.parent.name, len(ranks)))


def pytest_unconfigure() -> None:
    shutil.rmtree(os.environ["HF_HOME"], ignore_errors=True)


@pytest.fixture
def umask():
    """Set the umask for this test."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Test sets, MATLAB's results and the authors' weights, in a folder `shared` beside the checkout."""
    if not (SHARED / "data").is_dir():
        pytest.skip("needs the folder `shared` beside the checkout, with the test sets and the authors' weights")
    return SHARED


@pytest.fixture(scope="session")
def astronaut() -> Picture:
    """512 x 512, RGB."""
    return Picture(skimage.data.astronaut())


@pytest.fixture(scope="session")
def photographs(tmp_path_factory) -> Path:
    """A folder of four small photographs to train on."""
    folder = tmp_path_factory.mktemp("photographs")
    save_photographs(folder)
    return folder


@pytest.fixture(scope="session")
def vgg_file(tmp_path_factory) -> Path:
    """Weights of the shapes of VGG-19's first five convolutions, drawn at random."""
    generator = torch.Generator().manual_seed(0)
    tensors, before = {}, 3
    for index, after in ((0, 64), (2, 64), (5, 128), (7, 128), (10, 256)):
        scale = (2 / (9 * before)) ** 0.5
        tensors[f"features.{index}.weight"] = torch.randn(after, before, 3, 3, generator=generator) * scale
        tensors[f"features.{index}.bias"] = torch.zeros(after)
        before = after
    file = tmp_path_factory.mktemp("features") / "vgg19.safetensors"
    save_file(tensors, file)
    return file


@pytest.fixture(scope="session")
def vgg(vgg_file) -> Features:
    return Features(vgg_file)


@pytest.fixture
def network() -> SRCNN:
    """An untrained network for x3 whose output depends on every weight."""
    torch.manual_seed(0)
    return SRCNN(scale=3, padding="replicate").eval()


@pytest.fixture
def options(photographs, tmp_path):
    """The options of a small run, a few of them chosen by the test."""
    small = {"scale": 2, "patch_size": 24, "batch_size": 4, "steps": 40, "validate_every": 10, "device": "cpu"}
    small["overwrite"] = True  # a test may train several times

    def make(**choices) -> TrainingOptions:
        places = {"data": (photographs,), "output": tmp_path / "srcnn-x2-mse", "state": tmp_path / "state"}
        return TrainingOptions(**(places | small | choices))

    return make


@pytest.fixture(scope="module")
def running_hub():
    with LocalHub() as hub:
        yield hub


@pytest.fixture
def hub(running_hub) -> LocalHub:
    return emptied(running_hub)


@pytest.fixture(scope="module")
def persons_home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("person") / "home"


@pytest.fixture
def person(hub, persons_home) -> Commands:
    """With an empty cache; the home is the same for all tests of a file, so that processes are loaded for it."""
    shutil.rmtree(persons_home, ignore_errors=True)
    return Commands(hub, persons_home, is_loaded=True)


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright):
    browser = start_chromium(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """The address of the app, with the bundled variants; in the end, its log holds no error that nobody caught."""
    folder = tmp_path_factory.mktemp("app")
    with running_app(folder, os.environ | {"GRADIO_TEMP_DIR": str(folder / "files")}) as url:
        yield url
    log = read_app_log(folder / "app.log")
    for place in ("app.py", "demo", "srcnn"):
        assert str(PROJECT / place) not in log, log  # a line of ours in a traceback


@pytest.fixture(scope="session")
def visitors(browser) -> Visitors:
    return Visitors(browser)


@pytest.fixture
def open_page(app, visitors):
    """Open the app at a window size, each time as another visitor; in the end, no error in the console and no request
    to anybody else."""
    complaints = Complaints()

    def open_at(viewport: dict, query: str = "", **settings) -> Page:
        page = stack.enter_context(visitors.visit(app, **settings)).new_page()
        page.set_viewport_size(viewport)
        complaints.watch(page, app)
        page.goto(app + query)
        expect(page.locator("#preview")).to_have_count(0)  # which shows the same as the page until that is there
        return page

    with contextlib.ExitStack() as stack:
        yield open_at
        assert complaints == []


@pytest.fixture
def desktop(open_page) -> Page:
    return open_page(DESKTOP)


@pytest.fixture
def client(app, tmp_path) -> Client:
    return Client(app, verbose=False, download_files=tmp_path / "downloads")


@pytest.fixture(scope="session")
def photograph(tmp_path_factory) -> Path:
    """A colour photograph whose sides are no multiple of any scale."""
    path = tmp_path_factory.mktemp("photograph") / "rocket part.png"
    Picture(skimage.data.rocket()).crop(241, 301).save(path)
    return path
