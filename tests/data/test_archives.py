"""Archives of pictures: those that are sets, and those that would fill the disk, the memory or other folders."""

import bz2
import gzip
import os
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest

from srcnn.data import archives
from srcnn.data.archives import ALWAYS_ALLOWED_BYTES, ARCHIVE_SUFFIXES
from srcnn.data.picture_sets import list_pictures, picture_files
from srcnn.imaging.picture import ImageError
from tests.support.archives import pack, tar_of, zip_of
from tests.support.forks import run_forked

pytestmark = pytest.mark.usefixtures("cache")


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
    assert not [file for file in archives.UNPACKED_FOLDER.rglob("*") if file.is_dir() or file.stat().st_size]
    return sentence


@pytest.mark.parametrize("suffix", ARCHIVE_SUFFIXES)
def test_an_archive_gives_the_pictures_of_its_folder_in_their_order(folder, tmp_path, suffix):
    found = picture_files(pack(folder, tmp_path / f"set{suffix}"))
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
    archive = pack(folder, tmp_path / "set.zip")
    first = picture_files(archive)
    monkeypatch.setattr(archives, "unpack_pictures", None)
    monkeypatch.setattr(archives, "WeakFileLock", None)  # so a cache that may only be read will do
    assert picture_files(archive) == first
    assert picture_files(archive.rename(tmp_path / "other.ZIP")) == first


def test_an_archive_that_changed_is_unpacked_anew(folder, tmp_path):
    archive = pack(folder, tmp_path / "set.tar")
    assert len(picture_files(archive)) == 4
    (folder / "camera.png").unlink()
    assert [file.name for file in picture_files(pack(folder, archive))] == [
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
    """Real ones: more than is allowed of a kilobyte's worth, as one picture."""
    make, size = zip_of if kind == "zip" else tar_of, ALWAYS_ALLOWED_BYTES * 5 // 4
    assert "more than pictures" in refused(make(tmp_path / f"bomb.{kind}", {"a.bmp": bytes(size)}))


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
    """tarfile reads the whole of an extended header, here 150 MB out of 0.15."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 150_000_000
    with gzip.open(tmp_path / "a.tar.gz", "wb", compresslevel=1) as file:
        file.write(header.tobuf())
        for _ in range(150):
            file.write(bytes(1_000_000))
    code = "import resource, sys; from srcnn.data.picture_sets import picture_files\n"
    code += "from srcnn.imaging.picture import ImageError\n"
    code += "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
    code += "try: picture_files(sys.argv[1])\nexcept ImageError as error: print(error)\n"
    code += "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    done = run_forked(["-c", code, tmp_path / "a.tar.gz"], os.environ | {"HF_HOME": str(tmp_path / "home")})
    sentence, kilobytes = done.output.splitlines()
    assert "damaged" in sentence
    assert int(kilobytes) < 100_000


@pytest.mark.parametrize("suffix", ARCHIVE_SUFFIXES)
def test_a_cut_off_archive_is_never_a_smaller_set(folder, tmp_path, suffix):
    whole = pack(folder, tmp_path / f"set{suffix}").read_bytes()
    end = len(whole) if suffix != ".tar" else len(whole.rstrip(b"\0"))  # tar fills its last block up
    boundary = [-(-end // 512) * 512] if suffix == ".tar" else []  # where nothing is missing but the end
    for length in [0, 10, *range(512, end, end // 20), end - 1, *boundary]:
        (tmp_path / f"cut{suffix}").write_bytes(whole[:length])
        assert "damaged, cut off" in refused(tmp_path / f"cut{suffix}")


@pytest.mark.parametrize("suffix", [suffix for suffix in ARCHIVE_SUFFIXES if suffix != ".tar"])
def test_a_flipped_bit_is_found(folder, tmp_path, suffix):
    """All kinds but the plain tar keep checksums of the contents."""
    whole = bytearray(pack(folder, tmp_path / f"set{suffix}").read_bytes())
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
        picture_files(pack(folder, tmp_path / "set.zip"))
