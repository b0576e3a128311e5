"""Training in the demo, from inside: what each lesson shows, stopping and going on, which pictures are trained on."""

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from demo import catalogue
from demo.training import live, pictures, session, trained
from demo.training.details import read_place
from demo.training.live import Look
from demo.training.pictures import MAX_OWN_PICTURES, measured_picture, training_set
from demo.training.results import command_for, pack_variant
from demo.training.session import look_elsewhere, read_training_request, train_watched
from demo.training.settings import DEFAULTS, LESSONS, SettingsError, TrainSettings, read_settings
from demo.training.trained import Training, choose_variants, find_training, stop_training
from demo.widgets.examples import open_example
from srcnn.evaluation.comparison import compare
from srcnn.imaging.picture import Picture
from srcnn.variants.catalogue import Catalogue, load_bundled
from srcnn.variants.loading import VariantError
from srcnn.visuals.crops import compare_detail
from train import parse

STEPS = 200


@pytest.fixture(scope="module", autouse=True)
def of_the_app(tmp_path_factory):
    """Files of visitors in a folder of their own, and two bundled variants."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("files")))
        names = ("srcnn-x2-mse", "srcnn-x3-mse")
        patch.setattr(session, "PRESS_SECONDS", 3600)  # the clock of a busy machine decides nothing
        patch.setattr(catalogue, "_family", Catalogue({name: load_bundled(name) for name in names}))
        yield


keys = (f"{number:012x}".ljust(32, "0") for number in itertools.count())


def trained_to_the_end(**settings) -> tuple[Training, Look]:
    key = next(keys)
    *_, (training, look, _) = train_watched({"key": key, "settings": settings, "files": []})
    assert training is find_training(key)
    return training, look


@pytest.fixture(scope="module")
def results() -> dict[str, list[Look]]:
    """The last look at each run of each lesson, after fewer steps than on the page; equal runs are made once."""
    known, found = {}, {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "SLICE_SECONDS", 3600)  # nobody watches: one look at the end
        for name, runs in LESSONS.items():
            found[name] = []
            for settings in runs:
                key = repr(settings)
                if key not in known:
                    known[key] = trained_to_the_end(**settings | {"steps": STEPS})[1]
                found[name].append(known[key])
    return found


def last(look: Look) -> tuple[float, float]:
    """Loss and PSNR."""
    return look.points[-1][1:]


def test_each_lesson_shows_what_it_is_called_by(results):
    default, too_high = results["rate"]
    assert last(default)[1] > default.bicubic + 0.7
    assert last(too_high)[1] < last(default)[1] - 1
    assert last(results["norm"][1])[1] < last(results["norm"][0])[1] - 1
    sgd, adam, soap = (last(look)[1] for look in results["optimizer"])
    assert sgd < adam < soap
    with_residual, without = results["residual"]
    assert last(without)[1] < last(with_residual)[1] - 0.4
    all_pictures, piece = results["piece"]
    assert last(piece)[0] < last(all_pictures)[0] / 4  # it knows that piece by heart ...
    assert last(piece)[1] < piece.bicubic < last(all_pictures)[1]  # ... and nothing else


def test_a_training_that_is_stopped_goes_on_and_each_time_leaves_a_variant_to_be_used(monkeypatch):
    key = next(keys)
    looks = []
    with monkeypatch.context() as patch:
        patch.setattr(live.LiveTraining, "advance", advance_by_seven)
        for _, look, _ in train_watched({"key": key, "settings": {"steps": STEPS}, "files": []}):
            looks.append(look)
            if look.step == 0:
                stop_training(key)
    assert [look.state for look in looks] == ["running", "paused"]
    first = looks[-1].step
    assert first == 7
    *_, (training, look, _) = train_watched({"key": key, "more": True})
    assert (look.state, look.step) == ("done", STEPS)
    assert look.points[0][0] == 7  # where it was stopped
    assert [name.rpartition("-")[2] for name in training.variants] == ["7", str(STEPS)]
    for name, variant in training.variants.items():
        assert choose_variants(3, "mse", name) == [variant]
    with pytest.raises(VariantError):
        choose_variants(2, "mse", name)
    measured = compare(measured_picture(DEFAULTS.measured), variant.model).srcnn_score.psnr
    assert measured == pytest.approx(look.best[1], abs=1e-3)
    assert f"steps {STEPS}" in command_for(variant)
    options = parse(command_for(variant).replace("\\\n", "").split()[2:])
    assert options.data == ("T91", "BSDS400")
    assert (options.steps, options.kernel_sizes, options.validate) == (STEPS, (9, 1, 5), ())


def test_the_detail_is_looked_at_where_the_visitor_wants(monkeypatch):
    key, places = next(keys), []
    corner = json.dumps({"key": key, "place": [0, 1.5]})
    with monkeypatch.context() as patch:
        patch.setattr(live.LiveTraining, "advance", advance_by_seven)
        for training, look, _ in train_watched(
            {"key": key, "settings": {"scale": 2}, "files": [], "place": [0.5, 0.5]}
        ):
            places.append(look.closer.detail.place)
            if look.step == 0:
                assert look_elsewhere(corner) == (training, None)  # it comes with the next look
            elif look.state == "running":
                stop_training(key)
    middle, bottom_left = (slice(114, 186),) * 2, (slice(228, 300), slice(0, 72))
    assert places == [middle, bottom_left, bottom_left]
    _, closer = look_elsewhere(corner.replace("1.5", "0"))
    assert closer.detail.place == (slice(0, 72),) * 2
    model = training.variants[list(training.variants)[-1]].model
    expected = compare_detail(measured_picture(DEFAULTS.measured), model, 0, 0, 72)
    assert np.array_equal(closer.detail.srcnn.pixels, expected.srcnn.pixels)


@pytest.mark.parametrize("place", ["7", "[1]", '["a", 0]', "[NaN, 0]", "{}"])
def test_what_is_no_place_is_refused(place):
    with pytest.raises(SettingsError, match="reload it"):
        read_place(json.loads(place))


def test_a_training_that_is_gone_is_looked_at_no_more():
    with pytest.raises(SettingsError, match="not on the server any more"):
        look_elsewhere(json.dumps({"key": "f" * 32, "place": None}))


def advance_by_seven(training: live.LiveTraining, seconds: float) -> Look:
    """In place of a moment, seven steps."""
    for _ in range(7):
        next(training.steps)
    return training.look("running")


def test_a_training_ends_when_its_time_is_up_or_nobody_waits(monkeypatch):
    monkeypatch.setattr(session, "PRESS_SECONDS", 0)
    assert trained_to_the_end(steps=STEPS)[1].state == "paused"
    early = next(keys)
    stop_training(early)  # while it waits for its turn
    monkeypatch.setattr(session, "PRESS_SECONDS", 3600)
    *_, (_, look, _) = train_watched({"key": early, "settings": {"steps": STEPS}, "files": []})
    assert look.state == "paused"


def test_a_loss_without_end_is_told_and_the_weights_before_are_kept(monkeypatch):
    monkeypatch.setattr(live, "take_steps", lambda run: iter_diverged())
    training, look = trained_to_the_end()
    assert look.state == "diverged"
    assert len(training.variants) == 1


def iter_diverged():
    raise live.DivergedError("the loss is infinite")
    yield


def test_the_training_thread_uses_one_core_and_leaves_the_others_theirs():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    live._trainer.cache_clear()
    try:
        assert live.on_training_thread(torch.get_num_threads) == 1
        with ThreadPoolExecutor() as another:
            assert another.submit(torch.get_num_threads).result() == torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("asked", [{"key": "x"}, {"key": "f" * 32, "more": True}])
def test_what_the_page_does_not_send_is_refused(asked):
    with pytest.raises(SettingsError):
        list(train_watched({"settings": {}, "files": []} | asked))


def test_choices_that_do_not_go_together_are_refused_in_a_sentence():
    assert read_settings({}) == DEFAULTS
    assert read_settings({"start": "released"}).start == "released"
    for wrong in ({"start": "released", "batch_norm": True}, {"start": "released", "scale": 4}, {"steps": 10**9}):
        with pytest.raises(SettingsError, match=r"\.$"):
            read_settings(wrong)


def test_from_the_released_weights_a_training_begins_where_they_are():
    _, look = trained_to_the_end(start="released", steps=200, learning_rate=0.0001)
    assert look.points[0][2] == pytest.approx(look.released, abs=0.01)
    assert look.best[1] >= look.released - 0.1  # a few photographs take back a little of what many have given


@pytest.mark.parametrize(
    "text", ["", "7", "[]", "{}", '{"key": 7}', f'{{"key": "{"0" * 32}"}}', f'{{"key": "{"0" * 32}", "settings": 7}}']
)
def test_what_is_no_request_of_the_page_is_refused(text):
    with pytest.raises(SettingsError):
        read_training_request(text)


# The pictures


@pytest.fixture
def own(monkeypatch, tmp_path) -> SimpleNamespace:
    """Visitors' files, as if they were sent."""
    monkeypatch.setattr(pictures, "was_sent", lambda file: True)

    def saved(name: str, picture: Picture) -> str:
        picture.save(tmp_path / name)
        return str(tmp_path / name)

    settings = TrainSettings(pictures="own")
    return SimpleNamespace(saved=saved, folder=tmp_path / "training", settings=settings)


