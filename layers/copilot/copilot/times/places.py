"""Names of places beside those that the zone database lists: regions of countries, and names that several places have.

The database names a zone after one city in it, not after the best known of that name. NAMESAKES are the names in it of
which another place, on another clock, has at least a seventh as many people (GeoNames, 2026-11; capitals of countries
excepted), those of stations and reefs where a town is called so too, those of states and islands, and those that are
words: whoever writes one is asked. `Samoa` is in no list but the old one, under the clock of the other Samoa.
"""

from __future__ import annotations

from collections.abc import Mapping

AREAS = frozenset("Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific".split())
"""What the names of zones begin with that end with a place. Old ones (US/Samoa, Chile/Continental) do not."""

NO_PLACES = frozenset(f"Australia/{name}" for name in "ACT LHI North NSW South West".split())
"""Old names among those of AREAS, of which the last part is no place that anybody names."""

REGIONS: Mapping[str, str] = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "alaska": "America/Anchorage",
    "aleutian": "America/Adak",
    "arizona": "America/Phoenix",
    "hawaii": "Pacific/Honolulu",
    "michigan": "America/Detroit",
    "atlantic": "America/Halifax",
    "newfoundland": "America/St_Johns",
    "saskatchewan": "America/Regina",
    "yukon": "America/Whitehorse",
    "new south wales": "Australia/Sydney",
}
"""Names that people in North America and Australia have for their clocks, by the zone that keeps them today."""

NAMESAKES: Mapping[str, tuple[str, ...]] = {
    "antigua": ("America/Antigua", "America/Guatemala"),
    "casey": ("Antarctica/Casey", "Australia/Sydney"),
    "center": ("America/North_Dakota/Center", "America/Chicago"),
    "chatham": ("Pacific/Chatham", "Europe/London", "America/Toronto"),
    "christmas": ("Indian/Christmas", "Pacific/Kiritimati"),
    "cordoba": ("America/Argentina/Cordoba", "Europe/Madrid", "America/Mexico_City"),
    "creston": ("America/Creston", "America/Chicago"),
    "currie": ("Australia/Currie", "Europe/London"),
    "davis": ("Antarctica/Davis", "America/Los_Angeles"),
    "dawson": ("America/Dawson", "America/Dawson_Creek"),
    "easter": ("Pacific/Easter",),
    "ensenada": ("America/Ensenada", "America/Argentina/Buenos_Aires"),
    "halifax": ("America/Halifax", "Europe/London"),
    "jersey": ("Europe/Jersey", "America/New_York"),
    "johnston": ("Pacific/Johnston", "America/New_York"),
    "knox": ("America/Indiana/Knox", "America/New_York"),
    "la rioja": ("America/Argentina/La_Rioja", "Europe/Madrid"),
    "marengo": ("America/Indiana/Marengo", "America/Chicago"),
    "merida": ("America/Merida", "America/Caracas", "Europe/Madrid"),
    "midway": ("Pacific/Midway", "America/Chicago"),
    "monticello": ("America/Kentucky/Monticello", "America/Chicago"),
    "new salem": ("America/North_Dakota/New_Salem", "America/New_York"),
    "norfolk": ("Pacific/Norfolk", "America/New_York", "Europe/London"),
    "palmer": ("Antarctica/Palmer", "America/New_York", "America/Anchorage"),
    "petersburg": ("America/Indiana/Petersburg", "Europe/Moscow", "America/New_York"),
    "samoa": ("Pacific/Apia", "Pacific/Pago_Pago"),
    "san juan": ("America/Puerto_Rico", "America/Argentina/San_Juan", "Asia/Manila"),
    "san luis": ("America/Argentina/San_Luis", "America/Mexico_City", "America/Phoenix"),
    "santa isabel": ("America/Santa_Isabel", "America/Sao_Paulo", "America/Puerto_Rico"),
    "santarem": ("America/Santarem", "Europe/Lisbon"),
    "stanley": ("Atlantic/Stanley", "Europe/London"),
    "st johns": ("America/St_Johns", "America/Antigua"),
    "st thomas": ("America/St_Thomas", "America/Toronto"),
    "troll": ("Antarctica/Troll",),
    "victoria": ("Australia/Melbourne", "America/Vancouver", "Indian/Mahe"),
    "vincennes": ("America/Indiana/Vincennes", "Europe/Paris"),
    "wake": ("Pacific/Wake",),
}
"""By the name in lower case, without accents; the likest first."""

