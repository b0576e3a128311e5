"""Whether every button can be read in every state. axe-core excuses some states and meets others by chance."""

from collections.abc import Sequence

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import DESKTOP, open_tab

# one a tab
BUTTONS = {"Compare": "Compare all losses", "Enlarge": "Enlarge", "Models": "Download the weights", "Train": "Train"}
READABLE = 4.5  # the contrast that WCAG 2.2 asks of text, success criterion 1.4.3
MOMENTS = (0, 0.5, 1)  # of a transition, which stands still there
DISABLED = "disabled => document.querySelectorAll('button:is(.lg, .md, .sm)').forEach(each => each.disabled = disabled)"
# At each moment of the transitions, null for as it is: pairs of a text on a button in sight and its contrast with what
# is behind it, from the computed colours and opacities.
CONTRASTS = """
moments => {
    const parsed = colour => {
        const numbers = colour.match(/^rgba?\\((.*)\\)$/)[1].split(",").map(Number);
        const [red, green, blue, alpha = 1] = numbers;
        return [red * alpha, green * alpha, blue * alpha, alpha];
    };
    const over = (above, below) => above.map((value, index) => value + below[index] * (1 - above[3]));
    const luminance = colour => [0.2126, 0.7152, 0.0722].reduce((sum, weight, index) => {
        const value = colour[index] / 255;
        return sum + weight * (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    }, 0);
    const contrast = element => {
        let layers = [parsed(getComputedStyle(element).color), [0, 0, 0, 0]];
        for (let node = element; node; node = node.parentElement) {
            const { backgroundColor, opacity } = getComputedStyle(node);
            layers = layers.map(layer => over(layer, parsed(backgroundColor)).map(value => value * opacity));
        }
        const [dark, light] = layers.map(layer => luminance(over(layer, [255, 255, 255, 1]))).sort((a, b) => a - b);
        return (light + 0.05) / (dark + 0.05);
    };
    const text = element => [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE)
        .map(node => node.data.trim()).join("");
    const stop = moment => document.getAnimations().filter(each => each instanceof CSSTransition).forEach(each => {
        each.pause();
        each.currentTime = moment * each.effect.getComputedTiming().endTime;
    });
    return moments.map(moment => {
        if (moment !== null) stop(moment);
        return [...document.querySelectorAll("button, button *")]
            .filter(element => text(element) && element.checkVisibility({ visibilityProperty: true }))
            .map(element => [text(element), contrast(element)]);
    });
}
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_button_can_be_read_in_every_state(open_page, theme):
    """Also on the way from one to another: a button is enabled at once, but may take its time to look so."""
    page = open_page(DESKTOP, f"/?__theme={theme}")
    for name, button in BUTTONS.items():
        open_tab(page, name)
        expect(page.get_by_role("button", name=button, exact=True)).to_be_visible()
        tabs = page.get_by_role("tab").count()
        assert too_pale(page, tabs, [None]) == [], name
        for disabled in (True, False):
            page.evaluate(DISABLED, disabled)
            assert too_pale(page, tabs) == [], (name, "disabled" if disabled else "enabled again")
        for button in page.get_by_role("button").or_(page.get_by_role("tab")).all():
            button.hover()
            assert too_pale(page, tabs) == [], (name, "under the mouse")


def too_pale(page: Page, tabs: int, moments: Sequence[float | None] = MOMENTS) -> list[tuple[float | None, str, float]]:
    """What cannot be read at a moment: the moment, the text and its contrast."""
    found = page.evaluate(CONTRASTS, moments)
    assert all(len(contrasts) > tabs for contrasts in found), "the buttons are not found"
    return [
        (moment, text, round(contrast, 2))
        for moment, contrasts in zip(moments, found, strict=True)
        for text, contrast in contrasts
        if contrast < READABLE
    ]
