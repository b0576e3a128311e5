"""What a card says of its network and of its loss: all that differs from card to card, as Markdown.

The Hub files a model under every arXiv paper that its card links to: each text links to its own network's only. What
stands in braces is filled in from `card_fields`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from srcnn.evaluation.published_scores import AUTHORS_SCORES, EDSR_BASELINE_SCORES, VDSR_SCORES
from srcnn.evaluation.scores import Score


@dataclass(frozen=True)
class NetworkText:
    """What a card says of one kind of network.

    intro: what it is, what it takes, its size and its paper.
    other_size: of a network that has not the paper's size.
    alone: how the class is called, and what its `forward` takes and gives.
    published: columns of others' figures beside the variant's: title -> scale -> test set; note says whose they are.
    limits: which of SRCNN's limits it removes, and the first points of a list of those that remain.
    outlook: what was made for these.
    """

    intro: str
    alone: str
    published: Mapping[str, Mapping[int, Mapping[str, Score]]]
    note: str
    limits: str
    outlook: str
    other_size: str = ""


_SRCNN_TEXT = NetworkText(
    intro="""\
SRCNN {title} for {scales} enlargement{trained}.
It takes the luminance of a picture that bicubic interpolation has already enlarged {times} times, and restores detail
that interpolation leaves blurred.
{parameters:,} parameters; each output pixel depends on {reach} x {reach} pixels.
Method: Dong, Loy, He, Tang,
[Image Super-Resolution Using Deep Convolutional Networks](https://arxiv.org/abs/1501.00092).""",
    alone="""\
The network alone is `SRCNN.from_pretrained("{folder}")`, after `from srcnn import SRCNN`.
It is a `torch.nn.Module` that takes and gives luminance in 0..1, (N, 1, H, W), already enlarged by bicubic.""",
    published={f"Authors' {release.split(',')[0]}": scores for release, scores in AUTHORS_SCORES.items()},
    note="Authors': the weights that the authors of SRCNN released for {scales} "
    f"({'; '.join(AUTHORS_SCORES)}), measured in the same way.",
    limits="""\
- **It is shallow.** Three layers see {reach} x {reach} pixels; what lies further away does not help.
- **It works at the enlarged size.** For one and the same picture the work grows with the square of the scale.""",
    outlook="""\
Later networks were made for these limits.
VDSR (Kim et al., 2016) has 20 layers and one network for all scales.
EDSR (Lim et al., 2017) is deeper still and works at the small size.""",
)

_VDSR_TEXT = NetworkText(
    intro="""\
{title} for {scales} enlargement{trained}.
It takes the luminance of a picture that bicubic interpolation has already enlarged {times} times, and learned only the
difference between that and the truth. Colours are enlarged by bicubic.
{depth} layers, {parameters:,} parameters; each output pixel depends on {reach} x {reach} pixels.
Method: Kim, Lee, Lee,
[Accurate Image Super-Resolution Using Very Deep Convolutional Networks](https://arxiv.org/abs/1511.04587).""",
    other_size="""\
**This is a {size} network**: {depth} layers with {channels} feature maps; the paper's has 20 layers with 64 and
{paper_parameters:,} parameters. Its figures are not those of the paper's network.""",
    alone="""\
The network alone is `VDSR.from_pretrained("{folder}")`, after `from srcnn import VDSR`.
It is a `torch.nn.Module` that takes and gives luminance in 0..1, (N, 1, H, W), already enlarged by bicubic.""",
    published={"Published VDSR": VDSR_SCORES},
    note="""\
Published VDSR: the PSNR that the paper prints for its network of 20 layers with 64 feature maps, which was trained on
a set of its own: 291 pictures.""",
    limits="""\
SRCNN's three layers see 13 x 13 pixels; these {depth} see {reach} x {reach}. What remains:

- **It works at the enlarged size.** For one and the same picture the work grows with the square of the scale:
  {work:,.0f} multiplications for each enlarged pixel, where SRCNN 9-1-5 needs 8,032.""",
    outlook="""\
EDSR (Lim et al., 2017) works at the small size.
The last two limits are not the network's: they come from what it was trained on and what a reduction takes away.""",
)

_EDSR_TEXT = NetworkText(
    intro="""\
{title} for {scales} enlargement{trained}.
It takes the luminance of a low-resolution picture and enlarges it {times} times itself. The paper's network takes RGB;
here colours are enlarged by bicubic.
{depth} residual blocks, {parameters:,} parameters; each output pixel depends on {reach} x {reach} pixels of the
low-resolution picture.
Method: Lim, Son, Kim, Nah, Lee,
[Enhanced Deep Residual Networks for Single Image Super-Resolution](https://arxiv.org/abs/1707.02921).""",
    other_size="""\
**This is a {size} network**: {depth} residual blocks with {channels} feature maps; the paper's baseline has 16 blocks
with 64, which would be {paper_parameters:,} parameters here. Its figures are not those of the paper's network.""",
    alone="""\
The network alone is `EDSR.from_pretrained("{folder}")`, after `from srcnn import EDSR`.
It is a `torch.nn.Module` that takes luminance in 0..1 at low resolution, (N, 1, H, W), and gives it enlarged,
(N, 1, {shown}H, {shown}W).""",
    published={"Published EDSR-baseline": EDSR_BASELINE_SCORES},
    note="""\
Published EDSR-baseline: the PSNR that later papers print for the authors' network of 16 blocks with 64 feature maps,
which was trained in RGB on a set of its own: 800 photographs of DIV2K.""",
    limits="""\
SRCNN's three layers see 13 x 13 pixels of a picture that was enlarged before; these see {reach} x {reach} of the
low-resolution one, and most of the work is done at its size. What remains:

- **It is much work.** {work:,.0f} multiplications for each enlarged pixel, where SRCNN 9-1-5 needs 8,032.""",
    outlook="""\
The last two limits are not the network's: they come from what it was trained on and what a reduction takes away.""",
)

NETWORK_TEXTS = {"srcnn": _SRCNN_TEXT, "vdsr": _VDSR_TEXT, "edsr": _EDSR_TEXT}  # by architecture

ONE_SCALE = """\
- **One network a scale.** These weights are for {scales}; each other scale needs weights of its own."""
SEVERAL_SCALES = """\
- **It knows its scales only.** One set of weights serves {scales}, where SRCNN needs one for each; others it has not
  learned."""

LOSS_NOTES = {
    "mse": """\
Mean squared error is what PSNR measures, so no other loss is expected to give a higher PSNR. Where several details
would fit a blurred one, its best answer is their mean, which is soft.""",
    "l1": """\
The mean absolute error counts large errors less than MSE does: where several details would fit a blurred one, its best
answer is their median instead of their mean.""",
    "charbonnier": """\
The Charbonnier loss, sqrt(error^2 + epsilon^2) with epsilon = 0.001 of the range 0..1, is L1 with a
rounded tip: smooth where the error is small.""",
    "perceptual": """\
The perceptual loss compares what VGG-19, a network trained on ImageNet, sees in the result and in the truth, beside
MSE. It rewards an edge that is as sharp as in a photograph even where its place is a guess. A wrong guess costs more
than a blur, so **PSNR is lower than with MSE by design**.""",
    "adversarial": """\
A second network learned to tell restored patches from photographs, and this one to fool it, beside MSE and a loss that
compares what VGG-19, a network trained on ImageNet, sees. That rewards what looks real over what is safe, so **PSNR is
lower than with MSE by design**, and what looks like detail may be invented: do not measure anything in such a
picture.""",
}
