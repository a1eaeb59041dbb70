"""signatures that were collected elsewhere: the sheets, and who attests them"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

STEPS = ('handed-in', 'entering', 'entered', 'taking-back', 'taken-back')


def _sources(*values):
    """A CHECK cannot be altered: it is dropped and written anew."""
    listed = ', '.join(f"'{value}'" for value in values)
    with op.batch_alter_table('signature', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_signature_source'), type_='check')
        batch_op.create_check_constraint(op.f('ck_signature_source'), f'source IN ({listed})')


def upgrade() -> None:
    op.create_table(
        'collection',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('statement_id', sa.Uuid(), nullable=False),
        sa.Column('account_id', sa.Uuid(), nullable=False),
        sa.Column('attested_by', sa.String(length=200), nullable=False),
        sa.Column('step', sa.Enum(*STEPS, name='step', native_enum=False, create_constraint=True, length=20), nullable=False),
        sa.Column('columns', sa.JSON(), nullable=False),
        sa.Column('rows', sa.LargeBinary(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ('total', 'at', 'added', 'known', 'refused')),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_collection_account_id_account')),
        sa.ForeignKeyConstraint(['statement_id'], ['statement.id'], name=op.f('fk_collection_statement_id_statement')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_collection')),
    )
    op.create_index(op.f('ix_collection_statement_id'), 'collection', ['statement_id'], unique=False)
    _sources('form', 'secretariat', 'import')
    with op.batch_alter_table('signature', schema=None) as batch_op:
        batch_op.add_column(sa.Column('collection_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('attested_by', sa.String(length=200), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_signature_collection_id_collection'), 'collection', ['collection_id'], ['id'])
        batch_op.create_index(batch_op.f('ix_signature_collection_id'), ['collection_id'], unique=False)


def downgrade() -> None:
    """The older schema calls what was collected elsewhere the secretariat's own."""
    with op.batch_alter_table('signature', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_signature_collection_id'))
        batch_op.drop_constraint(batch_op.f('fk_signature_collection_id_collection'), type_='foreignkey')
        batch_op.drop_column('attested_by')
        batch_op.drop_column('collection_id')
    op.execute("UPDATE signature SET source = 'secretariat' WHERE source = 'import'")
    _sources('form', 'secretariat')
    op.drop_index(op.f('ix_collection_statement_id'), 'collection')
    op.drop_table('collection')
