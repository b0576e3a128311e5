import json

import pytest

from srcnn import EDSR, SRCNN, VDSR
from srcnn.networks.architectures import NETWORKS, load_network
from srcnn.variants.loading import bundled_names, load_any_scale
from tests.networks.test_srcnn import edit_config


def test_a_variant_without_an_architecture_is_srcnn(tmp_path):
    """As those that were released before there was another."""
    SRCNN(scale=3).save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    del config["architecture"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert isinstance(load_network(tmp_path), SRCNN)
    for other in (VDSR, EDSR):
        with pytest.raises(ValueError, match="of the kind srcnn, not"):
            other.from_pretrained(tmp_path)


@pytest.mark.parametrize("kind", ["swinir", "", None, 1, ["srcnn"], {"srcnn": 1}, "a\nb" * 999])
def test_a_network_that_this_version_does_not_know_is_refused_in_one_sentence(tmp_path, kind):
    SRCNN(scale=3).save_pretrained(tmp_path)
    edit_config(tmp_path, architecture=kind)
    with pytest.raises(ValueError, match="^This version of SRCNN does not know the network .*; update") as caught:
        load_network(tmp_path)
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


def test_every_released_variant_is_read_as_what_it_is():
    for name in bundled_names():
        model = load_any_scale(name)
        assert type(model) is NETWORKS[model.config.architecture]
