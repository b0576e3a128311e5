"""The app where something goes wrong around it: it is killed or told to end; no room, no GPU, no time."""

import contextlib
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from gradio_client import Client, handle_file
from gradio_client.client import Job as ClientJob
from gradio_client.exceptions import AppError
from gradio_client.utils import Status
from PIL import Image
from playwright.sync_api import expect

from demo.server.cleanup import Sweeper
from srcnn.evaluation.comparison import compare
from srcnn.imaging.reading import open_picture
from srcnn.variants.loading import load
from tests.support.app_process import Started, started, status_of, upload
from tests.support.browser import DESKTOP, choose, open_tab, table_text
from tests.support.waiting import PATIENCE_SECONDS, wait_until

FULL = "The server cannot store files now, its disk may be full; try again later."
TOO_LONG = "This takes longer than the 5 seconds that there are for it here"
SMALL_DISK = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (900_000, 900_000))
"""
# Of every job, the first network lies on a GPU, which is lost after a band; the next one is its replacement. A GPU
# computes whole bands.
LOST_GPU = """
from srcnn.inference import engine
demo.job.DeadlineWrapper.open_stream = lambda self, width: None
whole, engine.BAND_PIXELS, networks, calls = engine.run_rows, 50_000, [], 0
def lost(network, *args):
    global calls
    if not networks or network is not networks[-1]:
        networks.append(network)
        calls = 0
    calls += 1
    if len(networks) % 2 and calls == 2:
        raise torch.AcceleratorError("CUDA error: unspecified launch failure")
    return whole(network, *args)
