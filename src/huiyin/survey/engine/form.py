"""The form: what is asked, in which order, by which rules; read from pyxform's XForm."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from xml.etree.ElementTree import Element

from huiyin.survey.engine.evaluation import Run, compiled
from huiyin.survey.engine.instance import Node
from huiyin.survey.engine.syntax import Call, Literal, Path, Step, Tree, parse

XF = "{http://www.w3.org/2002/xforms}"
EV = "{http://www.w3.org/2001/xml-events}"
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
#: The appearance of a group whose parts are asked in an order drawn from the seed.
RANDOM_ORDER = "random-order"
_CODE = re.compile(r"\(([A-Za-z]+)(?:[-_]\w+)*\)\s*$")
#: Names by which a language without a code is known.
_NAMES = {"zh": ("中文", "汉语", "chinese", "zh"), "en": ("english", "英文", "英语", "en")}


class UnknownEvent(ValueError):
    """A form sets a value at an event that the engine does not know."""


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
#: What pyxform writes where a translation is missing.
MISSING: Pieces = ("-",)
#: Codes of choices with what is said of each, by language.
Items = tuple[tuple[str, dict[str, Pieces]], ...]


@dataclass(frozen=True)
class Itemset:
    """Choices that come from a list, filtered or shuffled by an expression."""

    nodes: Expression
    value: str
    label: str
    is_itext: bool

    @property
    def is_shuffled(self) -> bool:
        tree = self.nodes.tree
        return isinstance(tree, Call) and tree.name == "randomize"


@dataclass(frozen=True)
class Action:
    """A value that is set when something happens: a default that is calculated, or a trigger.

    Attributes:
        target: whose value is set.
        value: what it is set to; None clears it.
    """

    target: Field
    value: Expression | None


@dataclass(eq=False)
class Field:
    """One place of the form.

    Attributes:
        path: ``/data/group/name``, without positions.
        kind: group, repeat or question; hidden = stored but never shown.
        type: of the bind: string, int, decimal, date, time, dateTime, geopoint …
        control: how it is asked: input, select1, select, rank, range, trigger, upload; "" = not.
        rules: relevant, required, readonly, constraint, calculate; of a repeat also count.
        texts: label, hint, constraint and required message, by name and language.
        sets_off: what happens when its answer changes.
        when_added: what happens when it comes into being in a new instance of a repeat.
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
    items: Items = ()
    settings: dict[str, str] = field(default_factory=dict)
    children: list[Field] = field(default_factory=list)
    order: int = 0  # among the children of its parent
    sets_off: list[Action] = field(default_factory=list)
    when_added: list[Action] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.is_meta = self.path.startswith("/data/meta/")

    @property
    def is_repeat(self) -> bool:
        return self.kind == "repeat"

    @property
    def is_choice(self) -> bool:
        """Whether it offers choices."""
        return self.itemset is not None or bool(self.items)

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of choices that are always the same."""
        return frozenset(value for value, _ in self.items)

    @cached_property
    def is_repeated(self) -> bool:
        """Whether it is a repeat or lies in one."""
        return any(above.is_repeat for above in self.above())

    @cached_property
    def is_shuffled(self) -> bool:
        """Whether its parts are asked in an order that is drawn (appearance ``random-order``)."""
        return self.kind == "group" and RANDOM_ORDER in self.appearance.split()

    def below(self) -> Iterator[Field]:
        """The field itself and all below it, in order."""
        waiting = [self]
        while waiting:
            at = waiting.pop()
            yield at
            waiting.extend(reversed(at.children))

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
        at_start: what happens when an interview begins.
    """

    title: str
    name: str
    version: str
    root: Field
    fields: dict[str, Field]
    lists: dict[str, Node]
    itext: dict[str, dict[str, Pieces]]
    languages: list[str]
    at_start: list[Action]

    def language(self, wanted: str) -> str:
        """The form's own name of a language given by code (``zh``) or name; else the default."""
        if wanted in self.languages:
            return wanted
        code = re.split("[-_]", wanted.lower())[0]
        return next((name for name in self.languages if _is_of(name, code)), self.default)

    @property
    def default(self) -> str:
        return self.languages[0] if self.languages else ""

    def in_language(self, words: Mapping[str, Pieces], language: str) -> Pieces:
        """A text in a language; where it is missing, in the default one or any other."""
        for each in (language, self.default, ""):
            if each in words:
                return words[each]
        return next(iter(words.values()), ())

    def text(self, name: str, language: str) -> Pieces:
        """A text of the form by its id."""
        words = {each: texts[name] for each, texts in self.itext.items() if name in texts}
        return self.in_language(words, language)

    @cached_property
    def short(self) -> dict[str, str]:
        """Paths by name, where the name stands once and outside every repeat."""
        return self._unique(lambda at: not at.is_repeated)

    def short_repeat(self, name: str) -> str:
        """The path of the one repeat of a name that lies in no other; "" where there is none."""
        only_above = self._unique(lambda at: at.is_repeat and not _is_within(at))
        return only_above.get(name, "")

    def _unique(self, wanted: Callable[[Field], bool]) -> dict[str, str]:
        found: dict[str, list[str]] = {}
        for at in self.fields.values():
            if wanted(at):
                found.setdefault(at.name, []).append(at.path)
        return {name: paths[0] for name, paths in found.items() if len(paths) == 1}


