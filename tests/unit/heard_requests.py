# Frozen as it came from its author, who knew README and the shape of a frame and nothing else: changing it would make
# it ours. mypy and ruff are for code that changes.
# mypy: ignore-errors
# ruff: noqa
"""Frozen hearing test: requests and the frames they must be read into (FRAMES.md). Standard library only, seeded.

    python3 generate.py            # counts
    python3 generate.py --jsonl    # one utterance a line

Conventions, where FRAMES.md leaves a choice (see also the report that came with this file):
- `one` is given only with a kind ("the staging environment"), never with a name or a reference.
- "every day" has no `days`; "weekdays" has MON..FRI. The order is MON..SUN.
- a plural without kind or name ("all idle environments") is all=true; a bare question ("which environments are there?",
  "what is idle?") has no targets at all.
- `{how: unclear}` carries no times, as FRAMES.md shows it, and is not marked "asks": it is itself the question back.
- reads never have "asks". Changes to a singular or bare kind have it, as each kind has two or more environments here.
- utterances with a typo in a name or verb carry the frame that was meant, plus "asks": true.
"""

import json
import random
import re
import sys

NAMES = [
    "orders-dev",
    "checkout-dev",
    "search-dev",
    "billing-dev",
    "pr-482",
    "pr-517",
    "uat",
    "staging-eu",
    "prod-eu",
    "prod-us",
    "blue-42",
    "sandbox",
]
NAME_WEIGHT = [8, 8, 7, 7, 7, 7, 16, 8, 4, 3, 8, 14]
KIND_OF = {
    "orders-dev": "development",
    "checkout-dev": "development",
    "search-dev": "development",
    "billing-dev": "development",
    "pr-482": "preview",
    "pr-517": "preview",
    "uat": "staging",
    "staging-eu": "staging",
    "prod-eu": "production",
    "prod-us": "production",
    "blue-42": "development",
    "sandbox": "development",
}
KIND_WORDS = {
    "development": ["dev", "dev", "dev", "development"],
    "preview": ["preview"],
    "staging": ["staging", "staging", "stg"],
    "production": ["production", "prod", "prod", "prd"],
}
SERVICES = ["checkout", "search", "payments", "ledger", "web-front"]
CHANNELS = ["#platform", "#oncall", "#dev-envs"]
SCHEDULES = ["s0123abcde", "s9876fedcb"]
SG = ["environment", "env", "env", "environment", "box", "stack", "system", "cluster"]
PL = ["environments", "envs", "envs", "environments", "environments", "boxes", "stacks", "systems", "clusters"]
WEEK = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
DAYNAME = {
    "MON": "Monday",
    "TUE": "Tuesday",
    "WED": "Wednesday",
    "THU": "Thursday",
    "FRI": "Friday",
    "SAT": "Saturday",
    "SUN": "Sunday",
}

# base, past participle, gerund, particle
STOP = (
    [("stop", "stopped", "stopping", "")] * 9
    + [("shut", "shut", "shutting", "down")] * 4
    + [("turn", "turned", "turning", "off")] * 3
    + [("switch", "switched", "switching", "off")] * 2
    + [
        ("power", "powered", "powering", "off"),
        ("power", "powered", "powering", "down"),
        ("spin", "spun", "spinning", "down"),
        ("take", "taken", "taking", "down"),
        ("bring", "brought", "bringing", "down"),
        ("shut", "shut", "shutting", "off"),
        ("halt", "halted", "halting", ""),
    ]
)
START = (
    [("start", "started", "starting", "")] * 7
    + [("start", "started", "starting", "up")] * 2
    + [("spin", "spun", "spinning", "up")] * 3
    + [("turn", "turned", "turning", "on")] * 2
    + [("switch", "switched", "switching", "on")] * 2
    + [("bring", "brought", "bringing", "back up")] * 2
    + [
        ("bring", "brought", "bringing", "up"),
        ("power", "powered", "powering", "on"),
        ("power", "powered", "powering", "up"),
        ("boot", "booted", "booting", ""),
        ("boot", "booted", "booting", "up"),
        ("wake", "woken", "waking", "up"),
        ("wake", "woken", "waking", ""),
        ("fire", "fired", "firing", "up"),
    ]
)
VERBS = {"stop": STOP, "start": START, "schedule": STOP}


def merge(into, patch):
    for key, value in patch.items():
        if isinstance(value, dict):
            merge(into.setdefault(key, {}), value)
        elif isinstance(value, list):
            have = into.setdefault(key, [])
            have.extend(v for v in value if v not in have)
        else:
            into[key] = value
    return into


def copy(x):
    return json.loads(json.dumps(x))


# ---------------------------------------------------------------- targets


class Target:
    def __init__(self, text, patch, plural, pron=False, asks=False, subject=None):
        self.text, self.patch, self.plural, self.pron, self.asks = text, patch, plural, pron, asks
        self.subject = subject or text

    @property
    def short(self):
        return len(self.text.split()) <= 4 and "," not in self.text


def a_name(rng, bare=False):
    n = rng.choices(NAMES, NAME_WEIGHT)[0]
    shown = n.upper() if n == "uat" and rng.random() < 0.12 else n
    form = 0 if bare else rng.choices([0, 1, 2, 3, 4], [60, 22, 8, 5, 5])[0]
    noun = rng.choice(SG)
    text = [
        shown,
        f"the {shown} {noun}",
        f"{shown} {rng.choice(['env', 'environment'])}",
        f"our {shown} {noun}",
        f"{rng.choice(['env', 'environment'])} {shown}",
    ][form]
    return n, text


def listed(rng, words):
    if len(words) == 2:
        return rng.choices(
            [
                f"{words[0]} and {words[1]}",
                f"{words[0]} & {words[1]}",
                f"both {words[0]} and {words[1]}",
                f"{words[0]} as well as {words[1]}",
                f"{words[0]} + {words[1]}",
            ],
            [10, 3, 2, 1, 1],
        )[0]
    return rng.choices(
        [
            ", ".join(words[:-1]) + " and " + words[-1],
            ", ".join(words[:-1]) + ", and " + words[-1],
            ", ".join(words),
            ", ".join(words[:-1]) + " & " + words[-1],
            " and ".join(words),
        ],
        [8, 3, 2, 2, 1],
    )[0]


def some_names(rng, lo=2, hi=4):
    k = rng.choices(range(lo, hi + 1), [6, 4, 1][: hi - lo + 1])[0]
    out = []
    while len(out) < k:
        n = rng.choices(NAMES, NAME_WEIGHT)[0]
        if n not in out:
            out.append(n)
    return out


def t_name(rng):
    n, text = a_name(rng)
    return Target(text, {"names": [n]}, False)


def t_names(rng):
    ns = some_names(rng)
    text = listed(rng, ns)
    if len(ns) == 2 and "both" not in text and "+" not in text and rng.random() < 0.2:
        text = f"the {text} {rng.choice(['environments', 'envs'])}"
    return Target(text, {"names": ns}, True)


def kind_word(rng, kind):
    return rng.choice(KIND_WORDS[kind])


def pick_kind(rng, safe=False):
    return rng.choices(["development", "preview", "staging", "production"], [58, 20, 16, 0 if safe else 6])[0]


def t_kind(rng):
    k = pick_kind(rng)
    w, noun, sg = kind_word(rng, k), rng.choice(PL), rng.choice(SG)
    forms = [
        (f"all {w} {noun}", 8),
        (f"the {w} {noun}", 6),
        (f"{w} {noun}", 4),
        (f"all the {w} {noun}", 4),
        (f"all of the {w} {noun}", 2),
        (f"all our {w} {noun}", 3),
        (f"our {w} {noun}", 3),
        (f"all of our {w} {noun}", 2),
        (f"every {w} {sg}", 3),
        (f"each {w} {sg}", 1),
        (f"every single {w} {sg}", 1),
        (f"everything in {w}", 2),
        (f"all {noun} in {w}", 1),
    ]
    text = rng.choices([f for f, _ in forms], [x for _, x in forms])[0]
    plural = not re.match(r"every|each|the whole", text)
    return Target(text, {"kinds": [k]}, plural)


def t_kinds(rng):
    ks = rng.sample(["development", "preview", "staging"], 2)
    a, b = kind_word(rng, ks[0]), kind_word(rng, ks[1])
    noun = rng.choice(PL)
    text = rng.choice(
        [
            f"all {a} and {b} {noun}",
            f"the {a} and {b} {noun}",
            f"{a} and {b} {noun}",
            f"all {a} & {b} {noun}",
            f"all {a} {noun} and all {b} {noun}",
            f"both the {a} and the {b} {noun}",
        ]
    )
    return Target(text, {"kinds": ks}, True)


STATE_ADJ = {
    "idle": ["idle", "idle", "idle", "unused", "idling"],
    "running": ["running"],
    "stopped": ["stopped", "stopped", "sleeping"],
}
STATE_REL = {
    "idle": [
        "that are idle",
        "that nobody is using",
        "which are idle",
        "nobody uses",
        "no one is using",
        "that sit idle",
        "that aren't being used",
        "that are not in use",
    ],
    "running": [
        "that are running",
        "that are still running",
        "which are running",
        "that are still up",
        "still running",
    ],
    "stopped": ["that are stopped", "that are down", "which are stopped", "that are off", "that are currently stopped"],
}


def t_state(rng, states):
    state = rng.choice(states)
    k = None if rng.random() < 0.2 else pick_kind(rng, safe=True)
    noun, sg = rng.choice(PL), rng.choice(SG)
    w = kind_word(rng, k) + " " if k else ""
    adj = rng.choice(STATE_ADJ[state])
    if rng.random() < 0.62:
        forms = [
            f"all idle {w}{noun}",
            f"the idle {w}{noun}",
            f"idle {w}{noun}",
            f"all the idle {w}{noun}",
            f"all our idle {w}{noun}",
            f"every idle {w}{sg}",
            f"any idle {w}{noun}",
            f"all of the idle {w}{noun}",
        ]
        text = rng.choice(forms).replace("idle", adj, 1)
    else:
        rel = rng.choice(STATE_REL[state])
        text = rng.choice(
            [f"all {w}{noun} {rel}", f"the {w}{noun} {rel}", f"all the {w}{noun} {rel}", f"{w}{noun} {rel}"]
        )
    patch = {"kinds": [k], "state": state} if k else {"all": True, "state": state}
    return Target(text, patch, not text.startswith("every"))


def t_all(rng):
    noun, sg = rng.choice(PL), rng.choice(SG)
    text = rng.choice(
        [
            f"all {noun}",
            "everything",
            f"all the {noun}",
            f"all our {noun}",
            f"every {sg}",
            f"every single {sg}",
            f"all of our {noun}",
            f"each and every {sg}",
            f"all {noun}",
            "everything we have",
        ]
    )
    return Target(text, {"all": True}, text.startswith("all"))


EXCEPT = [
    "except",
    "except",
    "except for",
    "but not",
    "other than",
    "apart from",
    "excluding",
    "with the exception of",
    "aside from",
]


