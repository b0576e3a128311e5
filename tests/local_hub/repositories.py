"""The local Hub's answers about whole repositories and collections: create, list, describe, delete."""

import hashlib
import re

import yaml

from tests.local_hub.api import (
    ANONYMOUS,
    KIND,
    REPOSITORY,
    REVISION,
    Call,
    Refusal,
    Reply,
    Routes,
    as_json,
    commit_at,
    page_of,
    readable,
    require_write,
    writable,
)
from tests.local_hub.store import Commit, File, Repository, Store, now

LISTED = ["_id", "id", "modelId", "private", "likes", "downloads", "tags", "pipeline_tag", "library_name", "createdAt"]
LISTED_IN_FULL = [*LISTED, "author", "sha", "lastModified", "gated", "disabled", "siblings"]
COLLECTION = "/api/collections/(?P<slug>[^/]+/[^/]+)"
ITEMS_SHOWN = 4  # of each collection in a list of collections
CARD_IDS = {"base_model": "https://hf.co/models", "datasets": "https://hf.co/datasets"}  # metadata that name others
CARD_ID = re.compile(r"([\w-]+/)?[\w.-]{1,96}")
DATASET_TYPE = re.compile(r"^(?:[\w-]+/)?[\w\-.]+$", re.ASCII)  # as the Hub's own message prints it

repository_routes = Routes()


@repository_routes.on("GET", "/api/whoami-v2")
def whoami(store: Store, call: Call) -> Reply:
    if not call.user:
        raise Refusal(401, ANONYMOUS)
    token = {"displayName": "local", "role": "write" if call.may_write else "read"}
    auth = {"type": "access_token", "accessToken": token}
    return as_json({"type": "user", "name": call.user, "fullname": call.user, "orgs": [], "auth": auth})


@repository_routes.on("POST", "/api/repos/create")
def create(store: Store, call: Call) -> Reply:
    kind, name = wanted_repository(call)
    require_write(call, name.split("/")[0])
    created = {"url": call.url + page_of(kind, name), "name": name, "id": name}
    if (kind, name) in store.repositories:
        raise Refusal(409, f"You already created this {kind[:-1]} repo: {name}", **created)
    wanted = call.json()
    if kind == "spaces" and not wanted.get("sdk"):
        raise Refusal(400, "A Space needs an sdk")
    store.create(kind, name, wants_private(wanted), wanted.get("sdk"))
    store.save()
    return as_json(created)


@repository_routes.on("DELETE", "/api/repos/delete")
def delete(store: Store, call: Call) -> Reply:
    kind, name = wanted_repository(call)
    writable(store, call, kind, name)
    del store.repositories[kind, name]
    store.save()
    return Reply(200, {})


@repository_routes.on("PUT", REPOSITORY + "/settings")
def change_settings(store: Store, call: Call, kind: str, name: str) -> Reply:
    repository = writable(store, call, kind, name)
    repository.private = wants_private(call.json())
    store.save()
    return as_json({"private": repository.private})


def wanted_repository(call: Call) -> tuple[str, str]:
    wanted = call.json()
    return (wanted.get("type") or "model") + "s", f"{wanted.get('organization') or call.user}/{wanted['name']}"


def wants_private(wanted: dict) -> bool:
    return bool(wanted.get("private")) or wanted.get("visibility") == "private"


@repository_routes.on("GET", KIND)
def list_repositories(store: Store, call: Call, kind: str) -> Reply:
    author, search = call.query.get("author", [None])[0], call.query.get("search", [""])[0].lower()
    wanted = set(call.query.get("filter", []))  # tags
    seen = [
        describe(store, repository, commit_at(repository, "main"))
        for repository in store.repositories.values()
        if repository.kind == kind
        and author in (None, repository.owner)
        and search in repository.name.lower()
        and (not repository.private or repository.owner == call.user)
    ]
    found = [info for info in seen if wanted <= set(info["tags"])]
    names = LISTED_IN_FULL if call.asks("full") else LISTED
    names = asked_fields(call) or (["cardData", *names] if call.asks("cardData") else names)
    return as_json([select(info, names) for info in found[: int(call.query.get("limit", [1000])[0])]])


