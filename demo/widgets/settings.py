"""The widgets that choose a variant: network, scale, loss, self-ensemble."""

from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from demo.catalogue import current_catalogue
from demo.texts.language import page_text
from srcnn.variants.catalogue import ARTICLE_NETWORK, Variant

DEFAULT_SCALE, DEFAULT_LOSS = 3, "mse"


@dataclass(frozen=True)
class Settings:
    """The widgets that choose a variant; a tab's functions take their values in this order."""

    scale: gr.Radio
    loss: gr.Dropdown
    ensemble: gr.Checkbox
    network: gr.Radio
    network_chosen: gr.events.Dependency  # after which the scales and losses are those of the network

    @property
    def widgets(self) -> list[Component]:
        return [self.scale, self.loss, self.ensemble, self.network]

    def update_widgets(self) -> dict:
        """What the widgets show when other variants are offered."""
        return {
            self.scale: gr.update(**scale_choices(default_network())),
            self.loss: gr.update(**loss_choices(default_network())),
            self.network: gr.update(**network_choices()),
        }


def build_settings() -> Settings:
    network = gr.Radio(**network_choices(), label=page_text("network"), info=page_text("network_info"))
    scale = gr.Radio(**scale_choices(default_network()), label=page_text("scale"))
    loss = gr.Dropdown(**loss_choices(default_network()), label=page_text("loss"))
    ensemble = gr.Checkbox(False, label=page_text("ensemble"))
    chosen = network.input(_follow_network, [network, scale, loss], [scale, loss], api_visibility="private")
    return Settings(scale, loss, ensemble, network, chosen)


def _follow_network(network: str, scale: int, loss: str) -> tuple:
    return gr.update(**scale_choices(network, scale)), gr.update(**loss_choices(network, loss))


def default_network() -> str:
    networks = current_catalogue().networks()
    return ARTICLE_NETWORK if ARTICLE_NETWORK in networks else networks[0]


def network_choices() -> dict:
    return {"choices": current_catalogue().networks(), "value": default_network()}


def scale_choices(network: str, chosen: int | None = None) -> dict:
    """The scales that there are for a network; the one that was chosen stays where it can."""
    scales = current_catalogue().scales(network)
    return {
        "choices": [(f"x{scale}", scale) for scale in scales],
        "value": first_offered(scales, chosen, DEFAULT_SCALE),
    }


def loss_choices(network: str, chosen: str = DEFAULT_LOSS) -> dict:
    """As `scale_choices`, of the losses."""
    losses = current_catalogue().losses(network)
    return {"choices": [*losses.items()], "value": first_offered([*losses.values()], chosen)}


def first_offered(offered: list, *wishes: object):
    """The first wish that is offered, else the first offer; None where nothing is offered."""
    return next((each for each in (*wishes, *offered) if each in offered), None)


def architecture_title(members: list[Variant]) -> str:
    """SRCNN, VDSR or EDSR, of the members of one network."""
    return next((member.model.config.architecture.upper() for member in members), "SRCNN")
