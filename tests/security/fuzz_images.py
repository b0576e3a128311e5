"""Coverage-guided fuzzing of `open_picture`: python -m tests.security.fuzz_images --seconds 60

It begins with the small files of `hostile`, follows the Python of Pillow and of this project (not the decoders in C),
and stops at the first file that is neither opened right nor refused in one sentence, or that takes too much memory.
That file stays in tests/artefacts/fuzz, as `crash-...` or `timeout-...`. The next run begins with what this one found.
"""

import argparse
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "artefacts" / "fuzz"
MAX_LENGTH, MAX_PIXELS, PATIENCE = 20_000, 1_000_000, 60  # bytes, pixels, seconds
MAX_MEMORY = 150  # MB for one file
# MB. What follows the Python may keep some kB of each file, so the memory of the process says nothing of the last one.
MAX_PROCESS_MEMORY = 6_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60)
    seconds = parser.parse_args().seconds
    try:
        import atheris
    except ImportError:
        sys.exit("Fuzzing needs atheris: pip install -r requirements-fuzz.txt.")
    with atheris.instrument_imports(include=["PIL", "srcnn.imaging"]):  # what is imported before is not followed
        from tests.support.hostile import plain
        from tests.support.hostile_run import M_PERTURB, looked_at, mallopt, peak
    seeds = FOLDER / "seeds"
    seeds.mkdir(parents=True, exist_ok=True)
    for number, (_, content) in enumerate(plain()):
        if len(content) <= MAX_LENGTH:
            (seeds / str(number)).write_bytes(content)

    def look_at(content: bytes) -> None:
        file = FOLDER / "fuzzed.png"
        file.write_bytes(content)
        Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
        mallopt(M_PERTURB, 1)  # so that what is set aside counts, and not only what is used
        before = peak()
        faults = looked_at(file, MAX_PIXELS)["faults"]
        if (taken := peak() - before) > MAX_MEMORY:
            faults.append(f"{taken:.0f} MB of memory")
        if faults:
            raise AssertionError(faults)

    limits = [f"-max_total_time={seconds}", f"-rss_limit_mb={MAX_PROCESS_MEMORY}", f"-timeout={PATIENCE}"]
    limits += [f"-max_len={MAX_LENGTH}", f"-artifact_prefix={FOLDER}/", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *limits, str(seeds)], look_at)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
