"""Delivery end to end: alerts on the bus, real receivers on this machine, and a clock that lets hours pass at once."""

import dataclasses
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

import msgspec
import pytest
from standardwebhooks import Webhook

from services.alerter.delivery.apprise import AppriseSender
from services.alerter.delivery.mail import MailSender, MailServer, Tls
from services.alerter.delivery.parcel import Parcel, parcel_of
from services.alerter.delivery.sending import Sender
from services.alerter.delivery.service import delivery_service
from services.alerter.delivery.webhook import LIMITS, WebhookSender
from services.alerter.delivery.wording import Wording
from shared.bus.port import Bus
from shared.contracts.messages import Channel
from shared.outgoing.addresses import Networks
from shared.outgoing.client import OutgoingClient
from shared.store.port import Store
from tests.integration.receivers import MailReceiver, WebReceiver, mail_receiver, web_receiver
from tests.unit.delivery_samples import SECRET, alert, entry, ledger, send, subscribe, webhook
from tests.unit.runner_turns import Clock, Turns, read_all

LOOPBACK = "127.0.0.0/8"
WORDING = Wording("https://hw.example")
READER = Channel(kind="email", target="reader@example.org")


@pytest.fixture
def receiver() -> Iterator[WebReceiver]:
    with web_receiver() as receiver:
        yield receiver


@pytest.fixture
def mails() -> Iterator[MailReceiver]:
    with mail_receiver() as receiver:
        yield receiver


class Delivery:
    """The service, its engines and its clock, which goes on by `step` with every look."""

    def __init__(self, bus: Bus, store: Store) -> None:
        self.bus, self.store, self.clock = bus, store, Clock()
        self.clock.now = datetime.now(UTC)
        self.networks = LOOPBACK
        self.limits = LIMITS
        self.senders: dict[str, Sender] = {}

    def until(self, enough: Callable[[], bool], step: timedelta = timedelta(0), turns: int = 2000) -> None:
        """Run until `enough`."""
        client = OutgoingClient(Networks.parse(self.networks), "HeritageWire/test")
        senders = {"webhook": WebhookSender(client, self.limits), **self.senders}

        def look() -> bool:
            self.clock.now += step
            return enough()

        service = delivery_service(self.store, senders, self.clock)
        Turns(service, self.bus, self.store, self.clock).until(look, turns=turns)

    def status(self, id: str) -> str:
        """Where an alert stands; '' while nothing is known of it."""
        return next((one.status for one in ledger(self.store) if one.id == id), "")

    def told(self, id: str) -> list[str]:
        """What the ledger says of its tries."""
        return [attempt.said for attempt in entry(self.store, id).attempts]


@pytest.fixture
def delivery(bus: Bus, store: Store) -> Delivery:
    return Delivery(bus, store)


# Webhooks.


def test_a_webhook_is_verified_by_the_standards_own_library(
    delivery: Delivery, receiver: WebReceiver
) -> None:
    hook = webhook(receiver.url("/ok"))
    subscribe(delivery.store, hook)
    send(delivery.bus, alert(1, hook))
    delivery.until(lambda: delivery.status("a00001") == "delivered")
    (post,) = receiver.posts
    read = Webhook(SECRET).verify(post.body, post.headers)
    assert (read["id"], read["type"]) == ("a00001", "article.matched")
    assert read["data"]["article"]["title"] == "Old bridge reopens"
    assert post.headers["content-type"] == "application/json"
    assert post.headers["user-agent"] == "HeritageWire/test"


def test_a_receiver_that_fails_for_a_while_gets_it_once_it_works(
    delivery: Delivery, receiver: WebReceiver
) -> None:
    hook = webhook(receiver.url("/fail/6"))
    subscribe(delivery.store, hook)
    send(delivery.bus, alert(1, hook))
    began = delivery.clock.now
    delivery.until(lambda: delivery.status("a00001") == "delivered", timedelta(minutes=2))
    assert receiver.ids() == {"a00001": 7}
    assert delivery.told("a00001") == ["answered 500"] * 6 + ["answered 200"]
    assert timedelta(hours=6) < delivery.clock.now - began < timedelta(hours=14)
    assert len({post.headers["webhook-timestamp"] for post in receiver.posts}) == 7
    assert len({post.body for post in receiver.posts}) == 1


