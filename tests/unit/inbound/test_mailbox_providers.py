from __future__ import annotations

import pytest

from mail_desk.config import Account, ImapServer, Provider, Secret, SmtpServer
from mail_desk.inbound.providers import PRESETS, imap_server, smtp_server


def account(provider: Provider, **servers: ImapServer | SmtpServer) -> Account:
    secret = Secret(env="UNUSED")
    return Account.model_validate(
        {"name": "desk", "address": "a@example.com", "provider": provider, "secret": secret, **servers}
    )


def test_every_provider_has_a_row_that_speaks_tls() -> None:
    assert set(PRESETS) == set(Provider)
    for preset in PRESETS.values():
        assert preset.access
        for server in (preset.imap, preset.smtp):
            assert server is None or server.security in ("tls", "starttls")


def test_the_published_mailbox_s_provider_is_known() -> None:
    desk = account(Provider.NETEASE)
    assert (imap_server(desk).host, imap_server(desk).port) == ("imap.126.com", 993)
    assert (smtp_server(desk).host, smtp_server(desk).port) == ("smtp.126.com", 465)


def test_the_account_s_own_servers_win() -> None:
    own = account(Provider.NETEASE, imap=ImapServer(host="imap.163.com", port=993))
    assert imap_server(own).host == "imap.163.com"
    assert smtp_server(own).host == "smtp.126.com"


def test_a_generic_account_must_name_its_servers() -> None:
    with pytest.raises(ValueError, match="account desk: provider generic needs"):
        imap_server(account(Provider.GENERIC))
    with pytest.raises(ValueError, match="account desk: provider generic needs"):
        smtp_server(account(Provider.GENERIC))
