"""Errors whose message is one sentence for a person, in English and ready to be said in another language."""


class SentenceError(Exception):
    """Base of the errors that tell a person what is wrong and what to do.

    key: the English sentence as the code has it, with names in braces: "There is no file {name}."
    values: what stands for those names in this case, by name. `str(error)` is the sentence with them.
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key.format(**values) if values else key)
        self.key, self.values = key, values
