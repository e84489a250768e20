#!/usr/bin/env python3
"""Translate HTML templates into C. Usage: templates.py OUT.h OUT.c FILE.html…

The syntax is in docs/templates.md. The reader follows the HTML to know where a variable stands, and
so how it is escaped; what cannot be escaped safely is a fault of the build.
"""
import json
import pathlib
import re
import sys

TYPES = {"text": "const char *", "url": "const char *", "html": "const char *", "int": "long long ",
         "count": "long long ", "bool": "bool "}
URL_ATTRIBUTES = {"href", "src", "action", "formaction", "poster", "xlink:href"}
CLOSED_ATTRIBUTES = {"style", "srcdoc", "srcset"}
NAME = r"[a-z][a-z0-9_]*"
STRING = r'"(?:[^"\\\n]|\\.)*"'
TOKEN = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{\{.*?\}\}\}|\{\{.*?\}\}|\{_.*?_\}", re.S)
# A statement or comment alone on its line takes the whole line with it.
ALONE = re.compile(r"(?:(?<=\n)|\A)[ \t]*(\{#(?:(?!#\}).)*#\}|\{%(?:(?!%\}).)*%\})[ \t]*\n", re.S)


class Fault(Exception):
    pass


def c_string(text):
    out = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return '"' + out.replace("??", '?""?') + '"'


class Field:
    def __init__(self, kind, name, of=None, note=""):
        self.kind, self.name, self.of, self.note = kind, name, of, note


