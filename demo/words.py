"""What the page says, in English and in Chinese.

Texts that stand on the page are translated by the browser, in the language that the visitor set there; texts that the
server composes follow what the browser asks for.
"""

import gradio as gr

WORDS = {
    # key: English, Chinese
    "compare": ("Compare", "对比"),
    "enlarge": ("Enlarge", "放大"),
    "models": ("Models", "模型"),
    "learn": ("Learn", "原理"),
    "no_picture": (
        "There is no picture yet: upload one or choose an example.",
        "还没有图片：请上传一张，或选择一个示例。",
    ),
}

ENGLISH, CHINESE = ({key: texts[number] for key, texts in WORDS.items()} for number in (0, 1))
I18N = gr.I18n(en=ENGLISH, zh=CHINESE, **{"zh-CN": CHINESE})


def label(key: str):
    """A text of WORDS for a widget: the browser shows it in the visitor's language. Raises KeyError for no such text."""
    return I18N(key) if WORDS[key] else None


def say(key: str, request: gr.Request | None, **values: object) -> str:
    """A text of WORDS for what the server composes, with `{name}` replaced by values; English for programs.

    Raises KeyError for no such text.
    """
    return WORDS[key][in_chinese(request)].format(**values)


def in_chinese(request: gr.Request | None) -> bool:
    """Whether a visitor's browser asks for Chinese before anything else."""
    return request is not None and request.headers.get("accept-language", "").lower().startswith("zh")
