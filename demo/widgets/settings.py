"""The widgets that choose a variant: network, scale, loss, self-ensemble."""

from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from demo.catalogue import variants
from demo.texts.language import label
from srcnn.variants.catalogue import ARTICLE, Member

USUAL_SCALE, USUAL_LOSS = 3, "mse"


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

    def refreshed(self) -> dict:
        """What the widgets show when other variants are offered."""
        return {
            self.scale: gr.update(**scale_choices(usual_network())),
            self.loss: gr.update(**loss_choices(usual_network())),
            self.network: gr.update(**network_choices()),
        }


def settings() -> Settings:
    network = gr.Radio(**network_choices(), label=label("network"), info=label("network_info"))
    scale = gr.Radio(**scale_choices(usual_network()), label=label("scale"))
    loss = gr.Dropdown(**loss_choices(usual_network()), label=label("loss"))
    ensemble = gr.Checkbox(False, label=label("ensemble"))
    chosen = network.input(followed, [network, scale, loss], [scale, loss], api_visibility="private")
    return Settings(scale, loss, ensemble, network, chosen)


def followed(network: str, scale: int, loss: str) -> tuple:
    return gr.update(**scale_choices(network, scale)), gr.update(**loss_choices(network, loss))


def usual_network() -> str:
    networks = variants().networks()
    return ARTICLE if ARTICLE in networks else networks[0]


def network_choices() -> dict:
    return {"choices": variants().networks(), "value": usual_network()}


def scale_choices(network: str, chosen: int | None = None) -> dict:
    """The scales that there are for a network; the one that was chosen stays where it can."""
    scales = variants().scales(network)
    return {"choices": [(f"x{scale}", scale) for scale in scales], "value": preferred(scales, chosen, USUAL_SCALE)}


def loss_choices(network: str, chosen: str = USUAL_LOSS) -> dict:
    """As `scale_choices`, of the losses."""
    losses = variants().losses(network)
    return {"choices": [*losses.items()], "value": preferred([*losses.values()], chosen)}


def preferred(offered: list, *wishes: object):
    """The first wish that is offered, else the first offer; None where nothing is offered."""
    return next((each for each in (*wishes, *offered) if each in offered), None)


def kind_of(members: list[Member]) -> str:
    """SRCNN, VDSR or EDSR, of the members of one network."""
    return next((member.model.config.architecture.upper() for member in members), "SRCNN")