def test_retry_after_is_honoured(delivery: Delivery, receiver: WebReceiver) -> None:
    hook = webhook(receiver.url("/busy/7200"))
    subscribe(delivery.store, hook)
    send(delivery.bus, alert(1, hook))
    began = delivery.clock.now
    delivery.until(lambda: delivery.status("a00001") == "delivered", timedelta(minutes=1))
    assert timedelta(hours=2) <= delivery.clock.now - began < timedelta(hours=2, minutes=10)
    assert delivery.told("a00001")[0].startswith("answered 429, asks to wait until")
    assert receiver.ids() == {"a00001": 2}


def test_gone_is_gone(delivery: Delivery, receiver: WebReceiver) -> None:
    hook = webhook(receiver.url("/status/410"))
    subscribe(delivery.store, hook)
    send(delivery.bus, alert(1, hook))
    delivery.until(lambda: delivery.status("a00001") == "gone")
    send(delivery.bus, alert(2, hook))
    delivery.until(lambda: delivery.status("a00002") == "cancelled")
    assert receiver.ids() == {"a00001": 1}


def test_a_redirect_to_a_private_address_is_told_and_not_followed(
    delivery: Delivery, receiver: WebReceiver
) -> None:
    with web_receiver() as inside:
        receiver.elsewhere = inside.url("/ok")
        hook = webhook(receiver.url("/redirect"))
        subscribe(delivery.store, hook)
        send(delivery.bus, alert(1, hook))
        delivery.until(lambda: delivery.status("a00001") == "waiting" and len(delivery.told("a00001")) == 1)
        assert not inside.posts
    (said,) = delivery.told("a00001")
    assert said.startswith(f"answered 302 and points to {receiver.elsewhere}; redirects are not followed")


def test_a_private_address_is_refused_until_its_network_is_named(
    delivery: Delivery, receiver: WebReceiver
) -> None:
    hook = webhook(receiver.url("/ok"))
    subscribe(delivery.store, hook)
    send(delivery.bus, alert(1, hook))
    delivery.networks = ""
    delivery.until(lambda: delivery.status("a00001") == "waiting" and len(delivery.told("a00001")) == 1)
    assert not receiver.posts
    (said,) = delivery.told("a00001")
    assert "127.0.0.1 is this machine itself" in said
    assert "HERITAGE_WIRE_ALLOW_NETWORKS" in said
    delivery.networks = LOOPBACK
    delivery.until(lambda: delivery.status("a00001") == "delivered", timedelta(seconds=1))


def test_who_does_not_answer_is_not_waited_for_and_holds_nobody_up(
    delivery: Delivery, receiver: WebReceiver
) -> None:
    delivery.limits = dataclasses.replace(LIMITS, total=1.0)
    slow, fine = webhook(receiver.url("/hang")), webhook(receiver.url("/ok"))
    subscribe(delivery.store, slow)
    subscribe(delivery.store, fine, id="sub-2")
    send(delivery.bus, alert(1, slow), *(alert(n, fine, subscription="sub-2") for n in range(2, 12)))
    delivery.until(lambda: sum(one.status == "delivered" for one in ledger(delivery.store)) == 10)
    delivery.until(lambda: len(delivery.told("a00001")) == 1)
    assert delivery.told("a00001")[0].startswith("cannot be reached: ")


def test_nobody_there_is_told_in_words(delivery: Delivery) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        hook = webhook(f"http://127.0.0.1:{closed.getsockname()[1]}/")
        subscribe(delivery.store, hook)
        send(delivery.bus, alert(1, hook))
        delivery.until(lambda: delivery.status("a00001") == "waiting" and len(delivery.told("a00001")) == 1)
    assert delivery.told("a00001")[0].startswith("cannot be reached: nothing answers at 127.0.0.1:")


