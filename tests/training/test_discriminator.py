import torch

from srcnn.training.losses import Discriminator, discriminator_loss, generator_loss


def test_it_learns_to_tell_smooth_patches_from_rough_ones():
    torch.manual_seed(0)
    judge = Discriminator()
    optimizer = torch.optim.Adam(judge.parameters(), lr=1e-3)
    for _ in range(60):
        rough = torch.rand(8, 1, 32, 32)
        smooth = torch.nn.functional.avg_pool2d(rough, 5, stride=1, padding=2)
        optimizer.zero_grad()
        loss = discriminator_loss(judge, smooth, rough)
        loss.backward()
        optimizer.step()
    assert loss < 0.1
    assert judge(rough).min() > 0 > judge(smooth).max()
    assert generator_loss(judge, smooth) > 2 > generator_loss(judge, rough)


def test_judging_leaves_the_network_alone_and_fooling_reaches_it():
    output = torch.rand(1, 1, 16, 16, requires_grad=True)
    discriminator_loss(Discriminator(), output, torch.rand(1, 1, 16, 16)).backward()
    assert output.grad is None
    generator_loss(Discriminator(), output).backward()
    assert output.grad.abs().max() > 0