def t_except(rng, states=()):
    base = rng.choices(
        [t_kind, t_all, t_kinds] + ([lambda r: t_state(r, states)] if states else []),
        [9, 4, 2] + ([4] if states else []),
    )[0](rng)
    kinds = base.patch.get("kinds")
    use_kind = kinds is None and rng.random() < 0.6
    if use_kind:
        k = rng.choices(["production", "staging", "preview"], [7, 3, 1])[0]
        w = kind_word(rng, k)
        what, patch = rng.choice([w, f"the {w} {rng.choice(PL)}", f"{w} {rng.choice(PL)}"]), {"kinds": [k]}
    else:
        pool = [n for n in NAMES if kinds is None or KIND_OF[n] in kinds]
        ns = rng.sample(pool, min(len(pool), rng.choices([1, 2, 3], [12, 5, 1])[0]))
        if kinds and len(pool) == len(ns):
            ns = ns[:1]
        what = (
            ns[0]
            if len(ns) == 1
            else rng.choice([f"{ns[0]} and {ns[1]}", f"{ns[0]} & {ns[1]}"])
            if len(ns) == 2
            else f"{ns[0]}, {ns[1]} and {ns[2]}"
        )
        if len(ns) == 1 and rng.random() < 0.15:
            what = f"the {what} one"
        patch = {"names": ns}
    word = rng.choice(EXCEPT)
    if len(patch.get("names", [])) > 1 and word == "but not":
        word = "except"  # "but not a and b" may be heard as "not both"
    joint = rng.choice([" ", " ", ", "])
    text = f"{base.text}{joint}{word} {what}"
    return Target(text, {**base.patch, "except": patch}, base.plural)


def t_mixed(rng):
    k = pick_kind(rng, safe=True)
    n = rng.choice([x for x in NAMES if KIND_OF[x] != k])
    w, noun = kind_word(rng, k), rng.choice(PL[:5])
    text = rng.choice(
        [
            f"{n} and all {w} {noun}",
            f"all {w} {noun} and {n}",
            f"all {w} {noun} as well as {n}",
            f"the {w} {noun} plus {n}",
            f"{n} and the {w} {noun}",
        ]
    )
    return Target(text, {"names": [n], "kinds": [k]}, True)


def t_ref(rng):
    text, ref, plural, subject = rng.choice(
        [
            ("it", "it", False, "it"),
            ("it", "it", False, "it"),
            ("it", "it", False, "it"),
            ("that one", "that", False, None),
            ("them", "them", True, "they"),
            ("them", "them", True, "they"),
            ("them all", "them", True, "they all"),
            ("those", "them", True, None),
            ("all of them", "them", True, None),
            ("the first one", "first", False, None),
            ("the second one", "second", False, None),
            ("the last one", "last", False, None),
            ("the first", "first", False, None),
        ]
    )
    return Target(
        text, {"reference": ref}, plural, pron=text in ("it", "them", "those", "them all", "that one"), subject=subject
    )


def t_one(rng, change):
    k = rng.choices(["development", "preview", "staging", "production"], [2, 2, 6, 6])[0]
    w, sg = kind_word(rng, k), rng.choice(SG)
    text = rng.choice([f"the {w} {sg}", f"the {w} {sg}", f"our {w} {sg}", f"the {w} {sg}"])
    return Target(text, {"kinds": [k], "one": True}, False, asks=change)


def t_bare(rng, change):
    k = rng.choices(["development", "staging", "production"], [2, 5, 5])[0]
    return Target(kind_word(rng, k), {"kinds": [k]}, False, asks=change)


MODES = {
    "stop": [
        (t_name, 34),
        (t_names, 13),
        (t_kind, 16),
        (t_kinds, 4),
        (lambda r: t_state(r, ["idle", "idle", "running"]), 13),
        (lambda r: t_except(r, ["idle", "running"]), 11),
        (t_all, 2),
        (t_ref, 5),
        (lambda r: t_one(r, True), 3),
        (lambda r: t_bare(r, True), 2),
        (t_mixed, 3),
    ],
    "start": [
        (t_name, 38),
        (t_names, 14),
        (t_kind, 14),
        (t_kinds, 4),
        (lambda r: t_state(r, ["stopped"]), 9),
        (lambda r: t_except(r, ["stopped"]), 8),
        (t_all, 1),
        (t_ref, 8),
        (lambda r: t_one(r, True), 3),
        (lambda r: t_bare(r, True), 2),
        (t_mixed, 3),
    ],
    "schedule": [
        (t_name, 34),
        (t_names, 10),
        (t_kind, 32),
        (t_kinds, 6),
        (t_except, 12),
        (t_all, 2),
        (t_ref, 2),
        (t_mixed, 3),
    ],
    "keep": [(t_name, 66), (t_names, 14), (t_kind, 12), (t_ref, 6), (t_except, 3)],
    "read": [
        (t_name, 46),
        (t_names, 9),
        (t_kind, 10),
        (t_kinds, 2),
        (lambda r: t_one(r, False), 15),
        (lambda r: t_bare(r, False), 12),
        (t_all, 3),
        (t_ref, 4),
    ],
    "group": [(t_name, 30), (t_names, 8), (t_kind, 46), (t_all, 6), (lambda r: t_bare(r, False), 10)],
    "about": [
        (t_name, 46),
        (t_names, 8),
        (t_kind, 22),
        (lambda r: t_bare(r, False), 14),
        (lambda r: t_one(r, False), 12),
    ],
}


def mk_target(rng, mode, plural=None, pron=True):
    fs = MODES[mode]
    while True:
        t = rng.choices([f for f, _ in fs], [w for _, w in fs])[0](rng)
        if plural is not None and t.plural != plural:
            continue
        if not pron and "reference" in t.patch:
            continue
        return t


# ---------------------------------------------------------------- times


def clock(rng, lo, hi, odd=True):
    """a time of day and a way to say it that cannot mean the other half of the day"""
    h = rng.randint(lo, hi)
    m = rng.choice([0, 0, 0, 0, 0, 30, 30, 15, 45]) if odd else 0
    iso = f"{h:02d}:{m:02d}"
    h12, ap = (h % 12 or 12), "am" if h < 12 else "pm"
    mm = f":{m:02d}" if m else ""
    if h == 12:  # 12 am and 12 pm are mixed up too often
        return iso, iso
    forms = [
        (f"{h12}{mm}{ap}", 9),
        (f"{h12}{mm} {ap}", 4),
        (iso, 6),
        (f"{h12}{mm} {ap[0]}.m.", 1),
        (f"{h12}{mm}{ap.upper()}", 1),
        (f"{iso}h" if m else f"{h}h", 1),
    ]
    if not m and h >= 17 and h < 22:
        forms += [(f"{h12} in the evening", 1), (f"{h} o'clock", 1 if h >= 13 else 0)]
    if not m and h <= 10:
        forms += [(f"{h12} in the morning", 1)]
    return iso, rng.choices([f for f, _ in forms], [w for _, w in forms])[0]


ZONES = [
    ("UTC", "UTC"),
    ("Paris time", "Europe/Paris"),
    ("London time", "Europe/London"),
    ("Berlin time", "Europe/Berlin"),
    ("Europe/Paris", "Europe/Paris"),
    ("New York time", "America/New_York"),
    ("Europe/Berlin", "Europe/Berlin"),
    ("(Europe/Madrid)", "Europe/Madrid"),
]


def recurring(rng):
    """how often: text, days (empty: every day), whether it can stand after a time without more"""
    c = rng.random()
    if c < 0.36:
        return rng.choice(
            [
                "every day",
                "every day",
                "daily",
                "every night",
                "every night",
                "each day",
                "nightly",
                "every evening",
                "each evening",
                "each night",
                "every single day",
            ]
        ), []
    if c < 0.68:
        return rng.choice(
            [
                "every weekday",
                "on weekdays",
                "on weekdays",
                "weekdays",
                "each weekday",
                "every working day",
                "monday to friday",
                "Mon-Fri",
                "mon to fri",
                "Monday through Friday",
                "on working days",
                "from Monday to Friday",
                "every workday",
                "on week days",
            ]
        ), WEEK[:5]
    if c < 0.76:
        return rng.choice(
            ["on weekends", "every weekend", "every Saturday and Sunday", "at weekends", "on Saturdays and Sundays"]
        ), WEEK[5:]
    ds = sorted(
        rng.sample(WEEK[:5] + (["SAT"] if rng.random() < 0.2 else []), rng.choice([1, 1, 1, 2, 2, 3])), key=WEEK.index
    )
    full = [DAYNAME[d] for d in ds]
    if rng.random() < 0.5:
        full = [f.lower() for f in full]
    plural = rng.random() < 0.5
    if plural:
        full = [f + "s" for f in full]
    joined = full[0] if len(full) == 1 else ", ".join(full[:-1]) + " and " + full[-1]
    return ("on " if plural else "every ") + joined, ds


PERIOD_N = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 8: "eight"}


def period_np(rng):
    c = rng.random()
    if c < 0.42:
        n = rng.choice([7, 7, 10, 14, 14, 20, 21, 28, 30, 30, 30, 45, 60, 90, 90])
        return f"the {rng.choice(['last', 'last', 'past', 'previous'])} {n} days", {"how": "period", "days": n}
    if c < 0.68:
        n = rng.choice([2, 2, 3, 4, 5, 5, 6, 8, 12])
        shown = PERIOD_N.get(n, str(n)) if rng.random() < 0.4 else str(n)
        return f"the {rng.choice(['last', 'last', 'past'])} {shown} weeks", {"how": "period", "weeks": n}
    cal = rng.choices(["month", "week", "quarter"], [5, 3, 2])[0]
    return f"last {cal}", {"how": "period", "calendar": cal}


def period_adv(rng):
    np, w = period_np(rng)
    if "calendar" in w:
        return rng.choice([np, np, f"for {np}", f"in {np}" if rng.random() < 0.3 else np, f"during {np}"]), w
    return rng.choice(
        [f"over {np}", f"in {np}", f"for {np}", f"during {np}", f"within {np}" if rng.random() < 0.3 else f"over {np}"]
    ), w


# ---------------------------------------------------------------- rendering


class Ctx:
    def __init__(self, rng, action, frame):
        self.rng, self.action, self.frame = rng, action, frame
        self.t = None
        self.verb = None
        self.days = None

    def put(self, **patch):
        merge(self.frame, patch)

    def target(self, mode, plural=None, pron=True):
        if self.t is None:
            self.t = mk_target(self.rng, mode, plural, pron)
            self.frame["targets"] = copy(self.t.patch)
            if self.t.asks:
                self.frame["asks"] = True
        return self.t

    def v(self):
        if self.verb is None:
            self.verb = self.rng.choice(VERBS[self.action])
        return self.verb

    def vp(self, form):
        t, v = self.t, self.v()
        w = v[{"base": 0, "done": 1, "doing": 2}[form]]
        part = v[3]
        if not part:
            return f"{w} {t.text}"
        if t.pron or (t.short and self.rng.random() < 0.4):
            return f"{w} {t.text} {part}"
        return f"{w} {part} {t.text}"


