"""What is told to a person: in English, and ready to be said in another language."""

from dataclasses import dataclass, field


class SentenceError(Exception):
    """Base of the errors that tell a person what is wrong and what to do.

    key: the English sentence as the code has it, with names in braces: "There is no file {name}."
    values: what stands for those names in this case, by name. `str(error)` is the sentence with them.
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key.format(**values) if values else key)
        self.key, self.values = key, values


@dataclass(frozen=True)
class Remark:
    """What a person should know of a picture that is used: words that follow its name, without a full stop.

    key: as of `SentenceError`: "only the first of its {count} frames or pages was used". `str(remark)` is with values.
    """

    key: str
    values: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.key.format(**self.values)
