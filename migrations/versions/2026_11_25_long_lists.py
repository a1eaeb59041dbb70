"""long lists: ways through the list in every order, counts of countries, an index of the names"""

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

LISTED = {
    'kind': (['statement_id', 'kind', 'number'], ''),
    'country': (['statement_id', 'kind', 'country', 'number'], ''),
    'change': (['statement_id', 'listed_revision'], ''),
    'first': (['statement_id', 'position'], ' AND first'),
}
LEFT = sa.text('delisted_revision IS NOT NULL')
KIND = sa.Enum('organisation', 'individual', name='kind', native_enum=False, length=20)
ORDER = 'ix_signatory_sort_key_order'
BEGINNING = re.compile(r'(?<![^\W_])(?=[^\W_])|(?=[^\w\s]|_|[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])')
SIGNATURE = sa.table('signature', sa.column('id', sa.Uuid()), sa.column('folded', sa.Text()))


def upgrade() -> None:
    with op.batch_alter_table('tally', schema=None) as batch_op:
        batch_op.add_column(sa.Column('place', sa.Integer(), nullable=False, server_default='0'))
    op.execute('UPDATE tally SET place = (SELECT count(*) FROM tally AS other WHERE other.statement_id <= tally.statement_id)')
    op.create_table(
        'country_count',
        sa.Column('statement_id', sa.Uuid(), nullable=False),
        sa.Column('kind', sa.Enum('organisation', 'individual', name='kind', native_enum=False, length=20, create_constraint=True), nullable=False),
        sa.Column('country', sa.String(length=20), nullable=False),
        sa.Column('signatories', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['statement_id'], ['statement.id'], name=op.f('fk_country_count_statement_id_statement')),
        sa.PrimaryKeyConstraint('statement_id', 'kind', 'country', name=op.f('pk_country_count')),
    )
    op.execute(
        "INSERT INTO country_count (statement_id, kind, country, signatories) SELECT statement_id, kind, coalesce(country, ''), count(*)"
        " FROM signature WHERE folded IS NOT NULL GROUP BY statement_id, kind, coalesce(country, '')"
    )
    _tell_the_kinds_apart()
    _rewrite(lambda folded: BEGINNING.sub(' ', folded))
    for name, (columns, only) in LISTED.items():
        where = sa.text(f'folded IS NOT NULL{only}')
        op.create_index(f'ix_signature_listed_{name}', 'signature', columns, sqlite_where=where, postgresql_where=where)
    op.create_index('ix_signature_left', 'signature', ['statement_id', 'delisted_revision', 'number'], sqlite_where=LEFT, postgresql_where=LEFT)
    _index_the_names()


def _rewrite(change: Callable[[str], str]) -> None:
    """Write anew what the list is searched in, a thousand rows at a time."""
    bind, id_, folded = op.get_bind(), SIGNATURE.c.id, SIGNATURE.c.folded
    update = sa.update(SIGNATURE).where(id_ == sa.bindparam('row')).values(folded=sa.bindparam('text'))
    rows = sa.select(id_, folded).where(folded.is_not(None)).order_by(id_).limit(1000)
    found = bind.execute(rows).all()
    while found:
        bind.execute(update, [{'row': row, 'text': change(text)} for row, text in found])
        found = bind.execute(rows.where(id_ > found[-1].id)).all()


def _tell_the_kinds_apart() -> None:
    op.drop_index(ORDER, 'signatory_sort_key')
    with op.batch_alter_table('signatory_sort_key', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', KIND, nullable=True))
    op.execute('UPDATE signatory_sort_key SET kind = (SELECT kind FROM signature WHERE signature.id = signatory_sort_key.signature_id)')
    with op.batch_alter_table('signatory_sort_key', schema=None) as batch_op:
        batch_op.alter_column('kind', existing_type=KIND, nullable=False)
        batch_op.create_check_constraint('kind', "kind IN ('organisation', 'individual')")
    op.create_index(ORDER, 'signatory_sort_key', ['statement_id', 'language', 'kind', 'key', 'number'])


def _index_the_names() -> None:
    bind = op.get_bind()
    if bind.dialect.name == 'postgresql':
        if bind.execute(sa.text("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")).first():  # without it a search reads the whole list
            op.execute('CREATE EXTENSION IF NOT EXISTS pg_trgm')
            op.execute('CREATE INDEX ix_signature_names ON signature USING gin (folded gin_trgm_ops) WHERE folded IS NOT NULL')
        return
    op.execute("CREATE VIRTUAL TABLE signatory_text USING fts5(names, content='', contentless_delete=1, tokenize='trigram case_sensitive 1')")
    op.execute(
        "INSERT INTO signatory_text(rowid, names)"
        " SELECT (tally.place << 1 | (signature.kind = 'organisation')) << 32 | signature.number, replace(signature.folded, ' ', '  ')"
        ' FROM signature JOIN tally ON tally.statement_id = signature.statement_id WHERE signature.folded IS NOT NULL AND signature.number IS NOT NULL'
    )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == 'sqlite'
    op.execute('DROP TABLE signatory_text' if sqlite else 'DROP INDEX IF EXISTS ix_signature_names')
    op.drop_index('ix_signature_left', 'signature')
    for name in LISTED:
        op.drop_index(f'ix_signature_listed_{name}', 'signature')
    _rewrite(lambda folded: re.sub(' ( ?)', r'\1', folded))
    op.drop_index(ORDER, 'signatory_sort_key')
    with op.batch_alter_table('signatory_sort_key', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_signatory_sort_key_kind'), type_='check')
        batch_op.drop_column('kind')
    op.create_index(ORDER, 'signatory_sort_key', ['statement_id', 'language', 'key', 'number'])
    op.drop_table('country_count')
    with op.batch_alter_table('tally', schema=None) as batch_op:
        batch_op.drop_column('place')