def slot(c, name):
    rng = c.rng
    mode = {
        "stop": "stop",
        "start": "start",
        "schedule": "schedule",
        "keep": "keep",
        "release": "keep",
        "health": "read",
        "again": "about",
    }.get(c.action, "group")
    if name in ("T", "Tsg", "Tpl", "do", "doing", "done"):
        c.target(mode, {"Tsg": False, "Tpl": True}.get(name))
        return c.t.text if name[0] == "T" else c.vp({"do": "base", "done": "done", "doing": "doing"}[name])
    if name in ("S", "Ssg", "Spl"):
        c.target(mode, {"Ssg": False, "Spl": True}.get(name), pron=c.action == "health")
        return c.t.subject
    if name == "pp":
        v = c.v()
        return (v[1] + " " + v[3]).strip()
    if name == "be":
        return "are" if c.t.plural else "is"
    if name == "was":
        return "were" if c.t.plural else "was"
    if name == "has":
        return "have" if c.t.plural else "has"
    if name == "need":
        return "need" if c.t.plural else "needs"
    if name == "does":
        return "do" if c.t.plural else "does"
    if name == "obj":
        return "them" if c.t.plural else "it"
    if name == "ch":
        k = 2 if rng.random() < 0.12 else 1
        chs = rng.sample(CHANNELS, k)
        c.put(tell=chs)
        return " and ".join(chs)
    if name == "svc":
        s = rng.choice(SERVICES)
        c.frame["service"] = s
        return s
    if name == "kindn":  # "dev environments" in a question
        k = pick_kind(rng)
        c.put(targets={"kinds": [k]})
        return f"{kind_word(rng, k)} {rng.choice(PL)}"
    if name == "kind":
        k = pick_kind(rng)
        c.put(targets={"kinds": [k]})
        return kind_word(rng, k)
    if name == "envs":
        return rng.choice(["environments", "envs", "environments", "envs", "stacks", "boxes"])
    if name == "envsall":
        c.put(targets={"all": True})
        return rng.choice(["all environments", "all envs", "all our environments", "all the envs", "all our envs"])
    if name == "up":
        c.put(targets={"state": "running"})
        return rng.choice(["running", "up", "running right now", "up right now", "up and running", "currently running"])
    if name == "down":
        c.put(targets={"state": "stopped"})
        return rng.choice(
            ["stopped", "down", "switched off", "off", "stopped at the moment", "currently off", "shut down"]
        )
    if name == "per":
        text, w = period_adv(rng)
        c.put(when=w)
        return text
    if name == "pernp":
        text, w = period_np(rng)
        c.put(when=w)
        return text
    if name == "id":
        s = rng.choice(SCHEDULES)
        c.frame["schedule"] = s
        return s
    if name == "stopat":
        if c.frame.get("when", {}).get("how") != "once" and rng.random() < 0.05:
            iso, text = "00:00", "midnight"
        else:
            iso, text = clock(rng, 16, 23)
        c.put(when={"stop": iso})
        return text
    if name == "startat":
        iso, text = clock(rng, 5, 9)
        c.put(when={"start": iso})
        return text
    if name == "days":
        text, days = recurring(rng)
        c.put(when={"how": "every"})
        if days:
            c.put(when={"days": days})
        return text
    if name == "zone":
        text, z = rng.choice(ZONES)
        c.put(when={"zone": z})
        return text
    if name == "anyt":  # a time only, no day
        return clock(rng, 16, 23)[1]
    if name == "anym":
        return clock(rng, 5, 9)[1]
    if name == "onceday":  # day and time, once
        d = rng.choice(["today", "today", "tomorrow", "tomorrow", "day", "day"])
        hour = clock(rng, 15, 23)
        if d == "today":
            iso, t = hour
            text = rng.choice(
                [f"today at {t}", f"at {t} today", f"tonight at {t}", f"at {t} tonight", f"this evening at {t}"]
            )
            if "ning" in t or "tonight" in text or "evening" in text:
                iso, t2 = clock(rng, 19, 22)
                text = text.replace(t, t2.replace(" in the evening", "pm") if "in the" not in t2 else iso)
            day = "today"
        elif d == "tomorrow":
            iso, t = hour
            text = rng.choice([f"tomorrow at {t}", f"at {t} tomorrow", f"tomorrow {t}", f"tomorrow after {t}"])
            day = "tomorrow"
        else:
            iso, t = hour
            day = rng.choice(WEEK)
            n = DAYNAME[day] if rng.random() < 0.6 else DAYNAME[day].lower()
            text = rng.choice(
                [f"on {n} at {t}", f"this {n} at {t}", f"at {t} on {n}", f"{n} at {t}", f"on {n} after {t}"]
            )
        c.put(when={"how": "once", "time": iso, "day": day})
        return text
    if name == "justonce":
        iso, t = clock(rng, 15, 23)
        c.put(when={"how": "once", "time": iso})
        return rng.choice(
            [
                f"just once, at {t}",
                f"once at {t}",
                f"at {t}, only once",
                f"a single time at {t}",
                f"at {t}, just this once",
            ]
        )
    if name == "until":
        u = rng.choice(["until", "until", "until", "till", "til"])
        d = rng.choice(["", "", "", "today", "tomorrow", "day"])
        if d == "":
            iso, t = clock(rng, 17, 23)
            text, day = f"{u} {t}", None
        elif d == "today":
            iso, t = clock(rng, 19, 22)
            t = t.replace(" in the evening", "pm")
            text, day = (
                rng.choice([f"{u} {t} tonight", f"{u} {t} today", f"{u} tonight {t}", f"tonight {u} {t}"]),
                "today",
            )
        elif d == "tomorrow":
            iso, t = clock(rng, 7, 20)
            text, day = rng.choice([f"{u} {t} tomorrow", f"{u} tomorrow {t}", f"{u} tomorrow at {t}"]), "tomorrow"
            if "evening" in t or "morning" in t:
                text = f"{u} tomorrow at {iso}"
        else:
            iso, t = clock(rng, 7, 20)
            day = rng.choice(WEEK)
            n = DAYNAME[day] if rng.random() < 0.6 else DAYNAME[day].lower()
            text = rng.choice([f"{u} {n} {t}", f"{u} {n} at {t}", f"{u} {t} on {n}"])
            if "evening" in t or "morning" in t:
                text = f"{u} {n} at {iso}"
        c.put(when={"how": "until", "time": iso})
        if day:
            c.put(when={"day": day})
        return text
    if name == "for":
        m, texts = rng.choice(
            [
                (30, ["30 minutes", "half an hour", "30 min", "30 mins"]),
                (45, ["45 minutes", "45 min"]),
                (60, ["an hour", "1 hour", "60 minutes", "one hour", "1h"]),
                (90, ["90 minutes", "1.5 hours", "an hour and a half", "90 mins"]),
                (120, ["2 hours", "two hours", "2h", "2 hrs", "120 minutes"]),
                (180, ["3 hours", "three hours", "3h", "3 hrs"]),
                (240, ["4 hours", "four hours", "4h"]),
                (300, ["5 hours"]),
                (360, ["6 hours", "six hours"]),
                (480, ["8 hours", "8h"]),
                (1440, ["24 hours", "24h"]),
            ]
        )
        t = rng.choice(texts)
        lead = "" if re.match(r"an? |half|1h|one|1 ", t) else rng.choice(["", "", "another ", "the next "])
        c.put(when={"how": "for", "minutes": m})
        return f"for {lead}{t}"
    raise KeyError(name)


TARGET_SLOTS = {"T", "Tsg", "Tpl", "S", "Ssg", "Spl", "do", "doing", "done"}


def render(rng, action, template):
    frame = {"action": action}
    c = Ctx(rng, action, frame)
    names = re.findall(r"{(\w+)}", template)
    subj = next((n for n in names if n in TARGET_SLOTS), None)
    if subj:
        if subj in ("S", "Ssg", "Spl"):
            slot(c, subj)
        else:
            slot(c, next(n for n in names if n in TARGET_SLOTS))
    if "onceday" in names or "justonce" in names:
        c.put(when={"how": "once"})
    text = re.sub(r"{(\w+)}", lambda m: slot(c, m.group(1)), template)
    if c.t and re.search(r", (except|but not|other than|apart|excluding|with the|aside)", c.t.text):
        text = re.sub(re.escape(c.t.text) + r"(?=[ ]\w|[ ][#&])", c.t.text + ",", text)
    if action == "schedule" and "when" not in frame:
        frame["when"] = {"how": "unclear"}
    w = frame.get("when", {})
    if action == "schedule" and w.get("how") == "once":
        w.pop("stop", None)
    if isinstance(w.get("days"), list):
        w["days"].sort(key=WEEK.index)
    return text, frame, c


# ---------------------------------------------------------------- the shapes: i imperative, q question, s statement

