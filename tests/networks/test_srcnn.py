import json
import pickle

import pytest
import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from srcnn import SRCNN
from srcnn.networks.base import count_parameters


class ArticleSRCNN(nn.Module):
    """The network as tutorials write it."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 64, kernel_size=9, padding=4)
        self.conv2 = nn.Conv2d(64, 32, kernel_size=1)
        self.conv3 = nn.Conv2d(32, 1, kernel_size=5, padding=2)

    def forward(self, x):
        return self.conv3(F.relu(self.conv2(F.relu(self.conv1(x)))))


def test_the_articles_network_has_8129_parameters():
    assert count_parameters(SRCNN(num_channels=1)) == 8129
    assert count_parameters(SRCNN(kernel_sizes=(9, 5, 5))) == 57281


def test_weights_trained_with_the_articles_code_load_and_give_the_same():
    article, ours = ArticleSRCNN().eval(), SRCNN(num_channels=1).eval()
    ours.load_state_dict(article.state_dict())
    x = torch.rand(2, 1, 30, 41)
    assert torch.allclose(ours(x), article(x), atol=1e-6)


@pytest.mark.parametrize(("channels", "kernel_sizes"), [(1, (9, 1, 5)), (1, (9, 5, 5)), (3, (5, 3, 7)), (1, (9, 1, 1))])
@pytest.mark.parametrize("residual", [False, True])
def test_valid_is_the_inside_of_the_padded_result_and_has_its_gradients(channels, kernel_sizes, residual):
    torch.manual_seed(0)
    model = SRCNN(num_channels=channels, kernel_sizes=kernel_sizes, residual=residual, padding="replicate")
    x = torch.rand(2, channels, 40, 37)
    outputs, gradients = (model(x, valid=True), F.pad(model(x), [-model.halo] * 4)), []
    for output in outputs:
        model.zero_grad()
        output.square().sum().backward()
        gradients.append([weight.grad.clone() for weight in model.parameters()])
    assert torch.allclose(*outputs, atol=1e-6)
    assert all(torch.allclose(a, b, rtol=1e-3, atol=1e-3) for a, b in zip(*gradients, strict=True))


def test_padding_replicate_repeats_the_edge_and_zeros_does_not():
    flat = torch.full((1, 1, 20, 20), 0.5)
    torch.manual_seed(0)
    replicate = SRCNN(padding="replicate")
    zeros = SRCNN(padding="zeros")
    zeros.load_state_dict(replicate.state_dict())
    assert replicate(flat).std() < 1e-6
    assert zeros(flat).std() > 1e-4
    assert torch.allclose(zeros(flat)[..., 6:-6, 6:-6], replicate(flat)[..., 6:-6, 6:-6], atol=1e-6)


def test_residual_adds_the_input():
    plain, residual = SRCNN(), SRCNN(residual=True)
    residual.load_state_dict(plain.state_dict())
    x = torch.rand(1, 1, 9, 9)
    assert torch.allclose(residual(x), plain(x) + x)


def test_batch_norm_is_part_of_the_network():
    model = SRCNN(batch_norm=True)
    assert count_parameters(model) == 8129 + 2 * (64 + 32)
    model(torch.rand(4, 1, 20, 20))
    assert model.norm1.num_batches_tracked == 1


def test_a_variant_folder_gives_the_same_network_back(tmp_path):
    model = SRCNN(kernel_sizes=(9, 3, 5), residual=True, batch_norm=True, padding="replicate", scale=4, loss="l1")
    model.recipe = {"steps": 7, "data": ["T91"]}
    model.save_pretrained(tmp_path)
    again = SRCNN.from_pretrained(tmp_path)
    assert again.config == model.config
    assert again.recipe == model.recipe
    assert not again.training
    assert all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), again.state_dict().values(), strict=True))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["README.md", "config.json", "model.safetensors"]
    with safe_open(tmp_path / "model.safetensors", "pt") as file:
        assert file.metadata()["format"] == "pt"


def test_saving_again_keeps_the_card(tmp_path):
    SRCNN(scale=2).save_pretrained(tmp_path)
    (tmp_path / "README.md").write_text("written by hand")
    SRCNN(scale=3).save_pretrained(tmp_path)
    assert (tmp_path / "README.md").read_text() == "written by hand"
    assert SRCNN.from_pretrained(tmp_path).config.scale == 3


def edit_weights(folder, change):
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors")


def edit_config(folder, **fields):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | fields))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda f: edit_weights(f, lambda t: t.pop("conv2.bias")), "conv2.bias"),
        (lambda f: edit_weights(f, lambda t: t.update(conv4=torch.zeros(1))), "conv4"),
        (lambda f: edit_weights(f, lambda t: t.update({"conv1.bias": torch.zeros(63)})), "conv1.bias"),
        (lambda f: (f / "model.safetensors").write_bytes(b"garbage"), "does not hold the weights"),
        (lambda f: edit_config(f, kernel_sizes=[9, 2, 5]), "odd numbers"),
        (lambda f: edit_config(f, kernel_sizes=[9, 1]), "three"),
        (lambda f: edit_config(f, filters=[64, 10**9]), "filters"),
        (lambda f: edit_config(f, padding="mirror"), "padding"),
        (lambda f: edit_config(f, scale=0), "scale"),
        (lambda f: edit_config(f, attention=True), "does not know attention"),
    ],
)
def test_folders_that_do_not_fit_together_are_refused(tmp_path, damage, words):
    SRCNN(scale=3).save_pretrained(tmp_path)
    damage(tmp_path)
    with pytest.raises(ValueError, match=words):
        SRCNN.from_pretrained(tmp_path)


def test_a_folder_without_config_is_refused(tmp_path):
    SRCNN(scale=3).save_pretrained(tmp_path)
    (tmp_path / "config.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"no config\.json"):
        SRCNN.from_pretrained(tmp_path)


def test_pickled_weights_are_never_read(tmp_path):
    SRCNN(scale=3).save_pretrained(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    (tmp_path / "pytorch_model.bin").write_bytes(pickle.dumps({}))
    with pytest.raises(FileNotFoundError):
        SRCNN.from_pretrained(tmp_path)


def test_saved_files_are_for_everybody_to_read(tmp_path):
    SRCNN().save_pretrained(tmp_path)
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o644}
