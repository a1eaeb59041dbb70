"""key rotation: indexes say which key made them, the data key of an old number may be destroyed"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

# What app.sealing puts before everything that key number 1 makes: version 1, number 1.
ADD = {
    'sqlite': "UPDATE signature SET address_index = CAST(X'010001' || address_index AS BLOB) WHERE length(address_index) = 32",
    'postgresql': "UPDATE signature SET address_index = '\\x010001'::bytea || address_index WHERE length(address_index) = 32",
}


def upgrade() -> None:
    op.execute(ADD[op.get_bind().dialect.name])
    with op.batch_alter_table('statement_keys', schema=None) as batch_op:
        batch_op.alter_column('data_key', existing_type=sa.LargeBinary(), nullable=True)


def downgrade() -> None:
    """Only where no key was rotated: an index of a later key says nothing to the code before, and an old row has no data key."""
    with op.batch_alter_table('statement_keys', schema=None) as batch_op:
        batch_op.alter_column('data_key', existing_type=sa.LargeBinary(), nullable=False)
    op.execute('UPDATE signature SET address_index = substr(address_index, 4) WHERE length(address_index) = 35')
