"""Finding a Java and keeping downloads: what is missing is said, and nothing is half there."""

import os
import stat
from pathlib import Path

import pytest

from shared.servers import maven
from shared.servers.maven import ServerUnavailable, cache_folder, find_java


def a_java(home: Path, version: str) -> Path:
    """A program that says its version as Java does."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-01-01' >&2\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def test_the_first_java_that_is_new_enough_is_taken(tmp_path: Path) -> None:
    old = a_java(tmp_path / "old", "1.8.0_402")
    mine = a_java(tmp_path / "mine", "17.0.1")
    system = a_java(tmp_path / "jvm" / "java-21", "21")
    environment = {
        "ES_JAVA_HOME": str(tmp_path / "none"),
        "JAVA_HOME": str(old.parent.parent),
        "PATH": str(mine.parent),
    }
    jvm = tmp_path / "jvm"
    assert find_java(8, environment, jvm) == old
    assert find_java(11, environment, jvm) == mine
    assert find_java(18, environment, jvm) == system
    with pytest.raises(ServerUnavailable, match=r"Java 22 .*version 8.*version 17.*version 21.*JAVA_HOME"):
        find_java(22, environment, jvm)
    with pytest.raises(ServerUnavailable, match="found: none"):
        find_java(22, {}, tmp_path / "nothing")


def test_without_maven_it_is_said_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerUnavailable, match=r"mvn is missing.*a:b:1"):
        maven.fetch_jars("a:b:1", tmp_path / "cache")
    assert [p.name for p in (tmp_path / "cache").iterdir() if not p.name.endswith(".lock")] == []


def test_a_fetch_that_fails_or_brings_nothing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mvn = tmp_path / "mvn"
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    cache = tmp_path / "cache"
    for script, said in [
        ("echo '[ERROR] '; echo '[ERROR] no such thing'; exit 1", "no such thing"),
        ("exit 0", "nothing"),
    ]:
        mvn.write_text(f"#!/bin/sh\n{script}\n")
        mvn.chmod(0o755)
        with pytest.raises(ServerUnavailable, match=f"a:b:1.*{said}|{said}.*a:b:1"):
            maven.fetch_file("a:b:1:zip", cache)
        assert [p.name for p in cache.iterdir() if not p.name.endswith(".lock")] == []
    mvn.write_text(
        '#!/bin/sh\nfor o in "$@"; do case $o in -DoutputDirectory=*) echo x > "${o#*=}/b.zip";; esac; done\n'
    )
    assert maven.fetch_file("a:b:1:zip", cache).read_text() == "x\n"
    mvn.write_text("#!/bin/sh\nexit 1\n")
    assert maven.fetch_file("a:b:1:zip", cache).name == "b.zip", "it is kept"


def test_the_cache_is_where_the_environment_says(tmp_path: Path) -> None:
    assert cache_folder({"HERITAGE_WIRE_SERVER_CACHE": str(tmp_path)}) == tmp_path
    assert cache_folder({}).name == "servers"
