"""What functions take, said in words."""

from __future__ import annotations

from huiyin.survey.engine.functions import Function


def takes(known: Function) -> dict[str, str]:
    """How many arguments a function takes, as the values ``takes`` and ``takes_zh``."""
    least, most = known.least, known.most
    if most is None:
        return {"takes": f"at least {least} values", "takes_zh": f"至少 {least} 个值"}
    if least == most:
        noun = "value" if least == 1 else "values"
        return {"takes": f"{least or 'no'} {noun}", "takes_zh": f"{least} 个值"}
    return {"takes": f"{least} to {most} values", "takes_zh": f"{least} 至 {most} 个值"}
