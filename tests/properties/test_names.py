"""What holds for every text that somebody gives as a name: taken as it is, or refused by one sentence.

How to search wider: properties.py.
"""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from srcnn import EDSR, SRCNN, VDSR
from srcnn.hub.errors import HubError
from srcnn.hub.names import check_namespace, check_repository, check_revision
from srcnn.naming import LOSSES, RELEASED_NAME, SCALES, variant_name
from srcnn.variants.catalogue import Catalogue, Variant, load_bundled, record_file
from srcnn.variants.loading import VariantError, check_variant_name, load

# Mostly what a name is made of, so that some are names, and what leads out of a folder.
TEXTS = (
    st.text()
    | st.text("ab-_./\\@~ \n\0%09ä", max_size=12)
    | st.from_regex(r"[\w.-]{1,9}/[\w.-]{1,9}(@\w*)?", fullmatch=True)
)
PART = "[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,40}[A-Za-z0-9_])?"  # of a name: neither '-' nor '.' at an end
KERNELS = st.tuples(*[st.sampled_from([1, 3, 5, 7, 9])] * 3)
SCALE, LOSS, SIZE = st.sampled_from(SCALES), st.sampled_from([*LOSSES]), st.integers(2, 12)
SEVERAL = st.sets(SCALE, min_size=2).map(lambda scales: tuple(sorted(scales)))
NETWORKS = (  # of which there could be a released variant
    st.builds(SRCNN, kernel_sizes=KERNELS, filters=st.just((2, 3)), scale=SCALE, loss=LOSS)
    | st.builds(VDSR, depth=SIZE, channels=SIZE, scale=SCALE | SEVERAL, loss=LOSS)
    | st.builds(EDSR, depth=SIZE, channels=SIZE, scale=SCALE, loss=LOSS)
)


def is_one_sentence(error: Exception) -> bool:
    return len(str(error).splitlines()) == 1


@given(TEXTS)
@example("me/srcnn")
@example("srcnn")
@example("me/..")
@example("../me")
@example("me\n")
def test_a_name_of_the_hub_is_taken_as_it_is_or_refused_by_one_sentence(text):
    for check, pattern in ((check_repository, f"{PART}/{PART}"), (check_namespace, PART)):
        if re.fullmatch(pattern, text) and not re.search(r"--|\.\.|\.git$", text):
            assert check(text) == text
        else:
            with pytest.raises(HubError, match="is no name of a") as caught:
                check(text)
            assert is_one_sentence(caught.value)


@pytest.mark.parametrize("revision", ["main", "refs/pr/1", "v1.0", "a" * 40])
def test_a_branch_a_tag_a_request_and_a_commit_are_revisions(revision):
    assert check_revision(revision) == revision


@given(TEXTS)
@example("../../..")
@example("a/../b")
@example("/etc")
@example("main\n")
def test_a_revision_stays_in_its_folder_or_is_refused_by_one_sentence(text):
    if re.fullmatch(r"[\w+-][\w.+-]*(/[\w+-][\w.+-]*)*", text):
        assert Path("refs").resolve() in (Path("refs") / check_revision(text)).resolve().parents
    else:
        with pytest.raises(HubError, match="is no name of a branch") as caught:
            check_revision(text)
        assert is_one_sentence(caught.value)


@given(TEXTS)
def test_what_is_remembered_of_a_namespace_stays_in_its_folder(text):
    try:
        check_namespace(text)
    except HubError:
        return
    assert record_file(text).resolve().parent == record_file("me").resolve().parent


@given(TEXTS)
@example("x" * 5000)
@example("me/srcnn-x3-mse@../../../etc")
@example("\ud800")
def test_no_text_but_a_variants_name_loads_one(text):
    with pytest.raises(VariantError) as caught:
        load(text)
    assert is_one_sentence(caught.value)
    assert str(caught.value).startswith("The variant ")


@given(NETWORKS)
@example(SRCNN(scale=3, loss="mse"))
@example(VDSR(scale=(2, 3, 4), loss="mse"))
@example(VDSR(depth=21, scale=2, loss="mse"))
@example(EDSR(scale=2, loss="l1"))
def test_a_released_name_tells_network_scales_and_loss(model):
    config = model.config
    name = config.name
    assert RELEASED_NAME.fullmatch(name)
    assert check_repository(f"me/{name}") == f"me/{name}"
    assert Path(name).name == name
    assert check_variant_name(name, model) is model
    one = len(config.scales) == 1
    assert name == (
        variant_name(config.scale, config.loss, config.network) if one else f"{config.network}-{config.loss}"
    )


@given(NETWORKS)
def test_a_variant_is_found_by_its_network_each_of_its_scales_and_its_loss(model):
    config = model.config
    there = Catalogue({config.name: Variant(config.name, model, Path(config.name))})
    assert there.networks() == [config.title]
    assert there.scales(config.title) == [*config.scales]
    assert [*there.losses(config.title).values()] == [config.loss]
    for scale in SCALES:
        member = there.find(scale, config.loss, config.title)
        assert (member is not None) == (scale in config.scales)
        assert member is None or (member.name, member.model.scale) == (config.name, scale)
    assert there.find(config.scales[0], "another", config.title) is None
    assert there.find(config.scales[0], config.loss, "another") is None


@given(
    st.integers(-9, 99) | st.just(3),
    TEXTS | st.sampled_from([*LOSSES, "mse+mse"]),
    TEXTS | st.sampled_from(["9-1-5", "9-5-5"]),
)
@example(3, "mse+mse", "9-1-5")
def test_whatever_a_page_is_asked_for_it_has_a_member_or_one_sentence(scale, loss, network):
    there = Catalogue({"srcnn-x3-mse": load_bundled("srcnn-x3-mse")})
    if (scale, network) == (3, "9-1-5") and set(loss.split("+")) == {"mse"}:
        assert {member.name for member in there.choose_variants(scale, loss, network)} == {"srcnn-x3-mse"}
    else:
        with pytest.raises(VariantError, match="choose another") as caught:
            there.choose_variants(scale, loss, network)
        assert is_one_sentence(caught.value)
