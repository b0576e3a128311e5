"""What bicubic and others' weights score: the figures that a variant is set beside.

SRCNN's are those of the MATLAB files on the page of the authors, measured as `evaluate` measures a variant; on Set5 the
PSNR is that of their papers (arXiv:1501.00092). A test measures Set5 again. VDSR's and EDSR's are printed ones.
"""

import math
import re

from srcnn.evaluation.scores import Score

AUTHORS_PAGE = "http://mmlab.ie.cuhk.edu.hk/projects/SRCNN.html"

# scale -> test set
BICUBIC_SCORES: dict[int, dict[str, Score]] = {
    2: {"Set5": Score(33.66, 0.9299), "Set14": Score(30.23, 0.8687), "BSD100": Score(29.56, 0.8431)},
    3: {"Set5": Score(30.39, 0.8682), "Set14": Score(27.54, 0.7736), "BSD100": Score(27.21, 0.7384)},
    4: {"Set5": Score(28.42, 0.8104), "Set14": Score(26.00, 0.7019), "BSD100": Score(25.96, 0.6674)},
}
# network and what it was trained on -> scale -> test set; 9-5-5 is what later papers call SRCNN
AUTHORS_SCORES: dict[str, dict[int, dict[str, Score]]] = {
    "9-1-5, 91 images": {
        2: {"Set5": Score(36.34, 0.9521), "Set14": Score(32.18, 0.9039), "BSD100": Score(31.14, 0.8847)},
        3: {"Set5": Score(32.39, 0.9033), "Set14": Score(29.00, 0.8145), "BSD100": Score(28.21, 0.7800)},
        4: {"Set5": Score(30.08, 0.8530), "Set14": Score(27.20, 0.7413), "BSD100": Score(26.71, 0.7022)},
    },
    "9-5-5, ImageNet": {
        2: {"Set5": Score(36.66, 0.9542), "Set14": Score(32.45, 0.9067), "BSD100": Score(31.36, 0.8879)},
        3: {"Set5": Score(32.75, 0.9090), "Set14": Score(29.29, 0.8215), "BSD100": Score(28.41, 0.7863)},
        4: {"Set5": Score(30.48, 0.8628), "Set14": Score(27.50, 0.7513), "BSD100": Score(26.90, 0.7103)},
    },
}


def _printed_scores(*psnr: float) -> dict[str, Score]:
    """PSNR, dB, on Set5, Set14 and BSD100; SSIM NaN: not taken over."""
    return {test: Score(value, math.nan) for test, value in zip(("Set5", "Set14", "BSD100"), psnr, strict=True)}


# scale -> test set: what arXiv:1511.04587 prints of its network, trained on 291 pictures
VDSR_SCORES: dict[int, dict[str, Score]] = {
    2: _printed_scores(37.53, 33.03, 31.90),
    3: _printed_scores(33.66, 29.77, 28.82),
    4: _printed_scores(31.35, 28.01, 27.29),
}
# of the authors' baseline, trained on the 800 photographs of DIV2K, as later papers print it: arXiv:1707.02921 has test
# figures of its large network only
EDSR_BASELINE_SCORES: dict[int, dict[str, Score]] = {
    2: _printed_scores(37.99, 33.57, 32.16),
    3: _printed_scores(34.37, 30.28, 29.09),
    4: _printed_scores(32.09, 28.58, 27.57),
}

# The usual names of the folders, archives and files that the standard sets come in.
_STANDARD_PATTERNS = {"Set5": "set5", "Set14": "set14", "BSD100": "b100|bsds?100"}
_NEUTRAL = "hr|gt|gtmod12|mod12|original|originals|images?|png|test|data"
_ARCHIVE_ENDING = r"(?:\.zip|\.tar(?:\.\w+)?|\.tgz)?"
_SAME_BICUBIC_DB = 0.02


def standard_set(name: str, scale: int, bicubic: Score) -> str | None:
    """Which standard set, such as Set5, a test set is: by its usual names, and by what bicubic scores on it.

    name: as cards show it: Set5_HR, set5, Set5/HR, eugenesiow/Set5/data/Set5_HR.tar.gz.
    """
    parts = re.sub(r"@[^/]*", "", name).lower().split("/")
    while len(parts) > 1 and re.fullmatch(_NEUTRAL, parts[-1]):
        parts.pop()
    for standard, pattern in _STANDARD_PATTERNS.items():
        usual = rf"(?:{pattern})(?:[ ._-]?(?:{_NEUTRAL}))*{_ARCHIVE_ENDING}"
        published = BICUBIC_SCORES.get(scale, {}).get(standard)
        if re.fullmatch(usual, parts[-1]) and published:
            return standard if abs(bicubic.psnr - published.psnr) < _SAME_BICUBIC_DB else None
    return None
