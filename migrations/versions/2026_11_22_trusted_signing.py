"""signing that can be trusted: links that manage, screening, corrections, evidence, reports, paced mail"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

BEFORE = ('pending', 'confirmed', 'approved', 'published', 'rejected', 'removed', 'expired')
AFTER = ('screened', 'pending', 'confirmed', 'approved', 'published', 'rejected', 'removed', 'withdrawn', 'expired')

ACTS = ('approve', 'reject', 'remove', 'restore', 'correct', 'decline', 'release', 'ask', 'settle')


def _check(table, column, values):
    """A CHECK cannot be altered: it is dropped and written anew."""
    listed = ', '.join(f"'{value}'" for value in values)
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.drop_constraint(op.f(f'ck_{table}_{column}'), type_='check')
        batch_op.create_check_constraint(op.f(f'ck_{table}_{column}'), f'{column} IN ({listed})')


def upgrade() -> None:
    _check('signature', 'state', AFTER)
    _check('decision', 'act', ACTS)
    with op.batch_alter_table('signature', schema=None) as batch_op:
        batch_op.add_column(sa.Column('organisation_id', sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f('ix_signature_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_signature_organisation_id_organisation'), 'organisation', ['organisation_id'], ['id'])
        batch_op.add_column(sa.Column('evidence', sa.Enum('declared', 'domain', 'confirmed', name='evidence', native_enum=False, create_constraint=True, length=20), nullable=False, server_default='declared'))
        batch_op.add_column(sa.Column('flags', sa.String(length=120), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('cluster', sa.String(length=32), nullable=True))
        batch_op.create_index(batch_op.f('ix_signature_cluster'), ['cluster'], unique=False)
        batch_op.add_column(sa.Column('mailed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('correction', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('parting', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('corrected_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f('ix_signature_corrected_at'), ['corrected_at'], unique=False)
    op.execute('UPDATE signature SET mailed_at = created_at')
    op.create_table('mailed_link',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('signature_id', sa.Uuid(), nullable=False),
    sa.Column('code_hash', sa.LargeBinary(), nullable=False),
    sa.Column('cookie_hash', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['signature_id'], ['signature.id'], name=op.f('fk_mailed_link_signature_id_signature'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_mailed_link'))
    )
    op.execute('INSERT INTO mailed_link (token_hash, signature_id, code_hash, cookie_hash, created_at, expires_at, tries, locked_until) '
               'SELECT c.token_hash, c.signature_id, c.code_hash, c.cookie_hash, s.created_at, c.expires_at, c.tries, c.locked_until '
               'FROM confirmation c JOIN signature s ON s.id = c.signature_id')
    op.drop_table('confirmation')
    with op.batch_alter_table('mailed_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mailed_link_signature_id'), ['signature_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_mailed_link_cookie_hash'), ['cookie_hash'], unique=False)


    op.create_table('inquiry',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('signature_id', sa.Uuid(), nullable=False),
    sa.Column('code_hash', sa.LargeBinary(), nullable=False),
    sa.Column('cookie_hash', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.Enum('yes', 'no', name='answer', native_enum=False, create_constraint=True, length=20), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['signature_id'], ['signature.id'], name=op.f('fk_inquiry_signature_id_signature'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_inquiry'))
    )
    with op.batch_alter_table('inquiry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_inquiry_cookie_hash'), ['cookie_hash'], unique=False)
        batch_op.create_index(batch_op.f('ix_inquiry_signature_id'), ['signature_id'], unique=False)
    op.create_table('report',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('statement_id', sa.Uuid(), nullable=False),
    sa.Column('signature_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Enum('not-authorised', 'not-them', 'offensive', 'twice', 'other', name='reason', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('words', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['signature_id'], ['signature.id'], name=op.f('fk_report_signature_id_signature'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['statement_id'], ['statement.id'], name=op.f('fk_report_statement_id_statement')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report'))
    )
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_report_settled_at'), ['settled_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_report_signature_id'), ['signature_id'], unique=False)
    with op.batch_alter_table('outbox_mail', schema=None) as batch_op:
        batch_op.add_column(sa.Column('lane', sa.String(length=20), nullable=False, server_default=''))
        batch_op.drop_index(batch_op.f('ix_outbox_mail_due_at'))
        batch_op.create_index('ix_outbox_mail_finished', ['state', 'finished_at'], unique=False)
        batch_op.create_index('ix_outbox_mail_due', ['state', 'lane', 'due_at'], unique=False)
    op.create_table('mail_pace',
    sa.Column('mark', sa.LargeBinary(), nullable=False),
    sa.Column('free_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('mark', name=op.f('pk_mail_pace'))
    )
    op.create_table('used_challenge',
    sa.Column('mark', sa.LargeBinary(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('mark', name=op.f('pk_used_challenge'))
    )
    with op.batch_alter_table('mail_pace', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mail_pace_free_at'), ['free_at'], unique=False)
    with op.batch_alter_table('used_challenge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_used_challenge_expires_at'), ['expires_at'], unique=False)
    op.create_table('muted_address',
    sa.Column('mark', sa.LargeBinary(), nullable=False),
    sa.Column('statement_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['statement_id'], ['statement.id'], name=op.f('fk_muted_address_statement_id_statement')),
    sa.PrimaryKeyConstraint('mark', name=op.f('pk_muted_address'))
    )
    with op.batch_alter_table('muted_address', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_muted_address_statement_id'), ['statement_id'], unique=False)


def downgrade() -> None:
    for table in ('report', 'inquiry', 'muted_address', 'used_challenge', 'mail_pace'):
        op.drop_table(table)
    with op.batch_alter_table('outbox_mail', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_mail_due')
        batch_op.drop_index('ix_outbox_mail_finished')
        batch_op.create_index(batch_op.f('ix_outbox_mail_due_at'), ['due_at'], unique=False)
        batch_op.drop_column('lane')
    op.execute("DELETE FROM decision WHERE act NOT IN ('approve', 'reject', 'remove') OR signature_id IN (SELECT id FROM signature WHERE state IN ('screened', 'withdrawn'))")
    op.execute("DELETE FROM signature WHERE state IN ('screened', 'withdrawn')")
    op.create_table('confirmation',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('signature_id', sa.Uuid(), nullable=False),
    sa.Column('code_hash', sa.LargeBinary(), nullable=False),
    sa.Column('cookie_hash', sa.LargeBinary(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['signature_id'], ['signature.id'], name=op.f('fk_confirmation_signature_id_signature'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_confirmation'))
    )
    op.execute('INSERT INTO confirmation (token_hash, signature_id, code_hash, cookie_hash, expires_at, tries, locked_until) '
               'SELECT token_hash, signature_id, code_hash, cookie_hash, expires_at, tries, locked_until FROM mailed_link WHERE expires_at IS NOT NULL')
    with op.batch_alter_table('confirmation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_confirmation_signature_id'), ['signature_id'], unique=False)
    op.drop_table('mailed_link')
    with op.batch_alter_table('signature', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_signature_corrected_at'))
        batch_op.drop_index(batch_op.f('ix_signature_cluster'))
        batch_op.drop_index(batch_op.f('ix_signature_organisation_id'))
        batch_op.drop_constraint(batch_op.f('fk_signature_organisation_id_organisation'), type_='foreignkey')
        batch_op.drop_constraint(op.f('ck_signature_evidence'), type_='check')
        for column in ('organisation_id', 'cluster', 'flags', 'evidence', 'corrected_at', 'parting', 'correction', 'mailed_at'):
            batch_op.drop_column(column)
    _check('signature', 'state', BEFORE)
    _check('decision', 'act', ACTS[:3])
