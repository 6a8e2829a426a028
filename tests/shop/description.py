"""docs/openapi.yaml, and whether the shop keeps to it: every client of the tests passes through here."""

import json
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import yaml
from jsonschema import Draft202012Validator, RefResolver
from jsonschema.exceptions import best_match
from jsonschema.validators import extend

SOURCE = Path(__file__).resolve().parents[2] / "docs/openapi.yaml"

# Those of HTTP itself, and what the introduction of the description says of every answer.
GENERAL_HEADERS = set("connection content-length content-type date server vary x-content-type-options".split())
GENERAL_HEADERS.add("strict-transport-security")  # Over HTTPS.
CORS_HEADER = "access-control-"

# Of a longer array so many items are looked at, spread evenly: else the pages of some tests would take minutes.
ITEMS = 20


def dereferenced(document):
    """With what is named in place of each `$ref`; what is one object there is one here."""
    resolver, resolved = RefResolver.from_schema(document), {}

    def resolve(node):
        if isinstance(node, list):
            return [resolve(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return resolve(resolver.resolve(node["$ref"])[1])
        if id(node) not in resolved:
            resolved[id(node)] = {name: resolve(value) for name, value in node.items()}
        return resolved[id(node)]

    return resolve(document)


def validator_class():
    """As ITEMS has it. An item that was right once is not looked at again."""
    right = set()

    def items(validator, schema, array, _):
        for index in range(0, len(array) if isinstance(array, list) else 0, len(array) // ITEMS + 1):
            item = (id(schema), repr(array[index]))
            if item not in right:
                errors = list(validator.descend(array[index], schema, path=index))
                yield from errors
                right.update([] if errors else [item])

    return extend(Draft202012Validator, {"items": items})


def strict_json(text):
    """The value of `text`, which must be UTF-8 JSON that names nothing twice and knows no NaN."""

    def unique(pairs):
        found = dict(pairs)
        assert len(found) == len(pairs), f"a name given twice: {pairs}"
        return found

    def no_constant(name):
        raise AssertionError(f"{name} is not JSON")

    return json.loads(text.decode("utf-8"), object_pairs_hook=unique, parse_constant=no_constant)


def typed(text, schema):
    """The value of a header or parameter."""
    return int(text) if schema.get("type") == "integer" and re.fullmatch(r"0|-?[1-9][0-9]*", text) else text


def codes(schema):
    """Those of the errors that it allows; None is there for what is no error."""
    code = schema.get("properties", {}).get("error", {})
    found = set(code.get("enum", [])) | {code[name] for name in code if name == "const"}
    found = found.union(*[codes(part) - {None} for part in schema.get("allOf", [])])
    return found.union(*[codes(part) for part in schema.get("oneOf", [])]) or {None}


class DescribedAnswer:
    """One of an operation. `validator` makes one of a schema."""

    def __init__(self, answer, validator):
        self._headers = {name.lower(): header for name, header in answer.get("headers", {}).items()}
        self._validators = {name: validator(header["schema"]) for name, header in self._headers.items()}
        self._bodies = {kind: validator(content["schema"]) for kind, content in answer.get("content", {}).items()}
        self.codes = set().union(*[codes(body.schema) for body in self._bodies.values()]) or {None}
        self._code = lru_cache(1000)(self._code_of_right)
        self._expect_header = lru_cache(1000)(self._expect_right_header)

    def check(self, method, headers, body):
        """Gives the error's code, or nothing."""
        self._check_headers(headers)
        kind = headers.get("content-type")
        if method == "HEAD" or not self._bodies:
            assert not body and (kind is None or method == "HEAD"), f"there is a body, of type {kind}"
            return None
        assert kind in self._bodies, f"Content-Type: {kind}"
        return self._code(kind, body)

    def _check_headers(self, headers):
        for name, value in headers.items():
            if name in self._headers:
                self._expect_header(name, value)
            else:
                assert name in GENERAL_HEADERS or name.startswith(CORS_HEADER), f"{name}: is not described"
        missing = {name for name, header in self._headers.items() if header.get("required")} - headers.keys()
        assert not missing, f"{missing} is missing"

    def _expect_right_header(self, name, value):
        expect_valid(self._validators[name], typed(value, self._headers[name]["schema"]), f"{name}: {value}")

    def _code_of_right(self, kind, body):
        value = strict_json(body) if kind == "application/json" else body.decode()
        expect_valid(self._bodies[kind], value, body[:500])
        return value.get("error") if isinstance(value, dict) else None


def expect_valid(validator, value, shown):
    if not validator.is_valid(value):
        error = best_match(validator.iter_errors(value))
        raise AssertionError(f"{error.message} at {error.json_path} of {shown}")


class Operation:
    """What a client can ask."""

    def __init__(self, path, method, definition, validator):
        self.name, self.method, self.path = definition["operationId"], method.upper(), path
        self.parameters = definition["parameters"]
        self.scopes = {scope for scheme in definition["security"] for scopes in scheme.values() for scope in scopes}
        content = definition.get("requestBody", {}).get("content", {})
        self.body = content["application/json"]["schema"] if content else None
        self.answers = answers(definition["responses"], validator)
        self._pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))

    def is_asked(self, method, path):
        return method == self.method and self._pattern.fullmatch(path)


def answers(responses, validator):
    return {status: DescribedAnswer(response, validator) for status, response in responses.items()}


class Description:
    def __init__(self, document):
        document, validator = dereferenced(document), validator_class()
        self.schemas = document["components"]["schemas"]
        self.operations = [
            Operation(path, method, definition, validator)
            for path, methods in document["paths"].items()
            for method, definition in methods.items()
        ]
        self.seen = set()  # As in `described`.
        self._operation = lru_cache(1000)(self._find_operation)
        self._elsewhere = answers(elsewhere(document["components"]["responses"], ""), validator)
        self._elsewhere_head = answers(elsewhere(document["components"]["responses"], "Head"), validator)

    @property
    def described(self):
        """Every answer: operation, status, code of the error. What any operation may answer, as 4XX or 5XX, is one."""
        every = [(operation.name, *answer) for operation in self.operations for answer in operation.answers.items()]
        return {(place(name, status), status, code) for name, status, answer in every for code in answer.codes}

    def check(self, method, target, status, headers, body):
        """Fails if the answer is not one that is described. `headers` are pairs of name and value."""
        if target.startswith("/pages/") and status < 400:
            return  # What the pages load is no part of the API.
        operation = self._operation(method, target)
        name = operation.name if operation else f"{method} elsewhere"
        described = operation.answers if operation else self._elsewhere_head if method == "HEAD" else self._elsewhere
        key = str(status) if str(status) in described else f"{status // 100}XX"
        by_name = {name.lower(): value for name, value in headers}
        try:
            assert len(by_name) == len(headers), f"a header is there twice: {headers}"
            assert key in described, f"not described; {body[:500]}"
            self.seen.add((place(name, key), key, described[key].check(method, by_name, body)))
        except AssertionError as fault:
            raise AssertionError(
                f"docs/openapi.yaml, {name} {status}: {fault} (asked: {method} {target[:200]})"
            ) from None

    def _find_operation(self, method, target):
        """Paths are as they were sent, but nginx resolves dot segments first; then it is none."""
        path = re.sub("^https?://[^/?]*", "", target).partition("?")[0]
        if ".." in unquote(path).split("/"):
            return None
        path = path.removesuffix("/") if path in ("/products/", "/orders/") else path
        return next((operation for operation in self.operations if operation.is_asked(method, path)), None)


def elsewhere(responses, method):
    """Of paths and methods that are none. `method` is Head or nothing."""
    found = {"4XX": responses[f"{method}Refused"], "5XX": responses[f"{method}Failed"]}
    if method:
        return found
    # /products/../orders is none, but passes by the cache.
    found["404"] = responses["PageMissing"] | {"headers": responses["BadRequest"]["headers"]}
    # A preflight is a 204.
    found |= {"204": responses["Deleted"], "401": responses["Unauthorized"], "403": responses["ForbiddenWrite"]}
    return found | {"503": responses["Unavailable"]}


def place(name, status):
    return "anywhere" if status.endswith("XX") else name


DESCRIPTION = Description(yaml.safe_load(SOURCE.read_text()))
