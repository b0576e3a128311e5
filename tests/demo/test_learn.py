"""The Learn tab from outside: what it shows is the library's, from the weights in use, and only when it is opened."""

import numpy as np
import pytest
import skimage.data
from playwright.sync_api import Locator, Page, expect

from srcnn.imaging.picture import Picture
from srcnn.imaging.planes import to_planes
from srcnn.naming import LOSS_TITLES
from srcnn.variants.loading import load
from srcnn.visuals.crops import Detail, compare_detail
from srcnn.visuals.filters import draw_feature_maps, draw_first_layer, draw_second_layer, draw_third_layer
from srcnn.visuals.rendering import frame_details
from tests.support.browser import PHONE, open_tab, pixels_of, shoot, wait_on_page

PICTURES = 6 + 4 + 7 + 3 * 4 + 3 * 4  # weights and maps, output, losses, scales, other limits
SHOWN = ":is(.steps, .by-loss, .limits) img"  # the networks that followed are in test_app_networks.py


def opened(page: Page, name: str = "Learn") -> Page:
    open_tab(page, name)
    expect(page.locator(".limits img")).to_have_count(24)
    return page


@pytest.fixture
def learn(desktop) -> Page:
    return opened(desktop)


def picture(page: Page | Locator, alt: str) -> np.ndarray:
    return pixels_of(page.get_by_alt_text(alt, exact=True).get_attribute("src"))


def detail_of(photograph: str, model, *place: int) -> Detail:
    return compare_detail(Picture(getattr(skimage.data, photograph)()), model, *place)


def test_nothing_is_computed_before_the_tab_is_opened(desktop):
    """What the page asks of the server when it opens is not what it asks when the tab does."""
    calls, find_nudge = [], "gradio_config.dependencies.find(each => each.targets[0]?.[1] === 'nudge').id"
    desktop.on("request", lambda r: calls.append(r.post_data_json["fn_index"]) if "/queue/join" in r.url else None)
    nudge = desktop.evaluate(find_nudge)
    desktop.reload()
    expect(desktop.locator(".strip img")).to_have_count(4)
    wait_on_page(desktop, lambda: calls, "the page has asked for a detail")
    before = {nudge, *calls}
    calls.clear()
    opened(desktop)
    expect(desktop.locator(SHOWN)).to_have_count(PICTURES)
    expect(desktop.locator(".by-network img").first).to_be_visible()
    after = set(calls) - {nudge}
    assert len(after) == 4  # the layers, the losses, the limits, the networks that followed
    assert before.isdisjoint(after)


def test_the_layers_are_those_of_the_weights_in_use(learn):
    model = load("srcnn-x4-mse")
    detail = detail_of("astronaut", model, 222, 108, 96)
    first, second, _ = draw_feature_maps(model, to_planes(detail.bicubic)[0])
    expected = [draw_first_layer(model), draw_first_layer(model, acting=True), first]
    expected += [draw_second_layer(model), second]
    expected += [draw_third_layer(model), detail.low, detail.bicubic, detail.srcnn, detail.truth]
    shown = [pixels_of(image.get_attribute("src")) for image in learn.locator(".steps img").all()]
    assert len(shown) == len(expected)
    for one, other in zip(shown, expected, strict=True):
        assert np.array_equal(one, other.pixels)
    expect(learn.locator(".steps")).to_contain_text(f"SRCNN {detail.srcnn_psnr:.2f} dB")


def test_another_example_scale_and_loss_is_another_picture(learn):
    panel = learn.locator("[role=tabpanel]:visible")
    panel.get_by_label("Cat", exact=True).check()
    expect(learn.get_by_alt_text("Cat: SRCNN")).to_be_visible()
    panel.get_by_label("x2", exact=True).check()
    detail = detail_of("chelsea", load("srcnn-x2-mse"), 168, 96, 96)
    expect(learn.locator(".steps")).to_contain_text(f"SRCNN {detail.srcnn_psnr:.2f} dB")
    assert np.array_equal(picture(learn, "Cat: SRCNN"), detail.srcnn.pixels)
    panel.get_by_label("Trained with the loss").click()
    learn.get_by_role("option", name="Adversarial").click()
    model = load("srcnn-x2-adversarial")
    detail = detail_of("chelsea", model, 168, 96, 96)
    expect(learn.locator(".steps")).to_contain_text(f"SRCNN {detail.srcnn_psnr:.2f} dB")
    assert np.array_equal(
        pixels_of(learn.locator(".steps img").first.get_attribute("src")), draw_first_layer(model).pixels
    )
    open_tab(learn, "Models")
    opened(learn)
    expect(learn.get_by_alt_text("Cat: SRCNN")).to_be_visible()  # the choices stay