def test_a_digest_arrives_as_one_signed_message(delivery: Delivery, receiver: WebReceiver) -> None:
    hook = webhook(receiver.url("/ok"))
    subscribe(delivery.store, hook)
    send(delivery.bus, *(alert(n, hook, digest="daily") for n in range(3)))
    delivery.until(lambda: [one.status for one in ledger(delivery.store)] == ["held"] * 3)
    delivery.clock.now += timedelta(days=1)
    delivery.until(lambda: [one.status for one in ledger(delivery.store)] == ["delivered"] * 3)
    (post,) = receiver.posts
    at = datetime.fromtimestamp(int(post.headers["webhook-timestamp"]), UTC)
    assert at == delivery.clock.now.replace(microsecond=0)
    read = msgspec.json.decode(post.body)
    assert read["type"] == "article.digest"
    assert post.id == read["id"]
    assert [a["alert"] for a in read["data"]["articles"]] == ["a00000", "a00001", "a00002"]


# Mail.


def mail_sender(mails: MailReceiver, tls: Tls = "none", **options: str) -> MailSender:
    server = MailServer(Address("Wire", "wire", "hw.example"), "127.0.0.1", mails.port, tls, **options)
    return MailSender(server, WORDING)


def parcel(channel: Channel = READER) -> Parcel:
    return parcel_of(alert(1, channel))


def body(mail: EmailMessage) -> str:
    found = mail.get_body(("plain",))
    assert found
    return str(found.get_content())


def test_a_mail_arrives(delivery: Delivery, mails: MailReceiver) -> None:
    delivery.senders["email"] = mail_sender(mails)
    subscribe(delivery.store, READER)
    send(delivery.bus, alert(1, READER))
    delivery.until(lambda: delivery.status("a00001") == "delivered")
    (mail,) = mails.mails
    assert mail["subject"] == "Reopening of the bridge of Lunara"
    assert mail["message-id"] == "<a00001@hw.example>"
    assert "*bridge*" in body(mail)
    assert delivery.told("a00001") == [f"taken by the mail server 127.0.0.1:{mails.port}"]


def test_what_the_mail_server_takes_later_comes_again(delivery: Delivery, mails: MailReceiver) -> None:
    mails.replies = ["451 greylisted, come back"] * 2
    delivery.senders["email"] = mail_sender(mails)
    subscribe(delivery.store, READER)
    send(delivery.bus, alert(1, READER))
    delivery.until(lambda: delivery.status("a00001") == "delivered", timedelta(seconds=5))
    assert delivery.told("a00001")[:2] == ["the mail server answered 451 greylisted, come back"] * 2
    assert [mail["message-id"] for mail in mails.mails] == ["<a00001@hw.example>"]


def test_what_the_mail_server_refuses_has_failed_with_its_words(
    delivery: Delivery, mails: MailReceiver
) -> None:
    mails.replies = ["550 no such reader here"]
    delivery.senders["email"] = mail_sender(mails)
    subscribe(delivery.store, READER)
    send(delivery.bus, alert(1, READER))
    delivery.until(lambda: delivery.status("a00001") == "failed")
    assert delivery.told("a00001") == ["the mail server answered 550 no such reader here"]
    assert mails.asked == 1


def test_a_mail_server_that_is_away_is_waited_for(delivery: Delivery) -> None:
    with mail_receiver() as gone:
        pass
    delivery.senders["email"] = mail_sender(gone)
    subscribe(delivery.store, READER)
    send(delivery.bus, alert(1, READER))
    delivery.until(lambda: delivery.status("a00001") == "waiting" and len(delivery.told("a00001")) == 1)
    assert delivery.told("a00001")[0].startswith(f"the mail server 127.0.0.1:{gone.port} cannot be used: ")
    with mail_receiver() as back:
        delivery.senders["email"] = mail_sender(back)
        delivery.until(lambda: delivery.status("a00001") == "delivered", timedelta(seconds=2))
        assert len(back.mails) == 1


