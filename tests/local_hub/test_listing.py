"""What the local Hub tells the real client of its repositories, and who may see and change them."""

from tests.local_hub.client import NOTES, WEIGHTS
from tests.local_hub.server import READ_TOKEN


def test_what_is_missing_has_the_clients_own_errors(client, repository):
    def error(expression: str) -> tuple[str, int]:
        failed = client.fails(expression)
        return failed.error, failed.status

    assert error("model_info('me/none', token=False)") == ("RepositoryNotFoundError", 401)
    assert error("hf_hub_download('me/none', 'a.txt', token=False)") == ("RepositoryNotFoundError", 401)
    assert error("model_info('me/none')") == ("RepositoryNotFoundError", 404)
    assert error(f"dataset_info({repository!r})") == ("RepositoryNotFoundError", 404)
    assert error(f"hf_hub_download({repository!r}, 'none.txt')") == ("RemoteEntryNotFoundError", 404)
    assert error(f"hf_hub_download({repository!r}, 'notes.txt', revision='v9')") == ("RevisionNotFoundError", 404)
    assert error(f"model_info({repository!r}, revision={'0' * 40!r})") == ("RevisionNotFoundError", 404)
    assert error(f"snapshot_download({repository!r}, revision='v9')") == ("RevisionNotFoundError", 404)


def test_a_private_repository_is_missing_for_others(client):
    client("create_repo('me/secret', private=True)")
    client.push("me/secret", {"notes.txt": NOTES})
    assert client.pull("me/secret", "notes.txt") == NOTES
    failed = client.fails("hf_hub_download('me/secret', '.gitattributes', token=False)")
    assert (failed.error, failed.status) == ("RepositoryNotFoundError", 401)
    assert client("[each.id for each in list_models(author='me', search='secret')]") == ["me/secret"]
    assert client("[each.id for each in list_models(author='me', search='secret', token=False)]") == []
    client("api.update_repo_settings('me/secret', private=False)")
    assert client("model_info('me/secret', token=False).private") is False


def test_only_a_write_token_writes(client, repository):
    assert client("whoami()['name']") == "me"
    assert client(f"whoami(token={READ_TOKEN!r})['auth']['accessToken']['role']") == "read"
    push = (
        f"api.create_commit({repository!r}, [CommitOperationAdd('a.txt', b'a')], commit_message='Push', token={{!r}})"
    )
    forbidden = client.fails(push.format(READ_TOKEN))
    assert (forbidden.error, forbidden.status) == ("HfHubHTTPError", 403)
    assert "write token" in forbidden.message
    assert client.fails(f"create_repo('me/new', token={READ_TOKEN!r})").status == 403
    assert client.fails("create_repo('somebody/new')").status == 403
    assert client.fails(push.format(False)).status == 401
    assert client.fails(push.format("hf_unknown")).status == 401
    assert client(f"api.file_exists({repository!r}, 'a.txt', token={READ_TOKEN!r})") is False


def test_creating_and_deleting_a_repository(client):
    client("create_repo('me/short-lived')")
    assert client.fails("create_repo('me/short-lived')").status == 409
    assert client("create_repo('me/short-lived', exist_ok=True)").endswith("/me/short-lived")
    client("delete_repo('me/short-lived')")
    assert client("repo_exists('me/short-lived')") is False
    assert client.fails("delete_repo('me/short-lived')").error == "RepositoryNotFoundError"


def test_what_it_tells_of_a_model(client, repository):
    info = client(f"vars(model_info({repository!r}, revision='HEAD', files_metadata=True))")
    assert (info["id"], info["author"], info["private"], info["pipeline_tag"]) == (
        repository,
        "me",
        False,
        "image-to-image",
    )
    assert info["card_data"]["license"] == "mit"
    assert {"super-resolution", "license:mit", "image-to-image"} == set(info["tags"])
    sizes = {each["rfilename"]: each["size"] for each in info["siblings"]}
    assert sizes["notes.txt"] == len(NOTES)
    assert sizes["x2/model.safetensors"] == len(WEIGHTS)
    assert client(f"vars(model_info({repository!r}, expand=['sha']))")["card_data"] is None


