"""What a card says of licences, of the terms of its pictures, and of the variant that it began as."""

from collections.abc import Callable

import pytest
from huggingface_hub import ModelCard

from srcnn import SRCNN
from srcnn.hub.download import Offer
from srcnn.hub.errors import HubError
from srcnn.networks.architectures import load_network
from srcnn.variants.card import write_card
from tests.support.cards import write_card_text

pytestmark = pytest.mark.usefixtures("undrawn")


def test_a_card_for_a_namespace_loads_from_there(fine_tuned, monkeypatch):
    monkeypatch.setattr("srcnn.variants.card_terms.list_variants", lambda namespace: [])
    write_card(fine_tuned, (), namespace="me")
    card = ModelCard.load(fine_tuned / "README.md")
    assert 'load("me/srcnn-x3-l1")' in card.text
    assert 'SRCNN.from_pretrained("me/srcnn-x3-l1")' in card.text
    assert "pip install git+https://huggingface.co/spaces/me/srcnn\n" in card.text


def asked_hub(answer: list[Offer] | Exception) -> Callable:
    def list_variants(namespace: str) -> list[Offer]:
        assert namespace == "me"
        if isinstance(answer, Exception):
            raise answer
        return answer

    return list_variants


@pytest.mark.parametrize(
    ("answer", "known"),
    [
        ([Offer("me/srcnn-x3-mse", "a" * 40, False, {})], True),
        ([Offer("me/srcnn-x2-mse", "a" * 40, False, {})], False),
        ([], False),
        (HubError("The Hub does not answer."), False),
    ],
)
def test_a_base_model_is_named_only_where_the_hub_has_it(fine_tuned, monkeypatch, answer, known):
    """Else the Hub would refuse the card, or link it to a stranger's model."""
    monkeypatch.setattr("srcnn.variants.card_terms.list_variants", asked_hub(answer))
    write_card(fine_tuned, (), namespace="me")
    card = ModelCard.load(fine_tuned / "README.md")
    assert card.data.base_model == ("me/srcnn-x3-mse" if known else None)
    link = "Fine-tuned from [me/srcnn-x3-mse](https://huggingface.co/me/srcnn-x3-mse)."
    assert (link if known else "Fine-tuned from `srcnn-x3-mse`.") in card.text


def test_a_run_that_started_from_a_repository_has_it_as_its_base_model(fine_tuned):
    model = load_network(fine_tuned)
    model.recipe = model.recipe | {"start": "you/their-srcnn@v1"}
    model.save_pretrained(fine_tuned)
    write_card(fine_tuned, ())
    card = ModelCard.load(fine_tuned / "README.md")
    assert (card.data.base_model, card.data["base_model_relation"]) == ("you/their-srcnn", "finetune")


def test_a_card_without_a_namespace_names_it_in_the_text_alone(fine_tuned):
    write_card(fine_tuned, ())
    card = ModelCard.load(fine_tuned / "README.md")
    assert card.data.base_model is None
    assert 'load("srcnn-x3-l1")' in card.text
    assert 'SRCNN.from_pretrained("weights/srcnn-x3-l1")' in card.text
    assert "in the project's folder, as it is not on PyPI:\n\n```\npip install .\n```" in card.text
    assert "Fine-tuned from `srcnn-x3-mse`." in card.text


def test_nobodys_weights_are_put_under_a_licence_unasked(fine_tuned):
    write_card(fine_tuned, ())
    card = ModelCard.load(fine_tuned / "README.md")
    assert card.data.license is None
    assert "has named no licence for them" in card.text


@pytest.mark.parametrize(
    ("licence", "metadata", "words"),
    [
        ("mit", ("mit", None), "The code and these weights are under the MIT licence."),
        ("cc-by-nc-4.0", ("cc-by-nc-4.0", None), "these weights under cc-by-nc-4.0."),
        ("Our Lab's terms", ("other", "our-lab-s-terms"), "these weights under Our Lab's terms."),
    ],
)
def test_the_licence_is_chosen_and_stays(fine_tuned, licence, metadata, words):
    write_card(fine_tuned, (), licence=licence)
    for _ in range(2):
        card = ModelCard.load(fine_tuned / "README.md")
        assert (card.data.license, card.data.to_dict().get("license_name")) == metadata
        write_card(fine_tuned, ())
    assert words in write_card_text(fine_tuned, licence=licence)


def test_the_licence_of_the_training_is_that_of_the_card(fine_tuned):
    model = load_network(fine_tuned)
    model.recipe = model.recipe | {"license": "cc0-1.0"}
    model.save_pretrained(fine_tuned)
    write_card(fine_tuned, ())
    assert ModelCard.load(fine_tuned / "README.md").data.license == "cc0-1.0"


@pytest.mark.parametrize("data", ["DIV2K_train_HR", "hf://datasets/eugenesiow/Div2k", "my DF2K"])
def test_the_terms_of_div2k_are_named(fine_tuned, data):
    model = load_network(fine_tuned)
    model.recipe = model.recipe | {"data": [data]}
    model.save_pretrained(fine_tuned)
    assert "DIV2K is for academic research use only" in write_card_text(fine_tuned)


def test_the_terms_name_the_sets_that_are_for_research_use(fine_tuned):
    write_card(fine_tuned, ())
    assert "BSDS500, which BSDS400 is a part of, are for research use" in (fine_tuned / "README.md").read_text()
    SRCNN(scale=3, loss="mse").save_pretrained(fine_tuned.parent / "other")
    write_card(fine_tuned.parent / "other", ())
    assert "are for research use" not in (fine_tuned.parent / "other" / "README.md").read_text()