@repository_routes.on("GET", REPOSITORY)
@repository_routes.on("GET", REPOSITORY + "/revision" + REVISION)
def info(store: Store, call: Call, kind: str, name: str, revision: str = "main") -> Reply:
    repository = readable(store, call, kind, name)
    everything = describe(store, repository, commit_at(repository, revision), sizes=call.asks("blobs"))
    return as_json(select(everything, asked_fields(call) or list(everything)))


def asked_fields(call: Call) -> list[str]:
    """The fields that the call names one by one."""
    names = call.query.get("expand", []) + call.query.get("expand[]", [])
    return ["_id", "id", *names] if names else []


def select(fields: dict, names: list[str]) -> dict:
    return {name: fields[name] for name in names if name in fields}


def describe(store: Store, repository: Repository, commit: Commit, sizes: bool = False) -> dict:
    """All that the Hub tells about a repository at a commit."""
    readme = commit.files.get("README.md")
    card = card_data(store.read(readme.sha256).decode()) if readme else {}
    kept = {file.sha256: file.size for each in repository.commits.values() for file in each.files.values()}
    fields = {
        "_id": short_id(repository.kind, repository.name),
        "id": repository.name,
        "author": repository.owner,
        "sha": commit.id,
        "private": repository.private,
        "gated": False,
        "disabled": False,
        "likes": 0,
        "downloads": 0,
        "tags": tags(repository, card),
        "createdAt": repository.created,
        "lastModified": commit.date,
        "siblings": [sibling(path, file, sizes) for path, file in sorted(commit.files.items())],
        "cardData": card,
        "usedStorage": sum(kept.values()),
    }
    if repository.kind == "spaces":
        return fields | {"sdk": repository.sdk, "runtime": runtime(commit)}
    named = select(card, ["pipeline_tag", "library_name"])
    return fields | named | {"modelId": repository.name, "model-index": card.get("model-index")}


def short_id(*parts: str) -> str:
    """24 hexadecimal digits, as the real Hub's database gives them."""
    return hashlib.sha1("/".join(parts).encode()).hexdigest()[:24]


def sibling(path: str, file: File, sizes: bool) -> dict:
    entry = {"rfilename": path}
    if sizes:
        entry |= {"blobId": file.oid, "size": file.size}
    if sizes and file.large:
        entry["lfs"] = {"sha256": file.sha256, "size": file.size, "pointerSize": len(file.pointer)}
    return entry


def tags(repository: Repository, card: dict) -> list[str]:
    licence = f"license:{card['license']}" if "license" in card else None
    found = [card.get("library_name"), card.get("pipeline_tag"), *(card.get("tags") or []), repository.sdk, licence]
    return list(dict.fromkeys(filter(None, found)))


@repository_routes.on("GET", REPOSITORY + "/runtime")
def space_runtime(store: Store, call: Call, kind: str, name: str) -> Reply:
    return as_json(runtime(commit_at(readable(store, call, kind, name), "main")))


@repository_routes.on("GET", REPOSITORY + "/variables")
def space_variables(store: Store, call: Call, kind: str, name: str) -> Reply:
    return as_json(writable(store, call, kind, name).variables)


@repository_routes.on("POST", REPOSITORY + "/variables")
def set_space_variable(store: Store, call: Call, kind: str, name: str) -> Reply:
    repository, wanted = writable(store, call, kind, name), call.json()
    repository.variables[wanted["key"]] = {"value": wanted["value"], "updatedAt": now()}
    store.save()
    return as_json(repository.variables)


def runtime(commit: Commit) -> dict:
    """Nothing runs here; the Hub tells only the lack of an app from its presence."""
    stage = "RUNNING" if "app.py" in commit.files else "NO_APP_FILE"
    return {"stage": stage, "hardware": {"current": "cpu-basic", "requested": "cpu-basic"}, "gcTimeout": 172800}


@repository_routes.on("POST", "/api/validate-yaml")
def validate_card(store: Store, call: Call) -> Reply:
    missing = [] if card_data(call.json()["content"]) else ["empty or missing yaml metadata in repo card"]
    return as_json({"errors": [], "warnings": [{"message": message} for message in missing]})


