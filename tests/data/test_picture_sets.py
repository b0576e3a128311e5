"""Sets of pictures from archives and from dataset repositories, with real files and a local Hub over real HTTP."""

import bz2
import gzip
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from srcnn import SRCNN
from srcnn.data import archives
from srcnn.data.archives import ARCHIVE_SUFFIXES, UNPACKED_FOLDER
from srcnn.data.picture_sets import list_pictures, name_apart, name_sets, picture_files, set_name
from srcnn.data.training_images import load_training_images
from srcnn.imaging.picture import ImageError
from tests.local_hub.server import WRITE_TOKEN, LocalHub
from tests.support.project import PROJECT, run_python, same_weights

PUSH = """
import sys
from huggingface_hub import HfApi
repository, folder = sys.argv[1:]
HfApi().create_repo(repository, repo_type="dataset", exist_ok=True)
print(HfApi().upload_folder(repo_id=repository, folder_path=folder, repo_type="dataset").oid)
"""
PICTURES = (
    "import sys; from srcnn.data.picture_sets import picture_files; print(*picture_files(sys.argv[1]), sep='\\n')"
)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(archives, "UNPACKED_FOLDER", tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def folder(photographs, tmp_path) -> Path:
    """Pictures on two levels, and what is none."""
    folder = tmp_path / "Four"
    shutil.copytree(photographs, folder)
    (folder / "more").mkdir()
    (folder / "coffee.png").rename(folder / "more" / "coffee.PNG")
    (folder / "notes.txt").write_text("no picture")
    return folder


def packed(folder: Path, archive: Path) -> Path:
    """An archive made by the tools that people use; the members lie in a folder of its name, in no order."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    random.Random(0).shuffle(files)
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
            for file in files:
                opened.write(file, file.relative_to(folder.parent))
    else:
        names = [file.relative_to(folder.parent) for file in files]
        subprocess.run(["tar", "--auto-compress", "-cf", archive, *names], cwd=folder.parent, check=True)
    return archive


def tar_of(archive: Path, members: dict[str, bytes | tarfile.TarInfo]) -> Path:
    with tarfile.open(archive, "w:gz") as opened:
        for name, content in members.items():
            member = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            member.name = name
            if isinstance(content, bytes):
                member.size = len(content)
            opened.addfile(member, io.BytesIO(content) if isinstance(content, bytes) else None)
    return archive


def zip_of(archive: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return archive


def contents(files: list[Path], root: Path) -> list[tuple[str, bytes]]:
    return [(str(file.relative_to(root)), file.read_bytes()) for file in files]


def refused(source: Path) -> str:
    """The sentence with which a source is refused; nothing of it stays in the cache."""
    with pytest.raises(ImageError) as caught:
        picture_files(source)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert source.name in sentence
    assert not [file for file in UNPACKED_FOLDER.rglob("*") if file.is_dir() or file.stat().st_size]
    return sentence


# Archives


@pytest.mark.parametrize("suffix", ARCHIVE_SUFFIXES)
def test_an_archive_gives_the_pictures_of_its_folder_in_their_order(folder, tmp_path, suffix):
    found = picture_files(packed(folder, tmp_path / f"set{suffix}"))
    root = found[0].parents[1]
    assert contents(found, root) == contents(list_pictures(folder), folder.parent)
    assert [name for name, _ in contents(found, root)] == [
        "Four/astronaut.png",
        "Four/camera.png",
        "Four/chelsea.png",
        "Four/more/coffee.PNG",
    ]


def test_a_folder_and_a_single_picture_are_taken_as_they_are(folder):
    assert picture_files(folder) == picture_files(str(folder)) == list_pictures(folder)
    assert picture_files(folder / "camera.png") == [folder / "camera.png"]


def test_a_second_use_unpacks_nothing_whatever_the_archive_is_called(folder, tmp_path, monkeypatch):
    archive = packed(folder, tmp_path / "set.zip")
    first = picture_files(archive)
    monkeypatch.setattr(archives, "unpack_pictures", None)
    monkeypatch.setattr(archives, "WeakFileLock", None)  # so a cache that may only be read will do
    assert picture_files(archive) == first
    assert picture_files(archive.rename(tmp_path / "other.ZIP")) == first


def test_an_archive_that_changed_is_unpacked_anew(folder, tmp_path):
    archive = packed(folder, tmp_path / "set.tar")
    assert len(picture_files(archive)) == 4
    (folder / "camera.png").unlink()
    assert [file.name for file in picture_files(packed(folder, archive))] == [
        "astronaut.png",
        "chelsea.png",
        "coffee.PNG",
    ]


def test_macos_leaves_its_notes_on_pictures_which_are_none(folder, tmp_path):
    picture = (folder / "camera.png").read_bytes()
    members = {"Set/a.png": picture, "__MACOSX/Set/._a.png": b"notes", "Set/._a.png": b"notes", "__MACOSX/b.png": b"x"}
    for archive in (zip_of(tmp_path / "a.zip", members), tar_of(tmp_path / "a.tgz", members)):
        assert [file.name for file in picture_files(archive)] == ["a.png"]


def test_nothing_is_written_outside(folder, tmp_path):
    picture = (folder / "camera.png").read_bytes()
    outside = tmp_path / "outside"
    outside.mkdir()
    members = {
        "a/good.png": picture,
        "../up.png": picture,
        "a/../../../up.png": picture,
        "..\\up.png": picture,
        "C:\\up.png": picture,
        "\\\\server\\share\\up.png": picture,
        f"{outside}/up.png": picture,
    }
    names = ("link.png", "hard.png", "pipe.png", "device.png", "way")
    tricks = {name: tarfile.TarInfo() for name in names}
    tricks["link.png"].type, tricks["link.png"].linkname = tarfile.SYMTYPE, str(folder / "camera.png")
    tricks["hard.png"].type, tricks["hard.png"].linkname = tarfile.LNKTYPE, str(folder / "camera.png")
    tricks["pipe.png"].type, tricks["device.png"].type = tarfile.FIFOTYPE, tarfile.CHRTYPE
    tricks["way"].type, tricks["way"].linkname = tarfile.SYMTYPE, str(outside)
    link = zipfile.ZipInfo("link.png")
    link.external_attr = 0o120777 << 16
    tar = tar_of(tmp_path / "evil.tgz", {**tricks, **members, "way/through.png": picture})
    zipped = zip_of(tmp_path / "evil.zip", members)
    with zipfile.ZipFile(zipped, "a") as opened:
        opened.writestr(link, str(folder / "camera.png"))

    def everything() -> set[Path]:
        return {file for file in tmp_path.rglob("*") if "cache" not in file.relative_to(tmp_path).parts}

    before = everything()
    assert [file.name for file in picture_files(zipped)] == ["good.png"]
    found = picture_files(tar)
    assert [file.name for file in found] == ["good.png", "through.png"]
    assert found[1].parent.name == "way"
    assert not found[1].parent.is_symlink()
    assert everything() == before
    assert not list(Path("/").glob("up.png"))


@pytest.mark.parametrize("kind", ["zip", "tgz"])
def test_a_bomb_is_refused(tmp_path, kind):
    """Real ones: half a gigabyte of a kilobyte's worth, as one picture."""
    make = zip_of if kind == "zip" else tar_of
    assert "more than pictures" in refused(make(tmp_path / f"bomb.{kind}", {"a.bmp": bytes(500_000_000)}))


def test_what_is_written_is_counted_whatever_the_headers_say(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "ALWAYS_ALLOWED_BYTES", 3_000_000)
    whole = zip_of(tmp_path / "bomb.zip", {f"{number}.bmp": bytes(1_000_000) for number in range(4)}).read_bytes()
    (tmp_path / "bomb.zip").write_bytes(whole.replace((1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    assert "damaged" in refused(tmp_path / "bomb.zip")
    (tmp_path / "bomb.zip").write_bytes(whole)
    assert "3 MB in all" in refused(tmp_path / "bomb.zip")
    monkeypatch.setattr(archives, "ALWAYS_ALLOWED_BYTES", 4_000_000)
    assert len(picture_files(tmp_path / "bomb.zip")) == 4


def test_one_picture_has_a_limit_too(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_PICTURE_BYTES", 2_000_000)
    assert "2 MB in one" in refused(tar_of(tmp_path / "a.tgz", {"a.bmp": bytes(2_000_001)}))
    assert len(picture_files(tar_of(tmp_path / "b.tgz", {"a.bmp": bytes(2_000_000)}))) == 1


def test_the_disk_is_not_filled(tmp_path, monkeypatch):
    archive = zip_of(tmp_path / "a.zip", {"a.bmp": os.urandom(1000) * 950})
    for free, fits in ((1_000_000, False), (1_100_000, True)):
        usage = shutil._ntuple_diskusage(10**12, 10**12 - free, free)
        monkeypatch.setattr(shutil, "disk_usage", lambda _, usage=usage: usage)
        if fits:
            assert len(picture_files(archive)) == 1
        else:
            assert "this disk" in refused(archive)


@pytest.mark.parametrize("kind", ["zip", "tgz"])
def test_archives_of_too_many_files_are_refused(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)
    make = zip_of if kind == "zip" else tar_of
    for count, fits in ((4, False), (3, True)):
        archive = make(tmp_path / f"{count}.{kind}", {"a.bmp": b"a"} | {f"{n}.txt": b"" for n in range(count - 1)})
        if fits:
            assert len(picture_files(archive)) == 1
        else:
            assert "more than 3 files" in refused(archive)


def test_a_header_that_would_fill_the_memory_is_refused(tmp_path):
    """tarfile reads the whole of an extended header, here 300 MB out of 0.3."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 300_000_000
    with gzip.open(tmp_path / "a.tar.gz", "wb", compresslevel=1) as file:
        file.write(header.tobuf())
        for _ in range(300):
            file.write(bytes(1_000_000))
    code = "import resource, sys; from srcnn.data.picture_sets import picture_files\n"
    code += "from srcnn.imaging.picture import ImageError\n"
    code += "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
    code += "try: picture_files(sys.argv[1])\nexcept ImageError as error: print(error)\n"
    code += "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    done = run_python("-c", code, tmp_path / "a.tar.gz", env=os.environ | {"HF_HOME": str(tmp_path / "home")})
    sentence, kilobytes = done.stdout.splitlines()
    assert "damaged" in sentence
    assert int(kilobytes) < 100_000


@pytest.mark.parametrize("suffix", ARCHIVE_SUFFIXES)
def test_a_cut_off_archive_is_never_a_smaller_set(folder, tmp_path, suffix):
    whole = packed(folder, tmp_path / f"set{suffix}").read_bytes()
    end = len(whole) if suffix != ".tar" else len(whole.rstrip(b"\0"))  # tar fills its last block up
    boundary = [-(-end // 512) * 512] if suffix == ".tar" else []  # where nothing is missing but the end
    for length in [0, 10, *range(512, end, end // 20), end - 1, *boundary]:
        (tmp_path / f"cut{suffix}").write_bytes(whole[:length])
        assert "damaged, cut off" in refused(tmp_path / f"cut{suffix}")


@pytest.mark.parametrize("suffix", [suffix for suffix in ARCHIVE_SUFFIXES if suffix != ".tar"])
def test_a_flipped_bit_is_found(folder, tmp_path, suffix):
    """All kinds but the plain tar keep checksums of the contents."""
    whole = bytearray(packed(folder, tmp_path / f"set{suffix}").read_bytes())
    whole[len(whole) // 2] ^= 4
    (tmp_path / f"bad{suffix}").write_bytes(whole)
    assert "damaged" in refused(tmp_path / f"bad{suffix}")


@pytest.mark.parametrize("suffix", ARCHIVE_SUFFIXES)
def test_a_file_that_only_has_the_suffix_is_refused(tmp_path, suffix):
    (tmp_path / f"text{suffix}").write_text("404: Not Found\n" * 100)
    assert "damaged, cut off" in refused(tmp_path / f"text{suffix}")


def test_other_bad_archives_get_a_sentence(folder, tmp_path):
    picture = (folder / "camera.png").read_bytes()
    encrypted = bytearray(zip_of(tmp_path / "secret.zip", {"a.png": picture}).read_bytes())
    encrypted[6] |= 1  # the flag, in the file's header and in the directory's
    encrypted[encrypted.rindex(b"PK\1\2") + 8] |= 1
    (tmp_path / "secret.zip").write_bytes(encrypted)
    assert "secret.zip is encrypted; unpack it yourself" in refused(tmp_path / "secret.zip")

    unknown = bytearray(zip_of(tmp_path / "deflate64.zip", {"a.png": picture}).read_bytes())
    unknown[8] = unknown[unknown.rindex(b"PK\1\2") + 10] = 9
    (tmp_path / "deflate64.zip").write_bytes(unknown)
    assert "a kind that cannot be read here" in refused(tmp_path / "deflate64.zip")

    (tmp_path / "wrong.tar").write_bytes(bz2.compress(b"no tar"))
    assert "damaged" in refused(tmp_path / "wrong.tar")
    assert "no folder or archive" in refused(tmp_path / "missing.zip")


def test_an_archive_without_pictures_is_refused(tmp_path):
    archive = zip_of(tmp_path / "empty.zip", {"notes.txt": b"no picture", "folder.png/": b""})
    for _ in range(2):
        with pytest.raises(ImageError, match=r"empty\.zip holds no pictures \(\.\w+, .*\.png, "):
            picture_files(archive)


def test_a_cache_that_cannot_be_written_gets_a_sentence(folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(archives, "UNPACKED_FOLDER", tmp_path / "file" / "srcnn")
    with pytest.raises(ImageError, match=r"could not be unpacked into .*: Not a directory; .* HF_HOME\.$"):
        picture_files(packed(folder, tmp_path / "set.zip"))


def test_a_killed_run_leaves_nothing_half(tmp_path):
    """Killed in the middle, again and again; the next run begins anew and clears away."""
    archive = tmp_path / "large.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as opened:
        for number in range(120):
            member = tarfile.TarInfo(f"{number:03}.bmp")
            member.size = 1_000_000
            opened.addfile(member, io.BytesIO(random.Random(number).randbytes(1_000_000)))
    cache = tmp_path / "home" / "assets" / "srcnn"
    environment = os.environ | {"HF_HOME": str(tmp_path / "home")}
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", PICTURES, archive], cwd=PROJECT, env=environment)
        deadline = time.monotonic() + 120
        while len(list(cache.glob("*.part/*"))) < 10:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert [entry.suffix for entry in sorted(cache.iterdir())] == [".lock", ".part"]
    done = run_python("-c", PICTURES, archive, env=environment)
    assert [Path(line).name for line in done.stdout.splitlines()] == [f"{number:03}.bmp" for number in range(120)]
    assert {entry.suffix for entry in cache.iterdir()} == {".lock", ""}


def test_processes_that_unpack_at_the_same_time_get_the_same(folder, tmp_path):
    archive = packed(folder, tmp_path / "set.tar.xz")
    environment = os.environ | {"HF_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-c", PICTURES, archive]
    started = [
        subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    outputs = {process.communicate(timeout=120)[0] for process in started}
    assert {process.returncode for process in started} == {0}
    assert len(outputs) == 1
    assert len(outputs.pop().splitlines()) == 4


# Names


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("sets/T91", "T91"),
        (Path("sets/T91/"), "T91"),
        ("sets/T91.zip", "T91"),
        ("BSDS.400.Tar.GZ", "BSDS.400"),
        (".", PROJECT.name),
        ("hf://datasets/me/tiny", "me/tiny"),
        ("hf://datasets/me/tiny@v1/data/Set5_HR.tar.gz", "me/tiny@v1/data/Set5_HR.tar.gz"),
    ],
)
def test_names_of_sets(source, name, monkeypatch):
    monkeypatch.chdir(PROJECT)
    assert set_name(source) == name


def test_a_recipe_keeps_what_others_can_fetch(options, folder, tmp_path):
    data = (str(folder), tmp_path / "T91.tar.gz", "hf://datasets/me/tiny@v1/data")
    assert options(data=data).recipe()["data"] == ["Four", "T91", "hf://datasets/me/tiny@v1/data"]


# Commands


def test_training_on_an_archive_is_training_on_its_folder(folder, tmp_path):
    archive = packed(folder, tmp_path / "Four.tar.bz2")
    small = ["--scale", 2, "--patch-size", 24, "--steps", 10, "--validate-every", 5, "--device", "cpu"]
    models = []
    for source in (folder, archive):
        out = tmp_path / f"out-{source.suffix}"
        command = ["train.py", "--data", source, "--test", source, "--output", out, "--state", tmp_path / source.suffix]
        done = run_python(*command, *small, env=os.environ | {"HF_HOME": str(tmp_path / "home")})
        assert done.returncode == 0, done.stderr
        models.append(SRCNN.from_pretrained(out))
        assert '"psnr"' not in done.stderr
    assert same_weights(*models)
    assert models[0].recipe == models[1].recipe
    assert models[0].recipe["data"] == ["Four"]
    cards = [
        (tmp_path / f"out-{suffix}" / "README.md").read_text().replace("out-.bz2", "out-") for suffix in ("", ".bz2")
    ]
    assert "Four" in cards[0]
    assert cards[0].split("<!--")[0] == cards[1].split("<!--")[0]


@pytest.mark.parametrize("source", ["bad.zip", "hf://datasets/me/tiny"])
@pytest.mark.parametrize(
    "command",
    [
        ["-m", "srcnn", "evaluate", "srcnn-x2-mse", "--data", "{bad}"],
        ["-m", "srcnn", "card", "{variant}", "--test", "{bad}"],
        ["{project}/train.py", "--data", "{bad}", "--output", "{out}"],
        ["{project}/train.py", "--data", "{good}", "--test", "{bad}", "--output", "{out}", "--steps", "1000000"],
        ["{project}/train_family.py", "--data", "{bad}", "--features", "{vgg}", "--output", "{out}"],
        ["-m", "benchmarks.ablations", "--data", "{bad}"],
    ],
)
def test_commands_say_one_sentence(folder, vgg_file, tmp_path, command, source):
    """Offline, so the Hub's sentence is that of a dataset that is not in the cache."""
    (tmp_path / "bad.zip").write_text("no archive")
    (tmp_path / "train.py").symlink_to(PROJECT / "train.py")  # the states go to the folder of the call
    shutil.copytree(PROJECT / "weights" / "srcnn-x2-mse", tmp_path / "variant")
    card = (tmp_path / "variant" / "README.md").read_text()
    bad = source if source.startswith("hf://") else tmp_path / source
    places = {"project": PROJECT, "bad": bad, "good": folder, "vgg": vgg_file}
    places |= {"out": tmp_path / "out", "variant": tmp_path / "variant"}
    done = subprocess.run(
        [sys.executable, *(word.format(**places) for word in command)],
        cwd=tmp_path,
        env=os.environ | {"HF_HOME": str(tmp_path / "home"), "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("me/tiny could not be fetched: " if bad == source else "bad.zip is damaged, ")
    assert last.endswith(".")
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "variant" / "README.md").read_text() == card


# The Hub


@pytest.fixture(scope="module")
def hub() -> Iterator[LocalHub]:
    with LocalHub() as hub:
        yield hub


@pytest.fixture
def online(hub, tmp_path) -> dict[str, str]:
    """The environment of a client of the local Hub with a cache of its own."""
    hub.heal()
    settings = {"HF_HOME": str(tmp_path / "home"), "HF_TOKEN": WRITE_TOKEN, "HF_HUB_DISABLE_TELEMETRY": "1"}
    return os.environ | hub.environment | settings


def push(repository: str, folder: Path, online: dict[str, str]) -> str:
    """Send a folder to a dataset repository; the commit."""
    done = run_python("-c", PUSH, repository, folder, env=online)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


def evaluated(source: object, environment: dict[str, str]) -> dict:
    command = ["-m", "srcnn", "evaluate", "srcnn-x2-mse", "--data", source, "--json"]
    done = run_python(*command, env=environment)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result.pop("data") == str(source)
    return result


def test_a_dataset_measures_as_its_folder_does(hub, online, folder):
    commit = push("me/measured", folder, online)
    expected = evaluated(folder, online)
    assert [entry["name"] for entry in expected["per_image"]] == [
        "astronaut.png",
        "camera.png",
        "chelsea.png",
        "coffee.PNG",
    ]
    assert evaluated("hf://datasets/me/measured", online) == expected
    hub.requests.clear()
    assert evaluated(f"hf://datasets/me/measured@{commit}", online) == expected
    assert hub.requests == []  # a commit that is in the cache is not asked for

    part = evaluated("hf://datasets/me/measured/more", online)
    assert part["per_image"] == expected["per_image"][-1:]
    one = evaluated("hf://datasets/me/measured/camera.png", online)
    assert one["per_image"] == expected["per_image"][1:2]


def test_archives_of_a_dataset_belong_to_the_set_in_the_order_of_their_names(hub, online, folder, tmp_path):
    repository = tmp_path / "repository"
    (repository / "data").mkdir(parents=True)
    shutil.copy(folder / "camera.png", repository / "data" / "c.png")
    shutil.copy(folder / "camera.png", repository / "a.png")
    packed(folder, repository / "data" / "b_HR.tar.gz")
    packed(folder, repository / "data" / "d_HR.zip")
    zip_of(repository / "data" / "labels.zip", {"labels.txt": b""})
    commit = push("me/archives", repository, online)
    four = ["astronaut.png", "camera.png", "chelsea.png", "coffee.PNG"]
    for home in ("home", "another"):
        done = run_python("-c", PICTURES, "hf://datasets/me/archives", env=online | {"HF_HOME": str(tmp_path / home)})
        assert [Path(line).name for line in done.stdout.splitlines()] == ["a.png", *four, "c.png", *four]
    expected = evaluated(folder, online)
    assert evaluated("hf://datasets/me/archives/data/b_HR.tar.gz", online) == expected
    hub.requests.clear()
    assert evaluated(f"hf://datasets/me/archives@{commit}/data/d_HR.zip", online) == expected
    assert hub.requests == []


def test_training_and_the_card_take_datasets_and_name_them(hub, online, folder, tmp_path):
    push("me/trained", packed(folder, tmp_path / "repository.zip").parent / "Four", online)
    source = "hf://datasets/me/trained@main"
    small = ["--scale", 2, "--patch-size", 24, "--steps", 10, "--validate-every", 5, "--device", "cpu"]
    for name, data in (("local", folder), ("remote", source)):
        out = ["--output", tmp_path / name, "--state", tmp_path / f"state-{name}"]
        done = run_python("train.py", "--data", data, "--test", data, *out, *small, env=online)
        assert done.returncode == 0, done.stderr
    local, remote = (SRCNN.from_pretrained(tmp_path / name) for name in ("local", "remote"))
    assert same_weights(local, remote)
    assert remote.recipe["data"] == [source]
    card = (tmp_path / "remote" / "README.md").read_text()
    assert f"--data {source}" in card
    assert "me/trained@main" in card.split("## ")[0]
    assert run_python("-m", "srcnn", "card", tmp_path / "local", "--test", source, env=online).returncode == 0
    assert "me/trained@main" in (tmp_path / "local" / "README.md").read_text()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("hf://datasets/me/nothing", "me/nothing"),
        ("hf://datasets/me/bad/missing", "missing"),
        ("hf://datasets/me/bad@v9", "me/bad"),
        ("hf://datasets/me/bad/damaged.zip", "damaged.zip is damaged"),
        ("hf://datasets/me/bad", "damaged.zip is damaged"),
        ("hf://datasets/me/bad/notes", "hf://datasets/me/bad/notes holds no pictures"),
        ("hf://datasets/me/bad/../../secret.png", "is no dataset of the Hub; write hf://datasets/OWNER/NAME"),
        ("hf://datasets/tiny", "is no dataset of the Hub"),
        ("hf://me/tiny", "is no dataset of the Hub"),
    ],
)
def test_datasets_that_cannot_be_used_get_a_sentence(hub, online, tmp_path, source, words):
    repository = tmp_path / "repository"
    (repository / "notes").mkdir(parents=True)
    (repository / "damaged.zip").write_text("no archive")
    (repository / "notes" / "notes.txt").write_text("no picture")
    push("me/bad", repository, online)
    done = run_python("-m", "srcnn", "evaluate", "srcnn-x2-mse", "--data", source, env=online)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert words in last
    assert last.endswith(".")
    assert "Traceback" not in done.stderr


def test_what_the_hub_does_not_give_is_an_error_of_the_set():
    with pytest.raises(ImageError, match=r"^me/tiny could not be fetched: .*\.$"):
        picture_files("hf://datasets/me/tiny")


def test_the_pictures_kept_for_validation_do_not_depend_on_the_source(folder, tmp_path):
    sets = [load_training_images([source], (2,), 36) for source in (folder, packed(folder, tmp_path / "set.zip"))]
    shapes = [[truth.levels.sum() for truth in each.validation[0]] for each in sets]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize(
    "hidden",
    [
        "._a.png",
        ".ipynb_checkpoints/a-checkpoint.png",
        "below/.trash/deep/a.png",
        "@eaDir/a.jpg/thumbnail.png",
        "$RECYCLE.BIN/a.png",
    ],
)
def test_hidden_pictures_belong_to_no_set(folder, tmp_path, hidden):
    home = tmp_path / ".hidden" / "set"  # that the set itself lies in a hidden folder says nothing
    shutil.copytree(folder, home)
    before = picture_files(home)
    (home / hidden).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(before[0], home / hidden)
    assert picture_files(home) == list_pictures(home) == before
    assert len(before) == len(picture_files(folder))


def test_sets_are_shown_once_each_by_what_tells_them_apart(tmp_path):
    folders = [tmp_path / place / "HR" for place in ("a/Set5", "a/Set14", "b/Set14")]
    for folder in [*folders, tmp_path / "mine"]:
        folder.mkdir(parents=True)
    hub = "hf://datasets/me/tiny@v1/HR"
    found = name_sets([*folders, hub, tmp_path / "mine", tmp_path / "b" / ".." / "mine", hub])
    assert list(found) == ["Set5/HR", "a/Set14/HR", "b/Set14/HR", "me/tiny@v1/HR", "mine"]
    assert list(found.values()) == [*folders, hub, tmp_path / "mine"]
    assert list(name_sets([tmp_path / "x" / "s.zip", tmp_path / "y" / "s.tar.gz"])) == ["s.zip", "s.tar.gz"]


def test_names_that_are_no_text_are_shown_with_question_marks():
    odd = Path(os.fsdecode(b"\xb2\xe2"))
    assert list(name_sets([odd])) == ["??"]
    assert name_apart([odd / "a.png", Path("b/a.png")]) == ["??/a.png", "b/a.png"]
    assert name_apart([odd, Path(os.fsdecode(b"\xb2\xe3"))]) == ["??", "??"]
