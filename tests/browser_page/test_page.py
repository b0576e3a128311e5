"""The page without a server, in a real Chromium: it shows what the library computes, asks nobody, and works offline."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image
from playwright.sync_api import Page, expect

from srcnn import compare, evaluate, load, upscale
from srcnn.inference.export.onnx_files import Origin, export_picture
from srcnn.variants.loading import BUNDLED_FOLDER
from tests.support.browser import ARGUMENTS, DESKTOP, PATIENCE, PHONE, shoot, start_chromium
from tests.support.browser_page import build_page, served

SOFTWARE_WEBGPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--ignore-gpu-blocklist"]


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    return build_page(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def address(built):
    with served(built) as url:
        yield url


@pytest.fixture
def open_at(address, browser):
    """Open the page; in the end, no error in the console and no request to anybody else."""
    contexts, complaints = [], []

    def open_page(viewport: dict = DESKTOP, query: str = "", **settings) -> Page:
        context = browser.new_context(viewport=viewport, accept_downloads=True, **settings)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        watch(context, address, complaints)
        page = context.new_page()
        page.goto(address + query)
        wait_for_result(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def watch(context, address: str, complaints: list[str]) -> None:
    """Note errors and requests to others, also those of workers."""
    context.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    own = (address, "data:", f"blob:{address}")
    context.on("request", lambda r: None if r.url.startswith(own) else complaints.append(r.url))


def wait_for_result(page: Page) -> None:
    expect(page.locator("#download[href]")).to_be_visible()
    expect(page.locator("#error")).to_be_hidden()


def choose(page: Page, file: Path, mode: str, scale: int, loss: str = "mse") -> None:
    page.locator(f"input[name=mode][value={mode}]").check()
    page.locator(f"input[name=scale][value='{scale}']").check()
    page.locator("#loss").select_option(loss)
    page.locator("#file").set_input_files(file)
    expect(page.locator("#download")).to_have_attribute("download", f"{file.stem}-x{scale}.png")
    wait_for_result(page)


def downloaded(page: Page) -> np.ndarray:
    with page.expect_download() as download:
        page.locator("#download").click()
    return np.asarray(Image.open(io.BytesIO(Path(download.value.path()).read_bytes())).convert("RGB"))


def canvas_pixels(page: Page, name: str) -> np.ndarray:
    code = """name => {
        const canvas = document.getElementById(name);
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return [canvas.height, canvas.width, Array.from(data)];
    }"""
    height, width, levels = page.evaluate(code, name)
    return np.array(levels, np.uint8).reshape(height, width, 4)[..., :3]


def check_levels(result: np.ndarray, expected: np.ndarray) -> None:
    """At most one level apart, and hardly ever that."""
    expected = expected if expected.ndim == 3 else np.repeat(expected[..., None], 3, axis=2)
    assert result.shape == expected.shape
    difference = np.abs(result.astype(int) - expected)
    assert difference.max() <= 1
    assert np.mean(difference == 0) >= 0.999


def saved(folder: Path, pixels: np.ndarray, name: str = "mine.png") -> Path:
    Image.fromarray(pixels).save(folder / name)
    return folder / name


@pytest.mark.parametrize(("scale", "loss"), [(2, "adversarial"), (3, "mse"), (4, "l1")])
def test_it_enlarges_as_the_library_does(open_at, tmp_path, scale, loss):
    page = open_at()
    photograph, noise = skimage.data.coffee()[100:193, 200:327], np.random.default_rng(0)
    pictures = [
        photograph,
        noise.integers(0, 256, (1, 1, 3), dtype=np.uint8),
        noise.integers(0, 2, (7, 5, 3), dtype=np.uint8) * 255,
    ]
    for number, pixels in enumerate(pictures):
        choose(page, saved(tmp_path, pixels, f"{number}.png"), "enlarge", scale, loss)
        check_levels(downloaded(page), upscale(np.ascontiguousarray(pixels), load(f"srcnn-x{scale}-{loss}")))
    expect(page.locator("#scores")).to_be_hidden()


@pytest.mark.parametrize(("scale", "kind"), [(2, "grey.png"), (3, "colour.png"), (4, "grey.jpg")])
def test_it_measures_what_evaluate_does(open_at, tmp_path, scale, kind):
    page = open_at()
    pixels = skimage.data.camera()[60:163, 100:251] if "grey" in kind else skimage.data.rocket()[100:203, 200:405]
    file = saved(tmp_path, pixels, kind)
    choose(page, file, "truth", scale)
    report = evaluate(load(f"srcnn-x{scale}-mse"), [file])
    bicubic, network = report.bicubic.psnr, report.srcnn.psnr
    shown = [float(text.replace("−", "-")) for text in page.locator("#scores td").all_inner_texts()]
    assert shown == pytest.approx([bicubic, network, network - bicubic], abs=0.01)
    expected = compare(file, load(f"srcnn-x{scale}-mse"))
    check_levels(downloaded(page), expected.srcnn.pixels)
    check_levels(canvas_pixels(page, "before"), expected.bicubic.pixels)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_an_example_is_chosen_by_a_click_and_the_page_fits(open_at, viewport):
    page = open_at(viewport)
    example = page.get_by_role("button", name="chelsea")
    example.click()
    expect(page.locator("#download")).to_have_attribute("download", "chelsea-x3.png")
    wait_for_result(page)
    expect(example).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#status")).to_contain_text("450 x 300 pixels in ")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shoot(page, f"browser-page-{viewport['width']}", full_page=True)


def test_the_slider_moves_by_keyboard(open_at):
    page = open_at()
    page.locator("#cut").focus()
    page.keyboard.press("End")
    assert page.locator("#slider").evaluate("slider => slider.style.getPropertyValue('--cut')") == "100%"


def test_the_last_choice_wins(open_at):
    """What was chosen before is given up: it paints nothing into the result any more."""
    page = open_at()
    page.locator("input[name=mode][value=enlarge]").check()
    expect(page.locator("#progress")).not_to_have_js_property("value", 1)
    page.locator("input[name=mode][value=truth]").check()
    page.locator("input[name=scale][value='2']").check()
    expect(page.locator("#download")).to_have_attribute("download", "astronaut-x2.png")
    wait_for_result(page)
    expect(page.locator("#status")).to_contain_text("512 x 512")
    check_levels(downloaded(page), compare(skimage.data.astronaut(), load("srcnn-x2-mse")).srcnn)


def test_what_is_no_picture_or_too_small_is_told_and_the_page_goes_on(open_at, tmp_path):
    page = open_at()
    (tmp_path / "notes.png").write_text("no picture")
    page.locator("#file").set_input_files(tmp_path / "notes.png")
    expect(page.get_by_role("alert")).to_contain_text("cannot read the file as a picture")
    page.locator("#file").set_input_files(saved(tmp_path, np.zeros((8, 20, 3), np.uint8)))
    expect(page.get_by_role("alert")).to_have_text(
        "The picture is too small to be reduced: each side needs at least 9 pixels."
    )
    page.get_by_role("button", name="coffee").click()
    expect(page.locator("#download")).to_have_attribute("download", "coffee-x3.png")
    wait_for_result(page)


def test_transparent_parts_are_laid_on_white_and_that_is_said(open_at, tmp_path):
    page = open_at()
    colours = np.full((12, 12, 4), (0, 0, 0, 255), np.uint8)
    colours[:, 6:, 3] = 0
    choose(page, saved(tmp_path, colours), "enlarge", 2)
    result = downloaded(page)
    assert result[:, :4].max() < 10
    assert result[:, -4:].min() > 245
    expect(page.locator("#note")).to_have_text("Its transparent parts were laid on white.")


def test_it_speaks_chinese_too(open_at):
    page = open_at(locale="zh-CN")
    assert page.locator("html").get_attribute("lang") == "zh"
    expect(page.locator("#status")).to_contain_text("处理器核心")


def test_it_works_offline_after_the_first_load(built, browser, tmp_path):
    """Without the host, and with a network that it had not used."""
    complaints: list[str] = []
    context = browser.new_context(viewport=DESKTOP, accept_downloads=True)
    with served(built) as url:
        watch(context, url, complaints)
        page = context.new_page()
        page.goto(url)
        expect(page.locator("#offline")).to_be_visible()
    page.reload()
    wait_for_result(page)
    pixels = skimage.data.coffee()[100:130, 200:240]
    choose(page, saved(tmp_path, pixels), "enlarge", 4, "perceptual")
    check_levels(downloaded(page), upscale(np.ascontiguousarray(pixels), load("srcnn-x4-perceptual")))
    context.close()
    assert complaints == []


def test_the_lines_of_a_card_run_the_whole_way_of_a_picture_in_a_browser(open_at, built, tmp_path):
    """Those in JavaScript, with the file that they name, on what stands in a canvas."""
    name = "srcnn-x3-mse"
    card = (BUNDLED_FOLDER / name / "README.md").read_text("utf-8")
    (sample,) = re.findall("```js\n(.*?)```", card, re.DOTALL)
    first, _, rest = sample.partition("\n")
    assert first == 'import * as ort from "onnxruntime-web";'
    page = open_at()
    choose(page, saved(tmp_path, skimage.data.coffee()[100:113, 200:211]), "enlarge", 2)
    content = export_picture(load(name), Origin(name, BUNDLED_FOLDER / name / "model.safetensors"))
    (built / "picture.onnx").write_bytes(content)
    start = 'const ort = await import("./runtime/ort.wasm.bundle.min.mjs"); ort.env.wasm.numThreads = 1;'
    end = "return [output.dims, Array.from(output.data)];"
    shape, levels = page.evaluate(
        f"async canvas => {{ {start} {rest} {end} }}", page.locator("#after").element_handle()
    )
    result = np.array(levels, np.uint8).reshape(shape)
    check_levels(result, upscale(canvas_pixels(page, "after"), load(name)))


def test_it_computes_by_webgpu_where_there_is_one(address, playwright, tmp_path):
    """Software that acts as a graphics card, where this Chromium has some: slow, so the example is small."""
    pixels = skimage.data.coffee()[100:124, 200:230]
    small = saved(tmp_path, pixels)
    browser = start_chromium(playwright, [each for each in ARGUMENTS if each != "--disable-gpu"] + SOFTWARE_WEBGPU)
    page = browser.new_page()
    page.goto(f"{address}catalogue.json")
    if not page.evaluate("navigator.gpu ? navigator.gpu.requestAdapter().then(found => !!found) : false"):
        browser.close()
        pytest.skip("this Chromium offers no adapter of WebGPU")
    page.route("**/astronaut.png", lambda route: route.fulfill(path=small))
    page.goto(f"{address}?backend=webgpu")
    expect(page.locator("#download[href]")).to_be_visible(timeout=120_000)
    page.locator("input[name=mode][value=enlarge]").check()
    expect(page.locator("#status")).to_contain_text("90 x 72 pixels", timeout=120_000)
    expect(page.locator("#status")).to_contain_text("the graphics card (WebGPU)")
    expect(page.locator("#download[href]")).to_be_visible()
    check_levels(downloaded(page), upscale(np.ascontiguousarray(pixels), load("srcnn-x3-mse")))
    browser.close()


def test_the_build_pins_the_runtime_and_names_no_host():
    lock = (Path(__file__).parents[2] / "browser" / "package-lock.json").read_text()
    assert '"onnxruntime-web": "1.30.0"' in lock
    assert "http" not in lock.replace("https://opencollective.com", "")
