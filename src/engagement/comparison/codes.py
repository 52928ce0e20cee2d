"""Codes the comparison sets apart, and words it leaves out."""

PHASES = {"pledged": "pledged or signed", "delivered": "delivered or completed"}
PHASE_OF_STAGE = {
    "pledge": "pledged",
    "sign": "pledged",
    "start": "pledged",
    "deliver": "delivered",
    "complete": "delivered",
}
ELITE = ("L1", "L2")  # heads of state or government, ministers
DAGGER = "†"  # behind the label of a topic that does not come back with another seed
SURE_READING = 0.9  # confidence from which a sentence's partner counts as sure

# Words that say who or when, not what: left out of the key terms, as names are. A phrase with one of them is left out too.
TITLES = frozenset(
    [
        "ambassador",
        "chairman",
        "charge",
        "chief",
        "councillor",
        "counterpart",
        "delegation",
        "deputy",
        "diplomat",
        "emperor",
        "envoy",
        "excellency",
        "king",
        "leader",
        "minister",
        "ministry",
        "official",
        "premier",
        "president",
        "presidential",
        "prime",
        "prince",
        "princess",
        "queen",
        "secretary",
        "senator",
        "spokesman",
        "spokesperson",
        "spokeswoman",
        "vice",
    ]
)
CALENDAR = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "decade",
        "week",
        "month",
        "year",
        "today",
        "yesterday",
    ]
)
CURRENCIES = frozenset(["dollar", "yen", "yuan", "renminbi", "riel", "euro", "won", "baht"])
