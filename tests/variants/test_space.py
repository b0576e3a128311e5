"""The Space: what goes there, and that it runs from that alone."""

import shutil

import pytest
import skimage.data
from gradio_client import Client, handle_file
from huggingface_hub import SpaceCard

from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference.upscaling import upscale
from srcnn.variants.card import is_generated
from srcnn.variants.loading import BUNDLED_FOLDER, load
from tests.local_hub.server import LocalHub
from tests.support.browser import running_app
from tests.support.hub_commands import emptied, files_of, lines, pushed, put, sent, titles
from tests.support.markdown import Document
from tests.support.mentions import leads_somewhere
from tests.support.project import PROJECT, run_python

# As the Hub does it for a Space: its files, then what it wants to be there before it starts.
BUILD = """
import sys
from huggingface_hub import SpaceCard, hf_hub_download, snapshot_download
folder = snapshot_download("me/demo", repo_type="space", local_dir=sys.argv[1])
for line in SpaceCard.load(f"{folder}/README.md").data.preload_from_hub:
    repository, files = line.split()
    for file in files.split(","):
        hf_hub_download(repository, file)
"""

KINDS = (".py", ".css", ".js", ".md")  # of the files that the demo and the package consist of


@pytest.fixture
def hub(running_hub) -> LocalHub:
    """With one public and one private variant."""
    emptied(running_hub)
    for name in ("srcnn-x3-mse", "srcnn-x2-mse"):
        put(running_hub, f"me/{name}", files_of(BUNDLED_FOLDER / name), private=name == "srcnn-x2-mse")
    return running_hub


def test_a_space_has_what_the_demo_and_a_build_of_the_package_need_and_no_more(hub, person):
    person.works("push-space", "me/demo")
    there = hub.store.repositories["spaces", "me/demo"]
    assert (there.sdk, there.variables["SRCNN_NAMESPACE"]["value"]) == ("gradio", "me")
    assert titles(hub, "me/demo", "spaces") == ["The SRCNN demo", "initial commit"]
    files = pushed(hub, "me/demo", "spaces")
    readme, chinese = files.pop("README.md").decode(), files.pop("README.zh.md").decode()
    for text in (readme, chinese):
        assert "`pip install git+https://huggingface.co/spaces/me/demo`" in text
        assert "`pip install .`" not in text
    assert is_generated(readme)
    metadata = SpaceCard(readme).data
    assert (metadata.sdk, metadata.app_file) == ("gradio", "app.py")
    assert metadata.models == ["me/srcnn-x2-mse", "me/srcnn-x3-mse"]
    assert metadata.preload_from_hub == ["me/srcnn-x3-mse config.json,model.safetensors"]
    for path, content in files.items():
        assert (PROJECT / path).read_bytes() == content
    tops = {path.split("/")[0] for path in files}
    code_and_weights = {"LICENSE", "app.py", "pyproject.toml", "requirements.txt", "demo", "srcnn", "weights"}
    assert tops == code_and_weights | {"SECURITY.md", "benchmarks", "browser", "docs"}
    assert [path for path in files if path.startswith("benchmarks/")] == ["benchmarks/README.md"]
    code = [file for part in ("demo", "srcnn") for file in (PROJECT / part).rglob("*") if file.suffix in KINDS]
    assert {file.relative_to(PROJECT).as_posix() for file in code} <= files.keys()
    variant = {path.removeprefix("weights/srcnn-x3-mse/") for path in files if path.startswith("weights/srcnn-x3-mse/")}
    assert variant == {"README.md", "config.json", "model.safetensors"}
    assert not [path for path in files if path.endswith(".pyc") or "/." in path]

    hub.requests.clear()
    assert person.works("push-space", "me/demo") == "me/demo: up to date\n"
    assert sent(hub) == []


def test_no_document_of_a_space_leads_nowhere(hub, person, tmp_path):
    person.works("push-space", "me/demo")
    files = pushed(hub, "me/demo", "spaces")
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    no_documents = ("srcnn/", "weights/")  # a template, and cards whose pictures stay at home
    documents = [
        Document(tmp_path / path) for path in files if path.endswith(".md") and not path.startswith(no_documents)
    ]
    assert {"README.md", "README.zh.md", "results.md"} <= {document.path.name for document in documents}
    for document in documents:
        assert [link for link in document.links if not leads_somewhere(link, document)] == [], document.path.name


