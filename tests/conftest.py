"""What must hold before the first library is loaded."""

import os

# As the service does: OpenMP's threads sleep while they wait. On a machine that has other things to
# do too, spinning ones make a step of the language model take a hundred times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
