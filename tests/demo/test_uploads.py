"""Files that visitors drop into the page, in a real browser: their content tells what they are, not their names."""

from playwright.sync_api import Page, expect

from tests.support.browser import open_tab

NO_PICTURE = "This file is not a picture in a known format; use PNG, JPEG or WebP."
DROP = """(area, [name, bytes]) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([new Uint8Array(bytes)], name));
    for (const kind of ["dragenter", "dragover", "drop"])
        area.dispatchEvent(new DragEvent(kind, {dataTransfer, bubbles: true, cancelable: true}));
}"""


def drop(page: Page, label: str, name: str, content: bytes) -> None:
    area = page.locator("[role=tabpanel]:visible").get_by_label(label)
    area.evaluate(DROP, [name, list(content)])


def expect_refusal(page: Page) -> None:
    """In the page's own words, and only in those."""
    expect(page.locator("[role=tabpanel]:visible [role=alert]")).to_contain_text(NO_PICTURE)
    expect(page.locator(".toast-body")).to_have_count(0)


def test_compare_takes_a_picture_without_a_suffix(desktop, photograph):
    drop(desktop, "Drop an image file here to upload", "photo", photograph.read_bytes())
    expect(desktop.get_by_text("then enlarged again to 300 × 240")).to_be_visible()
    desktop.get_by_label("Remove Image").click()
    drop(desktop, "Drop an image file here to upload", "notes.txt", b"This is no picture.")
    expect_refusal(desktop)


def test_enlarge_takes_a_picture_without_a_suffix(desktop, photograph):
    open_tab(desktop, "Enlarge")
    drop(desktop, "Click to upload or drop files", "photo", photograph.read_bytes())
    panel = desktop.locator("[role=tabpanel]:visible")
    expect(panel.get_by_text("photo", exact=True)).to_be_visible()
    panel.get_by_role("button", name="Enlarge", exact=True).click()
    expect(panel.get_by_text("301 × 241 → 903 × 723 pixels.")).to_be_visible()
    panel.get_by_label("Clear").click()
    drop(desktop, "Click to upload or drop files", "notes.txt", b"This is no picture.")
    expect(panel.get_by_role("cell", name="notes.txt")).to_be_visible()  # its text is "notes .txt" but while it is sent
    panel.get_by_role("button", name="Enlarge", exact=True).click()
    expect_refusal(desktop)
