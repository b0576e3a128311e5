"""The widgets that choose a variant: network, scale, loss, self-ensemble."""

from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from demo.catalogue import current_catalogue
from demo.choice import Choice
from demo.texts.language import page_text
from srcnn.variants.catalogue import ARTICLE_NETWORK

DEFAULT_SCALE, DEFAULT_LOSS = 3, "mse"
_FOLLOW_SCRIPT = f"""(network, scale, loss, offers) =>
  demo.offersFor(network, offers, [scale, {DEFAULT_SCALE}], [loss])"""


@dataclass(frozen=True)
class Settings:
    """The widgets that choose a variant; a tab's functions take their values in this order."""

    scale: gr.Radio
    loss: gr.Dropdown
    ensemble: gr.Checkbox
    network: gr.Radio
    offers: gr.JSON  # of every network its scales and losses, from which the page takes them when one is chosen

    @property
    def widgets(self) -> list[Component]:
        return [self.scale, self.loss, self.ensemble, self.network]

    def update_widgets(self) -> dict:
        """What the widgets show when other variants are offered."""
        return {
            self.scale: gr.update(**scale_choices(default_network())),
            self.loss: gr.update(**default_losses()),
            self.network: gr.update(**network_choices()),
            self.offers: list_offers(),
        }


def build_settings() -> Settings:
    network = gr.Radio(**network_choices(), label=page_text("network"), info=page_text("network_info"))
    scale = gr.Radio(**scale_choices(default_network()), label=page_text("scale"))
    loss = gr.Dropdown(**default_losses(), label=page_text("loss"), info=page_text("loss_info"))
    ensemble = gr.Checkbox(False, label=page_text("ensemble"), info=page_text("ensemble_info"))
    offers = gr.JSON(list_offers(), visible=False)
    chosen, only_loss = [network, scale, loss, offers], f"(...chosen) => ({_FOLLOW_SCRIPT})(...chosen).slice(1)"
    network.input(None, chosen, [scale, loss], js=_FOLLOW_SCRIPT, api_visibility="private")
    scale.input(None, chosen, loss, js=only_loss, api_visibility="private")
    return Settings(scale, loss, ensemble, network, offers)


def list_offers() -> dict[str, dict]:
    """What there is to choose from of every network, as the page's scripts take it."""
    return {
        network: {
            "name": network_name(network),
            "scale": scale_choices(network)["choices"],
            "loss": {
                str(scale): loss_choices(network, scale)["choices"] for scale in current_catalogue().scales(network)
            },
        }
        for network in current_catalogue().networks()
    }


def default_network() -> str:
    networks = current_catalogue().networks()
    return ARTICLE_NETWORK if ARTICLE_NETWORK in networks else networks[0]


def default_choice(picture: str) -> Choice:
    """An example by what the widgets show on a page that has just been opened."""
    network = default_network()
    scale, loss = scale_choices(network)["value"], default_losses()["value"]
    return Choice(picture, "", scale, loss, network=network)


def network_choices() -> dict:
    networks = current_catalogue().networks()
    return {"choices": [(network_name(network), network) for network in networks], "value": default_network()}


def network_name(title: str) -> str:
    """What people call a network: "SRCNN 9-1-5", "EDSR", and of another size than its paper's "VDSR 10x48"."""
    if title[:1].isdigit():
        return f"SRCNN {title}"
    return title.replace("-baseline", "").replace("-reduced-", " ").replace("-larger-", " ")


def scale_choices(network: str) -> dict:
    """The scales that there are for a network."""
    scales = current_catalogue().scales(network)
    return {
        "choices": [(f"x{scale}", scale) for scale in scales],
        "value": first_offered(scales, DEFAULT_SCALE),
    }


def loss_choices(network: str, scale: int) -> dict:
    """The losses that there are for a network and a scale."""
    losses = current_catalogue().losses(network, scale)
    return {"choices": [*losses.items()], "value": first_offered([*losses.values()], DEFAULT_LOSS)}


def default_losses() -> dict:
    """As `loss_choices`, of a page that has just been opened."""
    network = default_network()
    return loss_choices(network, scale_choices(network)["value"])


def first_offered(offered: list, *wishes: object):
    """The first wish that is offered, else the first offer; None where nothing is offered."""
    return next((each for each in (*wishes, *offered) if each in offered), None)
