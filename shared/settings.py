"""Every setting, in one typed table, read once from the environment, secret files and a TOML file.

`HERITAGE_WIRE_NAME=value`, or `HERITAGE_WIRE_NAME_FILE=path` for a value kept in a file (secrets), or `name = value`
in the TOML file that `HERITAGE_WIRE_CONFIG` names; the first of these that speaks holds.
"""

import os
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

PREFIX = "HERITAGE_WIRE_"


class SettingsError(Exception):
    """A setting is wrong; the message names it, its value's fault and where it came from."""


class Settings(BaseSettings):
    """The table. Each row has a name, a type, a default and what it means; times are seconds."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    data: Path = Field(Path("data"), description="Folder for everything the embedded engines keep.")
    bus: str = Field("local", description="`local`, or `kafka://host:port,…`.")
    index: str = Field("local", description="`local`, or the address of Elasticsearch.")
    prefix: str = Field(
        "heritage-wire",
        pattern=r"^[a-z][a-z0-9-]{0,40}$",
        description="What the names of topics, groups and indices on a cluster begin with.",
    )
    instance: str | None = Field(
        None, description="A name of this process that outlives a restart: its Kafka partitions wait for it."
    )
    kafka_tls: bool = Field(False, description="Encrypt the connection to Kafka.")
    kafka_ca: Path | None = Field(
        None, description="Authorities that Kafka's certificate is checked against."
    )
    kafka_certificate: Path | None = Field(None, description="Our certificate, where Kafka asks for one.")
    kafka_key: Path | None = Field(None, description="The key of our certificate.")
    kafka_key_password: SecretStr | None = Field(None, description="Secret: the password of that key.")
    kafka_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = Field(
        None, description="How name and password are given to Kafka: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512."
    )
    kafka_username: str | None = Field(None, description="Our name at Kafka.")
    kafka_password: SecretStr | None = Field(None, description="Secret: our password at Kafka.")
    elasticsearch_ca: Path | None = Field(
        None, description="Authorities that Elasticsearch's certificate is checked against."
    )
    elasticsearch_api_key: SecretStr | None = Field(None, description="Secret: our API key at Elasticsearch.")
    sources: Path | None = Field(None, description="A sources file (YAML) to read at start.")
    catalogue: bool = Field(
        True, description="Whether the crawler looks at the sources that ship with the program."
    )
    allow_networks: str = Field(
        "", description="Networks (comma-separated CIDRs) that may be reached although they are not public."
    )
    contact: str = Field(
        "",
        description="Whom a site may turn to about our requests: an address or URL, sent in the user agent.",
    )
    sample: str = Field(
        "",
        description="Address of the sample press that the crawler reads as well; `up` serves one and sets it.",
    )
    sample_late: float = Field(
        60.0, ge=0, description="Seconds after its start at which the sample press has its late article."
    )
    log_level: str = Field(
        "WARNING", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="DEBUG, INFO, WARNING or ERROR."
    )
    monitor_host: str = Field("127.0.0.1", description="Where a service serves /metrics and /health.")
    monitor_port: int | None = Field(
        None, ge=0, le=65535, description="Port of /metrics and /health; absent: not served."
    )
    dashboard_host: str = Field(
        "127.0.0.1",
        description="Where the dashboard is served; anything but this machine needs the login token.",
    )
    dashboard_port: int = Field(8480, ge=0, le=65535, description="Port of the dashboard; 0: any free one.")
    dashboard_token: SecretStr | None = Field(
        None, min_length=16, description="Secret: the login token; absent: one is made at first start."
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^/?#\s]+$",
        description="Address by which others reach the dashboard, for links in mails and feeds.",
    )
    smtp_host: str | None = Field(None, description="Mail server that alerts by e-mail are handed to.")
    smtp_port: int | None = Field(
        None, ge=1, le=65535, description="Its port; absent: 587 for starttls, 465 for tls, 25 for none."
    )
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection to it is encrypted: starttls, tls or none."
    )
    smtp_username: str | None = Field(None, description="Our name at the mail server.")
    smtp_password: SecretStr | None = Field(None, description="Secret: our password at the mail server.")
    smtp_from: str = Field(
        "Heritage Wire <heritage-wire@localhost>", description="Sender of the mails, as the receivers see it."
    )
    parser_workers: int | None = Field(
        None,
        ge=1,
        le=256,
        description="Processes in which one parser reads documents; absent: one for each processor.",
    )
    batch: int = Field(32, ge=1, le=1000, description="Messages a service takes at once.")
    tries: int = Field(3, ge=1, le=20, description="Tries before a message that fails is dead-lettered.")
    retry_delay: float = Field(5.0, gt=0, description="Seconds before the second try; doubles with each.")
    outage_after: int = Field(
        25, ge=1, description="Failures in a row, of no message's own fault, after which a service stops."
    )
    stop_within: float = Field(
        20.0, gt=0, description="Seconds a service may take to finish its batch when stopped."
    )


class _SecretFiles(PydanticBaseSettingsSource):
    """`HERITAGE_WIRE_NAME_FILE`: the value is what the file holds, without its last line break."""

    def get_field_value(self, _field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        if path is None:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\n"), field_name, False
        except OSError as e:
            raise SettingsError(f"{PREFIX}{field_name.upper()}_FILE={path}: {e.strerror}") from e

    def __call__(self) -> dict[str, Any]:
        values = {
            name: self.get_field_value(f, name)[0] for name, f in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in values.items() if value is not None}


def load_settings(**overrides: Any) -> Settings:
    """Read all settings once; `overrides` (command options) win over everything else.

    Raises SettingsError naming the setting, what is wrong with it and where it came from.
    """
    config = os.environ.get(f"{PREFIX}CONFIG")

    class _Sourced(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            toml = (TomlConfigSettingsSource(settings_cls, Path(config)),) if config else ()
            return init_settings, env_settings, _SecretFiles(settings_cls), *toml

    if config and not Path(config).is_file():
        raise SettingsError(f"{PREFIX}CONFIG={config}: no such file")
    try:
        return _Sourced(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as e:
        first = e.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{PREFIX}{name.upper()}: {first['msg']} (got {first['input']!r})") from e
    except tomllib.TOMLDecodeError as e:
        raise SettingsError(f"{PREFIX}CONFIG={config}: {e}") from e
