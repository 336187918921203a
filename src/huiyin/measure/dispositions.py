"""Final dispositions of telephone cases: AAPOR's codes, their groups and their names.

The numbering is that of the telephone surveys in the American Association for Public Opinion
Research's *Standard Definitions*; the rates are functions of eight groups of them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from huiyin.measure.errors import MeasureError
from huiyin.measure.tidy import Tidy

GROUPS: dict[str, tuple[str, str]] = {
    "I": ("Complete interview", "完成访问"),
    "P": ("Partial interview", "部分完成"),
    "R": ("Refusal and break-off", "拒访与中途终止"),
    "NC": ("Non-contact", "未接触到受访者"),
    "O": ("Other eligible non-interview", "其他合格未访"),
    "UH": ("Unknown if a household", "不明是否住户"),
    "UO": ("Unknown eligibility, other", "其他资格不明"),
    "NE": ("Not eligible", "不合格"),
}

#: Final disposition codes of telephone surveys, landline and mobile: code, English, Chinese.
CATALOGUE: tuple[tuple[str, str, str], ...] = (
    ("1.1", "Complete interview", "完成访问"),
    ("1.2", "Partial interview", "部分完成"),
    ("2.1", "Refusal and break-off", "拒访与中途终止"),
    ("2.11", "Refusal", "拒访"),
    ("2.111", "Refusal by the household", "住户拒访"),
    ("2.112", "Refusal by the respondent", "受访者本人拒访"),
    ("2.12", "Break-off", "中途终止"),
    ("2.2", "Non-contact", "未接触到受访者"),
    ("2.21", "Respondent never available", "受访者始终不便接听"),
    ("2.22", "Answering device of a household", "住户语音留言"),
    ("2.221", "Answering device, message left", "语音留言，已留言"),
    ("2.222", "Answering device, no message left", "语音留言，未留言"),
    ("2.3", "Other eligible non-interview", "其他合格未访"),
    ("2.31", "Deceased", "受访者去世"),
    ("2.32", "Physically or mentally unable", "因身体或精神原因不能受访"),
    ("2.33", "Language problem", "语言不通"),
    ("2.331", "Language problem of the household", "住户语言不通"),
    ("2.332", "Language problem of the respondent", "受访者语言不通"),
    ("2.333", "No interviewer for the language", "无相应语言的访问员"),
    ("2.34", "Inadequate audio quality", "通话质量过差"),
    ("2.35", "Place or activity does not allow an interview", "所处场所或活动不宜受访"),
    ("2.36", "Miscellaneous, eligible", "合格但因其他原因未访"),
    ("3.1", "Unknown if a household", "不明是否住户"),
    ("3.11", "Not attempted or worked", "未拨打"),
    ("3.12", "Always busy", "始终占线"),
    ("3.13", "No answer", "无人接听"),
    ("3.14", "Answering device, unknown if a household", "语音留言，不明是否住户"),
    ("3.15", "Telecommunication barrier, such as call blocking", "通信拦截、屏蔽"),
    ("3.16", "Technical phone problem", "电话技术故障"),
    ("3.2", "Household, unknown if anyone is eligible", "有住户，不明有无合格者"),
    ("3.21", "No screener completed", "未完成甄别"),
    ("3.3", "Unknown if the person reached is eligible", "接听人资格不明"),
    ("3.9", "Unknown eligibility, other", "其他资格不明"),
    ("4", "Not eligible", "不合格"),
    ("4.1", "Out of the sample, such as out of the area", "不在样本范围内（如地域外）"),
    ("4.2", "Fax or data line", "传真或数据线路"),
    ("4.3", "Non-working or disconnected number", "空号或已停机"),
    ("4.31", "Non-working number", "空号"),
    ("4.32", "Disconnected number", "已销号"),
    ("4.33", "Temporarily out of service", "暂停服务（停机）"),
    ("4.4", "Special technological circumstances", "特殊技术情形"),
    ("4.41", "Number changed", "已改号"),
    ("4.42", "Mobile number reached in the landline frame", "固话样本中拨到手机"),
    ("4.43", "Call forwarding", "呼叫转移"),
    ("4.431", "Forwarded from household to household", "住户之间呼叫转移"),
    ("4.432", "Forwarded from elsewhere to a household", "由非住户转移至住户"),
    ("4.44", "Pager", "寻呼号码"),
    ("4.5", "Not a household", "非住户"),
    ("4.51", "Business, government office, other organisation", "企业、机关或其他单位"),
    ("4.52", "Institution", "机构（医院、监所等）"),
    ("4.53", "Group quarters", "集体居住场所"),
    ("4.54", "Person does not live in the household", "接听人不属该住户"),
    ("4.7", "No eligible respondent", "无合格受访者"),
    ("4.8", "Quota filled", "配额已满"),
    ("4.9", "Not eligible, other", "其他不合格"),
)

_GROUP_OF_PREFIX = {
    "1.1": "I", "1.2": "P", "2.1": "R", "2.2": "NC", "2.3": "O",
    "3.1": "UH", "3.2": "UO", "3.3": "UO", "3.9": "UO", "4": "NE",
}  # fmt: skip
_LISTED = {code for code, _, _ in CATALOGUE}


def disposition_codes() -> Tidy:
    """The catalogue of telephone disposition codes: code, group, label_en, label_zh."""
    return Tidy.of(
        {
            "code": [code for code, _, _ in CATALOGUE],
            "group": [disposition_group(code) for code, _, _ in CATALOGUE],
            "label_en": [english for _, english, _ in CATALOGUE],
            "label_zh": [chinese for _, _, chinese in CATALOGUE],
        }
    )


def disposition_group(code: object, codes: Mapping[Any, str] | None = None) -> str:
    """The AAPOR group (I, P, R, NC, O, UH, UO, NE) of a disposition.

    Args:
        code: a group, or a final disposition code as text or number. Trailing zeros do not
            matter (2.10 is 2.1), nor do full-width characters; a code finer than the catalogue
            counts with the nearest coarser one that is listed (2.1121 with 2.112).
        codes: the office's own outcome codes, each with its group; looked at first.

    Raises:
        MeasureError: ``unknown-disposition``.
    """
    written = _written(code)
    own = {_written(key): group for key, group in (codes or {}).items()}
    if written in own:
        return _own_group(written, own[written])
    if written.upper() in GROUPS:
        return written.upper()
    listed = _nearest_listed(written)
    if listed is None:
        raise _unknown(str(code).strip())
    return next(g for prefix, g in _GROUP_OF_PREFIX.items() if listed.startswith(prefix))


def _written(code: object) -> str:
    """A disposition as the catalogue writes it: no spaces, half-width, no trailing zeros."""
    text = f"{code:.6g}" if isinstance(code, float) else str(code)
    text = unicodedata.normalize("NFKC", text).strip()
    if text.replace(".", "", 1).isdecimal() and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text


def _nearest_listed(written: str) -> str | None:
    if not written.replace(".", "", 1).isdecimal() or written[1:2] not in ("", "."):
        return None
    for length in range(len(written), 0, -1):
        if written[:length] in _LISTED:
            return written[:length]
    return None


def _own_group(written: str, group: str) -> str:
    if group in GROUPS:
        return group
    raise MeasureError(
        "unknown-disposition",
        f"{group!r} is not an AAPOR group; use {', '.join(GROUPS)}",
        f"{group!r} 不是 AAPOR 类别，可用 {'、'.join(GROUPS)}",
        place=f"codes, {written}",
    )


def _unknown(written: str) -> MeasureError:
    return MeasureError(
        "unknown-disposition",
        f"{written!r} is neither a group ({', '.join(GROUPS)}) nor a final disposition code of"
        " telephone surveys; see disposition_codes(), or give its group in codes=",
        f"{written!r} 既不是类别（{'、'.join(GROUPS)}），也不是电话调查的最终结果代码；"
        "请查 disposition_codes()，或在 codes= 中注明其类别",
        place=f"disposition {written}",
    )
