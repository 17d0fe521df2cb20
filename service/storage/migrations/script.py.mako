"""${message}"""

from alembic import op
from sqlalchemy import Column

from service.storage.migrations.columns import TEXT, TIME, of_interview

revision = "${up_revision}"
down_revision = "${down_revision}"
branch_labels = None
depends_on = None
expands = False
"""True if it only adds to the tables, so that programs of the revision before run on them."""


def upgrade() -> None: ...
