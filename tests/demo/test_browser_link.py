"""The link from the demo to the page without a server."""

import os
import subprocess
import sys

from playwright.sync_api import expect

from tests.support.browser import DESKTOP, running_app
from tests.support.project import PROJECT


def test_the_page_without_a_server_is_linked_where_a_variable_names_it(tmp_path, browser):
    settings = {"GRADIO_TEMP_DIR": str(tmp_path / "files"), "SRCNN_BROWSER_SPACE": "me/page"}
    with running_app(tmp_path, os.environ | settings) as url:
        page = browser.new_context(viewport=DESKTOP).new_page()
        page.goto(url)
        link = page.get_by_role("link", name="The same in your own browser")
        expect(link).to_have_attribute("href", "https://huggingface.co/spaces/me/page")
        page.context.close()


def test_elsewhere_there_is_no_such_link(desktop):
    expect(desktop.get_by_role("tab", name="Compare")).to_be_visible()
    expect(desktop.get_by_text("The same in your own browser")).to_have_count(0)


def test_what_can_be_no_space_is_said():
    command = [sys.executable, "app.py", "--browser-space", "my page"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1
    assert "'my page' is no name of a repository" in done.stderr