class Template:
    """One file: its declarations, and its body as nested lists of nodes (kind, line, …)."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.name = self.path.stem.replace("-", "_")
        if not re.fullmatch(NAME, self.name):
            raise Fault(f"{self.path}: the file's name must be small letters, digits and hyphens")
        self.view, self.records, self.sentences = [], {}, []
        self.declared = False
        source = self.path.read_text()
        self.source = source
        self.tokens = list(self.split(source))
        self.at = 0
        self.body = self.block(())
        if self.at < len(self.tokens):
            self.fault(self.tokens[self.at][2], "“end” or “else” without an “if” or “for”")

    def fault(self, line, text):
        raise Fault(f"{self.path}:{line}: {text}")

    def split(self, source):
        """(kind, content, line) of literals and tokens."""
        swallowed = {}
        for match in ALONE.finditer(source):
            swallowed[match.start(1)] = (match.start(), match.end())
        end = 0
        for match in TOKEN.finditer(source):
            start, stop = swallowed.get(match.start(), (match.start(), match.end()))
            if max(start, end) > end:
                yield "literal", source[end:start], source.count("\n", 0, end) + 1
            end = stop
            token, line = match[0], source.count("\n", 0, match.start()) + 1
            if token.startswith("{#"):
                continue
            kind = "raw" if token.startswith("{{{") else "value" if token.startswith("{{") else \
                "say" if token.startswith("{_") else "statement"
            width = 3 if kind == "raw" else 2
            yield kind, token[width:-width].strip(), line
        if end < len(source):
            yield "literal", source[end:], source.count("\n", 0, end) + 1

    def block(self, ends):
        """Nodes up to a statement whose first word is in ends."""
        nodes = []
        while self.at < len(self.tokens):
            kind, content, line = self.tokens[self.at]
            if kind == "literal":
                for mark in ("{{", "{%", "{_", "%}", "}}"):
                    if mark in content:
                        self.fault(line + content[:content.index(mark)].count("\n"), f"“{mark}” without its other half")
                nodes.append(("literal", line, content))
            elif kind == "value":
                nodes.append(("value", line, content))
            elif kind == "raw":
                if not content.startswith("raw "):
                    self.fault(line, "three braces copy HTML as it is: write {{{raw name}}} to mean that")
                nodes.append(("raw", line, content[4:].strip()))
            elif kind == "say":
                nodes.append(self.sentence(content, line))
            else:
                word = content.split(None, 1)[0] if content else ""
                if word in ends or word in ("end", "else", "elif"):
                    return nodes
                self.at += 1
                node = self.statement(word, content[len(word):].strip(), line)
                if node:
                    nodes.append(node)
                continue
            self.at += 1
        return nodes

    def statement(self, word, rest, line):
        if word in ("view", "record"):
            return self.declare(word, rest, line)
        if word == "render":
            return ("render", line, rest)
        if word == "if":
            return self.choice(rest, line)
        if word == "for":
            match = re.fullmatch(rf"({NAME}) in ({NAME}(?:\.{NAME})*)", rest)
            if not match:
                self.fault(line, "write {% for NAME in LIST %}")
            body, other = self.block(("end", "else")), []
            if self.word() == "else":
                self.at += 1
                other = self.block(("end",))
            self.take_end(line, "for")
            return ("for", line, match[1], match[2], body, other)
        self.fault(line, f"there is no statement “{word}”")

    def word(self):
        if self.at == len(self.tokens):
            return None
        return self.tokens[self.at][1].split(None, 1)[0]

    def take_end(self, line, what):
        if self.word() != "end":
            self.fault(line, f"this “{what}” has no “end”")
        self.at += 1

    def choice(self, condition, line):
        branches = [(condition, self.block(("elif", "else", "end")))]
        other = []
        while self.word() == "elif":
            condition = self.tokens[self.at][1][4:].strip()
            self.at += 1
            branches.append((condition, self.block(("elif", "else", "end"))))
        if self.word() == "else":
            self.at += 1
            other = self.block(("end",))
        self.take_end(line, "if")
        return ("if", line, branches, other)

    def declare(self, word, rest, line):
        lines = rest.split("\n")
        fields = self.view
        if word == "record":
            name = lines.pop(0).strip()
            if not re.fullmatch(NAME, name) or name in self.records:
                self.fault(line, "a record needs a name of its own")
            fields = self.records[name] = []
        elif self.declared:
            self.fault(line, "the view is declared twice")
        else:
            self.declared = True
        for text in lines:
            text, _, note = text.partition("#")
            if not text.strip():
                continue
            match = re.fullmatch(rf"({NAME})\s+({NAME})(?:\s+of\s+({NAME}))?", text.strip())
            kind = match[1] if match else ""
            if not match or not (kind in TYPES and not match[3] or kind in ("list", "view") and match[3]):
                self.fault(line, f"“{text.strip()}” is no field; write TYPE NAME, list NAME of WHAT or view NAME of WHAT")
            if any(field.name == match[2] for field in fields):
                self.fault(line, f"{match[2]} is declared twice")
            fields.append(Field(kind, match[2], match[3], note.strip()))

    def sentence(self, content, line):
        match = re.fullmatch(rf"(?:context\s+({STRING})\s+)?({STRING})(?:\s*\|\s*({STRING})\s+by\s+([a-z0-9_.]+))?"
                             rf"((?:\s+{NAME}=[a-z0-9_.]+)*)", content, re.S)
        if not match or match[1] and match[3]:
            self.fault(line, "a sentence is “\"text\"”, “\"one\" | \"many\" by NUMBER” or “context \"c\" \"text\"”, then name=value")
        context, one, many = (json.loads(s) if s else None for s in match.group(1, 2, 3))
        given = dict(pair.split("=") for pair in match[5].split())
        names = []
        for text in filter(None, (one, many)):
            for name in re.findall(r"\{([^{}]*)\}", text.replace("{{", "")):
                if name not in names:
                    names.append(name)
        if set(given) - set(names):
            self.fault(line, f"the sentence has no argument {', '.join(sorted(set(given) - set(names)))}")
        self.sentences.append((context, one, many, line))
        return ("say", line, context, one, many, match[4], [(name, given.get(name, name)) for name in names])


class Place:
    """Where in the HTML the translator stands."""

    def __init__(self):
        self.mode = "text"  # text, tag name, tag, attribute name, equals, value, comment, closed (script, style)
        self.tag = self.attribute = self.quote = ""
        self.begun = False  # the attribute's value has something literal in it
        self.kept = 0       # depth of pre and textarea

    def copy(self):
        other = Place()
        other.__dict__.update(self.__dict__)
        return other

    def same(self, other):
        a, b = dict(self.__dict__), dict(other.__dict__)
        a.pop("begun"), b.pop("begun")
        forget = {"text": ("tag", "attribute", "quote"), "tag": ("attribute", "quote")}
        for key in forget.get(self.mode, ()):
            a.pop(key), b.pop(key)
        return a == b

    def feed(self, text, fault):
        """Follows text; returns it with runs of blanks made one line break where HTML does not care."""
        out, i = [], 0
        while i < len(text):
            c = text[i]
            if c in " \t\n" and self.mode in ("text", "tag") and not self.kept:
                run = re.match(r"[ \t\n]+", text[i:])[0]
                out.append("\n" if "\n" in run else run)
                i += len(run)
                continue
            out.append(c)
            i += 1
            if self.mode == "text":
                if text.startswith("<!--", i - 1):
                    self.mode = "comment"
                elif c == "<" and i < len(text) and (text[i].isalpha() or text[i] in "/!"):
                    self.mode, self.tag = "tag name", ""
                elif c == "<" and i == len(text):
                    fault("a tag's name must be literal")
            elif self.mode == "comment":
                if text.startswith("-->", i - 1):
                    out.append("->")
                    i += 2
                    self.mode = "text"
            elif self.mode == "closed":
                if text.startswith("</" + self.tag, i - 1):
                    self.mode, self.tag = "tag name", ""
            elif self.mode == "tag name":
                if c == ">":
                    self.end_tag()
                elif c.isspace():
                    self.mode = "tag"
                else:
                    self.tag += c.lower()
            elif self.mode in ("tag", "attribute name"):
                if c == ">":
                    self.end_tag()
                elif c == "=":
                    self.mode = "equals"
                elif c.isspace():
                    self.mode = "tag"
                elif c in "\"'":
                    fault("a quotation mark without an attribute")
                elif self.mode == "tag":
                    self.mode, self.attribute = "attribute name", c.lower()
                else:
                    self.attribute += c.lower()
            elif self.mode == "equals":
                if c not in "\"'":
                    fault(f"the value of {self.attribute} wants quotation marks")
                self.mode, self.quote, self.begun = "value", c, False
            elif self.mode == "value":
                if c == self.quote:
                    self.mode = "tag"
                else:
                    self.begun = True
        return "".join(out)

    def end_tag(self):
        self.mode = "text"
        name = self.tag.rstrip("/")
        if name in ("script", "style"):
            self.mode, self.tag = "closed", name
        elif name in ("pre", "textarea"):
            self.kept += 1
        elif name in ("/pre", "/textarea"):
            self.kept -= 1

    def refuses(self):
        """Why no variable may stand here, or None."""
        if self.mode == "text":
            return None
        if self.mode == "value":
            a = self.attribute
            return f"no variable may stand in {a}" if a.startswith("on") or a in CLOSED_ATTRIBUTES else None
        if self.mode == "equals":
            return f"the value of {self.attribute} wants quotation marks"
        return {"closed": "no variable may stand in script or style", "comment": "no variable may stand in a comment"}.get(
            self.mode, "no variable may stand inside a tag but in an attribute's value")


class Writer:
    """The C of one template."""

    def __init__(self, template, templates):
        self.template, self.templates = template, templates
        self.lines, self.depth, self.loops = [], 1, 0
        self.place = Place()
        self.scope = {}   # a loop's row: (fields, its C variable, its struct)
        self.loop = None  # (index, count) of the innermost loop, in C
        self.pending = "" # literals not yet written

    def fault(self, line, text):
        self.template.fault(line, text)

    def put(self, text):
        self.flush()
        self.lines.append("    " * self.depth + text)

    def flush(self):
        text, self.pending = self.pending, ""
        while text:
            piece, text = text[:900], text[900:]
            self.lines.append("    " * self.depth + f"text_add_bytes(out, {c_string(piece)}, {len(piece.encode())});")

    # --- names

    def find(self, name, line):
        """The field called name, and its C expression."""
        first, *rest = name.split(".")
        if first == "loop" and len(rest) == 1 and self.loop:
            index, count = self.loop
            known = {"first": ("bool", f"({index} == 0)"), "last": ("bool", f"({index} + 1 == {count})"),
                     "index": ("int", f"(long long)({index} + 1)")}
            if rest[0] in known:
                kind, expression = known[rest[0]]
                return Field(kind, name), expression
        if first in self.scope:
            fields, pointer, _ = self.scope[first]
            if len(rest) != 1:
                self.fault(line, f"{first} is a row; write {first}.FIELD")
            wanted = rest[0]
        else:
            fields, pointer, wanted = self.template.view, "view", first
            if rest:
                self.fault(line, f"there is no row called {first}")
        for field in fields:
            if field.name == wanted:
                return field, f"{pointer}->{wanted}"
        self.fault(line, f"there is no variable {name}; declare it at the top")

    def struct_of(self, field, line):
        """(fields, struct name, template or None) of what a list or view is of."""
        owner = self.template
        if field.kind == "list" and field.of in owner.records:
            return owner.records[field.of], f"{owner.name}_{field.of}", None
        other = self.templates.get(field.of)
        if not other:
            self.fault(line, f"{field.name} is of {field.of}, which is neither a record here nor a template")
        return other.view, f"{other.name}_view", other

    # --- conditions

    def condition(self, text, line):
        words = re.findall(rf"{STRING}|-?\d+|==|!=|[()]|{NAME}(?:\.{NAME})*|\S", text)
        code, at = self.either(words, 0, line)
        if at != len(words):
            self.fault(line, f"“{words[at]}” is not understood in “{text}”")
        return code

    def either(self, words, at, line):
        code, at = self.both(words, at, line)
        while at < len(words) and words[at] == "or":
            right, at = self.both(words, at + 1, line)
            code = f"({code} || {right})"
        return code, at

    def both(self, words, at, line):
        code, at = self.single(words, at, line)
        while at < len(words) and words[at] == "and":
            right, at = self.single(words, at + 1, line)
            code = f"({code} && {right})"
        return code, at

    def single(self, words, at, line):
        if at >= len(words):
            self.fault(line, "the condition is not whole")
        if words[at] == "not":
            code, at = self.single(words, at + 1, line)
            return f"!{code}", at
        if words[at] == "(":
            code, at = self.either(words, at + 1, line)
            if at >= len(words) or words[at] != ")":
                self.fault(line, "a parenthesis is not closed")
            return code, at + 1
        if not re.fullmatch(rf"{NAME}(?:\.{NAME})*", words[at]):
            self.fault(line, f"“{words[at]}” is not understood in a condition")
        field, expression = self.find(words[at], line)
        if at + 2 < len(words) and words[at + 1] in ("==", "!="):
            return self.comparison(field, expression, words[at + 1], words[at + 2], line), at + 3
        if field.kind == "list":
            pointer, _, name = expression.rpartition("->")
            return f"({pointer}->n_{name} > 0)", at + 1
        if field.kind in ("text", "url", "html"):
            return f"({expression} && *{expression})", at + 1
        return {"bool": expression, "view": f"({expression} != NULL)"}.get(field.kind, f"({expression} != 0)"), at + 1

    def comparison(self, field, expression, sign, literal, line):
        if field.kind in ("int", "count") and re.fullmatch(r"-?\d+", literal):
            return f"({expression} {sign} {literal})"
        if field.kind in ("text", "url") and literal.startswith('"'):
            return f"(strcmp({expression} ? {expression} : \"\", {c_string(json.loads(literal))}) {sign} 0)"
        self.fault(line, f"{field.name} is {field.kind} and cannot be compared with {literal}")

    # --- nodes

    def write(self, nodes):
        for node in nodes:
            getattr(self, "write_" + node[0])(*node[1:])
        self.flush()

    def write_literal(self, line, text):
        self.pending += self.place.feed(text, lambda problem: self.fault(line, problem))

    def write_value(self, line, name):
        field, x = self.find(name, line)
        problem = self.place.refuses()
        if problem:
            self.fault(line, problem)
        if field.kind not in ("text", "url", "int", "count"):
            hint = "; ready HTML is copied by {{{raw x}}}" if field.kind == "html" else ""
            self.fault(line, f"{name} is {field.kind} and cannot be printed{hint}")
        in_value = self.place.mode == "value"
        address = in_value and self.place.attribute in URL_ATTRIBUTES
        if field.kind in ("int", "count"):
            if address and not self.place.begun:
                self.fault(line, f"{self.place.attribute} must begin with a literal or be one url")
            if field.kind == "count" and not in_value:
                self.put(f"add_count(out, language, {x});")
            else:
                self.put(f'text_addf(out, "%lld", {x});')
        elif address and self.place.begun:
            if field.kind == "url":
                self.fault(line, f"a url stands first in {self.place.attribute}")
            self.put(f"markup_add_url_part(out, {x});")
        elif address or field.kind == "url":
            if field.kind != "url":
                self.fault(line, f"{self.place.attribute} must begin with a literal or be one url; {name} is {field.kind}")
            self.put(f"markup_add_url(out, {x});")
        else:
            self.put(f"markup_add(out, {x});")
        self.place.begun = True

    def write_raw(self, line, name):
        field, x = self.find(name, line)
        if field.kind != "html":
            self.fault(line, f"{name} is {field.kind}; only html is copied as it is")
        if self.place.mode != "text":
            self.fault(line, "ready HTML may only stand between tags")
        self.put(f"if ({x}) text_add(out, {x});")

    def write_say(self, line, context, one, many, by, names):
        problem = self.place.refuses()
        if problem or self.place.mode == "value" and self.place.attribute in URL_ATTRIBUTES:
            self.fault(line, problem or f"a sentence cannot be an address ({self.place.attribute})")
        if many:
            field, x = self.find(by, line)
            if field.kind not in ("int", "count"):
                self.fault(line, f"{by} is {field.kind}, and a number decides between one and many")
            pattern = f"i18n_plural(language, {c_string(one)}, {c_string(many)}, {x})"
        elif context:
            pattern = f"i18n_context(language, {c_string(context)}, {c_string(one)})"
        else:
            pattern = f"i18n_text(language, {c_string(one)})"
        self.place.begun = True
        if not names:
            self.put(f"say(out, language, {pattern}, NULL, 0);")
            return
        self.put("{")
        self.depth += 1
        arguments = []
        for i, (name, where) in enumerate(names):
            field, x = self.find(where, line)
            if field.kind == "int":  # a year or a grade has no group separator
                self.put(f"char digits{i}[24];")
                self.put(f'snprintf(digits{i}, sizeof digits{i}, "%lld", {x});')
                arguments.append(f'ARG_TEXT("{name}", digits{i})')
            elif field.kind == "count":
                arguments.append(f'ARG_INT("{name}", {x})')
            elif field.kind == "text":
                arguments.append(f'ARG_TEXT("{name}", {x} ? {x} : "")')
            else:
                self.fault(line, f"{where} is {field.kind} and cannot stand in a sentence")
        self.put(f"const struct arg arguments[] = {{ {', '.join(arguments)} }};")
        self.put(f"say(out, language, {pattern}, arguments, {len(names)});")
        self.depth -= 1
        self.put("}")

    def branch(self, nodes, start, line, ends):
        self.place = start.copy()
        self.depth += 1
        self.write(nodes)
        self.depth -= 1
        if self.place.mode == "attribute name":  # an attribute without a value ends with its branch
            self.place.mode = "tag"
        if ends and not ends[0].same(self.place):
            self.fault(line, "the ways through this “if” or “for” leave the HTML in different places")
        ends.append(self.place)

    def join(self, ends):
        self.place = ends[0].copy()
        self.place.begun = all(end.begun for end in ends)

    def write_if(self, line, branches, other):
        self.flush()
        start, ends = self.place, []
        for i, (condition, nodes) in enumerate(branches):
            code = self.condition(condition, line)
            self.put(f"{'} else ' if i else ''}if {code if code.startswith('(') else f'({code})'} {{")
            self.branch(nodes, start, line, ends)
        if other:
            self.put("} else {")
        self.branch(other, start, line, ends)
        self.put("}")
        self.join(ends)

    def write_for(self, line, name, over, body, other):
        field, x = self.find(over, line)
        if field.kind != "list":
            self.fault(line, f"{over} is {field.kind}, not a list")
        if name in self.scope or name == "loop":
            self.fault(line, f"{name} is taken")
        fields, struct, _ = self.struct_of(field, line)
        self.loops += 1
        n = self.loops
        pointer, _, last = x.rpartition("->")
        count = f"{pointer}->n_{last}"
        self.flush()
        start, ends, outer = self.place, [], self.loop
        self.put(f"for (size_t i{n} = 0; i{n} < {count}; i{n}++) {{")
        used = len(self.lines)
        self.scope[name], self.loop = (fields, f"row{n}", struct), (f"i{n}", count)
        self.branch(body, start, line, ends)
        if any(f"row{n}" in text for text in self.lines[used:]):
            self.lines.insert(used, "    " * (self.depth + 1) + f"const struct {struct} *row{n} = &{x}[i{n}];")
        del self.scope[name]
        self.loop = outer
        self.put("}")
        if other:
            self.put(f"if ({count} == 0) {{")
            self.branch(other, start, line, ends)
            self.put("}")
        elif not start.same(ends[0]):
            self.fault(line, "this “for” leaves the HTML in another place than it began in")
        self.join([*ends, start] if not other else ends)

    def write_render(self, line, name):
        if self.place.mode != "text":
            self.fault(line, "a template may only be rendered between tags")
        if name in self.scope:
            _, pointer, struct = self.scope[name]
            if not struct.endswith("_view"):
                self.fault(line, f"{name} is a record, not a template's view")
            self.put(f"render_{struct[:-5]}(out, language, {pointer});")
            return
        field, x = self.find(name, line)
        if field.kind != "view":
            self.fault(line, f"{name} is {field.kind}, not a view")
        self.put(f"if ({x}) render_{self.struct_of(field, line)[2].name}(out, language, {x});")


def struct_lines(writer, name, fields):
    lines = [f"struct {name} {{"]
    for field in fields:
        note = f" /* {field.note} */" if field.note else ""
        if field.kind in TYPES:
            lines.append(f"    {TYPES[field.kind]}{field.name};{note}")
        else:
            lines.append(f"    const struct {writer.struct_of(field, 1)[1]} *{field.name};{note}")
            if field.kind == "list":
                lines.append(f"    size_t n_{field.name};")
    if not fields:
        lines.append("    char nothing; /* C has no empty struct */")
    return [*lines, "};"]


SOURCE_HEAD = """/* Made by tools/templates.py. */
#include "{header}"