CHANGE = [  # stop and start
    ("i", "{do}", 22),
    ("q", "can you {do}", 5),
    ("q", "could you {do}", 5),
    ("q", "could you please {do}", 4),
    ("q", "can you please {do}", 3),
    ("q", "can u {do}", 2),
    ("q", "would you {do}", 1),
    ("q", "would you please {do}", 1),
    ("q", "would you mind {doing}", 3),
    ("q", "do you mind {doing}", 1),
    ("q", "could I ask you to {do}", 1),
    ("q", "may I ask you to {do}", 1),
    ("s", "I need you to {do}", 2),
    ("s", "I'd like you to {do}", 3),
    ("s", "I would like you to {do}", 1),
    ("s", "I want you to {do}", 2),
    ("s", "we need you to {do}", 1),
    ("s", "I need {T} {pp}", 3),
    ("s", "I want {T} {pp}", 2),
    ("s", "I'd like {T} {pp}", 2),
    ("s", "we need {T} {pp}", 2),
    ("s", "need {T} {pp}", 2),
    ("s", "I'd like to have {T} {pp}", 1),
    ("s", "please have {T} {pp}", 1),
    ("i", "get {T} {pp}", 1),
    ("q", "can you get {T} {pp}", 1),
    ("q", "can we get {T} {pp} please", 1),
    ("q", "can we have {T} {pp} please", 1),
    ("s", "{S} {need} to be {pp}", 2),
    ("s", "{S} must be {pp} now", 1),
    ("s", "{S} should be {pp} please", 1),
    ("q", "could {S} be {pp} please", 1),
    ("q", "can {S} be {pp} please", 1),
    ("s", "let's {do}", 3),
    ("s", "lets {do}", 1),
    ("s", "it'd be great if you could {do}", 2),
    ("s", "it would be nice if you could {do}", 1),
    ("s", "would be great if you could {do}", 1),
    ("s", "I'd appreciate it if you could {do}", 1),
    ("s", "I'd be grateful if you could {do}", 1),
    ("i", "go ahead and {do}", 2),
    ("i", "be so kind and {do}", 1),
    ("i", "kindly {do}", 2),
    ("i", "do me a favour and {do}", 1),
    ("i", "do me a favor and {do}", 1),
    ("q", "any chance you could {do}", 1),
    ("q", "is it possible for you to {do}", 1),
    ("s", "I want to {do}", 2),
    ("s", "I'd like to {do}", 2),
    ("s", "we want to {do}", 1),
    ("s", "I need to {do}", 2),
    ("s", "time to {do}", 1),
    ("i", "{do} now", 2),
    ("i", "{do} right away", 1),
    ("i", "{do} immediately", 1),
    ("i", "quickly {do}", 1),
    ("i", "just {do}", 1),
    ("i", "ok now {do}", 1),
    ("i", "make sure to {do}", 1),
    ("q", "mind {doing}", 1),
    ("s", "requesting that you {do}", 1),
    ("s", "my request: {do}", 1),
    ("s", "next step: {do}", 1),
    ("i", "step 1 of the job: {do}", 1),
]
TELL_AFTER = [
    " and tell {ch}",
    " and let {ch} know",
    " and notify {ch}",
    ", then tell {ch}",
    " & ping {ch}",
    " and post it in {ch}",
    " and inform {ch}",
    " and give {ch} a heads-up",
    " and drop a note in {ch}",
    " and announce it on {ch}",
    " then post a message to {ch}",
    " and send a note to {ch}",
    " and report to {ch}",
    ", and tell people on {ch}",
    " and say so in {ch}",
    " w/ a note to {ch}",
    ", cc {ch}",
    " and update {ch}",
]
TELL = [("i", "{do}" + t, 2) for t in TELL_AFTER] + [
    ("q", "could you {do} and tell {ch}", 2),
    ("q", "can you {do} and let {ch} know", 2),
    ("q", "would you mind {doing} and telling {ch}", 1),
    ("s", "I need {T} {pp} and {ch} told", 1),
    ("s", "I'd like you to {do} and notify {ch}", 1),
    ("s", "let's {do} and tell {ch}", 1),
    ("i", "on {ch} tell people once you have {done}", 2),
    ("i", "tell {ch} once you have {done}", 2),
    ("i", "let {ch} know once you've {done}", 2),
    ("s", "once you have {done}, tell {ch}", 2),
    ("s", "once you've {done} let {ch} know", 1),
    ("s", "after {doing}, drop a line in {ch}", 1),
    ("i", "{do} and, when that's done, tell {ch}", 1),
    ("i", "{do}. Tell {ch} about it", 1),
    ("i", "{do} and afterwards notify {ch}", 1),
]