def test_the_tree_of_a_model(client, repository):
    entries = client(f"[vars(each) for each in api.list_repo_tree({repository!r})]")
    assert [each["path"] for each in entries] == [".gitattributes", "README.md", "notes.txt", "x2"]
    (entry,) = client(f"[vars(each) for each in api.list_repo_tree({repository!r}, 'x2')]")
    assert entry["lfs"]["size"] == entry["size"] == len(WEIGHTS)
    (entry,) = client(f"[vars(each) for each in api.get_paths_info({repository!r}, ['notes.txt', 'none'])]")
    assert (entry["path"], entry["size"]) == ("notes.txt", len(NOTES))
    assert client.fails(f"list(api.list_repo_tree({repository!r}, 'none'))").error == "RemoteEntryNotFoundError"


def test_the_models_of_an_author(client, repository):
    def listed(options: str) -> dict:
        found = {each["id"]: each for each in client(f"[vars(each) for each in list_models({options})]")}
        return found.get(repository)

    commit = client(f"model_info({repository!r}).sha")
    assert listed("author='somebody'") is None
    assert (listed("author='me'")["sha"], listed("author='me'")["card_data"]) == (None, None)
    assert listed("author='me', full=True")["sha"] == commit
    assert listed("author='me', cardData=True")["card_data"]["license"] == "mit"
    both = listed("author='me', expand=['sha', 'cardData']")
    assert (both["sha"], both["card_data"]["license"], both["tags"]) == (commit, "mit", None)


def test_spaces_and_datasets_have_their_own_names(client, repository):
    space = f"{repository!r}, repo_type='space'"
    assert client(f"create_repo({space}, space_sdk='gradio')").endswith(f"/spaces/{repository}")
    assert client(f"get_space_runtime({repository!r}).stage") == "NO_APP_FILE"
    client(f"upload_file(path_or_fileobj=b'import gradio', path_in_repo='app.py', repo_id={space})")
    assert client(f"get_space_runtime({repository!r}).stage") == "RUNNING"
    info = client(f"vars(space_info({repository!r}))")
    assert (info["sdk"], info["card_data"]["sdk"]) == ("gradio", "gradio")
    assert client(f"api.list_repo_files({space})") == [".gitattributes", "README.md", "app.py"]
    assert client.pull(repository, "app.py", "repo_type='space'") == b"import gradio"
    client(f"create_repo({repository!r}, repo_type='dataset')")
    client.push(repository, {"large.png": WEIGHTS}, "repo_type='dataset'")
    assert client.pull(repository, "large.png", "repo_type='dataset'") == WEIGHTS


def test_a_collection(client, repository):
    client("create_repo('me/second')")
    create = "create_collection('SRCNN, all of it', namespace='me', description='Models', exists_ok={})"
    slug = client(f"{create.format(False)}.slug")
    assert client.fails(create.format(False)).status == 409
    assert client(f"{create.format(True)}.slug") == slug
    add = "vars(add_collection_item({!r}, {!r}, 'model', exists_ok={}))"
    client(add.format(slug, repository, False))
    client(f"add_collection_item({slug!r}, 'me/second', 'model', note='Smaller')")
    assert client.fails(add.format(slug, repository, False)).status == 409
    client(add.format(slug, repository, True))
    assert client.fails(add.format(slug, "me/none", True)).status == 404
    items = client(f"[vars(each) for each in get_collection({slug!r}).items]")
    assert [(each["item_id"], each["note"]) for each in items] == [(repository, None), ("me/second", "Smaller")]
    assert [slug, 2] in client("[(each.slug, len(each.items)) for each in list_collections(owner='me')]")
    assert client("[each.slug for each in list_collections(owner='somebody')]") == []


def test_a_list_of_collections_shows_the_first_four_items_of_each(client):
    client("[create_repo(f'me/item-{i}') for i in range(5)]")
    slug = client("create_collection('Long', namespace='me').slug")
    client(f"[add_collection_item({slug!r}, f'me/item-{{i}}', 'model').slug for i in range(5)]")
    assert client(f"[len(each.items) for each in list_collections() if each.slug == {slug!r}]") == [4]
    assert client(f"[each.item_id for each in get_collection({slug!r}).items][4]") == "me/item-4"
