"""What must hold before the first library is loaded."""

import os

from hypothesis import HealthCheck, settings

# As the service does: OpenMP's threads sleep while they wait. On a machine that has other things to
# do too, spinning ones make a step of the language model take a hundred times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# No property fails because a machine is slow, and the same examples are tried everywhere, so that
# a run says something about the code alone. `--hypothesis-profile=default` looks for new ones.
settings.register_profile(
    "everywhere", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("everywhere")
