"""The package as a stranger has it: built into a wheel, installed, and used from another folder, without network."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from srcnn import Picture, load, open_picture, upscale
from srcnn.variants.loading import BUNDLED_FOLDER, bundled_names
from tests.support.project import PROJECT

# What the demo, the training, the benchmarks and the tests install beside the core.
EXTRAS = ("accelerate", "gradio", "matplotlib", "playwright", "scipy", "skimage", "spaces", "tensorboardX")
THREE_LINES = """
from srcnn import load, open_picture, upscale
model = load("srcnn-x3-mse")
upscale(open_picture("photo.jpg"), model).save("photo-x3.png")
import srcnn
print(srcnn.__file__)
"""


class Installation:
    """A virtual environment with the package and what this one has, but as if the extras were not there."""

    def __init__(self, folder: Path, *package: object) -> None:
        place = folder / "venv"
        venv.create(place, with_pip=False)
        paths = sysconfig.get_paths("venv", {"base": str(place), "platbase": str(place), "installed_base": str(place)})
        self.scripts = Path(paths["scripts"])
        Path(paths["purelib"], "dependencies.pth").write_text(sysconfig.get_path("purelib"))
        pip = ["-m", "pip", "--quiet", "--python", self.scripts / "python", "install", "--no-deps", "--no-index"]
        subprocess.run([sys.executable, *map(str, [*pip, "--no-build-isolation", *package])], check=True)
        self.elsewhere, hidden = folder / "elsewhere", folder / "hidden"
        self.elsewhere.mkdir()
        hidden.mkdir()
        for name in EXTRAS:
            (hidden / f"{name}.py").write_text(f"raise ModuleNotFoundError('No module named {name}', name='{name}')\n")
        own = {"PYTHONPATH": str(hidden), "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "home")}
        self.environment = os.environ | own

    def run(self, command: str, *arguments: object) -> str:
        """What one of its commands prints, called in another folder."""
        done = self.try_to_run(command, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def try_to_run(self, command: str, *arguments: object) -> subprocess.CompletedProcess:
        return subprocess.run(
            [str(self.scripts / command), *map(str, arguments)],
            cwd=self.elsewhere,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ["wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", folder, PROJECT]
    subprocess.run([sys.executable, "-m", "pip", *map(str, build)], check=True)
    (file,) = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Installation:
    return Installation(tmp_path_factory.mktemp("installed"), wheel)


@pytest.fixture(scope="module")
def photo(installed, astronaut) -> Path:
    Picture(astronaut.pixels[100:160, 200:290]).save(installed.elsewhere / "photo.jpg")
    return installed.elsewhere / "photo.jpg"


def test_a_wheel_holds_the_code_the_bundled_variants_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {"srcnn/__init__.py", "srcnn/py.typed", "srcnn/variants/card_template.md"} <= set(names)
    files = ("README.md", "config.json", "model.safetensors")
    bundled = {f"srcnn/weights/{name}/{file}" for name in bundled_names() for file in files}
    assert {name for name in names if name.startswith("srcnn/weights/")} == bundled
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"srcnn"}
    assert {Path(name).suffix for name in names if name.startswith("srcnn/")} == {
        *(".py", ".typed", ".md", ".json", ".safetensors")
    }


def test_its_metadata_ask_for_the_core_alone(installed):
    asked = installed.run(
        "python", "-c", "import importlib.metadata as m; print(*m.requires('srcnn'), sep='\\n')"
    ).splitlines()
    core = {line.partition(">=")[0] for line in asked if "extra ==" not in line}
    assert core == {"torch", "safetensors", "huggingface-hub", "numpy", "pillow", "tqdm"}
    extras = {line.rpartition("extra == ")[2].strip("'\"") for line in asked if "extra ==" in line}
    assert extras == {"demo", "onnx", "train", "bench", "dev"}


def test_the_three_lines_of_python_enlarge_a_picture(installed, photo):
    place = Path(installed.run("python", "-c", THREE_LINES))
    assert place.is_relative_to(installed.scripts.parent)
    expected = upscale(open_picture(photo), load("srcnn-x3-mse"))
    assert (open_picture(photo.with_name("photo-x3.png")).pixels == expected.pixels).all()


def test_the_command_enlarges_a_picture_and_a_folder(installed, photo):
    installed.run("srcnn", "upscale", "photo.jpg", "-o", "out.png", "--scale", 3)
    expected = upscale(open_picture(photo), load("srcnn-x3-mse"))
    assert (open_picture(photo.with_name("out.png")).pixels == expected.pixels).all()
    folder = photo.with_name("folder")
    folder.mkdir()
    open_picture(photo).save(folder / "a.png")
    assert installed.run("srcnn", "upscale", "folder", "-o", "larger", "--scale", 2) == "1 written"
    assert open_picture(photo.with_name("larger") / "a.png").width == 180


def test_the_command_measures_and_lists(installed, photo):
    report = json.loads(installed.run("srcnn", "evaluate", "srcnn-x3-mse", "--data", photo, "--json"))
    assert report["scale"] == 3
    listed = json.loads(installed.run("srcnn", "list", "--json"))
    assert {row["name"] for row in listed} == set(bundled_names())
    assert all(row["psnr"]["Set5"] > 25 for row in listed)


def test_the_command_says_in_one_sentence_what_only_the_projects_folder_has(installed):
    for command in ("push-space", "push-browser"):
        done = installed.try_to_run("srcnn", command, "me/srcnn")
        assert done.returncode == 1
        assert done.stderr == (
            "A Space is sent from the project's folder, which this package was installed without; get that folder and "
            f"run `python -m srcnn {command}` in it.\n"
        )


def test_an_editable_install_uses_the_checkout(tmp_path):
    installed = Installation(tmp_path, "--editable", PROJECT)
    script = "from srcnn.variants.loading import BUNDLED_FOLDER; print(BUNDLED_FOLDER)"
    assert installed.run("python", "-c", script) == str(BUNDLED_FOLDER)
    assert "srcnn-x3-mse" in installed.run("srcnn", "list")
