"""alerts.yaml: what it may say, and that a mistake names file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import Alerts, ConfigError, load
from config.alerts import read_alerts
from config.loader import read

CONFIG = load()
WHOLE = """\
language: en
languages: {MINUSCA: fr, noticas: fr}
remind_after_days: 7
smtp:
  host: smtp.example.org
  user_env: A4P_SMTP_USER
  password_env: A4P_SMTP_PASSWORD
  sender: a4p@example.org
channels:
  teams: msteams://${TOKENS}
  archive: {url: "json://localhost", attach: true}
routes:
  default: [contacts]
  noticas: [contacts, teams]
"""


def alerts(folder: Path, text: str) -> Alerts:
    path = folder / "alerts.yaml"
    path.write_text(text, encoding="utf-8")
    return read_alerts(read(path), CONFIG.contracts, CONFIG.missions)


def test_the_settings_that_come_with_it_send_to_the_contacts() -> None:
    assert CONFIG.alerts.route("noticas") == ("contacts",)
    assert CONFIG.alerts.smtp is None
    assert CONFIG.alerts.language_of("mission_report", "MINUSCA") == "fr"
    assert CONFIG.alerts.language_of("mission_report", "UNMISS") == "en"


def test_the_commented_examples_are_right(tmp_path: Path) -> None:
    """Whoever takes the number sign away gets settings that can be used."""
    shipped = (Path(__file__).parents[2] / "config/alerts.yaml").read_text(encoding="utf-8")
    text = "\n".join(
        line.removeprefix("# ") if line.startswith(("# smtp:", "#   ")) else line for line in shipped.splitlines()
    ).replace("channels: {}", "channels:")
    found = alerts(tmp_path, text)
    assert found.smtp is not None
    assert (found.smtp.port, found.smtp.security, found.smtp.password_env) == (587, "starttls", "A4P_SMTP_PASSWORD")
    assert found.channels["archive"].attach
    assert found.route("conduct_allegations") == ("contacts", "coordinator")


def test_all_of_it(tmp_path: Path) -> None:
    found = alerts(tmp_path, WHOLE)
    assert found.smtp is not None
    assert (found.smtp.port, found.smtp.security) == (587, "starttls")
    assert (found.channels["teams"].url, found.channels["teams"].attach) == ("msteams://${TOKENS}", False)
    assert found.channels["archive"].attach
    assert (found.route("noticas"), found.route("hospitals")) == (("contacts", "teams"), ("contacts",))
    assert found.language_of("noticas", None) == "fr"
    # the mission says more than the source
    assert found.language_of("noticas", "UNMISS") == "fr"
    assert (found.remind_after_days, found.show_at_most) == (7, 10)


@pytest.mark.parametrize("text", ["", "# nothing\n", "smtp:\nchannels:\nroutes:\nlanguages:\n"])
def test_what_is_not_said_is_the_default(tmp_path: Path, text: str) -> None:
    assert alerts(tmp_path, text) == Alerts()


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("remind_after_days: 7", "remind_after_days: often", 3, "'remind_after_days': "),
        ("remind_after_days: 7", "remind_after_days: 0", 3, "greater than or equal to 1"),
        ("language: en", "language: de", 1, "'language' is 'de'; allowed: 'en' or 'fr'."),
        ("language: en", "remind_again: 3", 1, "'remind_again' is not known here; allowed: language, languages"),
        ("MINUSCA: fr", "ATLANTIS: fr", 2, "'ATLANTIS' is neither a mission nor a source."),
        ("  sender: a4p@example.org\n", "", 4, "'smtp.sender' is missing."),
        ("  host: smtp.example.org", "  host: smtp.example.org\n  security: maybe", 6, "'smtp.security' is 'maybe'"),
        (
            "  host: smtp.example.org",
            "  host: smtp.example.org\n  security: none",
            4,
            "a password needs security starttls or tls.",
        ),
        ("  user_env: A4P_SMTP_USER\n", "", 4, "user_env and password_env go together."),
        ("  host:", "  password: secret\n  host:", 5, "'smtp.password' is not known here; allowed: host, port"),
        ("  teams:", "  contacts:", 10, "'contacts' is the mail to a contract's contacts; name the channel otherwise."),
        ("attach: true", "attach: perhaps", 11, "'channels.archive.attach': "),
        ("  default:", "  notices:", 13, "'routes.notices' is no source; allowed: default, "),
        (
            "[contacts, teams]",
            "[contacts, slack]",
            14,
            "the route of noticas names the channel 'slack'; allowed: contacts, teams, archive.",
        ),
        ("[contacts, teams]", "contacts", 14, "'routes.noticas': "),
        ("languages: {", "languages: [", 2, "not valid YAML"),
    ],
)
def test_a_mistake_names_file_and_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    assert old in WHOLE
    with pytest.raises(ConfigError) as error:
        alerts(tmp_path, WHOLE.replace(old, new, 1))
    assert str(error.value).startswith(f"{tmp_path}/alerts.yaml:{line}: ")
    assert says in str(error.value)


def test_readers_of_releases(tmp_path: Path) -> None:
    assert CONFIG.alerts.on_release == ()
    assert alerts(tmp_path, "on_release: [one@example.org]\n").on_release == ("one@example.org",)
    with pytest.raises(ConfigError, match=r"alerts\.yaml:1: .*on_release"):
        alerts(tmp_path, "on_release: [nobody]\n")
