"""The changes that can be made to a C file, one at a time: what a slip of the hand would do.

The text is taken apart into tokens, so that comments, strings and lines of the preprocessor stay as
they are. Nothing here knows types: a change that does not compile is no change.
"""
import re
from typing import NamedTuple

TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/|^[ \t]*\#(?:[^\n\\]|\\.)*$)
      | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<name>[A-Za-z_]\w*)
      | (?P<number>(?:0[xX][0-9a-fA-F]+|\d[\d.]*(?:e\d+)?)[uUlL]*)
      | (?P<sign><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE)

KEYWORDS = {"if", "for", "while", "switch", "return", "sizeof", "do", "else", "case", "goto", "break",
            "continue", "_Static_assert", "__attribute__", "typeof", "struct", "enum", "static"}
SWAPS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&",
         "+": "-", "-": "+", "+=": "-=", "-=": "+=", "true": "false", "false": "true"}
# What it leaves behind without them ends with the process, or is a compiler's business.
HARMLESS = {"free", "json_decref", "va_end"}
# Digits of a device's command, each compared, free, or by a letter partly so (language/device_*.c).
NIBBLES = re.compile(r'"(?:[0-9a-fA-FhH?]{2})+"$')
FLAG = re.compile(r"[A-Z][A-Z0-9_]{3,}$")


class Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def tokens(text):
    found = []
    for match in TOKEN.finditer(text):
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup, match.group(), match.start(), match.end()))
    return found


def closing(toks, at):
    """The index of the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(toks)):
        if toks[i].text in "([{":
            depth += 1
        elif toks[i].text in ")]}":
            depth -= 1
            if depth == 0:
                return i
    return len(toks) - 1


def in_code(toks):
    """For each token: in the body of a function, in a table or enum ("data"), or neither."""
    where = [None] * len(toks)
    i = 0
    while i < len(toks):
        if toks[i].text != "{":
            i += 1
            continue
        end = closing(toks, i)
        start = i
        while start and toks[start - 1].text not in ";}":
            start -= 1
        head = [t.text for t in toks[start:i]]
        if "=" in head or "enum" in head:
            kind = "data"
        elif ")" in head:
            kind = "body"
        else:
            kind = None  # a struct's members, a union's
        where[i:end + 1] = [kind] * (end + 1 - i)
        i = end + 1
    return where


def binary(toks, i):
    """Whether the sign at `i` stands between two values."""
    before = toks[i - 1]
    return before.text in (")", "]") or before.kind == "number" or \
        (before.kind == "name" and before.text not in KEYWORDS)


def opener(toks, i):
    """The index of the bracket that `i`, a closing one, closes."""
    depth = 0
    while i >= 0:
        if toks[i].text in (")", "]", "}"):
            depth += 1
        elif toks[i].text in ("(", "[", "{"):
            depth -= 1
            if depth == 0:
                return i
        i -= 1
    return 0


def begins_statement(toks, i, depth):
    before = toks[i - 1].text
    if before == ")":
        return toks[opener(toks, i - 1) - 1].text in ("if", "for", "while", "switch")
    if before == ":":  # of a case, not of a question
        return bool({"case", "default"} & {t.text for t in toks[i - 4:i - 1]})
    return not depth and before in ("{", "}", ";", "else")


def statement_ends(toks, i):
    """The index of the `;` of the call or assignment that begins at `i`, or None."""
    if [t.text for t in toks[i:i + 3]] == ["(", "void", ")"]:
        i += 3
    if toks[i].kind != "name" or toks[i].text in KEYWORDS or toks[i].text in HARMLESS:
        return None
    j = i
    while toks[j].text != ";":
        if toks[j].text in ("(", "["):
            j = closing(toks, j)
        elif toks[j].text in ("{", "}", ":") or toks[j].kind == toks[j + 1].kind == "name":
            return None  # a declaration or a label
        j += 1
    declares = toks[i + 1].text == "*" and toks[i].end != toks[i + 1].start
    return None if declares or j < i + 2 else j


def is_size(toks, i):
    """char text[64]: the size of what is declared, which more of hurts nobody."""
    at = i - 1
    while toks[at].text in ("*", "+", "-", "(") or toks[at].kind in ("name", "number"):
        at -= 1
    if toks[at].text != "[":
        return False
    before = toks[at - 1], toks[at - 2]
    return before[0].kind == "name" and (before[1].kind == "name" or before[1].text in ("*", ","))


def changes(text):
    """All changes of a file: a list of (kind, offset, [(start, end, new), ...])."""
    toks = tokens(text)
    where = in_code(toks)
    found = []
    depth = 0

    def add(kind, *edits):
        found.append((kind, edits[0][0], list(edits)))

    for i, tok in enumerate(toks):
        depth += (tok.text == "(") - (tok.text == ")")
        if where[i] is None or i < 2 or i + 3 >= len(toks):
            continue
        body = where[i] == "body"
        before, after = toks[i - 1], toks[i + 1]
        if body and tok.text == "if" and after.text == "(":
            end = toks[closing(toks, i + 1)].start
            add("condition never true", (after.end, after.end, "0 && ("), (end, end, ")"))
            add("condition negated", (after.end, after.end, "!("), (end, end, ")"))
        if tok.text == "!" and body:
            add("! dropped", (tok.start, tok.end, ""))
        if tok.text in ("true", "false"):
            add("true and false", (tok.start, tok.end, SWAPS[tok.text]))
        elif tok.text in SWAPS and binary(toks, i):
            # A descriptor is never 0, so both ask the same.
            if not (tok.text in ("<", ">=") and after.text == "0" and before.kind == "name"):
                add(f"{tok.text} to {SWAPS[tok.text]}", (tok.start, tok.end, SWAPS[tok.text]))
        if tok.kind == "number" and re.fullmatch(r"0[xX][0-9a-fA-F]+|\d+", tok.text) and \
                not (before.text == "-" and not binary(toks, i - 1)) and \
                not (before.text in ("<", ">=") and tok.text == "0") and not is_size(toks, i):
            value = int(tok.text, 8 if re.match(r"0\d", tok.text) else 0)
            add("one more", (tok.start, tok.end, str(value + 1)))
            if value > 1:
                add("one less", (tok.start, tok.end, str(value - 1)))
        if tok.kind == "text" and not body and NIBBLES.match(tok.text):
            for at, digit in enumerate(tok.text[1:-1], tok.start + 1):
                if digit == "?":
                    add("digit compared", (at, at + 1, "0"))
                else:
                    add("digit free", (at, at + 1, "?"))
                    add("digit another", (at, at + 1, "1" if digit == "0" else "0"))
        if tok.text == "|" and FLAG.match(before.text) and FLAG.match(after.text):
            add("flag dropped", (tok.start, after.end, ""))
            if toks[i - 2].text != "|":
                add("flag dropped", (before.start, tok.end, ""))
        if body and tok.text == "return" and after.text == "-":
            end = next(t for t in toks[i:] if t.text == ";")
            add("no error", (after.start, end.start, "0"))
        if body and tok.text in ("break", "continue") and after.text == ";":
            add(f"{tok.text} dropped", (tok.start, tok.end, ""))
        if body and begins_statement(toks, i, depth):
            end = statement_ends(toks, i)
            if end is not None:
                add("statement dropped", (tok.start, toks[end].start, ""))
    return found


def apply(text, edits):
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text