SHAPES = {
    "stop": CHANGE
    + TELL
    + [
        ("i", "kill the power to {T}", 2),
        ("i", "cut the power to {T}", 1),
        ("i", "pull the plug on {T}", 1),
        ("i", "send {T} to sleep", 1),
        ("i", "put {T} to sleep", 1),
        ("s", "I don't need {T} any more, please stop {obj}", 2),
        ("s", "we're done with {T}, please shut {obj} down", 2),
        ("s", "done with {T} for today, turn {obj} off", 1),
        ("s", "nobody needs {T} now, please switch {obj} off", 1),
        ("s", "{S} {be} eating money, please stop {obj}", 1),
        ("s", "{S} {be} no longer needed, stop {obj} please", 1),
        ("s", "to save some money, {do}", 2),
        ("s", "to cut costs please {do}", 1),
        ("i", "{do} to save money", 2),
        ("i", "{do}, we don't need {obj} right now", 1),
        ("i", "{do} as nobody is working on {obj}", 1),
    ],
    "start": CHANGE
    + TELL
    + [
        ("i", "{do} again", 6),
        ("q", "could you {do} again", 2),
        ("q", "can you {do} again please", 1),
        ("q", "would you mind {doing} again", 1),
        ("i", "get {T} running", 2),
        ("i", "get {T} back up", 2),
        ("i", "bring {T} back online", 2),
        ("s", "I need {T} up and running", 2),
        ("s", "I need {T} back", 1),
        ("s", "we need {T} running again", 1),
        ("i", "get {T} up and running again", 1),
        ("q", "can you get {T} going again", 1),
        ("s", "I'm going to test now, please {do}", 1),
        ("s", "the customer demo is in an hour, {do} please", 1),
        ("i", "{do} so QA can test", 1),
        ("i", "{do}, I need {obj} for a test", 1),
        ("i", "{do} because we have a demo", 1),
    ],
    "schedule": [
        # every
        ("i", "{do} {days} at {stopat}", 6),
        ("i", "{do} at {stopat} {days}", 6),
        ("i", "{do} at {stopat} {zone} {days}", 3),
        ("s", "{days} at {stopat}, {do}", 3),
        ("s", "at {stopat} {days} {do}", 2),
        ("s", "{days} {do} at {stopat}", 3),
        ("i", "{do} {days} after {stopat}", 2),
        ("i", "{do} after {stopat} {days}", 2),
        ("s", "after {stopat} {days} {do}", 1),
        ("q", "can you {do} {days} at {stopat}", 2),
        ("q", "could you {do} at {stopat} {days}", 2),
        ("q", "could you please {do} at {stopat} {days}", 1),
        ("q", "would you mind {doing} {days} at {stopat}", 1),
        ("s", "I'd like {T} {pp} {days} at {stopat}", 2),
        ("s", "I want {T} to be {pp} {days} at {stopat}", 2),
        ("s", "{S} should be {pp} {days} at {stopat}", 2),
        ("s", "we need {T} {pp} at {stopat} {days}", 1),
        ("s", "let's {do} {days} at {stopat}", 1),
        ("i", "schedule {T} to be {pp} {days} at {stopat}", 2),
        ("i", "schedule {T} to stop {days} at {stopat}", 2),
        ("i", "set up a schedule to {do} {days} at {stopat}", 2),
        ("i", "create a schedule that stops {T} {days} at {stopat}", 2),
        ("i", "add a schedule: {do} {days} at {stopat}", 1),
        ("i", "make a schedule for {T}, off {days} at {stopat}", 1),
        ("i", "{do} {days} at {stopat} and start {obj} again at {startat}", 3),
        ("i", "{do} at {stopat} and start {obj} at {startat} {days}", 2),
        ("i", "{do} {days} at {stopat} and bring {obj} back up at {startat}", 1),
        ("i", "{do} {days} from {stopat} to {startat}", 3),
        ("i", "{do} from {stopat} until {startat} {days}", 2),
        ("i", "{do} between {stopat} and {startat} {days}", 2),
        ("s", "{days} {do} from {stopat} to {startat} {zone}", 1),
        ("i", "{do} {days}: off at {stopat}, on at {startat}", 1),
        ("s", "{S} should be off {days} from {stopat} to {startat}", 1),
        ("s", "{S} only {need} to run {days} from {startat} to {stopat}", 1),
        ("i", "run {T} only between {startat} and {stopat} {days}", 1),
        ("s", "I need {T} only from {startat} till {stopat} {days}", 1),
        ("i", "{do} {days} at {stopat} and wake {obj} at {startat}", 1),
        ("q", "could you put {T} on a schedule, off at {stopat} and on at {startat} {days}", 1),
        ("i", "automatically {do} {days} at {stopat}", 1),
        ("s", "from now on {do} {days} at {stopat}", 2),
        ("i", "always {do} {days} at {stopat}", 1),
        ("s", "it'd be great if you could {do} {days} at {stopat}", 1),
        ("s", "I want you to {do} {days} at {stopat} {zone}", 1),
        # once
        ("i", "{do} {onceday}", 9),
        ("s", "{onceday} {do}", 3),
        ("q", "can you {do} {onceday}", 3),
        ("q", "could you please {do} {onceday}", 2),
        ("q", "would you mind {doing} {onceday}", 1),
        ("s", "I'd like {T} {pp} {onceday}", 2),
        ("s", "I need {T} to be {pp} {onceday}", 1),
        ("i", "schedule {T} to be {pp} {onceday}", 1),
        ("s", "let's {do} {onceday}", 1),
        ("s", "please have {T} {pp} {onceday}", 1),
        ("i", "{do} {justonce}", 2),
        ("s", "{S} should be {pp} {onceday}", 1),
        # unclear
        ("i", "{do} after {anyt}", 4),
        ("i", "{do} at {anyt}", 4),
        ("s", "after {anyt} {do}", 3),
        ("s", "at {anyt} {do}", 2),
        ("q", "can you {do} at {anyt}", 2),
        ("q", "could you {do} after {anyt}", 2),
        ("i", "{do} from {anyt} to {anym}", 2),
        ("i", "{do} at {anyt} and start {obj} again at {anym}", 1),
        ("s", "I want {T} {pp} at {anyt}", 1),
        ("i", "schedule {T} to stop at {anyt}", 1),
        ("i", "{do} between {anyt} and {anym}", 1),
        ("s", "let's {do} after {anyt}", 1),
        ("q", "would you mind {doing} at {anyt}", 1),
    ],
    "keep": [
        ("i", "keep {T} {until}", 6),
        ("i", "keep {T} {for}", 5),
        ("i", "keep {T} running {until}", 4),
        ("i", "keep {T} up {until}", 3),
        ("i", "keep {T} on {until}", 2),
        ("i", "keep {T} running {for}", 3),
        ("i", "keep {T} up {for}", 2),
        ("i", "leave {T} on {until}", 2),
        ("i", "leave {T} running {until}", 3),
        ("i", "leave {T} up {for}", 2),
        ("q", "can you keep {T} up {until}", 2),
        ("q", "could you keep {T} running {until}", 2),
        ("q", "could you please leave {T} on {for}", 1),
        ("q", "would you mind keeping {T} up {until}", 1),
        ("s", "I need {T} to stay up {until}", 2),
        ("s", "I'd like {T} kept {until}", 1),
        ("s", "we need {T} kept running {for}", 1),
        ("s", "{S} must stay up {until}", 1),
        ("s", "{S} should stay on {until}", 1),
        ("s", "{S} {need} to stay up {for}", 1),
        ("i", "let {T} run {until}", 2),
        ("i", "let {T} stay on {for}", 1),
        ("s", "{until} please keep {T} running", 1),
        ("s", "I'm working late, keep {T} {until}", 2),
        ("s", "we have a release tonight, please keep {T} up {until}", 1),
        ("i", "exempt {T} from the schedule {until}", 1),
        ("i", "make an exception for {T} {until}", 2),
        ("q", "can {S} stay up {until} please", 1),
        ("s", "it'd be great if you could keep {T} on {until}", 1),
        ("s", "I'd like to keep {T} {for}", 1),
        ("i", "keep {T} alive {until}", 2),
        ("i", "keep {T} awake {for}", 1),
    ],
    "release": [
        ("i", "release {T}", 2),
        ("i", "end the exception for {T}", 3),
        ("i", "remove the exception for {T}", 3),
        ("i", "drop the exception on {T}", 1),
        ("i", "stop keeping {T}", 3),
        ("i", "stop keeping {T} up", 2),
        ("s", "no need to keep {T} any longer", 2),
        ("s", "no need to keep {T} running anymore", 1),
        ("s", "you don't need to keep {T} any more", 1),
        ("s", "you needn't keep {T} any longer", 1),
        ("s", "{S} no longer {need} to be kept", 2),
        ("i", "put {T} back on schedule", 2),
        ("i", "put {T} back on the normal schedule", 1),
        ("i", "let {T} follow the schedule again", 2),
        ("i", "cancel the exception for {T}", 2),
        ("q", "can you end the exception for {T}", 1),
        ("q", "could you remove the exception of {T}", 1),
        ("q", "could you please stop keeping {T}", 1),
        ("q", "would you mind ending the exception for {T}", 1),
        ("s", "I'm done with {T}, end the exception", 1),
        ("s", "I don't need {T} kept any more", 1),
        ("i", "lift the exception for {T}", 1),
        ("i", "let the schedule take over {T} again", 1),
        ("s", "I'd like the exception for {T} ended", 1),
        ("i", "release the hold on {T}", 2),
        ("i", "clear the exception on {T}", 1),
        ("s", "{S} can go back to the schedule", 1),
        ("s", "the exception for {T} is not needed any more, please end it", 1),
    ],
    "health": [
        ("q", "how is {Ssg}", 4),
        ("q", "how are {Spl}", 2),
        ("q", "how's {Ssg}", 3),
        ("q", "hows {Ssg}", 3),
        ("q", "how's {Ssg} doing", 2),
        ("q", "how {be} {S} doing", 3),
        ("q", "hows {Ssg} doing today", 1),
        ("q", "is {Ssg} ok", 3),
        ("q", "are {Spl} ok", 2),
        ("q", "is {Ssg} healthy", 2),
        ("q", "are {Spl} healthy", 1),
        ("q", "is {Ssg} up", 3),
        ("q", "are {Spl} up", 1),
        ("q", "{be} {S} running", 2),
        ("q", "is {Ssg} down", 2),
        ("q", "{be} {S} stopped", 2),
        ("q", "{be} {S} alright", 1),
        ("q", "is {Ssg} still up", 2),
        ("q", "{be} {S} up and running", 2),
        ("i", "status of {T}", 4),
        ("i", "state of {T}", 2),
        ("i", "status {T}", 2),
        ("i", "{T} status", 3),
        ("i", "health of {T}", 2),
        ("i", "health check of {T}", 1),
        ("i", "{T} health", 1),
        ("q", "what's the status of {T}", 3),
        ("q", "whats the status of {T}", 2),
        ("q", "what is the state of {T}", 2),
        ("q", "whats the state of {T}", 1),
        ("q", "in what state {be} {S}", 1),
        ("q", "what state {be} {S} in", 1),
        ("i", "check {T}", 2),
        ("i", "show me the status of {T}", 2),
        ("i", "give me the state of {T}", 1),
        ("i", "show the health of {T}", 1),
        ("q", "can you check {T}", 2),
        ("q", "could you check if {S} {be} ok", 2),
        ("q", "can you check whether {S} {be} healthy", 1),
        ("q", "could you have a look at {T}", 1),
        ("q", "can you tell me how {S} {be} doing", 1),
        ("q", "do you know if {S} {be} up", 1),
        ("s", "I'd like to know how {S} {be} doing", 1),
        ("s", "tell me if {S} {be} ok", 1),
        ("s", "let me know the status of {T}", 1),
        ("q", "anything wrong with {T}", 2),
        ("q", "any problems with {T}", 2),
        ("q", "any issues in {T}", 1),
        ("q", "is something wrong with {T}", 1),
        ("q", "is anything broken in {T}", 1),
        ("q", "what's wrong with {T}", 2),
        ("q", "does {Ssg} look ok", 1),
        ("q", "does {Ssg} look healthy to you", 1),
        ("q", "what's going on with {T}", 2),
        ("q", "everything ok with {T}", 2),
        ("q", "any alarms on {T}", 1),
        ("q", "got an alert, is {Ssg} ok", 1),
        ("s", "I got paged, how {be} {S}", 1),
        ("s", "just got paged, what's the status of {T}", 1),
        ("q", "are there failing services in {T}", 1),
        ("q", "which services are failing in {T}", 1),
        ("q", "is {Ssg} working", 1),
        ("q", "how does {Ssg} look", 1),
    ],
    "list": [
        ("q", "which {kindn} are there", 4),
        ("q", "which {envs} are there", 2),
        ("q", "what {kindn} are there", 2),
        ("q", "what {kindn} do we have", 3),
        ("q", "which {kindn} do we have", 3),
        ("q", "what {envs} do we have", 2),
        ("i", "list {kindn}", 3),
        ("i", "list all {kindn}", 3),
        ("i", "list {envsall}", 2),
        ("i", "list the {kindn}", 2),
        ("i", "show {kindn}", 2),
        ("i", "show me all {kindn}", 3),
        ("i", "show me {envsall}", 2),
        ("i", "show me the {kindn}", 2),
        ("i", "give me a list of {kindn}", 2),
        ("i", "give me a list of {envsall}", 1),
        ("i", "give me the list of our {kindn}", 1),
        ("q", "which {envs} are {up}", 3),
        ("q", "which {kindn} are {up}", 4),
        ("q", "which {kindn} are {down}", 4),
        ("q", "which {envs} are {down}", 2),
        ("q", "what {kindn} are {up}", 2),
        ("q", "what {envs} are {down}", 1),
        ("q", "what's {up}", 1),
        ("q", "what is {down}", 1),
        ("q", "what's {up} in {kind}", 2),
        ("q", "whats {down} in {kind}", 1),
        ("i", "list the {kindn} that are {up}", 2),
        ("i", "show all {kindn} that are {down}", 2),
        ("q", "can you list {kindn}", 2),
        ("q", "could you list all {kindn}", 1),
        ("q", "can you show me the {kindn}", 2),
        ("q", "could you show me which {kindn} are {up}", 1),
        ("q", "do we have any {kindn}", 2),
        ("q", "do we have {kindn} that are {up}", 1),
        ("q", "are there any {kindn} {up}", 1),
        ("q", "are there {kindn}", 1),
        ("q", "what do we have in {kind}", 2),
        ("q", "what is in {kind}", 1),
        ("q", "how many {kindn} are there", 2),
        ("q", "how many {kindn} do we have", 2),
        ("q", "how many {envs} are {up}", 1),
        ("s", "I need a list of {kindn}", 1),
        ("s", "I'd like to see all {kindn}", 2),
        ("s", "I want to see {envsall}", 1),
        ("s", "tell me which {kindn} exist", 1),
        ("s", "tell me which {kindn} are {down}", 1),
        ("i", "{kindn} list", 1),
        ("i", "overview of {envsall}", 1),
        ("i", "overview of the {kindn}", 1),
    ],
    "idle": [
        ("q", "which {kindn} are idle", 5),
        ("q", "which {envs} are idle", 2),
        ("q", "what {kindn} are idle", 2),
        ("q", "what {envs} are idle right now", 1),
        ("i", "list idle {kindn}", 2),
        ("i", "list all idle {kindn}", 2),
        ("i", "show me idle {kindn}", 2),
        ("i", "show the {kindn} that are idle", 2),
        ("i", "show me the unused {kindn}", 1),
        ("i", "idle {kindn}", 2),
        ("q", "which of the {kindn} are idle", 2),
        ("q", "which {kindn} aren't being used", 2),
        ("q", "which {kindn} are not in use", 2),
        ("q", "which {kindn} is nobody using", 2),
        ("q", "which {kindn} are unused", 2),
        ("q", "are there any idle {kindn}", 2),
        ("q", "any idle {kindn}", 2),
        ("q", "any {kindn} idling", 1),
        ("q", "do we have idle {kindn}", 2),
        ("q", "is anything idle in {kind}", 2),
        ("q", "what's idle in {kind}", 2),
        ("q", "whats idle", 1),
        ("q", "is {Ssg} idle", 3),
        ("q", "are {Spl} idle", 2),
        ("q", "is anyone using {T}", 3),
        ("q", "is anybody using {T}", 2),
        ("q", "is {Ssg} in use", 2),
        ("q", "does anyone use {T} at the moment", 1),
        ("q", "is somebody working on {T} right now", 1),
        ("q", "can you check which {kindn} are idle", 2),
        ("q", "could you tell me which {kindn} are idle", 2),
        ("q", "can you tell me if {S} {be} idle", 1),
        ("s", "I'd like to know which {kindn} are idle", 1),
        ("s", "tell me which {kindn} are idle", 1),
        ("s", "find idle {kindn}", 2),
        ("s", "find me all {kindn} nobody uses", 1),
        ("q", "how many {kindn} are idle", 1),
        ("i", "tell {ch} which {kindn} are idle", 1),
        ("i", "list idle {kindn} and post them in {ch}", 1),
    ],
    "usage": [
        ("i", "generate usage statistics {per}", 4),
        ("i", "usage statistics {per}", 3),
        ("i", "usage stats {per}", 3),
        ("i", "usage report for {pernp}", 3),
        ("i", "generate a usage report for {pernp}", 3),
        ("i", "create a usage report {per}", 2),
        ("i", "usage report", 1),
        ("i", "usage statistics", 1),
        ("i", "show me the usage {per}", 2),
        ("i", "give me usage statistics for {pernp}", 2),
        ("i", "show usage of {T} {per}", 3),
        ("i", "usage of {T} {per}", 3),
        ("i", "usage report for {T} {per}", 2),
        ("i", "usage statistics of {T} {per}", 2),
        ("i", "usage stats for {T}", 2),
        ("q", "how much {was} {S} used {per}", 3),
        ("q", "how much {has} {S} been used {per}", 2),
        ("q", "how many hours did {S} run {per}", 2),
        ("q", "how long {was} {S} running {per}", 1),
        ("q", "what was the usage of {T} {per}", 2),
        ("q", "what was our usage {per}", 1),
        ("q", "can you generate usage statistics {per}", 2),
        ("q", "could you prepare a usage report for {pernp}", 2),
        ("q", "could you make a usage report of {T} {per}", 1),
        ("q", "can I get usage stats {per}", 2),
        ("q", "can i have the usage report for {pernp}", 1),
        ("s", "I need a usage report for {pernp}", 2),
        ("s", "I need the usage statistics of {T} {per}", 1),
        ("s", "I'd like a usage report {per}", 1),
        ("s", "my manager wants usage statistics {per}", 1),
        ("i", "send the usage report for {pernp} to {ch}", 1),
        ("i", "usage report for {pernp}, post it in {ch}", 1),
        ("i", "make a report on how our environments were used {per}", 1),
        ("q", "how were {Spl} used {per}", 1),
    ],
    "idle_cost": [
        ("q", "what did idle time cost {per}", 4),
        ("q", "what did idle time cost us {per}", 3),
        ("q", "how much did idle time cost {per}", 3),
        ("q", "how much did idle time cost us {per}", 2),
        ("q", "what does idle time cost us", 1),
        ("q", "how much money did we waste on idle environments {per}", 2),
        ("q", "how much did idle {kindn} cost {per}", 3),
        ("q", "how much did idle {kindn} cost us {per}", 2),
        ("q", "what did idle {kindn} cost us {per}", 2),
        ("q", "what's the cost of idle time {per}", 2),
        ("q", "whats the cost of idle {kindn} {per}", 1),
        ("i", "cost of idle time {per}", 2),
        ("i", "idle cost {per}", 2),
        ("i", "idle costs of {T} {per}", 2),
        ("i", "show me the idle cost {per}", 2),
        ("i", "show the cost of idle time for {T} {per}", 2),
        ("q", "what was the idle cost of {T} {per}", 2),
        ("q", "how much did we pay for idle {kindn} {per}", 2),
        ("q", "how much are we spending on idle {kindn}", 2),
        ("q", "how much do idle {kindn} cost", 1),
        ("q", "what did the idle time of {T} cost {per}", 2),
        ("q", "can you tell me what idle time cost us {per}", 1),
        ("q", "could you calculate the cost of idle time {per}", 1),
        ("s", "I'd like to know what idle {kindn} cost {per}", 1),
        ("s", "I need the cost of idle time {per}", 1),
        ("q", "how expensive was idle time {per}", 1),
        ("q", "how much money is lost on idle {kindn}", 1),
        ("q", "how many dollars went into idle {kindn} {per}", 1),
    ],
    "slowdown": [
        ("q", "why is my deployment time high this week", 1),
        ("q", "why is the deployment time of {svc} so high", 3),
        ("q", "why is our deployment time so high", 1),
        ("q", "why are deployments slow", 1),
        ("q", "why are deployments of {svc} slow", 3),
        ("q", "why are our deploys so slow lately", 1),
        ("q", "why are {svc} deployments slower than before", 2),
        ("q", "why did {svc} deployments get slow", 2),
        ("q", "why did deployments get slower {per}", 3),
        ("q", "why have {svc} deployments become so slow", 2),
        ("q", "why did deployments of {svc} take so long {per}", 3),
        ("q", "why do deploys take so long", 1),
        ("q", "why do deploys of {svc} take so long now", 2),
        ("q", "why does it take so long to deploy {svc}", 2),
        ("q", "why does deploying {svc} take ages", 1),
        ("q", "why is deploying {svc} so slow", 2),
        ("q", "what slowed down the deployments of {svc}", 2),
        ("q", "what slowed our deployments down {per}", 2),
        ("q", "what makes {svc} deployments slow", 2),
        ("q", "what's slowing down deployments", 1),
        ("q", "whats slowing down our {svc} deploys", 1),
        ("q", "how come {svc} deployments are so slow", 1),
        ("q", "how come deploys got so slow {per}", 1),
        ("q", "can you find out why {svc} deployments got slow", 2),
        ("q", "could you tell me why deployments are slow", 1),
        ("q", "can you explain why deploying {svc} takes so long", 1),
        ("s", "tell me why deployments were slow {per}", 1),
        ("s", "find out why {svc} deploys became slower", 1),
        ("s", "I'd like to know why {svc} deployments take so long", 1),
        ("q", "why are the {svc} deployment times up {per}", 1),
        ("q", "what is the reason for slow deployments {per}", 1),
        ("q", "since when are {svc} deployments slow and why", 1),
        ("s", "deployments of {svc} got slow, why", 1),
        ("s", "our {svc} deploys take forever, why is that", 1),
    ],
    "deployments": [
        ("i", "deployment statistics {per}", 4),
        ("i", "deployment statistics for {pernp}", 2),
        ("i", "deployment stats {per}", 3),
        ("i", "deploy stats {per}", 2),
        ("i", "deployment statistics of {svc} {per}", 2),
        ("i", "deployment stats for {svc}", 2),
        ("i", "deployment statistics", 1),
        ("q", "how often do we deploy {svc}", 3),
        ("q", "how often do we deploy", 1),
        ("q", "how often did we deploy {per}", 2),
        ("q", "how often did we deploy {svc} {per}", 3),
        ("q", "how often was {svc} deployed {per}", 3),
        ("q", "how often is {svc} deployed", 2),
        ("q", "how many times did we deploy {svc} {per}", 2),
        ("q", "how many deployments of {svc} were there {per}", 2),
        ("q", "how many deployments did we have {per}", 2),
        ("q", "how many deployments failed {per}", 2),
        ("q", "how many {svc} deployments failed {per}", 2),
        ("q", "how many deploys of {svc} succeeded {per}", 1),
        ("q", "what's the success rate of {svc} deployments", 2),
        ("q", "what's our deployment success rate {per}", 2),
        ("q", "what was the success rate of deployments {per}", 2),
        ("i", "success rate of {svc} {per}", 2),
        ("i", "deployment success rate {per}", 2),
        ("q", "what is the deployment frequency of {svc}", 2),
        ("i", "deployment frequency {per}", 2),
        ("i", "show deployment statistics {per}", 2),
        ("i", "show me the deployment stats for {svc} {per}", 2),
        ("i", "give me the deployment numbers {per}", 1),
        ("i", "give me the deployment statistics of {svc}", 1),
        ("q", "can you show me deployment statistics {per}", 1),
        ("q", "could you give me the deploy stats of {svc} {per}", 1),
        ("q", "can I get the deployment statistics for {pernp}", 1),
        ("s", "I need deployment statistics for {pernp}", 1),
        ("s", "I'd like to see how often {svc} was deployed {per}", 1),
        ("q", "how did our deployments go {per}", 1),
        ("q", "how long do deployments of {svc} take on average", 1),
        ("i", "p95 of {svc} deployments {per}", 1),
        ("i", "post the deployment statistics {per} in {ch}", 1),
    ],
    "improve": [
        ("q", "how can I optimize {df}", 3),
        ("q", "how can I optimise {df}", 3),
        ("q", "how can i improve {df}", 3),
        ("q", "how do I improve {df}", 2),
        ("q", "how could we optimize {df}", 1),
        ("i", "optimize {df}", 3),
        ("i", "optimise {df}", 2),
        ("i", "improve {df}", 3),
        ("i", "review {df}", 3),
        ("i", "check {df}", 2),
        ("i", "have a look at {df}", 2),
        ("i", "make {df} better", 2),
        ("i", "analyse {df}", 1),
        ("i", "analyze {df}", 1),
        ("q", "can you improve {df}", 2),
        ("q", "could you review {df}", 2),
        ("q", "can you optimize {df} for me", 2),
        ("q", "could you please optimise {df}", 1),
        ("q", "would you mind reviewing {df}", 1),
        ("q", "what's wrong with {df}", 2),
        ("q", "whats wrong with {df}", 1),
        ("q", "what can I do better in {df}", 1),
        ("q", "what would you change in {df}", 1),
        ("q", "any suggestions for {df}", 2),
        ("q", "any tips for {df}", 1),
        ("q", "is {df} ok", 1),
        ("q", "is there anything to improve in {df}", 2),
        ("s", "I'd like you to optimize {df}", 1),
        ("s", "I need help with {df}", 1),
        ("s", "please give me feedback on {df}", 1),
        ("q", "how do I make the image from {df} smaller", 1),
        ("i", "shrink the image built by {df}", 1),
        ("q", "why is the build with {df} so slow", 1),
    ],
    "list_schedules": [
        ("i", "list {allsch}", 3),
        ("i", "show {allsch}", 3),
        ("i", "show me {allsch}", 3),
        ("q", "which schedules are there", 1),
        ("q", "what schedules do we have", 1),
        ("q", "which schedules do we have", 1),
        ("q", "what schedules are there", 1),
        ("q", "are there any schedules", 1),
        ("q", "do we have any schedules", 1),
        ("q", "any schedules set up", 1),
        ("q", "can you list {allsch}", 2),
        ("q", "could you show me {allsch}", 2),
        ("q", "can I see {allsch}", 1),
        ("s", "I'd like to see {allsch}", 2),
        ("s", "I want to see {allsch}", 1),
        ("i", "give me a list of {allsch}", 1),
        ("i", "give me {allsch}", 1),
        ("q", "what's scheduled", 1),
        ("q", "whats scheduled at the moment", 1),
        ("q", "what is scheduled right now", 1),
        ("q", "which schedules are active", 1),
        ("q", "which schedules exist", 1),
        ("i", "schedules", 1),
        ("i", "schedule list", 1),
        ("i", "overview of {allsch}", 1),
        ("q", "what stop schedules are set up", 1),
        ("s", "tell me which schedules exist", 1),
        ("i", "display {allsch}", 1),
    ],
    "pause_schedule": [
        ("i", "pause schedule {id}", 3),
        ("i", "pause {id}", 2),
        ("i", "pause the schedule {id}", 2),
        ("i", "suspend schedule {id}", 2),
        ("i", "suspend {id}", 1),
        ("i", "put schedule {id} on hold", 2),
        ("i", "put {id} on hold", 1),
        ("q", "can you pause schedule {id}", 2),
        ("q", "could you pause {id}", 1),
        ("q", "could you please suspend the schedule {id}", 1),
        ("q", "would you mind pausing schedule {id}", 1),
        ("s", "I need schedule {id} paused", 1),
        ("s", "I'd like to pause schedule {id}", 1),
        ("s", "let's pause {id}", 1),
        ("s", "I want {id} paused", 1),
        ("i", "pause {id} for now", 1),
        ("s", "schedule {id} should be paused please", 1),
        ("s", "it'd be great if you could pause {id}", 1),
        ("i", "temporarily suspend schedule {id}", 1),
    ],
    "resume_schedule": [
        ("i", "resume schedule {id}", 3),
        ("i", "resume {id}", 2),
        ("i", "resume the schedule {id}", 2),
        ("i", "unpause schedule {id}", 2),
        ("i", "unpause {id}", 1),
        ("i", "reactivate schedule {id}", 1),
        ("i", "continue schedule {id}", 1),
        ("q", "can you resume schedule {id}", 2),
        ("q", "could you resume {id}", 1),
        ("q", "could you please unpause the schedule {id}", 1),
        ("q", "would you mind resuming schedule {id}", 1),
        ("s", "I need schedule {id} resumed", 1),
        ("s", "I'd like to resume schedule {id}", 1),
        ("s", "let's resume {id}", 1),
        ("s", "I want {id} active again, please resume it", 1),
        ("i", "take schedule {id} off hold", 1),
        ("s", "it'd be great if you could resume {id}", 1),
        ("i", "resume {id} again", 1),
    ],
    "delete_schedule": [
        ("i", "delete schedule {id}", 3),
        ("i", "delete {id}", 2),
        ("i", "delete the schedule {id}", 2),
        ("i", "remove schedule {id}", 2),
        ("i", "remove {id}", 1),
        ("i", "drop schedule {id}", 1),
        ("i", "get rid of schedule {id}", 2),
        ("i", "get rid of {id}", 1),
        ("q", "can you delete schedule {id}", 2),
        ("q", "could you remove {id}", 1),
        ("q", "could you please delete the schedule {id}", 1),
        ("q", "would you mind deleting schedule {id}", 1),
        ("s", "I need schedule {id} deleted", 1),
        ("s", "I'd like to remove schedule {id}", 1),
        ("s", "let's delete {id}", 1),
        ("s", "I want {id} removed", 1),
        ("s", "we don't need schedule {id} any more, delete it please", 1),
        ("s", "it'd be great if you could delete {id}", 1),
        ("i", "erase schedule {id}", 1),
    ],
    "help": [
        ("i", h, 1)
        for h in ["help", "help me", "i need help", "show help", "commands", "list of commands", "some help please"]
    ]
    + [
        ("q", h, 1)
        for h in [
            "what can you do",
            "what can u do",
            "what do you do",
            "what can you do for me",
            "what can I ask you",
            "what can i ask",
            "how do you work",
            "how does this work",
            "how can you help me",
            "how do I use you",
            "what are you able to do",
            "what kind of requests do you understand",
            "what do you understand",
            "what commands do you know",
            "which commands are there",
            "what can this bot do",
            "can you help me",
            "could you tell me what you can do",
            "what are your features",
            "what are you good for",
        ]
    ],
    "rights": [
        ("q", h, 1)
        for h in [
            "what may I do",
            "what may i do here",
            "what am I allowed to do",
            "what am i allowed to do here",
            "what can I do with my role",
            "what are my permissions",
            "which permissions do I have",
            "what rights do I have",
            "which rights do i have",
            "what are my rights",
            "what are my rights here",
            "am I an approver",
            "which role do I have",
            "what is my role",
            "what's my role",
            "whats my role",
            "what role am I in",
            "which roles do I have",
            "what access do I have",
            "what do I have access to",
            "could you tell me what I may do",
            "can you tell me what i'm allowed to do",
            "which actions am I permitted to do",
            "what am I permitted to do",
        ]
    ]
    + [
        ("i", h, 1)
        for h in ["show my permissions", "show me my rights", "list my permissions", "my permissions", "my rights"]
    ],
    "greet": [
        ("g", h, 1)
        for h in [
            "hi",
            "hello",
            "hello there",
            "hey",
            "hi there",
            "good morning",
            "morning",
            "good evening",
            "hey there",
            "hiya",
            "good afternoon",
            "hi copilot",
            "hello copilot",
            "hey bot",
            "greetings",
            "hi all",
            "good day",
            "howdy",
            "hello team",
            "hey copilot",
        ]
    ],
    "again": [
        ("q", "what about {T}", 5),
        ("q", "how about {T}", 3),
        ("q", "and {T}", 4),
        ("q", "and for {T}", 3),
        ("i", "same for {T}", 4),
        ("i", "the same for {T}", 3),
        ("q", "and what about {T}", 2),
        ("i", "same question for {T}", 2),
        ("i", "same thing for {T}", 2),
        ("q", "and {per}", 4),
        ("q", "what about {pernp}", 2),
        ("q", "and how about {pernp}", 1),
        ("i", "same for {pernp}", 2),
        ("i", "the same {per}", 2),
        ("q", "and {svc}", 2),
        ("q", "what about {svc}", 2),
        ("q", "and for {svc}", 2),
        ("i", "same for {svc}", 2),
        ("q", "and for {svc} {per}", 1),
        ("q", "can you do the same for {T}", 1),
        ("s", "now the same for {T}", 2),
        ("s", "now for {T}", 1),
        ("s", "and now {per}", 1),
        ("q", "ok and {T}", 2),
        ("q", "ok, what about {T}", 1),
    ],
}
DF = [
    "my dockerfile",
    "my Dockerfile",
    "this Dockerfile",
    "this dockerfile",
    "the attached Dockerfile",
    "our Dockerfile",
    "the Dockerfile",
    "my docker file",
    "the attached dockerfile",
    "this Dockerfile of mine",
]
ALLSCH = [
    "schedules",
    "all schedules",
    "the schedules",
    "all the schedules",
    "our schedules",
    "all our schedules",
    "the schedules we have",
    "current schedules",
    "existing schedules",
    "the current schedules",
    "all existing schedules",
]

