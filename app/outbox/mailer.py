"""Compose a mail from its templates and hand it to an SMTP server, or to the mailbox of a development machine."""

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from app.outbox.models import Mail
from app.settings import get_settings
from app.web.templates import render_text

_TIMEOUT = 20


def compose(mail: Mail, to: str, context: dict[str, str]) -> EmailMessage:
    """Subject, text and HTML parts in the recipient's language; the same Message-ID at every try (RFC 5322)."""
    settings = get_settings()
    message = EmailMessage(policy=SMTP)
    parts = {part: render_text(mail.language, f"emails/{mail.name}/{part}", **context) for part in ("subject.txt", "body.txt", "body.html")}
    message["Subject"] = " ".join(parts["subject.txt"].split())
    message["From"] = f'"{settings.site_name}" <{settings.sender}>'
    message["To"] = to
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<{mail.id}@{settings.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(parts["body.txt"].strip() + "\n", cte="quoted-printable")
    message.add_alternative(parts["body.html"], subtype="html", cte="quoted-printable")
    message["Content-Language"] = mail.language  # after the parts: they take Content-* headers with them
    return message


class _Smtp(smtplib.SMTP):
    """Remembers whether a mail's text was begun."""

    begun = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.begun = True
        return super().data(msg)


class SmtpConnection:
    """One connection for a run of mails: STARTTLS with a verified certificate, then AUTH."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "localhost", parts.port or 587
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._tls = parse_qs(parts.query).get("tls") != ["off"]
        self._smtp: _Smtp | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def send(self, message: EmailMessage) -> str | None:
        """Deliver one message: None when the server took it, else what happened, never in the server's words, which quote addresses.

        Its word on this mail: `refused 5xx` (for good) or `delayed 4xx`. Or it failed: `unreachable KIND` before any mail was
        begun, `interrupted KIND` or `interrupted CODE` before this one was taken, `unanswered KIND` when perhaps it was.
        """
        try:
            smtp = self._smtp or self._connect()
        except (smtplib.SMTPException, OSError, UnicodeError) as error:  # smtplib has no words for a password beyond ASCII
            return f"unreachable {type(error).__name__}"
        smtp.begun = False
        try:
            smtp.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            return _failure(error, smtp.begun)
        finally:
            if smtp.sock is None:  # the server took its leave
                self._smtp = None
        return None

    def close(self) -> None:
        """Leave politely; a server that is gone is no error."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            try:
                smtp.quit()
            except (smtplib.SMTPException, OSError):
                smtp.close()

    def _connect(self) -> _Smtp:
        smtp = _Smtp(self._host, self._port, timeout=_TIMEOUT)
        try:
            if self._tls:
                smtp.starttls(context=ssl.create_default_context())
            if self._user:
                smtp.login(self._user, self._password)
            smtp.ehlo_or_helo_if_needed()
        except (smtplib.SMTPException, OSError, UnicodeError):
            smtp.close()
            raise
        self._smtp = smtp
        return smtp


def _failure(error: Exception, begun: bool) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _answer(next(iter(error.recipients.values()))[0])
    if isinstance(error, smtplib.SMTPDataError):
        return _answer(error.smtp_code)
    if isinstance(error, smtplib.SMTPSenderRefused):  # it is about our address, which all mails share
        return f"interrupted {error.smtp_code}"
    if isinstance(error, smtplib.SMTPNotSupportedError):  # an address beyond ASCII at a server that takes none
        return "refused SMTPUTF8"
    return f"{'unanswered' if begun else 'interrupted'} {type(error).__name__}"


def _answer(code: int) -> str:
    if code == 421:  # "closing the connection" (RFC 5321, 3.8): it is not about this mail
        return "interrupted 421"
    return f"{'refused' if 500 <= code < 600 else 'delayed'} {code}"
