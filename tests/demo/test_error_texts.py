"""What a visitor reads of an error, in English and in Chinese."""

import ast
import re
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from demo.job import Deadline, TimeUpError
from demo.texts.language import error_text, remark_text
from demo.texts.words_errors import ERRORS, REMARKS
from demo.widgets.pictures import open_upload
from srcnn.data.degradation import mod_crop
from srcnn.errors import Remark
from srcnn.imaging.picture import ImageError
from srcnn.variants.catalogue import Catalogue
from srcnn.variants.loading import VariantError
from tests.support.project import PROJECT

CHINESE = SimpleNamespace(headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}, cookies={})
ENGLISH = SimpleNamespace(headers={"accept-language": "en"}, cookies={})
BY_COOKIE = SimpleNamespace(headers=ENGLISH.headers, cookies={"language": "zh-TW"})  # as it was set on the page
# Where an error is raised that a visitor can meet: imaging but for the saving, which the demo does as PNG only, and
# for arrays and Pillow's images, which only programs have.
FILES = [
    file
    for file in (PROJECT / "srcnn" / "imaging").rglob("*.py")
    if file.stem not in ("formats", "writing", "conversion")
]
FILES += [PROJECT / "srcnn" / "data" / "degradation.py", PROJECT / "srcnn" / "variants" / "catalogue.py"]
FILES += [*(PROJECT / "demo").rglob("*.py")]
ERROR_NAMES = ("ImageError", "VariantError", "TimeUpError", "SettingsError")


def raised_sentences() -> set[str]:
    """The sentences that these files raise, as they stand in the code."""
    found = set()
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                name, arguments = ast.unparse(node.exc.func), node.exc.args
                if name in ERROR_NAMES and isinstance(arguments[0], ast.Constant):
                    found.add(arguments[0].value)
                elif name in ERROR_NAMES:
                    pytest.fail(f"{file} builds its sentence")
    return found


def test_each_error_that_a_visitor_can_meet_has_its_chinese_sentence():
    assert raised_sentences() == ERRORS.keys()


def test_each_remark_on_a_picture_has_its_chinese_words():
    names = ("file_formats/metadata.py", "file_formats/reading_losses.py", "colors/srgb_conversion.py", "writing.py")
    sources = [(PROJECT / "srcnn" / "imaging" / name).read_text("utf-8") for name in names]
    pattern = r'(?:Remark\(|^        )"((?:only|its|a|of) [^"]+)"'
    keys = {key for source in sources for key in re.findall(pattern, source, re.M)}
    assert keys == REMARKS.keys()
    remark = Remark("its {bits} bits a channel were reduced to 8", {"bits": 12})
    assert remark_text("a.avif", remark, CHINESE) == "a.avif：每通道 12 位已降为 8 位。"
    english = "a.avif: its 12 bits a channel were reduced to 8."
    assert remark_text("a.avif", remark, ENGLISH) == remark_text("a.avif", remark, None) == english
    for english, chinese in REMARKS.items():
        assert set(re.findall(r"\{.*?\}", chinese)) == set(re.findall(r"\{.*?\}", english))


def test_a_chinese_sentence_names_nothing_that_the_error_does_not_know():
    for english, chinese in ERRORS.items():
        assert set(re.findall(r"\{.*?\}", chinese)) <= set(re.findall(r"\{.*?\}", english))


def failures(tmp_path):
    """What a visitor does, the English sentence, and the Chinese one."""
    noise = np.random.default_rng(0).integers(0, 255, (20, 30, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:900])
    (tmp_path / "text.png").write_text("no picture")
    Image.fromarray(noise[..., 0].astype(np.float32)).save(tmp_path / "float.tif")
    Image.fromarray(noise[..., 0].astype(np.int32) * 1_000).save(tmp_path / "long.tif")

    def late():
        Deadline(-1).check()

    return {
        lambda: open_upload(None, 100): ("There is no picture yet: upload", "还没有图片"),
        lambda: open_upload(tmp_path / "none.png", 100): (
            "none.png was deleted from the server, as every",
            "none.png 已从服务器删除",
        ),
        lambda: open_upload(tmp_path / "text.png", 1000): ("This file is not a picture in a kn", "无法识别这个文件"),
        lambda: open_upload(tmp_path / "cut.png", 1000): ("This picture file is damaged or cut", "这个图片文件已损坏"),
        lambda: open_upload(tmp_path / "float.tif", 1000): ("Pictures of floating-point", "不支持浮点或 32 位的图片"),
        lambda: open_upload(tmp_path / "long.tif", 1000): ("Pictures of 32-bit", "不支持浮点或 32 位的图片"),
        lambda: open_upload(tmp_path / "whole.png", 100): (
            "This picture has 0.0 megapixels, the limit here is 0.0; use",
            "这张图片有 0.0 百万像素，这里的上限是 0.0；",
        ),
        lambda: mod_crop(2, 7, 3): (
            "This picture is too small for x3: it has 7x2 pixels, each side needs at least 3.",
            "这张图片太小，无法用于 x3：它有 7x2 像素，每边至少需要 3 像素。",
        ),
        lambda: Catalogue({}).choose_variants(3, "mse", "9-1-5"): (
            "There is no variant of 9-1-5 for x3 with the loss mse here; choose another loss, network or scale.",
            "这里没有 9-1-5 网络 x3、损失函数为 mse 的模型；",
        ),
        late: ("This takes longer than the -1 seconds that there are for it here;", "这项任务超过了这里允许的 -1 秒；"),
    }


def test_a_visitor_reads_the_sentence_in_the_language_of_the_browser(tmp_path):
    for fail, (english, chinese) in failures(tmp_path).items():
        with pytest.raises((ImageError, VariantError, TimeUpError)) as caught:
            fail()
        assert error_text(caught.value, ENGLISH).startswith(english)
        assert error_text(caught.value, None) == error_text(caught.value, ENGLISH) == str(caught.value)
        assert error_text(caught.value, CHINESE) == error_text(caught.value, BY_COOKIE)
        assert error_text(caught.value, CHINESE).startswith(chinese)


def test_what_has_no_chinese_sentence_is_said_in_english():
    for error in (ImageError("This picture has {no} values."), TimeUpError("Late: {x}.", x=3)):
        assert error_text(error, CHINESE) == str(error)
    assert str(error) == "Late: 3."
