"""What a document mentions and the project does not have: paths, commands, options and names."""

import ast
import importlib
import inspect
import re
from functools import cache

from tests.support.commands import Command, all_options, commands_in, complaints_about, is_command
from tests.support.markdown import Document
from tests.support.paths import PATH, SOURCES, exists
from tests.support.project import PROJECT

DOTTED_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
NAME = re.compile(r"[A-Za-z]\w*_\w+|[A-Z]\w*[a-z]\w*[A-Z]\w*")  # snake_case, CamelCase: no words of the language
CALL = re.compile(r"([A-Za-z_][\w.]*)\(.*\)")


def complaints(document: Document) -> list[str]:
    """A line for everything in a document that does not exist."""
    found = [f"no place {link}" for link in document.links if not leads_somewhere(link, document)]
    commands = []
    for code in document.inline_code:
        if is_command(code):
            commands.append(Command(code, partial=True))
        elif code.startswith("--"):
            option = re.split("[ =]", code)[0]
            found += [] if option in all_options() else [f"no option {option}"]
        elif PATH.fullmatch(code):
            found += [] if exists(code) else [f"no path {code}"]
        else:
            found += check_name(code)
    for language, content in document.blocks:
        if language == "python":
            found += check_python(content)
        elif language == "text":
            found += [f"no path {path}" for path in paths_of_tree(content) if not exists(path)]
        elif language == "":
            commands += commands_in(content)
    return found + complaints_about(commands)


def leads_somewhere(link: str, document: Document) -> bool:
    """Addresses of the web are not asked for."""
    if re.match(r"[a-z]+:", link):
        return True
    file, _, anchor = link.partition("#")
    target = document.path.parent / file if file else document.path
    return target.exists() and (not anchor or anchor in Document(target).anchors)


def paths_of_tree(block: str) -> list[str]:
    """What stands in each line before two or more spaces and a text."""
    return [path for line in block.splitlines() for path in re.split(r"\s{2,}", line.strip())[0].split()]


def check_name(code: str) -> list[str]:
    """A name, with or without dots, or a call, whose arguments have to be parameters."""
    call = CALL.fullmatch(code)
    name = call[1] if call else code
    if DOTTED_NAME.fullmatch(name):
        there = find(name) is not None
    else:
        there = not (call or NAME.fullmatch(name)) or name in words_of_the_code()
    if not there:
        return [f"no name {code}"]
    return check_call(code) if call else []


def check_call(code: str) -> list[str]:
    """Names as arguments have to be parameters, of a function that the documents' readers can call."""
    call = ast.parse(code, mode="eval").body
    function = find(ast.unparse(call.func))
    if not callable(function):
        return []
    parameters = inspect.signature(function).parameters
    names = [each.id for each in call.args if isinstance(each, ast.Name)] + [each.arg for each in call.keywords]
    free = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    return [f"no parameter {name} of {code}" for name in names if name not in parameters and not free]


def check_python(code: str) -> list[str]:
    """What an example imports, and what it reads from that."""
    tree, imported = ast.parse(code), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    names = [*imported.values()]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and DOTTED_NAME.fullmatch(name := ast.unparse(node)):
            first, rest = name.split(".", 1)
            names += [f"{imported[first]}.{rest}"] if first in imported else []
    return [f"no name {name}" for name in names if find(name) is None]


def find(name: str) -> object | None:
    """What a dotted name means: from anywhere, from the package, or from a module of the project named without its
    packages, as `engine.super_resolve`."""
    first = name.split(".")[0]
    modules = [file.relative_to(PROJECT) for part in SOURCES for file in sorted((PROJECT / part).rglob(f"{first}.py"))]
    for place in ("", "srcnn.", *(".".join(module.parent.parts) + "." for module in modules)):
        try:
            return look_up(place + name)
        except (ImportError, AttributeError):
            continue
    return None


def look_up(name: str) -> object:
    """Raises ImportError or AttributeError."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
            break
        except ModuleNotFoundError:
            if end == 1:
                raise
    for part in parts[end:]:
        fields = getattr(found, "__dataclass_fields__", {})
        found = fields[part] if part in fields else getattr(found, part)
    return found


@cache
def words_of_the_code() -> frozenset[str]:
    """But for the tests of the documents, which name what is not there."""
    files = [*PROJECT.glob("*.py"), *(file for part in SOURCES for file in (PROJECT / part).rglob("*.py"))]
    told = [file.read_text("utf-8") for file in files if file.parent.name != "documents"]
    return frozenset(word for text in told for word in re.findall(r"\w+", text))
