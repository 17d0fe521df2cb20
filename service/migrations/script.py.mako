"""${message}"""

from sqlalchemy import Column

from alembic import op
from service.migrations.columns import TEXT, TIME, of_interview

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ...