engine.run_rows = lost
"""
NARROW = "app.MAX_WAITING, demo.job.JOB_SECONDS, demo.server.guard._MAX_UPLOAD_BYTES = 6, 5, 20_000_000"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> dict[str, Path]:
    """quick: at once. example: the page begins with it. slow: seconds of work, with the self-ensemble.
    endless: minutes of it. heavy: of 1.5 MB."""
    folder = tmp_path_factory.mktemp("pictures")
    noise = np.random.default_rng(0).integers(0, 256, (700, 700, 3), dtype=np.uint8)
    astronaut = skimage.data.astronaut()
    made = {
        "quick": astronaut[:60, :80],
        "slow": np.tile(astronaut, (2, 2, 1)),
        "endless": np.tile(astronaut, (4, 4, 1)),
        "heavy": noise,
        "example": astronaut,
    }
    for name, pixels in made.items():
        Image.fromarray(pixels).save(folder / f"{name}.png")
    return {name: folder / f"{name}.png" for name in made}


def begun(client: Client, picture: Path, ensemble: bool = True) -> ClientJob:
    """A comparison that the app is at work on."""
    job = client.submit(handle_file(picture), 3, "mse", ensemble, api_name="/compare")
    wait_until(lambda: job.status().code == Status.PROCESSING, "the job begins")
    return job


def compared(app: Started, picture: Path, *choices, ensemble: bool = False) -> tuple:
    return app.client().predict(handle_file(picture), 3, "mse", ensemble, *choices, api_name="/compare")


def refuses_jobs(app: Started) -> bool:
    return status_of(f"{app.url}/gradio_api/call/compare", data=b"{}") == 503


def test_a_job_that_runs_when_the_app_is_told_to_end_is_answered(tmp_path, pictures):
    with started(tmp_path, "demo.server.shutdown.LEAVING_SECONDS = 100") as app:
        job = begun(app.client(), pictures["slow"])
        app.process.terminate()
        wait_until(lambda: refuses_jobs(app), "new jobs are refused")
        assert not job.done()
        left, _, _, figures = job.result(timeout=PATIENCE_SECONDS)
        assert figures["ensemble"]
        assert all(Image.open(file).size == (1023, 1023) for file in left)  # which were fetched after the answer
        assert app.process.wait(timeout=PATIENCE_SECONDS) == 0
        assert "Traceback" not in app.log.read_text()
        assert app.stored() == []


@pytest.mark.parametrize(("seconds", "again"), [(1, False), (100, True)], ids=["time limit", "second signal"])
def test_a_job_without_end_does_not_keep_an_app_that_is_told_to_end(tmp_path, pictures, seconds, again):
    with started(tmp_path, f"demo.server.shutdown.LEAVING_SECONDS = {seconds}") as app:
        job = begun(app.client(), pictures["endless"])
        app.process.terminate()
        if again:
            wait_until(lambda: refuses_jobs(app), "new jobs are refused")
            app.process.terminate()
        assert app.process.wait(timeout=PATIENCE_SECONDS) == (-signal.SIGTERM if again else 128 + signal.SIGTERM)
        with contextlib.suppress(Exception):  # the client's own thread has lost its server
            job.result(timeout=PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory) -> Iterator[Started]:
    with started(tmp_path_factory.mktemp("forgetful"), "app.KEPT_SECONDS, app.SWEEP_SECONDS = 10, 0.2") as app:
        yield app


def test_an_upload_cannot_be_read_any_more_once_it_is_deleted(forgetful, pictures):
    addresses = []

    def readable() -> bool:
        path = forgetful.client().submit(handle_file(pictures["quick"]), 3, "mse", False, api_name="/compare")
        path.result(timeout=PATIENCE_SECONDS)
        addresses[:] = [f"{forgetful.url}/gradio_api/file={file}" for file in forgetful.stored()]
        return len(addresses) > 1 and {status_of(url) for url in addresses} == {200}

    wait_until(readable, "an upload and its results are there")
    wait_until(lambda: {status_of(url) for url in addresses} <= {403, 404}, "none of them can be read")


def test_a_page_that_stayed_open_makes_examples_anew_and_asks_for_own_pictures_by_name(forgetful, pictures, browser):
    page = browser.new_page(viewport=DESKTOP, locale="en")
    page.goto(forgetful.url)
    expect(page.locator(".detail .strip img")).to_have_count(4)
    wait_until(lambda: forgetful.stored() == [], "what was shown is deleted")
    page.get_by_label("32 × 32").check()
    page.get_by_label("x2", exact=True).locator("visible=true").check()
    expect(page.locator(".scores td")).to_have_text(table_text("srcnn-x2-mse", pictures["example"]))
    choose(page, pictures["quick"])
    expect(page.get_by_text("80 × 60 pixels in")).to_be_visible()
    wait_until(lambda: forgetful.stored() == [], "the visitor's picture is deleted")
    page.get_by_label("x4", exact=True).locator("visible=true").check()
    told = "quick.png was deleted from the server, as every picture is after an hour; upload it again."
    expect(page.get_by_role("alert")).to_have_text(told)
    expect(page.locator(".scores td")).to_have_count(0)
    page.close()


def test_a_killed_app_starts_again_in_its_place_and_clears_up(forgetful, pictures):
    busy = forgetful.client()
    for _ in range(3):
        busy.submit(handle_file(pictures["quick"]), 3, "mse", False, api_name="/enlarge")
    begun(forgetful.client(), pictures["endless"])
    forgetful.process.kill()
    forgetful.process.wait()
    (left := forgetful.files / "srcnn-demo" / "left").mkdir()
    (left / "picture.png").write_bytes(b"of the dead process")
    forgetful.start()
    assert compared(forgetful, pictures["quick"])[3]["scale"] == 3
    wait_until(lambda: forgetful.stored() == [], "the files of the dead process are deleted")
    wait_until(lambda: not left.exists(), "and their folders")


def test_a_full_disk_is_a_sentence_and_the_app_goes_on(tmp_path, pictures, browser):
    """A limit on the size of a file stands for the full disk: neither a large upload nor a large result fits."""
    with started(tmp_path, SMALL_DISK) as app:
        page = browser.new_page(viewport=DESKTOP, locale="en")
        page.goto(app.url)
        choose(page, pictures["heavy"])
        expect(page.get_by_text("disk is full; try again later")).to_be_visible()
        page.reload()
        open_tab(page, "Enlarge")
        choose(page, pictures["slow"])
        page.get_by_role("button", name="Enlarge", exact=True).click()
        expect(page.get_by_role("alert").filter(has_text=FULL)).to_be_visible()
        page.close()
        with pytest.raises(AppError, match=FULL):
            app.client().predict(handle_file(pictures["slow"]), 3, "mse", False, api_name="/enlarge")
        assert compared(app, pictures["quick"])[3]["scale"] == 3


def test_a_lost_gpu_is_replaced_by_the_cpu_and_the_page_says_so(tmp_path, pictures, browser):
    expected = compare(open_picture(pictures["slow"]), load("srcnn-x3-mse"))
    with started(tmp_path, LOST_GPU) as app:
        *_, readout, figures = compared(app, pictures["slow"])
        assert "The GPU failed: this was computed on the CPU." in readout
        assert figures["device"] == "CPU"
        assert figures["srcnn"] == pytest.approx(expected.srcnn_score.round_figures(), abs=1e-3)
        *_, note = app.client().predict(handle_file(pictures["slow"]), 3, "mse", False, api_name="/enlarge")
        assert "The GPU failed: this was computed on the CPU." in note
        page = browser.new_page(viewport=DESKTOP, locale="zh-CN")
        page.goto(app.url)
        expect(page.get_by_role("status").filter(has_text="此结果由 CPU 计算")).to_be_visible()
        page.close()
        assert app.log.read_text().count("The GPU failed, the CPU is used: CUDA error") == 3


@pytest.fixture(scope="module")
def narrow(tmp_path_factory) -> Iterator[Started]:
    with started(tmp_path_factory.mktemp("narrow"), NARROW) as app:
        yield app


def test_a_job_that_takes_too_long_ends_with_a_sentence(narrow, pictures, browser):
    with pytest.raises(AppError, match=TOO_LONG):
        compared(narrow, pictures["endless"], ensemble=True)
    page = browser.new_page(viewport=DESKTOP, locale="zh-CN")
    page.goto(narrow.url)
    open_tab(page, "放大")
    panel = page.locator("[role=tabpanel]:visible")
    choose(page, pictures["endless"])
    panel.get_by_label("自集成").check()
    panel.get_by_role("button", name="放大", exact=True).click()
    expect(panel.get_by_role("alert")).to_contain_text("这项任务超过了这里允许的 5 秒", timeout=PATIENCE_SECONDS * 1000)
    panel.get_by_label("自集成").uncheck()
    panel.get_by_role("button", name="chelsea").click()
    expect(panel.get_by_text("451 × 300 → 1353 × 900 像素。")).to_be_visible()
    page.close()


def test_an_upload_of_many_files_has_a_limit_too(narrow):
    assert len(upload(narrow.url, bytes(8_000_000))) == 1
    with pytest.raises(urllib.error.URLError, match="413|reset|Broken pipe"):  # the answer may come before all is sent
        upload(narrow.url, *[bytes(8_000_000)] * 3)


def test_the_sweeper_goes_by_its_own_clock_and_leaves_what_is_in_use(tmp_path):
    """What lies in the future or the past is not judged by its time: a clock that jumps changes nothing."""
    sweeper = Sweeper(tmp_path, kept=60, most=1000)
    (tmp_path / "folder" / "empty").mkdir(parents=True)
    future, past, used = (tmp_path / "folder" / name for name in ("future", "past", "used"))
    for file, stamp in ((future, 2**33), (past, 0), (used, 2**30)):
        file.write_text("a picture")
        os.utime(file, (stamp, stamp))
    sweeper.sweep(1000)
    sweeper.sweep(1059)
    assert all(file.exists() for file in (future, past, used))
    used.unlink()
    used.write_text("the same picture, once more")
    sweeper.sweep(1061)
    assert [file.name for file in (tmp_path / "folder").iterdir()] == ["used"]
    sweeper.sweep(1122)
    sweeper.sweep(1183)
    assert list(tmp_path.iterdir()) == []


def test_the_sweeper_deletes_the_oldest_where_there_is_too_much(tmp_path):
    sweeper = Sweeper(tmp_path, kept=60, most=1000)
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(bytes(400))
        sweeper.sweep(1000 + number)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["1.png", "2.png"]
