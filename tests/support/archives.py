"""Archives of pictures, as people make them and as nobody should."""

import io
import random
import subprocess
import tarfile
import zipfile
from pathlib import Path


def pack(folder: Path, archive: Path) -> Path:
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
