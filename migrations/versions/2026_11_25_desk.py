"""the desk: indexes of the queue and of what a card looks for, how names sound, saved filters"""

import sqlalchemy as sa
from alembic import op

from app.signatures.identity import sounds

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

WAITING = sa.text("(state = 'confirmed' OR corrected_at IS NOT NULL)")
NAMED = {name: sa.text(f'{name} IS NOT NULL') for name in ('sounds', 'domain')}


def upgrade() -> None:
    with op.batch_alter_table('signature', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sounds', sa.String(length=2400), nullable=True))
    _fill(op.get_bind())
    op.create_index('ix_signature_waiting', 'signature', ['confirmed_at', 'corrected_at', 'id'], sqlite_where=WAITING, postgresql_where=WAITING)
    for name, where in NAMED.items():
        columns = ['statement_id', name] if name == 'sounds' else [name]
        op.create_index(f'ix_signature_{name}', 'signature', columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        'saved_filter',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('account_id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('query', sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_saved_filter_account_id_account'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_filter')),
        sa.UniqueConstraint('account_id', 'name', name=op.f('uq_saved_filter_account_id_name')),
    )


def _fill(bind) -> None:
    """How the names of the list sound, a thousand at a time."""
    table = sa.table('signature', sa.column('id', sa.Uuid()), sa.column('name'), sa.column('kind'), sa.column('sounds'))
    wanted = sa.select(table.c.id, table.c.name).where(table.c.kind == 'individual', table.c.name.is_not(None), table.c.sounds.is_(None)).limit(1000)
    change = sa.update(table).where(table.c.id == sa.bindparam('key')).values(sounds=sa.bindparam('said'))
    while rows := bind.execute(wanted).all():
        bind.execute(change, [{'key': key, 'said': sounds(name)[:2400]} for key, name in rows])


def downgrade() -> None:
    op.drop_table('saved_filter')
    for name in ('domain', 'sounds', 'waiting'):
        op.drop_index(f'ix_signature_{name}', 'signature')
    with op.batch_alter_table('signature', schema=None) as batch_op:
        batch_op.drop_column('sounds')
