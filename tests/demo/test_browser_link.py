"""The link from the demo to the page without a server."""

import os

from playwright.sync_api import expect

from tests.support.app_process import started
from tests.support.browser import DESKTOP
from tests.support.forks import APP, run_forked


def test_the_page_without_a_server_is_linked_where_a_variable_names_it(tmp_path, browser):
    with started(tmp_path, variables={"SRCNN_BROWSER_SPACE": "me/page"}) as app:
        page = browser.new_context(viewport=DESKTOP).new_page()
        page.goto(app.url)
        link = page.get_by_role("link", name="The same in your own browser")
        expect(link).to_have_attribute("href", "https://huggingface.co/spaces/me/page")
        page.context.close()


def test_elsewhere_there_is_no_such_link(desktop):
    expect(desktop.get_by_role("tab", name="Compare")).to_be_visible()
    expect(desktop.get_by_text("The same in your own browser")).to_have_count(0)


def test_what_can_be_no_space_is_said():
    done = run_forked(["app.py", "--browser-space", "my page"], os.environ, APP)
    assert done.status == 1
    assert "'my page' is no name of a repository" in done.errors