LETTERS: Mapping[str, tuple[str, ...]] = {
    "act": ("Australia/Sydney", "America/Rio_Branco"),
    "adt": ("America/Halifax", "Asia/Riyadh"),
    "aest": ("Australia/Brisbane", "Australia/Sydney"),
    "aet": ("Australia/Sydney", "Australia/Brisbane"),
    "amt": ("America/Manaus", "Asia/Yerevan"),
    "ast": ("America/Halifax", "America/Puerto_Rico", "Asia/Riyadh"),
    "awst": ("Australia/Perth",),
    "bst": ("Europe/London", "Asia/Dhaka"),
    "cat": ("Africa/Maputo", "Africa/Windhoek"),
    "cct": ("Indian/Cocos", "Asia/Shanghai"),
    "cdt": ("America/Chicago", "America/Havana"),
    "cest": ("Europe/Paris", "Europe/Berlin"),
    "cet": ("Europe/Paris", "Europe/Berlin", "Africa/Algiers"),
    "cst": ("America/Chicago", "Asia/Shanghai", "America/Havana"),
    "ct": ("America/Chicago", "America/Winnipeg"),
    "ect": ("America/Guayaquil", "America/Barbados"),
    "edt": ("America/New_York", "America/Toronto"),
    "eet": ("Europe/Athens", "Africa/Cairo"),
    "est": ("America/New_York", "America/Panama"),
    "et": ("America/New_York", "America/Toronto"),
    "gst": ("Asia/Dubai", "Atlantic/South_Georgia"),
    "hkt": ("Asia/Hong_Kong",),
    "ist": ("Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"),
    "jst": ("Asia/Tokyo",),
    "mdt": ("America/Denver", "America/Edmonton"),
    "msk": ("Europe/Moscow",),
    "mst": ("America/Denver", "America/Phoenix", "Asia/Kuala_Lumpur"),
    "mt": ("America/Denver", "America/Edmonton"),
    "nst": ("America/St_Johns",),
    "nzst": ("Pacific/Auckland",),
    "pdt": ("America/Los_Angeles", "America/Vancouver"),
    "pst": ("America/Los_Angeles", "Asia/Manila", "Asia/Karachi"),
    "pt": ("America/Los_Angeles", "America/Vancouver"),
    "sast": ("Africa/Johannesburg",),
    "sgt": ("Asia/Singapore",),
    "sst": ("Pacific/Pago_Pago", "Asia/Singapore"),
    "wet": ("Europe/Lisbon", "Africa/Casablanca"),
    "wib": ("Asia/Jakarta",),
    "wst": ("Australia/Perth", "Pacific/Apia"),
}
"""Letters that several zones use, or that stand for half a year: never taken for one of them."""

LARGE = (
    "Europe/London Africa/Lagos Europe/Paris Africa/Johannesburg Africa/Cairo Europe/Athens Africa/Nairobi "
    "Europe/Istanbul Europe/Moscow Asia/Tehran Asia/Dubai Asia/Kabul Asia/Karachi Asia/Kolkata Asia/Kathmandu "
    "Asia/Dhaka Asia/Yangon Asia/Bangkok Asia/Singapore Asia/Shanghai Asia/Tokyo Australia/Darwin Australia/Adelaide "
    "Australia/Brisbane Australia/Sydney Pacific/Noumea Pacific/Auckland Pacific/Apia Atlantic/Azores "
    "Atlantic/Cape_Verde America/Sao_Paulo America/Noronha America/St_Johns America/Puerto_Rico America/Halifax "
    "America/Bogota America/New_York America/Mexico_City America/Chicago America/Phoenix America/Denver "
    "America/Los_Angeles America/Anchorage Pacific/Honolulu Pacific/Marquesas Pacific/Pago_Pago"
).split()
"""Zones of many people, to choose from where only a distance from UTC is said."""
