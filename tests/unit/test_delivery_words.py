"""Alerts in words for people: mails and messages, whatever strangers wrote into an article."""

import email
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from lxml import html as lxml_html

from services.alerter.delivery.mail import MailSender, MailServer, composed, sender_address
from services.alerter.delivery.parcel import Parcel, digest_parcel, parcel_of
from services.alerter.delivery.wording import MOST_NEWS, Wording
from shared.contracts.article import EventRef
from shared.contracts.deliveries import Delivery
from shared.contracts.messages import Channel
from shared.settings import SettingsError
from tests.unit.delivery_samples import HOSTILE, NOW, alert, article, proof

SENDER = Address("Heritage Wire", "wire", "hw.example")
MAIL = Channel(kind="email", target="reader@example.org")


def mail(parcel: Parcel, public_url: str | None = "https://hw.example") -> EmailMessage:
    """As a receiver reads it, from its bytes."""
    made = composed(parcel, Wording(public_url), SENDER, NOW)
    read = email.message_from_bytes(bytes(made), policy=SMTP)
    assert isinstance(read, EmailMessage)
    return read


def parts(read: EmailMessage) -> tuple[str, str]:
    plain, rich = read.get_body(("plain",)), read.get_body(("html",))
    assert plain
    assert rich
    return plain.get_content(), rich.get_content()


def test_a_mail_says_what_it_is_about_and_marks_the_proof() -> None:
    read = mail(parcel_of(alert(channel=MAIL)))
    assert read["subject"] == "Reopening of the bridge of Lunara"
    assert read["to"] == "reader@example.org"
    assert read["from"] == "Heritage Wire <wire@hw.example>"
    assert read["message-id"] == "<a00001@hw.example>"
    assert read["list-unsubscribe"] == "<https://hw.example/alerts/sub-1>"
    assert read["auto-submitted"] == "auto-generated"
    plain, rich = parts(read)
    assert "Old *bridge* reopens" in plain
    assert "The old *bridge* of Lunara" in plain
    assert "https://herald.example/news/1" in plain
    assert "bridge OR arches" in plain
    tree: Any = lxml_html.fromstring(rich)
    assert [mark.text for mark in tree.iter("mark")] == ["bridge", "bridge"]
    assert tree.xpath("//h1/a/@href") == ["https://herald.example/news/1"]
    assert all(
        node.get("dir") == "auto" for node in tree.xpath("//h1 | //p[not(contains(., 'You get this'))]")
    )


def test_an_article_without_event_gives_the_mail_its_title() -> None:
    assert (
        mail(parcel_of(alert(channel=MAIL, article=article(event=None))))["subject"] == "Old bridge reopens"
    )


def test_without_a_public_address_nothing_links_to_the_dashboard() -> None:
    read = mail(parcel_of(alert(channel=MAIL)), public_url=None)
    assert read["list-unsubscribe"] is None
    assert "Change or end it" not in parts(read)[0]


@pytest.mark.parametrize("where", ["title", "event", "name"])
def test_nobody_writes_headers_or_markup_through_an_article(where: str) -> None:
    changes: dict[str, Any] = {"event": None}
    if where == "title":
        changes["title"] = HOSTILE
    if where == "event":
        changes["event"] = EventRef(id="e", title=HOSTILE)
    about = article(text=HOSTILE, url="javascript:alert(1)", **changes)
    name = HOSTILE if where == "name" else "Bridges"
    read = mail(
        parcel_of(alert(channel=MAIL, article=about, matched=(), subscription_name=name, query=HOSTILE))
    )
    assert read["bcc"] is None
    assert read.get_all("to") == ["reader@example.org"]
    assert "\n" not in read["subject"]
    assert "\u202e" not in read["subject"]
    plain, rich = parts(read)
    assert not {"\x00", "\u202e"} & set(plain + rich)
    tree = lxml_html.fromstring(rich)
    assert not list(tree.iter("script"))
    assert "javascript:" not in rich
    assert "{{ 7*7 }}" in plain
    assert "49" not in plain