def card_data(text: str) -> dict:
    """The YAML block at the beginning of a README.md; a `Refusal` where it is none."""
    block = re.match(r"---\r?\n(.*?)(^|\n)---\s*?(\n|$)", text, re.DOTALL)
    try:
        data = yaml.safe_load(block[1]) if block else None
    except yaml.YAMLError as error:
        raise invalid_card(str(error)) from error
    if not isinstance(data, dict | None):
        raise invalid_card("the metadata must be a mapping")
    for field, place in CARD_IDS.items():
        values = (data or {}).get(field) or []
        for value in [values] if isinstance(values, str) else values:
            if not CARD_ID.fullmatch(str(value)):
                raise invalid_card(f'"{field}" with value "{value}" is not valid. Use an id from {place}.')
    for number, result in enumerate(listed_results(data or {})):
        kind = str((result.get("dataset") or {}).get("type"))
        if not DATASET_TYPE.fullmatch(kind):
            place = f"model-index[0].results[{number}].dataset.type"
            raise invalid_card(
                f'"{place}" with value "{kind}" fails to match the required pattern: {DATASET_TYPE.pattern}'
            )
    return data or {}


def listed_results(data: dict) -> list[dict]:
    """The results of a card's first model; none where it is of another shape."""
    models = data.get("model-index")
    first = models[0] if isinstance(models, list) and models else {}
    results = first.get("results") if isinstance(first, dict) else None
    return [each for each in results or [] if isinstance(each, dict)]


def invalid_card(message: str) -> Refusal:
    return Refusal(400, f"Invalid metadata in README.md: {message}", errors=[{"message": message}], warnings=[])


@repository_routes.on("GET", "/api/collections")
def list_collections(store: Store, call: Call) -> Reply:
    """Of each collection the first items only, as the real Hub does. The client counts the positions itself."""
    owner = call.query.get("owner", [None])[0]
    found = [each for each in store.collections.values() if owner in (None, each["owner"]) and visible(each, call)]
    names = [name for name in (found[0] if found else []) if name != "position"]
    return as_json([select(each, names) | {"items": each["items"][:ITEMS_SHOWN]} for each in found])


@repository_routes.on("POST", "/api/collections")
def create_collection(store: Store, call: Call) -> Reply:
    wanted = call.json()
    title, owner = wanted["title"], wanted["namespace"]
    require_write(call, owner)
    slug = f"{owner}/{re.sub('[^a-z0-9]+', '-', title.lower()).strip('-')}-{short_id(owner, title)}"
    if slug in store.collections:
        raise Refusal(409, "This collection already exists", slug=slug)
    store.collections[slug] = {
        "slug": slug,
        "title": title,
        "description": wanted.get("description"),
        "owner": owner,
        "private": bool(wanted.get("private")),
        "items": [],
        "lastUpdated": now(),
        "position": len(store.collections),
        "theme": "blue",
        "upvotes": 0,
    }
    store.save()
    return as_json(store.collections[slug])


@repository_routes.on("GET", COLLECTION)
def get_collection(store: Store, call: Call, slug: str) -> Reply:
    return as_json(find_collection(store, call, slug))


@repository_routes.on("POST", COLLECTION + "/items")
def add_to_collection(store: Store, call: Call, slug: str) -> Reply:
    collection, wanted = find_collection(store, call, slug), call.json()
    require_write(call, collection["owner"])
    kind, name = wanted["item"]["type"], wanted["item"]["id"]
    readable(store, call, f"{kind}s", name)
    if any((item["type"], item["id"]) == (kind, name) for item in collection["items"]):
        raise Refusal(409, "This item is already in the collection")
    item = {"_id": short_id(slug, kind, name), "type": kind, "id": name, "position": len(collection["items"])}
    if "note" in wanted:
        item["note"] = {"text": wanted["note"]}
    collection["items"].append(item)
    collection["lastUpdated"] = now()
    store.save()
    return as_json(collection)


def find_collection(store: Store, call: Call, slug: str) -> dict:
    collection = store.collections.get(slug)
    if not collection or not visible(collection, call):
        raise Refusal(404, "Collection not found")
    return collection


def visible(collection: dict, call: Call) -> bool:
    return not collection["private"] or collection["owner"] == call.user
