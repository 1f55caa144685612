"""pydantic's errors → sentences for the people who fill in the files.

Says what was expected and what stands there instead; for an unknown key also what was probably
meant. Lists are counted from 1. What stands where a secret belongs is never repeated.
"""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mail_desk.config_text import Violation

_EXPECTED = {
    "string_type": 'text in quotes, such as "text"',
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false, without quotes",
    "bool_parsing": "true or false, without quotes",
    "date_type": "a date such as 2026-10-01, without quotes",
    "date_parsing": "a date such as 2026-10-01",
    "date_from_datetime_parsing": "a date such as 2026-10-01",
    "date_from_datetime_inexact": "a date without a time",
    "tuple_type": 'a list such as ["one", "two"]',
    "list_type": 'a list such as ["one", "two"]',
    "dict_type": "a table of keys and values",
    "model_type": "a table of keys and values",
    "model_attributes_type": "a table of keys and values",
    "path_type": "a path in quotes",
}


def violations(error: ValidationError, root: type[BaseModel], file: str) -> list[Violation]:
    """Return one violation for each of pydantic's errors about `file`, validated as `root`."""
    return [_violation(item, root, file) for item in error.errors(include_url=False)]


def place(location: Sequence[int | str]) -> str:
    """Return a key as people write it: ("person", 1, "leave") is `person[2].leave`."""
    words = ""
    for part in location:
        if isinstance(part, int):
            words += f"[{part + 1}]"
        elif part != "[key]":
            words += f".{part}" if words else part
    return words


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `did you mean "x"?` or the list of what is possible."""
    options = sorted(known)
    close = difflib.get_close_matches(word.lower(), options, n=1, cutoff=0.6)
    return f'did you mean "{close[0]}"?' if close else f"expected one of {', '.join(options)}"


def _violation(item: ErrorDetails, root: type[BaseModel], file: str) -> Violation:
    location = item["loc"]
    key, kind = place(location), item["type"]
    if kind == "extra_forbidden":
        model = _model_at(root, location[:-1])
        known = list(model.model_fields) if model else []
        return Violation(file, key, f"is not a known key; {did_you_mean(str(location[-1]), known)}")
    if kind == "missing":
        return Violation(file, key, "is missing")
    if kind == "too_short":
        return Violation(file, key, "is empty; expected at least one")
    if "secret" in location and not isinstance(item["input"], dict):  # perhaps the password itself
        return Violation(file, key, f'{_expectation(item)}, such as {{ env = "NAME" }}')
    return Violation(file, key, f"{_expectation(item)}, found {_shown(item['input'])}")


def _expectation(item: ErrorDetails) -> str:
    kind, context = item["type"], item.get("ctx", {})
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}"
    if kind in ("literal_error", "enum"):
        return f"expected {str(context.get('expected', '')).replace(chr(39), chr(34))}"
    if kind.startswith(("greater_than", "less_than")):
        relation = item["msg"].removeprefix("Input should be ")
        return f"expected a number {relation}"
    if kind == "string_pattern_mismatch":
        return "expected a time of day such as 08:30" if "[01]" in str(context) else "expected another form"
    if kind == "value_error":
        return str(context.get("error", item["msg"]))
    return item["msg"][:1].lower() + item["msg"][1:]


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 60 else f'"{value[:57]}…"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "the keys " + ", ".join(map(str, value)) if value else "an empty table"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    return str(value)


def _model_at(root: type[BaseModel], location: Sequence[int | str]) -> type[BaseModel] | None:
    """Return the model whose keys stand at `location`."""
    model: type[BaseModel] | None = root
    for part in location:
        if isinstance(part, int):
            continue
        if model is None or part not in model.model_fields:
            return None
        model = _model_in(model.model_fields[part].annotation)
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - an annotation is any object
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, types.UnionType, tuple, Annotated):
        return next((found for arg in get_args(annotation) if (found := _model_in(arg))), None)
    return None