def test_a_password_is_never_sent_in_the_clear_nor_a_mail_where_tls_was_asked_for(
    delivery: Delivery, mails: MailReceiver
) -> None:
    delivery.senders["email"] = mail_sender(mails, "starttls", username="wire", password="secret")
    subscribe(delivery.store, READER)
    send(delivery.bus, alert(1, READER))
    delivery.until(lambda: delivery.status("a00001") == "waiting" and len(delivery.told("a00001")) == 1)
    assert "STARTTLS" in delivery.told("a00001")[0]
    assert not mails.mails


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of our own for 127.0.0.1, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(made)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return made, key


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize("trusted", [True, False])
def test_mail_over_tls_goes_to_whom_the_certificate_names(
    delivery: Delivery, certificate: tuple[Path, Path], tls: Tls, trusted: bool
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    options = {"tls_context": context} if tls == "starttls" else {"ssl_context": context}
    with mail_receiver(**options) as mails:
        server = MailServer(Address("Wire", "wire", "hw.example"), "127.0.0.1", mails.port, tls)
        trust = (
            (lambda: ssl.create_default_context(cafile=certificate[0]))
            if trusted
            else ssl.create_default_context
        )
        sent = MailSender(server, WORDING, trust).send(parcel(), delivery.clock())
    assert (sent.result, len(mails.mails)) == (("delivered", 1) if trusted else ("again", 0))
    assert trusted or "certificate is not valid" in sent.said


# Apprise.


@pytest.fixture
def apprise() -> Iterator[Callable[[str], AppriseSender]]:
    made: list[AppriseSender] = []

    def sender(networks: str) -> AppriseSender:
        made.append(AppriseSender(networks, WORDING, timeout=60))
        return made[-1]

    yield sender
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def strict() -> Iterator[AppriseSender]:
    sender = AppriseSender("", WORDING, timeout=60)
    yield sender
    sender.close()


@pytest.fixture(scope="module")
def open_to_loopback() -> Iterator[AppriseSender]:
    sender = AppriseSender(LOOPBACK, WORDING, timeout=60)
    yield sender
    sender.close()


def test_apprise_speaks_to_what_the_operator_named_and_to_nobody_else(
    delivery: Delivery, receiver: WebReceiver, apprise: Callable[[str], AppriseSender]
) -> None:
    channel = Channel(kind="apprise", target=f"json://127.0.0.1:{receiver.port}/ok")
    subscribe(delivery.store, channel)
    delivery.senders["apprise"] = apprise("")
    send(delivery.bus, alert(1, channel))
    delivery.until(lambda: delivery.status("a00001") == "waiting" and len(delivery.told("a00001")) == 1)
    assert not receiver.posts
    (said,) = delivery.told("a00001")
    assert said.startswith("refused by the guard: 127.0.0.1 is this machine itself")
    assert said.endswith("name its network in HERITAGE_WIRE_ALLOW_NETWORKS")
    delivery.senders["apprise"] = apprise(LOOPBACK)
    delivery.until(lambda: delivery.status("a00001") == "delivered", timedelta(seconds=2))
    (post,) = receiver.posts
    read = msgspec.json.decode(post.body)
    assert read["title"] == "Reopening of the bridge of Lunara"
    assert "*bridge*" in read["message"]
    assert "alert a00001" in read["message"]
    assert delivery.told("a00001")[-1] == "taken by json:// over Apprise"


@pytest.mark.parametrize(
    ("target", "result", "said"),
    [
        ("json://localhost:{port}/ok", "again", "is this machine itself"),
        ("json://[::1]:{port}/ok", "again", "is this machine itself"),
        ("xml://2130706433:{port}/ok", "again", "is this machine itself"),
        ("rsyslog://127.0.0.1:{port}", "again", "is this machine itself"),
        ("json://127.0.0.1:{port}/redirect", "again", "is this machine itself"),
        ("file:///etc/passwd", "failed", "works on this machine itself"),
        ("syslog://", "failed", "works on this machine itself"),
        ("dbus://", "failed", "works on this machine itself"),
        ("nonsense://x", "failed", "is no address that Apprise can use"),
        ("", "failed", "is no address that Apprise can use"),
    ],
)
def test_apprise_is_kept_from_this_machine(
    receiver: WebReceiver, strict: AppriseSender, target: str, result: str, said: str
) -> None:
    channel = Channel(kind="apprise", target=target.format(port=receiver.port))
    sent = strict.send(parcel(channel), datetime.now(UTC))
    assert (sent.result, said in sent.said) == (result, True), sent
    assert not receiver.posts


def test_apprise_reads_no_file_for_anybody(
    receiver: WebReceiver, open_to_loopback: AppriseSender, tmp_path: Path
) -> None:
    secret = tmp_path / "template.json"
    secret.write_text('{"text": "the hidden words"}')
    workflow = f"workflows://127.0.0.1:{receiver.port}/{'w' * 32}/{'s' * 43}/?template={secret}"
    sent = open_to_loopback.send(parcel(Channel(kind="apprise", target=workflow)), datetime.now(UTC))
    assert (sent.result, "files are not for Apprise" in sent.said) == ("again", True), sent
    assert not any(b"hidden words" in post.body for post in receiver.posts)


def test_apprise_follows_no_redirect_to_where_it_may_not_go(
    receiver: WebReceiver, open_to_loopback: AppriseSender
) -> None:
    receiver.elsewhere = "http://10.0.0.1/inside"
    channel = Channel(kind="apprise", target=f"json://127.0.0.1:{receiver.port}/redirect")
    sent = open_to_loopback.send(parcel(channel), datetime.now(UTC))
    assert (sent.result, "10.0.0.1 is private" in sent.said) == ("again", True), sent


def test_apprise_that_hangs_is_ended(receiver: WebReceiver) -> None:
    sender = AppriseSender(LOOPBACK, WORDING, timeout=6)
    target = f"json://127.0.0.1:{receiver.port}/hang?rto=60&cto=60"
    sent = sender.send(parcel(Channel(kind="apprise", target=target)), datetime.now(UTC))
    sender.close()
    assert (sent.result, sent.said, sent.reached) == ("again", "Apprise took longer than 6 s", False)


def test_apprise_reads_no_answer_without_end(receiver: WebReceiver, open_to_loopback: AppriseSender) -> None:
    channel = Channel(kind="apprise", target=f"json://127.0.0.1:{receiver.port}/flood")
    sent = open_to_loopback.send(parcel(channel), datetime.now(UTC))
    assert (sent.result, "MemoryError" in sent.said) == ("again", True), sent
    channel = Channel(kind="apprise", target=f"json://127.0.0.1:{receiver.port}/ok")
    assert open_to_loopback.send(parcel(channel), datetime.now(UTC)).result == "delivered"


def test_apprise_goes_on_after_its_process_died(
    receiver: WebReceiver, open_to_loopback: AppriseSender
) -> None:
    channel = Channel(kind="apprise", target=f"json://127.0.0.1:{receiver.port}/ok")
    assert open_to_loopback.send(parcel(channel), datetime.now(UTC)).result == "delivered"
    couriers = open_to_loopback._couriers
    courier = couriers._idle.get_nowait()
    courier.kill()
    courier.wait()
    couriers._idle.put(courier)
    sent = open_to_loopback.send(parcel(channel), datetime.now(UTC))
    assert sent.said == "Apprise could not send it: it ended without an answer (exit code -9)"
    assert open_to_loopback.send(parcel(channel), datetime.now(UTC)).result == "delivered"


def test_nothing_is_dead_lettered_for_a_receivers_fault(delivery: Delivery, receiver: WebReceiver) -> None:
    hook = webhook(receiver.url("/status/500"))
    subscribe(delivery.store, hook)
    send(delivery.bus, *(alert(n, hook) for n in range(40)))
    delivery.until(lambda: len(receiver.ids()) == 40 and all(one.attempts for one in ledger(delivery.store)))
    assert not read_all(delivery.bus, "dead-letters")
