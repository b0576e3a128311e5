"""What a model card may claim: the licence, the terms of the training pictures, the base model, the test pictures."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from huggingface_hub import ModelCard

from srcnn.data.training_images import checksum_files, checksum_set
from srcnn.hub.download import list_variants
from srcnn.hub.errors import HubError
from srcnn.variants.card_training import join_with_and
from srcnn.variants.recipe import count_overlap, released_base, training_sets

_DATA_TERMS = {  # pattern of a training set's name -> what is known of its terms
    r"\bT91\b|\b91[-_ ]images|BSDS": "T91 and BSDS500, which BSDS400 is a part of, are for research use",
    r"\bopen-photographs\b": "the pictures of open-photographs are under CC0, CC BY, CC BY-SA, GPL, BSD, or the "
    "licences of Unsplash and Pexels, and 71 of them come from a research set without a licence",
    r"DIV2K|DF2K": "DIV2K is for academic research use only",
}


def find_licence_before(folder: Path) -> str | None:
    """The licence that the card of before names, in whatever state it is."""
    with suppress(Exception):  # the client does not foresee every shape of YAML
        metadata = ModelCard.load(folder / "README.md").data.to_dict()
        return metadata.get("license_name") or metadata.get("license")
    return None


def find_base(name: str, recipe: dict, namespace: str | None) -> str | None:
    """The repository that a variant was fine-tuned from: the one that its run names, or one that the namespace has.

    None where none is known: the Hub refuses a card with a base model that it does not have.
    """
    start = str(recipe.get("start") or "").partition("@")[0]
    if start.count("/") == 1:
        return start
    released = released_base(name, recipe)
    if not (released and namespace):
        return None
    try:
        offered = {offer.repository for offer in list_variants(namespace)}
    except HubError:
        return None
    return f"{namespace}/{released}" if f"{namespace}/{released}" in offered else None


def overlaps_text(recipe: dict, sets: Mapping[str, Sequence[Path]]) -> str:
    """What is known of test pictures that were trained or chosen on; empty where the runs did not look for them."""
    if "test_overlaps" not in recipe:
        return ""  # and no test picture has to be opened
    found = {test: count_overlap(recipe, checksum_set(checksum_files(files))) for test, files in sets.items()}
    lines = [
        f"**Of {test}, {count} of {len(sets[test])} pictures were trained or chosen on.**"
        for test, count in found.items()
        if count
    ]
    if apart := [test for test, count in found.items() if count == 0]:
        lines.append(f"No picture of {join_with_and(apart)}, pixel for pixel, was trained or chosen on.")
    return "".join(f"\n{line}" for line in lines)


def terms_text(recipe: dict, licence: str | None) -> str:
    """The licence of the code and of the weights, and what is known of the terms of the training pictures."""
    if licence == "mit":
        lines = ["The code and these weights are under the MIT licence."]
    elif licence:
        lines = [f"The code is under the MIT licence, these weights under {licence}."]
    else:
        lines = ["The code is under the MIT licence. Who trained these weights has named no licence for them."]
    sets = ", ".join(training_sets(recipe))
    known = [terms for pattern, terms in _DATA_TERMS.items() if re.search(pattern, sets, re.IGNORECASE)]
    lines.append(f"The training pictures have terms of their own{''.join(f'; {terms}' for terms in known)}.")
    lines.append("Check them before you use the weights for anything but research.")
    return "\n".join(lines)