def test_a_visitors_own_pictures_are_trained_on_but_not_the_one_that_is_measured_on(own):
    files = [
        own.saved("cat.png", open_example("chelsea")),
        own.saved("astronaut.png", open_example("astronaut")),
        own.saved("tiny.png", open_example("chelsea").crop(71, 200)),
        own.saved("large.png", Picture(open_example("coffee").pixels.repeat(3, axis=0).repeat(3, axis=1))),
    ]
    (Path(files[0]).parent / "text.png").write_text("no picture")
    folder, reasons = training_set(own.settings, [*files, files[0].replace("cat", "text")], own.folder)
    assert reasons.keys() == {"astronaut.png", "tiny.png", "text.png"}
    assert len(list(folder.iterdir())) == 2
    with pytest.raises(SettingsError, match="never trained on"):
        training_set(own.settings, files[1:2], own.folder)
    for wrong in ([], files[:1] * (MAX_OWN_PICTURES + 1)):
        with pytest.raises(SettingsError):
            training_set(own.settings, wrong, own.folder)


def test_the_photographs_are_all_but_the_measured_one(tmp_path):
    folder, reasons = training_set(TrainSettings(measured="coffee"), [], tmp_path)
    assert {file.stem for file in folder.iterdir()} == {"astronaut", "chelsea", "rocket", "camera"}
    assert reasons == {}
    piece, _ = training_set(TrainSettings(measured="coffee", pictures="piece"), [], tmp_path)
    assert [file.stem for file in piece.iterdir()] == ["camera"]


def test_what_is_remembered_is_limited(monkeypatch):
    monkeypatch.setattr(trained, "_MAX_KEPT", 2)
    for _ in range(3):
        trained.remember_training(Training(next(keys), DEFAULTS, [], Path()))
    assert len(trained._trainings) == 2
    with pytest.raises(SettingsError):
        pack_variant("f" * 32)
