"""The figures of `srcnn evaluate`, as lines of text and as JSON."""

from collections.abc import Iterator

from srcnn.evaluation.scores import Report, Score


def report_lines(report: Report) -> Iterator[str]:
    """A variant beside bicubic on each picture of a set, and the means."""
    width = 26 if report.srcnn.distance is not None else 18
    yield f"{'':24}{'bicubic':>{width}}{'srcnn':>{width}}{'gain':>10}"
    rows = zip(report.names, report.bicubic_scores, report.srcnn_scores, strict=True)
    for name, before, after in [*rows, ("mean", report.bicubic, report.srcnn)]:
        yield f"{name:24}{_format_score(before)}{_format_score(after)}{after.psnr - before.psnr:+10.2f}"


def _format_score(score: Score) -> str:
    return f"{score.psnr:10.2f}{score.ssim:8.4f}" + ("" if score.distance is None else f"{score.distance:8.4f}")


def report_json(report: Report) -> dict:
    """The same figures for programs."""
    rows = zip(report.names, report.bicubic_scores, report.srcnn_scores, strict=True)
    return {
        "images": len(report.names),
        "bicubic": report.bicubic.rounded(),
        "srcnn": report.srcnn.rounded(),
        "per_image": [{"name": name, "bicubic": b.rounded(), "srcnn": s.rounded()} for name, b, s in rows],
    }
