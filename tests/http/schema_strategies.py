"""Hypothesis strategies of schemas of docs/openapi.yaml: what a schema allows, and what it does not by one fault."""

import re

from hypothesis import configuration
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shop.description import DESCRIPTION, typed
from shop.stack import ROOT

configuration.set_hypothesis_home_dir(ROOT / "build/hypothesis")

SAMPLE = "the_odyssey"  # Of a product that exists.
ITEMS = 4  # Of an array, so that it is made fast.
EXACT = 10**13  # Below it each amount with two decimals is a float that is written as it is.

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=5)
JUNK = st.sampled_from([None, False, True, -1, 0, 1, 0.5, 2**31, 2**63, 2**64, [], {}, [None], {"id": 1}]) | TEXT


def checker(schema):
    """Whether a value is as the schema has it, and as it says in words: an id's length is one of bytes."""
    is_valid = Draft202012Validator(schema).is_valid

    def is_allowed(value):
        size = len(value.encode()) if isinstance(value, str) and "pattern" in schema else 0
        return size <= schema.get("maxLength", size) and is_valid(value)

    return is_allowed


def types(schema):
    return schema["type"] if isinstance(schema["type"], list) else [schema["type"]]


def allowed(schema):
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    every = st.one_of(*[MAKERS[name](schema) for name in types(schema)])
    return st.just(SAMPLE) | every if schema is DESCRIPTION.schemas["ProductId"] else every


def strings(schema):
    least, most = schema.get("minLength", 0), schema.get("maxLength", 50)
    if "pattern" not in schema:
        return st.text(st.characters(blacklist_categories=["Cs"]), min_size=least, max_size=most)
    short = st.from_regex(schema["pattern"], fullmatch=True)
    longest = short.map(lambda text: (text * most)[:most])
    return st.one_of(short, longest).filter(checker(schema))


def integers(schema):
    return st.integers(schema["minimum"], schema["maximum"])


def numbers(schema):
    decimals = st.decimals(schema["minimum"], EXACT, places=2, allow_nan=False).map(float)
    return decimals | st.integers(schema["minimum"], schema["exclusiveMaximum"] - 1)


def arrays(schema):
    most = min(ITEMS, schema["maxItems"])
    return st.lists(allowed(schema["items"]), min_size=schema.get("minItems", 0), max_size=most)


def objects(schema):
    """Whose unknown fields are ignored."""
    fields = {name: allowed(field) for name, field in schema["properties"].items()}
    required = {name: fields.pop(name) for name in schema.get("required", [])}
    return st.fixed_dictionaries(required, optional=fields | {"unknown": JUNK})


MAKERS = {"string": strings, "integer": integers, "number": numbers, "array": arrays, "object": objects}


def faults(schema):
    """What it refuses, a strategy for each place and kind: another type, too much or too little, what is missing; here or
    inside."""
    is_allowed = checker(schema)
    for fault in [JUNK, *INNER_FAULTS.get(types(schema)[0], beyond)(schema)]:
        yield fault.filter(lambda value: not is_allowed(value))


def beyond(schema):
    """The limits of a value without parts."""
    limits = [schema[name] + step for name, step in (("minimum", -1), ("maximum", 1)) if name in schema]
    limits += [schema["exclusiveMaximum"]] if "exclusiveMaximum" in schema else []
    limits += ["x" * (schema["maxLength"] + 1)] if "maxLength" in schema else []
    return [st.sampled_from(limits)] if limits else []


def faults_of_arrays(schema):
    array, item = arrays(schema), allowed(schema["items"])
    yield item.map(lambda item: [item] * (schema["maxItems"] + 1))
    for fault in faults(schema["items"]):
        yield st.builds(lambda items, bad, place: items[:place] + [bad] + items[place:], array, fault, PLACE)


def faults_of_objects(schema):
    whole = allowed(schema)
    for name in schema.get("required", []):
        yield whole.map(lambda value, name=name: {key: value[key] for key in value if key != name})
    for name, field in schema["properties"].items():
        for fault in faults(field):
            yield st.builds(lambda value, bad, name=name: value | {name: bad}, whole, fault)


PLACE = st.integers(0, ITEMS)
INNER_FAULTS = {"array": faults_of_arrays, "object": faults_of_objects}


# Of a parameter.
LIKELY = st.sampled_from(
    ["", "+1", "01", "1.0", "1e2", " 1", "1 ", "x", "products", "a b", "..", "a/b", "\x7f", "\xe9"]
)
# In a header there is nothing else.
HEADER = re.compile("|[!-~\xa1-\xff]([ -~\xa1-\xff]*[!-~\xa1-\xff])?")


def allowed_text(schema, is_header=False):
    if is_header and "pattern" not in schema:
        return st.from_regex("[!-~]{1,50}", fullmatch=True)
    return allowed(schema).map(str)


def spoilt_text(schema, is_header=False):
    is_allowed = checker(schema)
    texts = st.one_of(LIKELY, TEXT, *[limit.map(str) for limit in beyond(schema)])
    texts = texts.filter(lambda text: not is_allowed(typed(text, schema)))
    return texts.filter(HEADER.fullmatch) if is_header else texts
