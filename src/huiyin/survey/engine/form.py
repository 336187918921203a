"""The form: what is asked, in which order, under which rules; read from the XForm that pyxform made."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from huiyin.survey.engine.evaluation import Run, compiled
from huiyin.survey.engine.instance import Node
from huiyin.survey.engine.syntax import Tree, parse

XF = "{http://www.w3.org/2002/xforms}"
JR = "{http://openrosa.org/javarosa}"
ODK = "{http://www.opendatakit.org/xforms}"
#: Elements of the body that ask something.
CONTROLS = {
    XF + "input": "input", XF + "select1": "select1", XF + "select": "select",
    XF + "trigger": "trigger", XF + "upload": "upload", XF + "range": "range",
    ODK + "rank": "rank", XF + "secret": "input",
}  # fmt: skip
#: The rules of a bind, by the attribute that holds each.
RULES = ("relevant", "required", "readonly", "constraint", "calculate")
_CODE = re.compile(r"\(([A-Za-z-]+)\)\s*$")


@dataclass(frozen=True)
class Expression:
    """An expression of the form, ready to run."""

    text: str
    tree: Tree
    run: Run


def expression(text: str | None) -> Expression | None:
    """The expression of an attribute; None where there is none."""
    if text is None or not text.strip():
        return None
    tree = parse(text)
    return Expression(text, tree, compiled(tree))


#: A text with values in it: its pieces in order.
Pieces = tuple[str | Expression, ...]


@dataclass(frozen=True)
class Itemset:
    """Choices that come from a list, filtered or shuffled by an expression."""

    nodes: Expression
    value: str
    label: str
    is_itext: bool


@dataclass
class Field:
    """One place of the form.

    Attributes:
        path: ``/data/group/name``, without positions.
        kind: group, repeat or question; hidden = stored but never shown.
        type: of the bind: string, int, decimal, date, time, dateTime, geopoint …
        control: how it is asked: input, select1, select, rank, range, trigger, upload; "" = not.
        rules: relevant, required, readonly, constraint, calculate; of a repeat also count.
        texts: label, hint, constraint and required message, by name and language.
    """

    name: str
    path: str
    parent: Field | None = None
    kind: str = "hidden"
    type: str = "string"
    control: str = ""
    appearance: str = ""
    default: str = ""
    rules: dict[str, Expression] = field(default_factory=dict)
    texts: dict[str, dict[str, Pieces]] = field(default_factory=dict)
    itemset: Itemset | None = None
    items: tuple[tuple[str, dict[str, Pieces]], ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    children: list[Field] = field(default_factory=list)
    order: int = 0  # among the children of its parent

    @property
    def is_repeat(self) -> bool:
        return self.kind == "repeat"

    def below(self) -> Iterator[Field]:
        """The field itself and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.below()

    def above(self) -> Iterator[Field]:
        """The field itself and all above it, from below."""
        at: Field | None = self
        while at is not None:
            yield at
            at = at.parent


@dataclass
class Form:
    """A form as the XForm has it.

    Attributes:
        root: the field of the whole.
        fields: every field by its path, in the order of the answers.
        lists: roots of the secondary instances by name.
        itext: texts by language and id.
        languages: as the form names them; the default first.
    """

    title: str
    name: str
    version: str
    root: Field
    fields: dict[str, Field]
    lists: dict[str, Node]
    itext: dict[str, dict[str, Pieces]]
    languages: list[str]

    def language(self, wanted: str) -> str:
        """The form's own name of a language given by code (``zh``) or name; else the default."""
        for name in self.languages:
            code = _CODE.search(name)
            if wanted == name or (code and code[1].lower() == wanted.lower()):
                return name
        return self.languages[0] if self.languages else ""


def read_form(xform: str) -> Form:
    """The form of an XForm document as pyxform writes it."""
    root = ElementTree.fromstring(xform)
    model = root.find(f".//{XF}model")
    body = next(each for each in root if each.tag.endswith("}body"))
    assert model is not None, "pyxform writes a model"
    return _Reader(root, model, body).form()