#include "base/markup.h"
#include "i18n/i18n.h"

#include <stdio.h>
#include <string.h>

__attribute__((unused)) static void say(struct text *out, const struct language *language, const char *pattern,
                                        const struct arg *arguments, size_t n) {{
    struct text filled = text_new(out->arena, out->max);
    i18n_fill(language, &filled, pattern, arguments, n);
    out->failed |= !text_ok(&filled);
    markup_add(out, text_string(&filled));
}}

__attribute__((unused)) static void add_count(struct text *out, const struct language *language, long long count) {{
    i18n_fill(language, out, "{{n}}", (const struct arg[]){{ ARG_INT("n", count) }}, 1);
}}
"""


def translate(header, paths):
    """(text of the header, text of the source)"""
    templates = {template.name: template for template in map(Template, sorted(paths))}
    guard = "LAERKE_" + re.sub(r"\W", "_", header.upper())
    top = [f"/* Made by tools/templates.py; the syntax is in docs/templates.md. */\n#ifndef {guard}\n#define {guard}\n",
           '#include "base/text.h"\n\n#include <stdbool.h>\n#include <stddef.h>\n\nstruct language;\n']
    source = [SOURCE_HEAD.format(header=header)]
    for template in templates.values():
        writer = Writer(template, templates)
        writer.write(template.body)
        if writer.place.mode != "text":
            template.fault(template.source.count("\n"), "the template ends inside a tag")
        signature = f"void render_{template.name}(struct text *out, const struct language *language, " \
                    f"const struct {template.name}_view *view)"
        for name, fields in template.records.items():
            top += [*struct_lines(writer, f"{template.name}_{name}", fields), ""]
        top += [*struct_lines(writer, f"{template.name}_view", template.view), signature + ";", ""]
        source += ["", signature + " {", "    (void)language;", "    (void)view;", *writer.lines, "}"]
    return "\n".join([*top, "#endif", ""]), "\n".join([*source, ""])


def sentences(paths):
    """Every (context, one, many, place) in the templates, for tools/texts.py."""
    for path in sorted(paths):
        for context, one, many, line in Template(path).sentences:
            yield context, one, many, f"{path}:{line}"


if __name__ == "__main__":
    header, source, *paths = sys.argv[1:]
    try:
        texts = translate(pathlib.Path(header).name, paths)
    except Fault as fault:
        sys.exit(str(fault))
    for path, text in zip((header, source), texts):
        pathlib.Path(path).write_text(text)
