"""What the kinds of event mean for grouping: which are meetings, which come of them, which are told as one another,
and how long one stays in the news."""

GATHERINGS = frozenset(
    ("general_assembly", "council_meeting", "conference_forum", "founding_launch", "declaration_consensus")
)
# What comes of a meeting, or goes with it.
OUTCOMES = frozenset(
    [
        "agreement_mou",
        "funding_grant",
        "inscription_nomination",
        "protection_designation",
        "appointment_election",
        "official_visit_meeting",
        "membership_change",
        "governance_change",
        "merger_affiliation",
        "headquarters_secretariat",
        "host_selection",
        "statement_message",
    ]
)
# Kinds that two careful reports of one event may name differently.
FAMILIES = tuple(
    map(
        frozenset,
        (
            ("agreement_mou", "headquarters_secretariat", "official_visit_meeting"),
            ("merger_affiliation", "agreement_mou", "governance_change"),
            ("restitution", "agreement_mou", "illicit_trafficking"),
            ("statement_message", "damage_threat", "illicit_trafficking"),
            ("statement_message", "declaration_consensus"),
            ("funding_grant", "funding_call", "project_launch"),
            ("inscription_nomination", "protection_designation", "watchlist_publication"),
            ("conservation_works", "conservation_completion", "project_launch"),
            ("legislation_policy", "membership_change", "governance_change"),
            ("training_workshop", "conference_forum"),
            ("appointment_election", "host_selection", "governance_change", "membership_change"),
        ),
    )
)
# Days over which one event of a kind stays in the news: a whole cycle for prizes, lists, returns and laws.
REACH = {
    "agreement_mou": 7,
    "anniversary_commemoration": 7,
    "appointment_election": 14,
    "award": 200,
    "conservation_completion": 30,
    "conservation_works": 45,
    "damage_threat": 21,
    "discovery_excavation": 30,
    "exhibition": 100,
    "funding_call": 120,
    "funding_grant": 120,
    "headquarters_secretariat": 14,
    "host_selection": 7,
    "illicit_trafficking": 21,
    "legislation_policy": 550,
    "membership_change": 14,
    "merger_affiliation": 180,
    "project_launch": 30,
    "protection_designation": 21,
    "publication_report": 45,
    "restitution": 365,
    "training_workshop": 120,
    "watchlist_publication": 200,
}
# An alliance brings out one of these at a time, wherever the sites and winners are.
LISTS = frozenset(("award", "watchlist_publication"))
WITHOUT_ONE_PLACE = LISTS | {"funding_grant", "funding_call"}
NO_EVENT = frozenset(("background_profile",))