QUOTA = {
    "stop": 760,
    "start": 470,
    "schedule": 560,
    "keep": 220,
    "release": 110,
    "health": 360,
    "list": 190,
    "idle": 180,
    "usage": 150,
    "idle_cost": 110,
    "slowdown": 90,
    "deployments": 160,
    "improve": 80,
    "list_schedules": 50,
    "pause_schedule": 40,
    "resume_schedule": 40,
    "delete_schedule": 40,
    "help": 40,
    "rights": 40,
    "greet": 20,
    "again": 130,
}
CHANGES = {"stop", "start", "schedule", "keep", "release", "pause_schedule", "resume_schedule", "delete_schedule"}


def shapes():
    """(action, template) of every sentence shape that can be drawn"""
    return [(a, t) for a, ts in SHAPES.items() for _, t, w in ts if w]


# ---------------------------------------------------------------- how it is typed


def finish(rng, kind, text, action, frame):
    low = text
    polite = re.search(r"\b(please|kindly|could|would|mind|grateful|appreciate|favou?r|kind)\b", text)
    change = action in CHANGES
    has_tell = "tell" in frame
    if kind == "i":
        r = rng.random()
        if (
            not polite
            and r < 0.30
            and re.match(r"[a-z]+ ", text)
            and action not in ("help",)
            and text.split()[0] in IMPERATIVES
            and not text.startswith("schedule list")
        ):
            low = rng.choice(["please ", "please ", "pls ", "plz ", "pls "]) + low
        elif not polite and r < 0.40 and text.split()[0] in IMPERATIVES:
            low += rng.choice([" please", " pls", " please", ", please", " plz"])
        if (
            change
            and action in ("stop", "start")
            and rng.random() < 0.07
            and "now" not in low
            and "away" not in low
            and not has_tell
        ):
            low += rng.choice([" asap", " asap", " ASAP", " right now"])
        if rng.random() < 0.07:
            low += rng.choice([", thanks", " thx", ", thx", " thank you", " ty"])
    elif kind == "s" and rng.random() < 0.08:
        low += rng.choice([", thanks", " thx", ", thank you"])
    if kind == "q" and rng.random() < 0.04 and not low.endswith("please"):
        low += rng.choice([" pls", " please"])
    if kind in ("i", "q", "s") and rng.random() < 0.13:
        low = (
            rng.choice(
                [
                    "hey, ",
                    "hi, ",
                    "hey ",
                    "hi ",
                    "hello, ",
                    "ok, ",
                    "hi there, ",
                    "good morning, ",
                    "hey copilot, ",
                    "@copilot ",
                ]
            )
            + low
        )
    if kind == "q":
        end = rng.choices(["?", "", " ?", "??"], [62, 33, 3, 2])[0]
    elif kind == "g":
        end = rng.choices(["", "!", "."], [6, 3, 1])[0]
    else:
        end = rng.choices(["", ".", "!"], [66, 28, 6])[0]
    if low.endswith((".m.", ".")):
        end = end.strip(".")
    low += end
    r = rng.random()
    first = low.split()[0].strip(",.:?!&").lower()
    if r < 0.42:  # as Slack people type
        low = re.sub(r"\bI\b(?!')", "i", low) if rng.random() < 0.6 else low
    elif first not in NAMES and first not in SCHEDULES and not low.startswith(("#", "@")):
        low = low[0].upper() + low[1:]
    if rng.random() < 0.12:  # no apostrophes
        low = re.sub(r"(?i)\b(what|how|it|let|that)'s\b", r"\1s", low)
        low = re.sub(r"(?i)\b(don|aren|isn)'t\b", r"\1t", low)
        low = re.sub(r"\b([Ii])'d\b", r"\1d", low) if rng.random() < 0.4 else low
    return low