def test_each_loss_has_its_formula_and_its_picture(learn):
    for loss in ("mse", "l1", "charbonnier", "perceptual", "adversarial"):
        title = LOSS_TITLES[loss]
        detail = detail_of("astronaut", load(f"srcnn-x4-{loss}"), 226, 112, 72)
        assert np.array_equal(picture(learn.locator(".by-loss"), f"A face x4: {title}"), detail.srcnn.pixels)
        expect(learn.locator(".by-loss")).to_contain_text(f"{title} {detail.srcnn_psnr:.2f} dB")
        expect(learn.locator(".optimised th[scope=row]").get_by_text(title, exact=True)).to_be_visible()
    expect(learn.locator(".optimised .formula")).to_have_count(5)


def test_each_limit_is_shown_on_an_example(learn):
    limits_shown = learn.locator(".limits")
    for scale in (2, 3, 4):
        detail = detail_of("coffee", load(f"srcnn-x{scale}-mse"), 48, 306, 96)
        assert np.array_equal(picture(limits_shown, f"Wood grain x{scale}: SRCNN"), detail.srcnn.pixels)
    model = load("srcnn-x4-mse")
    examples = {
        "Small print": detail_of("page", model, 120, 60, 96),
        "A face": detail_of("astronaut", model, 226, 112, 72),
        "Fur beside a cat's eye": frame_details(detail_of("chelsea", model, 189, 70, 96), 13),
    }
    for subject, detail in examples.items():
        assert np.array_equal(picture(limits_shown, f"{subject} x4: Bicubic"), detail.bicubic.pixels)
        assert np.array_equal(picture(limits_shown, f"{subject} x4: SRCNN"), detail.srcnn.pixels)
        expect(limits_shown).to_contain_text(f"SRCNN {detail.srcnn_psnr:.2f} dB")
    expect(limits_shown).to_contain_text("It sees 13 × 13 pixels.")
    expect(limits_shown).to_contain_text("3.25 × 3.25 pixels of the low resolution")


def test_it_reads_as_a_page(learn):
    panel = learn.locator("[role=tabpanel]:visible")
    expect(panel.locator("h2")).to_have_text(
        ["Three layers", "What each loss optimises", "Where it ends", "Why VDSR and EDSR followed"]
    )
    for paper in ("1511.04587", "1707.02921"):
        expect(panel.locator(f"a[href='https://arxiv.org/abs/{paper}'] >> visible=true")).to_have_count(1)
    alts = [image.get_attribute("alt") for image in panel.locator(SHOWN).all()]
    assert len(alts) == PICTURES
    assert all(alts)
    shoot(learn, "learn-desktop", full_page=True)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_phone(open_page, theme):
    page = opened(open_page(PHONE, f"/?__theme={theme}"))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for image in page.locator("[role=tabpanel]:visible img").all():
        box = image.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
        assert box["width"] > 130
    shoot(page, f"learn-phone-{theme}", full_page=True)


def test_choices_that_a_busy_page_shows_late_are_taken_then(desktop):
    desktop.evaluate("""() => {
        const choose = learn.choose, early = [[null, null]];
        learn.choose = (photograph, ...offered) => choose(photograph, ...(early.pop() ?? offered));
    }""")
    expect(opened(desktop).locator(".steps img").first).to_be_visible()
    expect(desktop.get_by_role("alert")).to_have_count(0)


def test_it_speaks_chinese(open_page):
    page = opened(open_page({"width": 1440, "height": 900}, locale="zh-CN"), "原理")
    panel = page.locator("[role=tabpanel]:visible")
    expect(panel.locator("h2")).to_have_text(
        ["三层网络", "每种损失函数在优化什么", "方法的局限", "为什么会有 VDSR 和 EDSR"]
    )
    expect(panel.locator("h4").first).to_contain_text("图像块提取")
    expect(panel.get_by_alt_text("人脸 x4: 双三次插值").first).to_be_visible()
    shoot(page, "learn-chinese", full_page=True)
