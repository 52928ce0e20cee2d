"""The names of codes as a reader meets them, the same in every figure, table and page."""

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
