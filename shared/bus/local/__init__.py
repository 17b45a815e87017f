"""The bus on one machine: SQLite files in a folder, shared by any number of processes.

    topics/<topic>.sqlite           the records; one file per topic, so writers of two topics do not wait for each other
    groups/<group>/offsets.sqlite   what the group has committed; apart from the records, where it would wait for writers
    groups/<group>/members/<id>     one per member, locked while it lives; says which topics it takes part in
    groups/<group>/locks/<topic>.<partition>    locked by the member that holds the partition

The locks are `flock`s. The system releases them when a process ends, however it ends, so a dead member's partitions
are free at once. The folder must be on a disk of this machine: network file systems break SQLite's promises.

Open the bus after a fork, not before. Never copy a database file that is in use: SQLite's backup does that safely.
"""

from shared.bus.local.bus import LocalBus, open_local_bus

__all__ = ["LocalBus", "open_local_bus"]
