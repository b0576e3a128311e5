"""Models: the variants that the demo runs, and where each comes from."""

import html

import gradio as gr

from demo import current
from demo.parts import Settings
from srcnn.family import Member
from srcnn.model import parameter_count
from srcnn.variants import TITLES

HINT = "Each variant is a network of its own, trained for one scale with one loss; the app runs exactly these weights."
COLUMNS = ("Variant", "From", "Scale", "Loss", "Parameters")


def offered() -> list[dict]:
    """The variants that this demo runs: name, scale, loss, number of parameters, Hub repository and commit."""
    return [
        {
            "name": member.name,
            "scale": member.model.config.scale,
            "loss": member.model.config.loss,
            "parameters": parameter_count(member.model),
            "repository": member.repository or None,
            "commit": member.commit or None,
        }
        for member in current.variants().members.values()
    ]


def models_tab(demo: gr.Blocks, notice: gr.HTML, tabs: list[Settings]) -> None:
    """`tabs`: the settings of the other tabs, whose choices follow what is offered."""
    gr.Markdown(HINT)
    table = gr.HTML(models_table(), label="Variants", padding=False)
    if not current.namespace():
        return
    button = gr.Button("Check the Hub for newer variants", size="md", elem_classes="refresh")
    shown = [notice, table, *(widget for tab in tabs for widget in tab.refreshed())]

    def state() -> dict:
        return {notice: notice_text(), table: models_table()} | {
            widget: update for tab in tabs for widget, update in tab.refreshed().items()
        }

    def refresh() -> dict:
        current.refresh()
        return state()

    button.click(refresh, None, shown, api_visibility="private")
    demo.load(state, None, shown, api_visibility="private")  # somebody may have asked since the page was built


def models_table() -> str:
    family = current.variants()
    head = "".join(f"<th scope='col'>{column}</th>" for column in COLUMNS)
    rows = "".join(row(family.members[name]) for name in sorted(family.members))
    table = f"<table class='models'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<div class='wide'>{table}</div>"


def row(member: Member) -> str:
    config = member.model.config
    origin = html.escape(member.origin).replace(" at ", " <br>at ")  # in two lines on a phone
    if member.address:
        origin = f"<a href='{html.escape(member.address)}' target='_blank' rel='noopener'>{origin}</a>"
    cells = (origin, f"x{config.scale}", TITLES[config.loss], f"{parameter_count(member.model):,}")
    return f"<tr><th scope='row'>{member.name}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def notice_text() -> str:
    """What is not as it was asked for, for the head of the page; empty where all is well."""
    notice = current.variants().notice
    return f"<p class='notice' role='status'>{html.escape(notice)}</p>" if notice else ""