def test_a_dry_run_sends_nothing(hub, person):
    assert "would send LICENSE, README.md, README.zh.md, SECURITY.md, app.py, " in person.works(
        "push-space", "me/demo", "--dry-run"
    )
    assert sent(hub) == []


def test_a_push_that_broke_off_is_completed(hub, person):
    hub.fault("/commit/", "refused")
    assert "me/demo could not be brought up to date" in person.fails("push-space", "me/demo")
    hub.heal()
    assert "edited" not in person.works("push-space", "me/demo"), "the Hub's own README.md counts as people's"
    assert b"# SRCNN" in pushed(hub, "me/demo", "spaces")["README.md"]


def test_a_page_that_people_edited_is_kept(hub, person):
    person.works("push-space", "me/demo", "--private")
    assert hub.store.repositories["spaces", "me/demo"].private
    put(hub, "me/demo", {"README.md": b"---\nsdk: gradio\n---\nMine"}, "spaces")
    output = person.works("push-space", "me/demo")
    assert output.splitlines()[1].startswith("me/demo: README.md was edited on the Hub and is kept")
    person.works("push-space", "me/demo", "--replace-card")
    assert b"# SRCNN" in pushed(hub, "me/demo", "spaces")["README.md"]


def test_variants_of_another_namespace(hub, person):
    put(hub, "somebody/srcnn-x4-mse", files_of(BUNDLED_FOLDER / "srcnn-x4-mse"))
    person.works("push-space", "me/demo", "--models", "somebody")
    assert hub.store.repositories["spaces", "me/demo"].variables["SRCNN_NAMESPACE"]["value"] == "somebody"
    assert SpaceCard(pushed(hub, "me/demo", "spaces")["README.md"].decode()).data.models == ["somebody/srcnn-x4-mse"]


def test_without_variants_on_the_hub_it_shows_the_bundled_ones(hub, person):
    person.works("push-space", "me/demo", "--models", "nobody")
    assert hub.store.repositories["spaces", "me/demo"].variables == {}
    assert SpaceCard(pushed(hub, "me/demo", "spaces")["README.md"].decode()).data.get("models") is None


def test_it_runs_from_its_own_files(hub, person, tmp_path):
    """In a folder with nothing beside it, as the Hub starts it."""
    hub.store.repositories["models", "me/srcnn-x2-mse"].private = False
    person.works("push-space", "me/demo")
    space = tmp_path / "space"
    assert person("-c", BUILD, space).status == 0
    shutil.rmtree(space / ".cache")
    build = ["wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", tmp_path, space]
    built = run_python("-m", "pip", *build)
    assert built.returncode == 0, built.stderr
    assert len([*tmp_path.glob("srcnn-*.whl")]) == 1
    Picture(skimage.data.rocket()).crop(60, 80).save(tmp_path / "rocket.png")
    hub.requests.clear()
    environment = person.environment | {"SRCNN_NAMESPACE": "me", "GRADIO_TEMP_DIR": str(tmp_path / "files")}
    environment.pop("PYTHONPATH", None)
    with running_app(tmp_path, environment, project=space) as url:
        client = Client(url, verbose=False, download_files=tmp_path / "downloads")
        commits = {name: hub.store.repositories["models", f"me/{name}"].at("main").id for name in known(client)}
        assert commits.keys() == {"srcnn-x2-mse", "srcnn-x3-mse"}
        assert known(client) == commits
        _, file, _ = client.predict(handle_file(tmp_path / "rocket.png"), 3, "mse", False, api_name="/enlarge")
    expected = upscale(open_picture(tmp_path / "rocket.png"), load("srcnn-x3-mse"))
    assert (open_picture(file).pixels == expected.pixels).all()
    assert len(lines(hub)) == 1, "only the list: the files were there before the start"
    assert "Traceback" not in (tmp_path / "app.log").read_text()


def known(client: Client) -> dict[str, str]:
    return {entry["name"]: entry["commit"] for entry in client.predict(api_name="/variants")}
