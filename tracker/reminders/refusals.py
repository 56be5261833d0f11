"""Interprets answers of a mail server or GOV.UK Notify: about this email or all, temporary or permanent."""

import smtplib

from tracker.reminders.models import Delivery

# "Sign in first", in its variants: our own settings are wrong, whichever command was answered so.
SIGN_IN_FIRST = {530, 534, 535, 538}
# For a recipient: the mailbox is full, which is temporary. For a sender: the email is too big.
FULL_OR_TOO_BIG = 552
GOING_DOWN = 421


# Of GOV.UK Notify's answers: this letter cannot be sent as it is; an answer that is none.
BAD_LETTER, NOT_UNDERSTOOD = 400, 502


class NotifyRefused(Exception):
    def __init__(self, code: int, said: str) -> None:
        super().__init__(said)
        self.code = code


def code_of(error: Exception) -> int | None:
    if isinstance(error, NotifyRefused):
        return error.code
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((int(code) for code, _text in error.recipients.values()), default=None)
    if isinstance(error, smtplib.SMTPResponseException):
        return int(error.smtp_code)
    return None


def is_final(error: Exception) -> bool:
    """The server permanently refuses this email or this address. All other errors are temporary."""
    code = code_of(error)
    if isinstance(error, NotifyRefused):
        return code == BAD_LETTER
    if code is None or code < 500 or code in SIGN_IN_FIRST:
        return False
    if isinstance(error, smtplib.SMTPSenderRefused):
        return code == FULL_OR_TOO_BIG
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return code != FULL_OR_TOO_BIG
    return isinstance(error, smtplib.SMTPDataError)


def is_about_us(error: Exception) -> bool:
    """Not this letter was refused but its sender, so that the next one would be as well.

    Of Notify that is a key it does not know, its limits (429), and Notify itself out of order.
    """
    if isinstance(error, NotifyRefused):
        return error.code != BAD_LETTER
    if isinstance(error, smtplib.SMTPSenderRefused):
        return code_of(error) != FULL_OR_TOO_BIG
    return code_of(error) in SIGN_IN_FIRST


def keeps_connection(error: Exception) -> bool:
    """The server refused one email, and the connection is still usable."""
    refused = smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError | NotifyRefused
    return isinstance(error, refused) and code_of(error) != GOING_DOWN


def words_of(error: Exception) -> str:
    """The server's answer, or the type and text of the error, short enough for the column."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        said = "; ".join(f"{code} {_text(text)}" for code, text in error.recipients.values())
    elif isinstance(error, smtplib.SMTPResponseException):
        said = f"{error.smtp_code} {_text(error.smtp_error)}"
    elif isinstance(error, NotifyRefused):
        said = f"GOV.UK Notify {error.code}: {error}"
    else:
        said = f"{type(error).__name__}: {error}"
    longest = Delivery._meta.get_field("last_error").max_length
    return said.encode("utf-8", "replace").decode().replace("\0", "")[:longest]


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