def test_other_scripts_arrive_whole() -> None:
    about = article(
        title="إعادة افتتاح الجسر", text="重庆 亚洲文化遗产联盟 второй", event=None, language="ar"
    )
    read = mail(parcel_of(alert(channel=MAIL, article=about, matched=(proof(about, "联盟"),))))
    assert read["subject"] == "إعادة افتتاح الجسر"
    plain, rich = parts(read)
    assert "*联盟*" in plain
    assert "إعادة افتتاح الجسر" in rich
    assert bytes(
        composed(parcel_of(alert(article=about, channel=MAIL)), Wording(None), SENDER, NOW)
    ).isascii()


def test_joiners_that_a_script_needs_are_kept() -> None:
    about = article(title="میراث\u200cفرهنگی", event=None, language="fa", text="क्\u200dष")
    read = mail(parcel_of(alert(channel=MAIL, article=about, matched=())))
    assert read["subject"] == "میراث\u200cفرهنگی"
    assert "क्\u200dष" in parts(read)[1]


def test_rights_hold_in_mails() -> None:
    about = article(text="The bridge. " + "more words " * 100 + "the vault, too", rights="excerpt")
    plain, rich = parts(mail(parcel_of(alert(channel=MAIL, article=about, matched=(proof(about, "vault"),)))))
    assert "vault" not in plain + rich


@pytest.mark.parametrize(
    "target",
    [
        "a@b.example\r\nBcc: x@y.example",
        "a@b.example, x@y.example",
        "",
        "@",
        "a b@c.example",
        "<a@b.example>",
        "a@b@c",
    ],
)
def test_what_is_no_address_has_failed_in_words(target: str) -> None:
    sender = MailSender(MailServer(SENDER, "127.0.0.1", 1, "none"), Wording(None))
    sent = sender.send(parcel_of(alert(channel=Channel(kind="email", target=target))), NOW)
    assert sent.result == "failed"
    assert "cannot be written to" in sent.said


def test_without_a_mail_server_mails_wait_and_say_for_what() -> None:
    sender = MailSender(MailServer(SENDER, None), Wording(None))
    sent = sender.send(parcel_of(alert(channel=MAIL)), NOW)
    assert (sent.result, sent.said) == ("again", "no mail server is set: name it in HERITAGE_WIRE_SMTP_HOST")


def test_the_sender_is_checked_when_settings_are_read() -> None:
    assert sender_address("Heritage Wire <wire@hw.example>") == SENDER
    assert sender_address("wire@hw.example").addr_spec == "wire@hw.example"
    for wrong in ("", "nobody", "a@b@c", "<@y.example>"):
        with pytest.raises(SettingsError, match="HERITAGE_WIRE_SMTP_FROM"):
            sender_address(wrong)


def entry(number: int) -> Delivery:
    return Delivery(
        id=f"a{number:05}",
        subscription="sub-1",
        channel="email",
        target="reader@example.org",
        status="held",
        reason="new",
        article=f"x{number}",
        url=f"https://herald.example/{number}",
        title=f"Bridge {number}",
        source="The Lunara Herald",
        matched=(proof(article(), "bridge"),),
        created_at=NOW,
    )


def test_a_digest_lists_its_articles_and_says_how_many_more_there_are() -> None:
    parcel = digest_parcel(
        "digest-1", "2026-03-03", alert(channel=MAIL), tuple(map(entry, range(MOST_NEWS + 5))), NOW
    )
    read = mail(parcel)
    assert read["subject"] == f"Bridges: {MOST_NEWS + 5} articles, 2026-03-03"
    assert read["message-id"] == "<digest-1@hw.example>"
    plain, rich = parts(read)
    for text in (plain, rich):
        assert "https://herald.example/99" in text
        assert "https://herald.example/100" not in text
        assert "And 5 more." in text
    tree: Any = lxml_html.fromstring(rich)
    assert tree.xpath("//mark")[0].text == "bridge"


def test_every_try_makes_the_same_mail_but_for_its_date() -> None:
    parcel = parcel_of(alert(channel=MAIL))
    first, second = (
        composed(parcel, Wording(None), SENDER, at) for at in (NOW, datetime(2026, 3, 4, tzinfo=UTC))
    )
    assert first["message-id"] == second["message-id"]
    assert first["date"] != second["date"]