IMPERATIVES = set(
    """stop shut turn switch power spin take bring halt start boot wake fire kill cut pull send put get go do keep leave let make exempt
hold release end remove drop cancel lift clear schedule set create add run automatically status state health check show give list overview usage generate
create cost idle deployment deploy success post optimize optimise improve review have analyse analyze shrink display pause suspend temporarily resume unpause
reactivate continue delete erase tell on same the find""".split()
) - {
    "on",
    "the",
    "state",
    "health",
    "status",
    "idle",
    "usage",
    "success",
    "cost",
    "overview",
    "deployment",
    "deploy",
    "go",
    "do",
    "same",
}


# ---------------------------------------------------------------- typing errors

TYPO_WORD = {
    "environment": ["enviroment", "environmnet", "enviornment", "environement"],
    "environments": ["enviroments", "environmnets", "enviornments", "environemnts"],
    "please": ["plaese", "pelase", "plase"],
    "could": ["coudl", "cuold"],
    "would": ["woudl", "wuold"],
    "every": ["evrey", "ervery", "evry"],
    "weekdays": ["weekdasy", "weekadys"],
    "weekday": ["weekady", "wekday"],
    "tomorrow": ["tommorow", "tomorow", "tommorrow"],
    "tonight": ["tonihgt", "tonigth"],
    "schedule": ["shedule", "schedlue"],
    "schedules": ["shedules", "schedlues"],
    "deployment": ["deplyoment", "deploymnet"],
    "deployments": ["deplyoments", "deploymnets", "deployements"],
    "statistics": ["statisitcs", "statstics", "statistcs"],
    "which": ["wich", "whcih", "whihc"],
    "dockerfile": ["dokcerfile", "dockefile"],
    "until": ["untill", "unitl"],
    "minutes": ["minuts", "mintues"],
    "hours": ["huors", "horus"],
    "because": ["becuase", "becasue"],
    "usage": ["usgae", "useage"],
    "report": ["reprot", "reoprt"],
    "cluster": ["clsuter", "cluter"],
    "clusters": ["clsuters", "clutsers"],
    "people": ["poeple", "peolpe"],
    "again": ["agian", "agin"],
    "the": ["teh", "hte"],
    "appreciate": ["apreciate", "appriciate"],
    "great": ["graet"],
    "possible": ["possibel", "posible"],
    "exception": ["excpetion", "exeption"],
    "success": ["sucess", "succes"],
    "frequency": ["frequncy", "freqency"],
    "permissions": ["permisions", "permissons"],
    "allowed": ["alowed", "allowd"],
    "status": ["statsu", "sttaus"],
    "month": ["monht", "mnoth"],
    "quarter": ["quater", "qaurter"],
    "weeks": ["weks", "wekes"],
    "days": ["dyas"],
    "morning": ["mornign", "moring"],
    "stacks": ["satcks"],
    "systems": ["sytems", "systmes"],
    "system": ["sytem", "systme"],
    "and": ["adn", "nad"],
    "what": ["waht", "whta"],
    "with": ["wiht"],
    "immediately": ["immediatly", "imediately"],
    "right": ["rigth"],
    "money": ["moeny"],
    "message": ["mesage", "messgae"],
    "slow": ["solw"],
    "about": ["abuot", "abotu"],
    "there": ["tehre"],
    "healthy": ["heatlhy", "helathy"],
    "working": ["wroking", "workign"],
    "anything": ["anyhting", "anythign"],
    "idle": ["idel", "ilde"],
    "should": ["shoud", "shuold"],
    "running": ["runing", "runnign"],
    "development": ["developement", "devlopment"],
    "production": ["prodcution", "producton"],
    "staging": ["stagign", "stagin"],
    "preview": ["preveiw", "prevew"],
    "suggestions": ["sugestions", "suggestons"],
    "cost": ["csot"],
    "image": ["iamge"],
    "often": ["ofen", "oftne"],
}
READ_ONLY_TYPOS = {
    "idle",
    "running",
    "development",
    "production",
    "staging",
    "preview",
    "and",
}  # in a change they decide what is changed
NAME_TYPO = {
    "uat": ["uta", "aut", "uatt", "usat"],
    "orders-dev": ["order-dev", "oders-dev", "orders-dve", "ordres-dev"],
    "checkout-dev": ["chekout-dev", "checkout-dve", "checkuot-dev"],
    "search-dev": ["serach-dev", "search-dve", "seach-dev"],
    "billing-dev": ["biling-dev", "billing-dve", "billign-dev"],
    "pr-482": ["pr-428", "pr-481", "pr-842", "pr-48"],
    "pr-517": ["pr-571", "pr-518", "pr-157", "pr-51"],
    "staging-eu": ["stagign-eu", "stagin-eu", "staging-ue"],
    "prod-eu": ["prod-ue", "pord-eu", "prod-e"],
    "prod-us": ["prod-su", "pord-us", "prod-u"],
    "blue-42": ["blue-24", "bleu-42", "blue-43"],
    "sandbox": ["sandbx", "sanbox", "sandobx", "snadbox"],
    "s0123abcde": ["s0123abcd", "s0123abdce", "s0132abcde"],
    "s9876fedcb": ["s9876fedbc", "s9867fedcb", "s9876fedc"],
}
VERB_TYPO = {
    "stop": ["sotp", "stpo", "stp", "sstop", "stopp"],
    "stopped": ["stoped", "sotpped", "stoppd"],
    "stopping": ["stoping", "sotpping"],
    "shut": ["shtu", "hsut", "shutt"],
    "shutting": ["shuting"],
    "turn": ["trun", "tunr"],
    "turned": ["truned"],
    "turning": ["turnign"],
    "switch": ["swtich", "swich", "swithc"],
    "switched": ["swiched", "swtiched"],
    "switching": ["swiching"],
    "halt": ["hatl", "hlat"],
    "halted": ["hatled"],
    "start": ["strat", "satrt", "sart", "statr"],
    "started": ["strated", "startd"],
    "starting": ["startign", "strating"],
    "boot": ["boto", "bot"],
    "wake": ["wkae", "waek"],
    "spin": ["spni", "sipn"],
    "bring": ["birng", "brign"],
    "keep": ["kepe", "keeo", "kepp"],
    "keeping": ["keping"],
    "leave": ["laeve", "leav"],
    "pause": ["puase", "pasue"],
    "resume": ["reusme", "resmue"],
    "suspend": ["supsend"],
    "delete": ["deleet", "dleete", "delte"],
    "remove": ["remvoe", "reomve"],
    "unpause": ["unpuase"],
}


