"""Every environment variable, with its help; the only reader of the environment."""

import os
import re
import secrets
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Settings(BaseSettings):
    """What an installation sets; everything else has a sound default in the code."""

    model_config = SettingsConfigDict(env_prefix="UNDERSIGNED_", populate_by_name=True, env_ignore_empty=True)

    env: Literal["production", "development"] = Field("production", description="`production` refuses to start without SMTP and an https base address.")
    data_dir: Path = Field(Path("var"), description="Where the embedded database and the root key live.")
    database_url: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="PostgreSQL address; empty for the embedded SQLite file.",
    )
    redis_url: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("REDIS_URL", "redis_url"),
        description="Redis for rate limits that several nodes share, `redis://host:6379/0`; empty to count in memory.",
    )
    base_url: str = Field("http://localhost:8000", description="The public address of this site, without a slash at the end.")
    smtp_url: SecretStr = Field(SecretStr(""), description="`smtp://user:password@host:587`; STARTTLS unless `?tls=off` to loopback.")
    mails_per_hour: int = Field(36_000, ge=600, description="How many mails to signers may leave in an hour; half of them is for posts with a proof of work.")
    undo_seconds: int = Field(10, ge=0, le=300, description="For how many seconds a moderator can take back a decision before it takes effect.")
    mail_from: str = Field("", description="The sender's address of every mail.")
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (), description="Networks whose X-Forwarded-For is believed, separated by commas."
    )
    key_file: Path | None = Field(None, description="The root key (32 bytes, hex); default `root.key` in the data directory.")
    snapshot_dir: Path | None = Field(None, description="Where ready answers are kept as files for nginx or Caddy (see deploy/); empty to keep none.")
    site_name: str = Field("Undersigned", description="The name at the top of every page.")
    contact: str = Field("", description="A public e-mail address for questions.")
    controller: str = Field("", description="Who answers for the personal data: name and postal address.")

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if url and not re.match(r"(postgres(ql(\+psycopg)?)?://.|sqlite:///.)", url):
            raise ValueError("must begin with postgresql:// (or be empty for the embedded database)")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not re.match(r"rediss?://.", value.get_secret_value()):
            raise ValueError("must begin with redis:// or rediss:// (or be empty)")
        return value

    @field_validator("base_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("must be a plain address such as https://sign.example.org")
        return f"{parts.scheme}://{parts.netloc}"

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        if self.env == "production":
            if not self.smtp_url.get_secret_value():
                raise ValueError("production needs UNDERSIGNED_SMTP_URL (UNDERSIGNED_ENV=development for a try)")
            if not self.secure:
                raise ValueError("production needs an https UNDERSIGNED_BASE_URL (UNDERSIGNED_ENV=development for a try)")
        smtp = urlsplit(self.smtp_url.get_secret_value())
        if smtp.scheme not in {"", "smtp"}:
            raise ValueError("UNDERSIGNED_SMTP_URL must begin with smtp:// (the connection is then secured by STARTTLS)")
        if parse_qs(smtp.query).get("tls") == ["off"] and smtp.hostname not in _LOOPBACK:
            raise ValueError("UNDERSIGNED_SMTP_URL: tls=off is for a server on this machine only")
        return self

    @property
    def development(self) -> bool:
        """Whether this is a try-out, with the mailbox page and plain http."""
        return self.env == "development"

    @property
    def secure(self) -> bool:
        """Whether pages are served over https, so that `__Host-` cookies and HSTS apply."""
        return self.base_url.startswith("https://")

    @property
    def database(self) -> str:
        """SQLAlchemy address of the database."""
        url = self.database_url.get_secret_value()
        if not url:
            return f"sqlite:///{self.data_dir.resolve() / 'undersigned.sqlite3'}"
        scheme, _, rest = url.partition("://")
        return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url

    @property
    def sender(self) -> str:
        """The From address of every mail."""
        return self.mail_from or f"noreply@{urlsplit(self.base_url).hostname}"

    def root_key(self) -> bytes:
        """The 32-byte root key, from its file; made on first use with mode 0600.

        Raises ValueError when the file does not hold 64 hexadecimal digits.
        """
        path = self.key_file or self.data_dir / "root.key"
        if not path.exists():
            _create_key(path)
        digits = path.read_text(encoding="ascii", errors="replace").strip()
        if not re.fullmatch(r"[0-9a-fA-F]{64}", digits):
            raise ValueError(f"{path} must hold the root key as 64 hexadecimal digits")
        return bytes.fromhex(digits)


def _create_key(path: Path) -> None:
    """Write a fresh key whole or not at all, so that a second process never reads half of one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its key stands
    finally:
        draft.unlink()


@lru_cache
def get_settings() -> Settings:
    """The settings of this process; raises pydantic.ValidationError for unsafe values."""
    return Settings()
