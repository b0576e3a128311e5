"""What variants are called: the scales and losses that there are, their titles for people, and a variant's name."""

import math
import re

SCALES = (2, 3, 4)  # of the released variants
ALL_SCALES = (1, *SCALES, 8)  # that can be trained for; 1: pictures of equal size, such as a JPEG and its original
COMMON_MULTIPLE = math.lcm(*SCALES)  # a part of a picture that begins there has the low-resolution pixels of the whole
PIXEL_LOSSES = ("mse", "l1", "charbonnier")
JUDGED_BY_EYE = ("perceptual", "adversarial")  # losses whose best checkpoint is not the one with the highest PSNR
LOSSES = PIXEL_LOSSES + JUDGED_BY_EYE
LOSS_TITLES = {
    "mse": "MSE",
    "l1": "L1",
    "charbonnier": "Charbonnier",
    "perceptual": "Perceptual",
    "adversarial": "Adversarial",
}
# what the configs of the released networks give as `name`
RELEASED_NAME = re.compile(
    r"(?:srcnn(?:-\d{3})?|vdsr(?:-(?:reduced|larger)-\d+x\d+)?|edsr-(?:baseline|(?:reduced|larger)-\d+x\d+))"
    rf"(?:-x[{''.join(map(str, SCALES))}])?-(?:{'|'.join(LOSSES)})"
)


def variant_name(scale: int, loss: str, network: str = "srcnn") -> str:
    """srcnn-x3-mse; of another network srcnn-955-x3-mse."""
    return f"{network}-x{scale}-{loss}"