def _is_within(at: Field) -> bool:
    return at.parent is not None and at.parent.is_repeated


def _is_of(name: str, code: str) -> bool:
    """Whether a form's name of a language, such as ``中文 (zh)``, means the language of a code."""
    written = _CODE.search(name)
    if written:
        return written[1].lower() == code
    return name.strip().lower() in _NAMES.get(code, (code,))


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
                if value.get("form") is None and _pieces(value) != MISSING
            }
            for each in model.iter(f"{XF}translation")
        }
        translations = sorted(
            model.iter(f"{XF}translation"), key=lambda each: each.get("default") is None
        )
        self.languages = [str(each.get("lang")) for each in translations]
        self.fields: dict[str, Field] = {}
        self.at_start: list[Action] = []

    def form(self) -> Form:
        first, *others = self.model.findall(f"{XF}instance")
        top = first[0]
        root = self.field(top, None)
        for bind in self.model.findall(f"{XF}bind"):
            self.bind(bind)
        self.controls(self.body)
        self.actions(self.model, None)
        title = next((each.text for each in self.root.iter() if each.tag.endswith("}title")), "")
        lists = {str(each.get("id")): _listed(each) for each in others if len(each)}
        for at in self.fields.values():
            if at.itemset is not None and not at.items:
                at.items = self.fixed(at.itemset, lists)
        return Form(
            title or "", top.get("id", ""), top.get("version", ""), root, self.fields, lists,
            self.itext, self.languages, self.at_start,
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
                self.actions(child, at)
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
        self.actions(element, at)
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

    def actions(self, element: Element, at: Field | None) -> None:
        """The values that an element sets, each under the event at which it does."""
        for each in element.findall(f"{XF}setvalue"):
            target = self.fields[str(each.get("ref"))]
            text = each.get("value") or repr(each.text or "")
            action = Action(target, expression(text))
            for event in str(each.get("event", each.get(f"{EV}event"))).split():
                if event == "odk-new-repeat":
                    target.when_added.append(action)
                elif event == "odk-instance-first-load":
                    self.at_start.append(action)
                elif event == "xforms-value-changed" and at is not None:
                    at.sets_off.append(action)
                else:
                    raise UnknownEvent(event)

    def fixed(self, itemset: Itemset, lists: Mapping[str, Node]) -> Items:
        """The choices of a list that nothing filters or shuffles; none where something does."""
        tree = itemset.nodes.tree
        if not isinstance(tree, Path) or tree.steps != (
            Step("child", "root"),
            Step("child", "item"),
        ):
            return ()
        start = tree.start
        if not isinstance(start, Call) or start.name != "instance" or tree.predicates:
            return ()
        name = start.arguments[0]
        top = lists.get(str(name.value)) if isinstance(name, Literal) else None
        items = top.children[0].children if top is not None else []
        return tuple((_column(item, itemset.value), self.shown(itemset, item)) for item in items)

    def shown(self, itemset: Itemset, item: Node) -> dict[str, Pieces]:
        text = _column(item, itemset.label)
        return self.texts(text) if itemset.is_itext else {"": (text,)}

    def texts(self, name: str) -> dict[str, Pieces]:
        return {language: texts[name] for language, texts in self.itext.items() if name in texts}

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
        return self.texts(match[1])


def _column(item: Node, name: str) -> str:
    return item.named[name][0].value if name in item.named else ""


def _itemset(element: Element) -> Itemset:
    value, label = element.find(f"{XF}value"), element.find(f"{XF}label")
    nodes = expression(element.get("nodeset"))
    assert value is not None
    assert label is not None
    assert nodes is not None
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