def word_typo(rng, text, frame):
    change = frame["action"] in CHANGES
    places = []
    for m in re.finditer(r"(?<![\w#/-])[A-Za-z]+(?![\w/-])", text):
        w = m.group(0)
        if w.lower() in TYPO_WORD and not (change and w.lower() in READ_ONLY_TYPOS):
            before = text[: m.start()].rstrip().split()[-1:] or [""]
            # the verb of "schedule x to stop" is a verb; "end the exception"'s noun is not
            if w.lower() == "schedule" and frame["action"] == "schedule" and before[0].lower() not in ("a", "the"):
                continue
            places.append(m)
    if not places:
        return None
    big = [m for m in places if len(m.group(0)) > 4]
    m = rng.choice(big or places)
    w = m.group(0)
    bad = rng.choice(TYPO_WORD[w.lower()])
    bad = bad[0].upper() + bad[1:] if w[0].isupper() else bad
    return text[: m.start()] + bad + text[m.end() :]


def harm_typo(rng, text, frame, which):
    table = NAME_TYPO if which == "typo-name" else VERB_TYPO
    places = [m for m in re.finditer(r"(?<![\w#/-])[A-Za-z][\w-]*(?![\w/])", text) if m.group(0).lower() in table]
    if not places:
        return None
    m = places[0] if which == "typo-verb" else rng.choice(places)
    w = m.group(0)
    bad = rng.choice(table[w.lower()])
    bad = bad.upper() if w.isupper() else bad[0].upper() + bad[1:] if w[0].isupper() else bad
    return text[: m.start()] + bad + text[m.end() :]


def norm(text):
    return re.sub(r"[^a-z0-9#]+", " ", text.lower().replace("'", "")).strip()


def draw(rng, action):
    while True:
        kind, template, _ = rng.choices(SHAPES[action], [w for _, _, w in SHAPES[action]])[0]
        if "{df}" in template:
            template = template.replace("{df}", rng.choice(DF))
        if "{allsch}" in template:
            template = template.replace("{allsch}", rng.choice(ALLSCH))
        text, frame, c = render(rng, action, template)
        if not sane(text, frame, template, c):
            continue
        return finish(rng, kind, text, action, frame), frame


def sane(text, frame, template, c):
    """throws away what composition makes unnatural or ambiguous"""
    t = c.t
    if t is not None:
        if (
            "except" in t.patch
            and re.search(r"{(obj|pp)}|again|going|running|to sleep|{T} .*{until}|{T} (up|on|back|kept)", template)
            and not template.startswith("{do}")
        ):
            return False
        if "except" in t.patch and "{obj}" in template:
            return False  # "them": all or those left out
        if (
            re.search(r"{[TS](sg|pl)?}", template)
            and len(t.text.split()) > 6
            and re.search(r"{pp}|{need}|{be}|running|back|to sleep", template)
        ):
            return False
        if (
            frame["action"] == "release"
            and re.search(r"no need|don't need|needn't|no longer|not needed", template)
            and set(t.patch) - {"names", "reference"}
        ):
            return False  # "you needn't keep all": all, or not all
        if t.pron and "{obj}" in template:
            return False
        if "reference" in t.patch and re.search(r"{obj}|{S}|{zone}|{days}", template) and frame["action"] != "health":
            return False
        if (
            "reference" in t.patch
            and frame["action"] == "health"
            and re.search(r"{T} (status|health)|status {T}", template)
        ):
            return False
        if "state" in t.patch and re.search(
            r"{obj}|{S}|to save|cut costs|no longer|{T} {pp}|again|running|back", template
        ):
            return False
        if re.search(r"nobody|no one|that are not", t.text) and ("{ch}" in template and "tell people" in template):
            return False
        if frame["action"] == "start" and "again" in template and re.search(r"\bback\b", text):
            return False
        if "ok now" in template and "right" in text:
            return False
        if t.text.startswith(("every", "each")) and re.search(r"{obj}|{be}|{need}|going|running|back", template):
            return False
        if "one" in t.patch and frame["action"] == "health" and "which services" in template:
            return True
        if frame["action"] in ("usage", "idle_cost") and t.text.startswith(("each", "every single", "the whole")):
            return False
        if frame["action"] == "idle" and t.text.startswith(("each", "every", "the whole", "both")):
            return False
        if frame["action"] == "idle" and "all" in t.text.split() and re.search(r"anyone|anybody|somebody", template):
            return False
        if (
            frame["action"] == "health"
            and t.text in ("them all", "all of them")
            and re.search(r"in {T}|on {T}", template)
        ):
            return False
        if frame["action"] == "again" and t.text.startswith(("each", "the whole")):
            return False
        if t.text.startswith("both") and re.search(r"{be}|does|how", template) and frame["action"] == "health":
            return False
    w = frame.get("when", {})
    if w.get("how") == "every":
        if w.get("stop") == "00:00" and ("days" in w or ("{startat}" in template and "from {startat}" in template)):
            return False  # midnight of which day
        if w.get("stop") == "00:00" and ("after" in template or "only" in template):
            return False
        night = re.search(r"\b(night|nightly|evening)\b", text.replace("in the evening", ""))
        if night and (
            (w.get("stop", "19:00") < "18:00" and w["stop"] != "00:00")
            or "in the evening" in text
            or ("{startat}" in template and "only" in template)
        ):
            return False
        if "days" in w and w["days"] == ["SAT", "SUN"] and "{startat}" in template and "only" not in template:
            return False
        if re.search(r"(?i)from monday", text) and re.search(r"from {|between {", template):
            return False
        if (
            re.match(r"{days}", template)
            and re.match(r"(?i)(weekdays|nightly|daily|mon)", text)
            and "," not in template
        ):
            return False
    return True


def utterances(seed: int = 7) -> list[dict]:
    rng = random.Random(seed)
    seen, out = set(), []
    for action, quota in QUOTA.items():
        got = tries = 0
        while got < quota and tries < quota * 60:
            tries += 1
            text, frame = draw(rng, action)
            if norm(text) in seen:
                continue
            seen.add(norm(text))
            out.append({"text": text, "frame": frame, "source": "plain"})
            got += 1
    # typing errors replace the clean sentence they were made from
    total = len(out)
    rng.shuffle(out)
    todo = {"typo-name": round(total * 0.015), "typo-verb": round(total * 0.015), "typo-word": round(total * 0.08)}
    for which, n in todo.items():
        for u in out:
            if not n:
                break
            if u["source"] != "plain" or u["frame"].get("asks"):
                continue
            if which != "typo-word" and u["frame"]["action"] not in CHANGES:
                continue
            text = (
                word_typo(rng, u["text"], u["frame"])
                if which == "typo-word"
                else harm_typo(rng, u["text"], u["frame"], which)
            )
            if text is None or norm(text) in seen:
                continue
            seen.add(norm(text))
            u["text"], u["source"] = text, which
            if which != "typo-word":
                u["frame"] = {**u["frame"], "asks": True}
            n -= 1
    rng.shuffle(out)
    return out


if __name__ == "__main__":
    us = utterances()
    if "--jsonl" in sys.argv:
        for u in us:
            print(json.dumps(u, ensure_ascii=False))
    else:
        from collections import Counter

        print(len(us), "utterances,", len({u["text"] for u in us}), "distinct")
        print("shapes:", len(set(shapes())), "by action,", len({t for _, t in shapes()}), "distinct templates")
        for k, v in Counter(u["frame"]["action"] for u in us).most_common():
            print(f"  {k:16} {v}")
        print(Counter(u["source"] for u in us), "asks:", sum(bool(u["frame"].get("asks")) for u in us))
