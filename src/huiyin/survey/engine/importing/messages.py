"""What the checks of a questionnaire say, in English and Chinese, by code."""

from __future__ import annotations

from huiyin.survey.engine.findings import Finding, Severity

MESSAGES: dict[str, tuple[str, str]] = {
    "not-a-workbook": (
        "this is no Excel workbook (.xlsx); save it from Excel as “Excel Workbook (*.xlsx)”",
        "这不是 Excel 工作簿（.xlsx）；请在 Excel 里另存为“Excel 工作簿 (*.xlsx)”",
    ),
    "too-large": (
        "the workbook is larger than a questionnaire can be ({size} MB unpacked); take out pictures"
        " and other sheets",
        "工作簿太大（解压后 {size} MB），不像问卷；请删去图片和无关的工作表",
    ),
    "no-survey-sheet": (
        "there is no sheet “survey”; {found}",
        "没有名为 survey 的工作表；{found_zh}",
    ),
    "empty-sheet": (
        "the sheet has no rows below its titles; write one question a row",
        "标题行以下没有内容；请每行写一道题",
    ),
    "merged-cells": (
        "the cells {range} are merged; unmerge them and write each value into its own cell",
        "单元格 {range} 是合并的；请取消合并，每格各写各的值",
    ),
    "formula": (
        "the cell {cell} holds a formula; paste its value in its place",
        "单元格 {cell} 是公式；请改为粘贴数值",
    ),
    "duplicate-column": (
        "the column “{title}” stands twice; keep one of them",
        "“{title}”列出现两次；请只保留一列",
    ),
    "unknown-column": (
        "there is no column “{title}”; write “{instead}”",
        "没有“{title}”这一列；应写作“{instead}”",
    ),
    "ignored-column": (
        "the column “{title}” is not known and is left out",
        "不认识“{title}”列，未予采用",
    ),
    "missing-column": (
        "the column “{title}” is missing; add it to the first row",
        "缺少“{title}”列；请在第一行补上",
    ),
    "missing-type": (
        "the row has a name but no type; write text, integer, select_one LIST … into the column type",
        "这一行有 name 没有 type；请在 type 列写 text、integer、select_one 列表名 等",
    ),
    "unknown-type": (
        "there is no type “{type}”{hint}",
        "没有“{type}”这种题型{hint_zh}",
    ),
    "refused-type": (
        "the type “{type}” needs files beside the questionnaire, which are not read; put the list on"
        " the sheet choices",
        "题型“{type}”要用问卷以外的文件，本系统不读取；请把选项写在 choices 工作表",
    ),
    "missing-name": (
        "the row has no name; give it a short one of letters, digits and _",
        "这一行没有 name；请起一个由字母、数字和下划线组成的短名",
    ),
    "bad-name": (
        "“{name}” cannot be a name: it begins with a letter and goes on with letters, digits, _, -"
        " or a point; write “{instead}”",
        "“{name}”不能作名称：须以字母开头，后接字母、数字、_、- 或点；可写作“{instead}”",
    ),
    "duplicate-name": (
        "the name “{name}” stands already in row {first}; give this one another",
        "名称“{name}”在第 {first} 行已经用过；请另起名称",
    ),
    "taken-name": (
        "the name “{name}” is taken by the form itself; give this one another",
        "名称“{name}”已被表单本身占用；请另起名称",
    ),
    "nested-too-deeply": (
        "groups are nested more than {most} deep; take some of them out",
        "分组嵌套超过 {most} 层；请减少层次",
    ),
    "not-closed": (
        "this {kind} has no end; write end_{kind} into the row below its last question",
        "这个 {kind} 没有结束；请在最后一题的下一行写 end_{kind}",
    ),
    "not-opened": (
        "end_{kind} closes nothing; take the row out, or write begin_{kind} above",
        "end_{kind} 没有对应的开始；请删去此行，或在上面补 begin_{kind}",
    ),
    "no-list": (
        "write which list of choices is meant: {type} LIST",
        "请写明用哪个选项列表：{type} 列表名",
    ),
    "unknown-list": (
        "there is no list “{list}” on the sheet choices{hint}",
        "choices 工作表里没有列表“{list}”{hint_zh}",
    ),
    "unused-list": (
        "no question uses the list “{list}”",
        "没有题目使用列表“{list}”",
    ),
    "no-label": (
        "this has no label, so nobody can read it; write what is asked",
        "没有文字（label），访问时无法读出；请写上文字",
    ),
    "label-not-translated": (
        "the label is missing in {languages}",
        "缺少 {languages} 的文字（label）",
    ),
    "choice-without-name": (
        "this choice has no code; write one into the column name",
        "这个选项没有编码；请在 name 列填写",
    ),
    "choice-without-list": (
        "this choice belongs to no list; write its list into the column list_name",
        "这个选项不属于任何列表；请在 list_name 列填写列表名",
    ),
    "choice-with-space": (
        "the code “{name}” holds a space, but several choices are kept with spaces between; write"
        " “{instead}”",
        "编码“{name}”含有空格，而多选答案以空格分隔；请写作“{instead}”",
    ),
    "duplicate-choice": (
        "the code “{name}” stands already in row {first} of this list; give this choice another",
        "编码“{name}”在本列表第 {first} 行已经用过；请另编",
    ),
    "score-missing": (
        "other choices of the list have a score in “{column}”, this one has none; write one, or mark"
        " the choice as exclusive if it is no answer",
        "本列表其他选项在“{column}”列有分值，此项没有；请补上分值，若此项不算回答，请在 exclusive 列注明",
    ),
    "score-not-a-number": (
        "the score “{value}” is no number",
        "分值“{value}”不是数字",
    ),
    "unknown-code": (
        "the list “{list}” has no choice “{code}”; write one of {codes}",
        "列表“{list}”里没有选项“{code}”；应为 {codes} 之一",
    ),
    "full-width-sign": (
        "“{wrong}” is a full-width sign; write “{instead}”",
        "“{wrong}”是全角符号；请改为半角“{instead}”",
    ),
    "open-quote": (
        "a quotation mark is not closed: {wrong}; write {instead} at its end",
        "引号没有配对：{wrong}；请在末尾补 {instead}",
    ),
    "unreadable": (
        "“{wrong}” has no place in an expression",
        "表达式里不能有“{wrong}”",
    ),
    "unexpected": (
        "“{wrong}” stands where it cannot{hint}",
        "“{wrong}”的位置不对{hint_zh}",
    ),
    "ends-early": (
        "the expression breaks off{hint}",
        "表达式没有写完{hint_zh}",
    ),
    "empty-expression": ("the expression is empty", "表达式是空的"),
    "too-deep": (
        "the expression is nested too deeply; use a calculate for a part of it",
        "表达式嵌套太深；请把其中一部分改用 calculate",
    ),
    "unknown-axis": (
        "“{wrong}::” is not to be used in a path; write {instead}",
        "路径里不能用“{wrong}::”；可用 {instead}",
    ),
    "unknown-function": (
        "there is no function “{wrong}”{hint}",
        "没有“{wrong}”这个函数{hint_zh}",
    ),
    "refused-function": (
        "the function “{wrong}” is not supported: {reason}",
        "不支持函数“{wrong}”：{reason_zh}",
    ),
    "wrong-arguments": (
        "{wrong}() takes {takes}, here it has {has}",
        "{wrong}() 需要 {takes_zh}，这里有 {has} 个",
    ),
    "not-a-question": (
        "{wrong}() takes a question such as ${{name}} here, not a value",
        "{wrong}() 这里需要题目（如 ${{name}}），不能是值",
    ),
    "unknown-reference": (
        "there is no question “{wrong}”{hint}",
        "没有题目“{wrong}”{hint_zh}",
    ),
    "ambiguous-reference": (
        "the name “{wrong}” stands in several rows ({rows}); give each its own name",
        "名称“{wrong}”在多行出现（{rows}）；请使名称各不相同",
    ),
    "bare-name": (
        "“{wrong}” alone leads nowhere; write ${{{wrong}}}",
        "单写“{wrong}”找不到题目；应写作 ${{{wrong}}}",
    ),
    "unknown-list-column": (
        "the sheet choices has no column “{wrong}”{hint}; for a question write ${{{wrong}}}",
        "choices 工作表没有“{wrong}”列{hint_zh}；若指题目，应写作 ${{{wrong}}}",
    ),
    "other-languages": (
        "the labels here are in {here}, on the sheet survey in {there}; give the columns the same"
        " titles",
        "本表文字的语言是 {here}，survey 工作表是 {there}；请使两表的列标题一致",
    ),
    "unclosed-reference": (
        "a reference is not closed; write ${{name}}",
        "引用没有写完整；应写作 ${{名称}}",
    ),
    "compared-with-text": (
        "${{{question}}} is a number, but “{wrong}” is text; write a number without quotation marks",
        "${{{question}}} 是数字，而“{wrong}”是文字；请写不带引号的数字",
    ),
    "looks-ahead": (
        "the constraint reads ${{{question}}}, which is asked later (row {later}); put the constraint"
        " there",
        "constraint 用到了后面（第 {later} 行）才问的 ${{{question}}}；请把条件写到那一题",
    ),
    "asked-too-early": (
        "whether this is asked depends on ${{{question}}}, which comes later (row {later}); move one of"
        " them",
        "是否提问取决于后面（第 {later} 行）才问的 ${{{question}}}；请调整顺序",
    ),
    "never-asked": (
        "this can never be asked: {reason}",
        "这一题永远不会被问到：{reason_zh}",
    ),
    "cycle": (
        "these depend on each other in a circle: {path}",
        "以下各项互相依赖，形成循环：{path}",
    ),
    "bad-missing-code": (
        "“{code}” is a choice of this question already; leave the column “{column}” empty",
        "“{code}”已是本题的选项；“{column}”列请留空",
    ),
    "trigger-not-asked": (
        "${{{question}}} is asked of nobody, so nothing can follow from it; name a question that is"
        " asked",
        "${{{question}}} 不是要问的题目，不能作为 trigger；请改为要问的题目",
    ),
    "trigger-circle": (
        "these set each other off in a circle: {path}",
        "以下各题的 trigger 互相触发，形成循环：{path}",
    ),
    "bad-pattern": (
        "the pattern “{wrong}” cannot be read; use only [ ] ( ) | ? * + {{n}} . \\d \\w \\s, and"
        " [一-龥] for Chinese characters",
        "正则表达式“{wrong}”无法识别；只能用 [ ] ( ) | ? * + {{n}} . \\d \\w \\s，汉字写 [一-龥]",
    ),
    "bad-algorithm": (
        "digest() knows no “{wrong}”; write 'MD5', 'SHA-1', 'SHA-256', 'SHA-384' or 'SHA-512', and"
        " 'base64' or 'hex'",
        "digest() 没有“{wrong}”；可用 'MD5'、'SHA-1'、'SHA-256'、'SHA-384'、'SHA-512'，以及 'base64'、"
        "'hex'",
    ),
    "other-in-english": (
        "or_other adds “Other” and “Specify other.” in English; for other languages write a choice"
        " “other” and a text question of your own",
        "or_other 只会加上英文的“Other”和“Specify other.”；中文问卷请自己写“其他”选项和填写题",
    ),
    "random-order-reads": (
        "this reads ${{{question}}}, which may come later, because the group “{group}” is asked in"
        " random order",
        "这里用到 ${{{question}}}，但分组“{group}”的顺序是随机的，它可能排在后面",
    ),
    "pyxform": ("{wrong}", "问卷无法转换：{wrong}"),
}  # fmt: skip


def finding(
    code: str,
    sheet: str = "",
    row: int | None = None,
    column: str = "",
    severity: Severity = "error",
    /,
    **values: object,
) -> Finding:
    """A finding of a code at a place; the values fill its messages."""
    english, chinese = MESSAGES[code]
    return Finding(
        code, english.format(**values), chinese.format(**values), sheet, row, column, severity
    )


def perhaps(near: str) -> dict[str, str]:
    """The proposal of a near word, as the values ``hint`` and ``hint_zh``."""
    if not near:
        return {"hint": "", "hint_zh": ""}
    return {"hint": f"; write “{near}”?", "hint_zh": f"；是否应为“{near}”？"}