class _Reader:
    """Reads one document."""

    def __init__(self, root: Element, model: Element, body: Element) -> None:
        self.root, self.model, self.body = root, model, body
        self.itext = {
            str(each.get("lang")): {
                str(text.get("id")): _pieces(value)
                for text in each.iter(f"{XF}text")
                for value in text.findall(f"{XF}value")
                if value.get("form") is None
            }
            for each in model.iter(f"{XF}translation")
        }
        translations = sorted(
            model.iter(f"{XF}translation"), key=lambda each: each.get("default") is None
        )
        self.languages = [str(each.get("lang")) for each in translations]
        self.fields: dict[str, Field] = {}

    def form(self) -> Form:
        first, *others = self.model.findall(f"{XF}instance")
        top = first[0]
        root = self.field(top, None)
        for bind in self.model.findall(f"{XF}bind"):
            self.bind(bind)
        self.controls(self.body)
        title = next((each.text for each in self.root.iter() if each.tag.endswith("}title")), "")
        lists = {str(each.get("id")): _listed(each) for each in others if len(each)}
        return Form(
            title or "", top.get("id", ""), top.get("version", ""), root, self.fields, lists,
            self.itext, self.languages,
        )  # fmt: skip

    def field(self, element: Element, parent: Field | None) -> Field:
        """The fields of an element of the primary instance; a repeat's template stands for it."""
        name = _local(element.tag)
        path = f"{parent.path if parent else ''}/{name}"
        if path in self.fields:
            return self.fields[path]
        made = Field(name, path, parent, default=(element.text or "").strip())
        self.fields[path] = made
        if f"{JR}template" in element.attrib:
            made.kind = "repeat"
        elif len(element):
            made.kind = "group"
        for child in element:
            self.below(made, child)
        return made

    def below(self, parent: Field, element: Element) -> None:
        known = len(self.fields)
        made = self.field(element, parent)
        if len(self.fields) > known:  # a repeat stands twice, as template and as first instance
            made.order = len(parent.children)
            parent.children.append(made)

    def bind(self, bind: Element) -> None:
        at = self.fields.get(str(bind.get("nodeset")))
        if at is None:
            return
        at.type = str(bind.get("type", "string")).rpartition(":")[2]
        for rule in RULES:
            if (made := expression(bind.get(rule))) is not None:
                at.rules[rule] = made
        for name in ("constraintMsg", "requiredMsg"):
            if text := bind.get(JR + name):
                at.texts[name] = self.referred(text) or {"": (text,)}
        if preload := bind.get(f"{JR}preload"):
            at.settings["preload"] = f"{preload}/{bind.get(f'{JR}preloadParams', '')}"

    def controls(self, element: Element) -> None:
        for child in element:
            if child.tag in CONTROLS:
                self.control(child, CONTROLS[child.tag])
            elif child.tag == f"{XF}repeat":
                at = self.fields[str(child.get("nodeset"))]
                at.kind = "repeat"
                if (count := expression(child.get(f"{JR}count"))) is not None:
                    at.rules["count"] = count
                self.controls(child)
            elif child.tag == f"{XF}group":
                self.group(child)

    def group(self, element: Element) -> None:
        at = self.fields.get(str(element.get("ref")))
        if at is not None:
            at.kind = "repeat" if at.is_repeat else "group"
            at.appearance = element.get("appearance", "")
            self.words(element, at)
        self.controls(element)

    def control(self, element: Element, name: str) -> None:
        at = self.fields[str(element.get("ref"))]
        at.kind, at.control = "question", name
        at.appearance = element.get("appearance", "")
        at.settings |= {key: element.get(key, "") for key in ("start", "end", "step")
                        if element.get(key)}  # fmt: skip
        self.words(element, at)
        at.items = tuple(
            (item.findtext(f"{XF}value", ""), self.said(item.find(f"{XF}label")))
            for item in element.findall(f"{XF}item")
        )
        if (itemset := element.find(f"{XF}itemset")) is not None:
            at.itemset = _itemset(itemset)

    def words(self, element: Element, at: Field) -> None:
        for name in ("label", "hint"):
            if (found := element.find(XF + name)) is not None:
                at.texts[name] = self.said(found)

    def said(self, element: Element | None) -> dict[str, Pieces]:
        """A text by language; under "" where the form has no languages."""
        if element is None:
            return {}
        return self.referred(element.get("ref", "")) or {"": _pieces(element)}

    def referred(self, reference: str) -> dict[str, Pieces]:
        match = re.fullmatch(r"jr:itext\('(.*)'\)", reference)
        if not match:
            return {}
        return {
            language: texts[match[1]] for language, texts in self.itext.items() if match[1] in texts
        }


def _itemset(element: Element) -> Itemset:
    value, label = element.find(f"{XF}value"), element.find(f"{XF}label")
    nodes = expression(element.get("nodeset"))
    assert value is not None and label is not None and nodes is not None
    shown = label.get("ref", "")
    match = re.fullmatch(r"jr:itext\((.*)\)", shown)
    return Itemset(nodes, value.get("ref", ""), match[1] if match else shown, bool(match))


def _listed(instance: Element) -> Node:
    """A secondary instance as nodes, under a document node so that ``/root/item`` finds it."""
    top = Node("")
    top.add(_node(instance[0]))
    return top


def _node(element: Element) -> Node:
    made = Node(_local(element.tag))
    made.value = (element.text or "").strip() if not len(element) else ""
    for child in element:
        made.add(_node(child))
    return made


def _pieces(element: Element) -> Pieces:
    """The text of an element with its ``<output value="…"/>``."""
    pieces: list[str | Expression] = [element.text or ""]
    for child in element:
        made = expression(child.get("value") or child.get("ref"))
        pieces += [made] if made is not None else []
        pieces.append(child.tail or "")
    return tuple(piece for piece in pieces if piece != "")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
