"""Alerts by e-mail: one message with text and HTML to one address, handed to the operator's mail server."""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Literal

from services.alerter.delivery.parcel import Parcel
from services.alerter.delivery.sending import Sent, one_line
from services.alerter.delivery.wording import Wording
from shared.contracts.messages import Channel
from shared.settings import SettingsError

Tls = Literal["starttls", "tls", "none"]
PORTS: dict[Tls, int] = {"starttls": 587, "tls": 465, "none": 25}
# Seconds the mail server may take for each step of the conversation.
TIMEOUT = 20.0


@dataclass(frozen=True, slots=True)
class MailServer:
    """The operator's mail server (settings `smtp_…`). Without a host nothing can be sent."""

    sender: Address
    host: str | None
    port: int | None = None
    tls: Tls = "starttls"
    username: str | None = None
    password: str | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.port or PORTS[self.tls]}"


class MailSender:
    """Writes a parcel as a mail and hands it to the mail server."""

    def __init__(
        self,
        server: MailServer,
        wording: Wording,
        context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._server = server
        self._wording = wording
        self._context = context

    def place(self, channel: Channel) -> str:
        """The mail server, whoever the mail is for."""
        return f"the mail server {self._server}"

    def send(self, parcel: Parcel, now: datetime) -> Sent:
        """Hand it over once. What the server refuses for good (5xx) has failed; all else comes again."""
        if not self._server.host:
            return Sent("again", "no mail server is set: name it in HERITAGE_WIRE_SMTP_HOST")
        try:
            mail = composed(parcel, self._wording, self._server.sender, now)
        except ValueError as e:
            return Sent("failed", one_line(f"{parcel.channel.target!r} cannot be written to: {e}"))
        try:
            self._hand_over(mail)
        except smtplib.SMTPRecipientsRefused as e:
            return _refused(next(iter(e.recipients.values())))
        except smtplib.SMTPAuthenticationError as e:
            hint = "check HERITAGE_WIRE_SMTP_USERNAME and HERITAGE_WIRE_SMTP_PASSWORD"
            return Sent("again", one_line(f"the mail server does not accept our login ({_reply(e)}): {hint}"))
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as e:
            return _refused((e.smtp_code, e.smtp_error))
        except smtplib.SMTPNotSupportedError as e:
            return Sent("again", one_line(f"the mail server {self._server} cannot do what was asked: {e}"))
        except (OSError, smtplib.SMTPException) as e:
            words = one_line(f"the mail server {self._server} cannot be used: {_reason(e)}")
            return Sent("again", words, reached=False)
        return Sent("delivered", f"taken by the mail server {self._server}")

    def _hand_over(self, mail: EmailMessage) -> None:
        server = self._server
        port = server.port or PORTS[server.tls]
        host = server.host or ""
        if server.tls == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=self._context())
        else:
            connection = smtplib.SMTP(host, port, timeout=TIMEOUT)
        with connection:
            if server.tls == "starttls":
                connection.starttls(context=self._context())
            if server.username:
                connection.login(server.username, server.password or "")
            connection.send_message(mail)


def composed(parcel: Parcel, wording: Wording, sender: Address, now: datetime) -> EmailMessage:
    """The mail. Every try makes the same one but for its date. Raises ValueError for an address that is none."""
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    mail["From"] = sender
    mail["To"] = _address(parcel.channel.target)
    mail["Subject"] = wording.subject(parcel)
    mail["Date"] = now.astimezone(UTC)
    mail["Message-ID"] = f"<{parcel.id}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Heritage-Wire-Alert"] = parcel.id
    if manage := wording.manage(parcel):
        mail["List-Unsubscribe"] = f"<{manage}>"
    mail.set_content(wording.text(parcel))
    mail.add_alternative(wording.html(parcel), subtype="html")
    return mail


def sender_address(text: str) -> Address:
    """The sender of all mails, as the setting says: `name@example.org` or `Name <name@example.org>`.

    Raises SettingsError.
    """
    name, spec = parseaddr(text)
    try:
        return _address(spec, name)
    except ValueError as e:
        raise SettingsError(f"HERITAGE_WIRE_SMTP_FROM: {text!r} is no address: {e}") from e


def _address(spec: str, name: str = "") -> Address:
    try:
        found = Address(display_name=name, addr_spec=spec)
    except (ValueError, IndexError, AttributeError, MessageError) as e:
        raise ValueError(str(e) or "expected name@example.org") from e
    if not found.username or not found.domain:
        raise ValueError("expected name@example.org")
    return found


def _refused(answer: tuple[int, bytes | str]) -> Sent:
    code, said = answer
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    words = one_line(f"the mail server answered {code} {text}")
    return Sent("failed" if 500 <= code < 600 else "again", words)


def _reply(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error
    return f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _reply(error)
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT:.0f} s"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {error.verify_message}"
    return (
        (error.strerror if isinstance(error, OSError) and error.strerror else "")
        or str(error)
        or type(error).__name__
    )
