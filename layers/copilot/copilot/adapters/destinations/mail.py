"""Mail through Amazon SES: plain text and HTML, from the verified sender to a list that the configuration names.

SES gives each mail a Message-ID of its own (developer guide, "header fields"); ours, which a retry has again, stays in
`References`, by which readers put the two together.
"""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from urllib.parse import quote

from copilot.adapters.destinations.mail_page import page_of
from copilot.adapters.destinations.once import sent_once
from copilot.config.destinations import MailSettings
from copilot.domain import Enclosed, Letter, digest
from copilot.text.outside import plain

CALLED = "DevOps Copilot"
LARGEST_PICTURE, LARGEST_MAIL = 2_000_000, 7_000_000
"""Bytes; SES takes 10 MB with what base64 adds. A larger picture is opened by its link."""
LONGEST_SUBJECT = 120


def send_mail(client: Any, mail: MailSettings, name: str, letter: Letter, key: str, links_base: str) -> str:
    """Where it went. Raises as ports.Destinations."""
    to = list(mail.lists[name].to)
    raw = mail_of(mail, name, letter, key, links_base).as_bytes()
    with sent_once(f"sending a mail to mail:{name}"):
        client.send_email(FromEmailAddress=mail.sender, Destination={"ToAddresses": to}, Content={"Raw": {"Data": raw}})
    return f"mail, mail:{name}"


def mail_of(mail: MailSettings, name: str, letter: Letter, key: str, links_base: str) -> EmailMessage:
    """The mail as it is sent. The same key gives the same Message-ID."""
    subject, text = _line(letter.subject)[:LONGEST_SUBJECT] or CALLED, plain(letter.text.replace("\r\n", "\n"))
    letter = letter.model_copy(update={"subject": subject, "text": text})
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(CALLED, addr_spec=mail.sender)
    made["To"] = [Address(addr_spec=one) for one in mail.lists[name].to]
    made["Reply-To"] = Address(addr_spec=mail.owner)
    made["Subject"] = subject
    id = f"<{digest([name, key])[:32]}@{mail.sender.partition('@')[2]}>"
    made["Message-ID"] = id
    made["References"] = id
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notes come back
    if letter.recurring:
        made["List-Unsubscribe"] = f"<mailto:{mail.owner}?subject={quote(f'No more to mail:{name}, please')}>"
    why = _why(mail, name, letter)
    made.set_content(f"{text.strip()}\n\n-- \n{why}\n")
    pictures = _that_fit(letter.pictures)
    made.add_alternative(page_of(letter, why, pictures, links_base), subtype="html")
    page = made.get_body(("html",))
    assert page is not None
    for number, picture in enumerate(pictures):
        page.add_related(
            picture.content, "image", "png", cid=f"<picture{number}>", filename=picture.name, disposition="inline"
        )
    return made


def _why(mail: MailSettings, name: str, letter: Letter) -> str:
    sends, asker = f"{CALLED} sends this to mail:{name}", _line(letter.asker)
    if letter.recurring:
        when = _line(letter.recurring) + (f" of {asker}" if asker else "")
        return f"{sends} {when}. To have no more of it, write to {mail.owner}: they take you off that list."
    return f"{sends}{f', as {asker} asked' if asker else ''}. Answers go to {mail.owner}."


def _that_fit(pictures: tuple[Enclosed, ...]) -> list[Enclosed]:
    fit, left = list[Enclosed](), LARGEST_MAIL
    for one in pictures:
        if len(one.content) <= min(LARGEST_PICTURE, left):
            fit.append(one)
            left -= len(one.content)
    return fit


def _line(text: str) -> str:
    """On one line, with nothing hidden, and no beginning of an encoded word (RFC 2047): a header's text is read for
    these, and whatever stands in one, a line's end too, is in the header then.
    """
    return plain(" ".join(text.split())).replace("=?", "= ?")
