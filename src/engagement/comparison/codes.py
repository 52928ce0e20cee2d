"""The names behind the codes that a reader meets in figures and tables."""

INSTRUMENTS = {
    "DIP": "elite diplomacy",
    "AGR": "agreement or pledge",
    "GRA": "grant or in-kind aid",
    "LOA": "loan or debt relief",
    "TRA": "trade and market access",
    "INV": "investment and business",
    "SEC": "security cooperation",
    "EXC": "people exchange",
    "CUL": "culture and information",
    "PRE": "pressure",
}
STANCES = {1: "cooperative", 0: "neutral or mixed", -1: "conflictual"}
PHASES = {"pledged": "pledged or signed", "delivered": "delivered or completed"}
PHASE_OF_STAGE = {
    "pledge": "pledged",
    "sign": "pledged",
    "start": "pledged",
    "deliver": "delivered",
    "complete": "delivered",
}
ELITE = ("L1", "L2")  # heads of state or government, ministers
