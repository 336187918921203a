from __future__ import annotations
from huiyin.survey.engine.form import read_form
from huiyin.survey.engine.dependencies import planned
from huiyin.survey.engine.questionnaire import Questionnaire
def compile(source):
    from pyxform.xls2xform import convert
    x=convert(source).xform
    f=read_form(x)
    return Questionnaire(f,planned(f),x)
