"""${message}"""

from alembic import op
from sqlalchemy import Column

from service.storage.migrations.columns import TEXT, TIME, of_interview

revision = "${up_revision}"
down_revision = "${down_revision}"
branch_labels = None
depends_on = None


def upgrade() -> None: ...
