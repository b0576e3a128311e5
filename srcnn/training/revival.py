"""Dead maps of an SRCNN, and nearly dead ones, come back to life: each takes over a half of a busy one."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from srcnn.evaluation.feature_maps import measure_activity
from srcnn.networks.srcnn import SRCNN

# A map that is above zero on a smaller share of the pixels is revived: other pictures than those at hand may show it
# several times more rarely, and on these, too, it shall not be dead.
_RARE_BELOW_SHARE = 5e-3
_DIFFERENCE = 0.15  # how far the weights of the two halves are from those of the map that was split, relative to these


@torch.no_grad()
def revive_dead_maps(model: SRCNN, planes: Sequence[Tensor]) -> list[int]:
    """Split busy maps, so that each dead one becomes the half of one; the network computes nearly what it did before.

    A map that hardly ever fires counts as dead here. It gets the weights of the busy one. The two then differ by random
    changes that cancel out where both are above zero, and each counts half in the next layer. So the gradient reaches
    both, and they can drift apart. A map that was split counts as half as busy from then on.

    planes: what the network sees, (H, W) grey levels 0..255 each. Returns how many maps of the first and of the second
    layer were dead.
    """
    counts = []
    for layer, (conv, following) in enumerate([(model.conv1, model.conv2), (model.conv2, model.conv3)]):
        activity = measure_activity(model, planes)[layer]
        strengths = activity.strengths.to(following.weight.device)  # they were measured on the CPU
        effects = strengths * following.weight.transpose(0, 1).flatten(1).norm(dim=1)
        dead = activity.list_rarer_than(_RARE_BELOW_SHARE)
        effects[dead] = 0
        for number in dead:
            busiest = int(effects.argmax())
            _split_map(conv, following, busiest, number)
            effects[busiest] /= 2
            effects[number] = effects[busiest]
        counts.append(len(dead))
    return counts


def _split_map(conv: nn.Conv2d, following: nn.Conv2d, busy: int, dead: int) -> None:
    """Put half of the map `busy` in the place of `dead`: `conv` gives the maps, `following` takes them."""
    weight = conv.weight[busy].clone()
    change = torch.randn_like(weight)
    change *= _DIFFERENCE * weight.norm() / change.norm()
    conv.weight[busy], conv.weight[dead] = weight + change, weight - change
    conv.bias[dead] = conv.bias[busy]
    following.weight[:, busy] /= 2
    following.weight[:, dead] = following.weight[:, busy]
