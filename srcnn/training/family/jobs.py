"""How every released variant is trained: each by a call of train.py or a few, one from the weights of another."""

from srcnn.training.family.deep_jobs import DEEP_JOBS
from srcnn.training.family.srcnn_jobs import SRCNN_JOBS

EDSR_LOSSES = ("l1", "perceptual", "adversarial")  # that EDSR is trained with at x4
JOBS = {job.name: job for job in [*SRCNN_JOBS, *DEEP_JOBS]}  # in the order they are trained in: each after its start
