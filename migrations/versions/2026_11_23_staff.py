"""the staff: a record of what they did, rights for single statements, second factors"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


ROLES = ('viewer', 'moderator', 'editor', 'administrator')


def role():
    return sa.Enum(*ROLES, name='role', native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    op.create_table(
        'audit_entry',
        sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('account_id', sa.Uuid(), nullable=True),
        sa.Column('act', sa.String(length=40), nullable=False),
        sa.Column('statement_id', sa.Uuid(), nullable=True),
        sa.Column('subject', sa.String(length=80), nullable=False),
        sa.Column('detail', sa.String(length=500), nullable=False),
        sa.Column('digest', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('number', name=op.f('pk_audit_entry')),
    )
    for column in ('at', 'account_id', 'statement_id'):
        op.create_index(op.f(f'ix_audit_entry_{column}'), 'audit_entry', [column], unique=False)
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.alter_column('role', existing_type=sa.String(length=20), nullable=True)
        batch_op.alter_column('password_hash', existing_type=sa.String(length=255), nullable=True)
        batch_op.add_column(sa.Column('totp', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('totp_step', sa.Integer(), nullable=True))
    # Who is signed in signs in anew: the old sessions know nothing of second factors.
    op.execute('DELETE FROM staff_session')
    with op.batch_alter_table('staff_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('id', sa.Uuid(), nullable=False))
        batch_op.add_column(sa.Column('proven_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('browser', sa.String(length=60), nullable=False))
        batch_op.create_unique_constraint(batch_op.f('uq_staff_session_id'), ['id'])
    op.create_table(
        'account_grant',
        sa.Column('account_id', sa.Uuid(), nullable=False),
        sa.Column('statement_id', sa.Uuid(), nullable=False),
        sa.Column('role', role(), nullable=False),
        sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_account_grant_account_id_account'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('account_id', 'statement_id', name=op.f('pk_account_grant')),
    )
    op.create_table(
        'passkey',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('account_id', sa.Uuid(), nullable=False),
        sa.Column('credential_id', sa.LargeBinary(), nullable=False),
        sa.Column('public_key', sa.LargeBinary(), nullable=False),
        sa.Column('sign_count', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_passkey_account_id_account'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_passkey')),
        sa.UniqueConstraint('credential_id', name=op.f('uq_passkey_credential_id')),
    )
    op.create_index(op.f('ix_passkey_account_id'), 'passkey', ['account_id'], unique=False)
    op.create_table(
        'recovery_code',
        sa.Column('code_hash', sa.LargeBinary(), nullable=False),
        sa.Column('account_id', sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_recovery_code_account_id_account'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_recovery_code')),
    )
    op.create_index(op.f('ix_recovery_code_account_id'), 'recovery_code', ['account_id'], unique=False)
    op.create_table(
        'invitation',
        sa.Column('account_id', sa.Uuid(), nullable=False),
        sa.Column('token_hash', sa.LargeBinary(), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_invitation_account_id_account'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('account_id', name=op.f('pk_invitation')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_invitation_token_hash')),
    )
    op.create_table(
        'passkey_challenge',
        sa.Column('challenge', sa.LargeBinary(), nullable=False),
        sa.Column('account_id', sa.Uuid(), nullable=True),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_passkey_challenge_account_id_account'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('challenge', name=op.f('pk_passkey_challenge')),
    )
    op.create_index(op.f('ix_passkey_challenge_expires_at'), 'passkey_challenge', ['expires_at'], unique=False)


def downgrade() -> None:
    """An account that was given single statements alone, or never set a password, has no place in the older schema."""
    for table in ('passkey_challenge', 'invitation', 'recovery_code', 'passkey', 'account_grant', 'audit_entry'):
        op.drop_table(table)
    with op.batch_alter_table('staff_session', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('uq_staff_session_id'), type_='unique')
        for column in ('browser', 'proven_at', 'id'):
            batch_op.drop_column(column)
    op.execute("UPDATE account SET disabled_at = created_at WHERE disabled_at IS NULL AND (role IS NULL OR password_hash IS NULL)")
    op.execute("UPDATE account SET role = coalesce(role, 'viewer'), password_hash = coalesce(password_hash, '!')")
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.drop_column('totp_step')
        batch_op.drop_column('totp')
        batch_op.alter_column('password_hash', existing_type=sa.String(length=255), nullable=False)
        batch_op.alter_column('role', existing_type=sa.String(length=20), nullable=False)
