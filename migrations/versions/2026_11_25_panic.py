"""the panic switches, who is on duty in which language, which alerts were mailed"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('statement', schema=None) as batch_op:
        batch_op.add_column(sa.Column('hidden_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table('tally', schema=None) as batch_op:
        batch_op.add_column(sa.Column('since_from', sa.Integer(), nullable=False, server_default='0'))
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('on_duty', sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column('language', sa.String(length=35), nullable=False, server_default='en'))
    op.create_table(
        'alert',
        sa.Column('statement_id', sa.Uuid(), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('mailed_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['statement_id'], ['statement.id'], name=op.f('fk_alert_statement_id_statement'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('statement_id', 'kind', name=op.f('pk_alert')),
    )


def downgrade() -> None:
    op.drop_table('alert')
    for table, columns in (('account', ('language', 'on_duty')), ('tally', ('since_from',)), ('statement', ('frozen_at', 'hidden_at'))):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.drop_column(column)
