"""Write the JSON Schema (2020-12) of every message version beside the contracts.

python -m shared.contracts.publish
"""

from pathlib import Path

import msgspec

from shared.contracts.topics import TOPICS

FOLDER = Path(__file__).parent / "schemas"


def schemas() -> dict[str, bytes]:
    """Every schema, by file name."""
    made = {}
    for topic in TOPICS.values():
        for version, message in topic.schemas.items():
            schema = msgspec.json.schema(message)
            schema = {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "title": f"{topic.name}/{version}",
            } | schema
            text = msgspec.json.format(msgspec.json.encode(schema, order="sorted"), indent=1)
            made[f"{topic.name}-{version}.json"] = text + b"\n"
    return made


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (FOLDER / name).write_bytes(text)


if __name__ == "__main__":
    main()
