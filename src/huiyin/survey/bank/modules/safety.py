"""The sense of safety, what weighs on it, and the special campaign against organised crime."""

from __future__ import annotations

from huiyin.survey.bank.lists import CHANGE, GOOD, HOW_MUCH, KNOWN, SAFE
from huiyin.survey.bank.parts import Choice, Module, many, scale

_NOT_READ = {
    "hint_zh": "可多选，逐项念出；“没有”不念，受访者主动说出时再选，且不与其他选项同选",
    "hint_en": "Several; read each out. “None” is not read out: take it only when said, alone",
}

SAFETY = Module(
    "safety", "安全感受", "Sense of safety",
    lists={
        "factors": (
            Choice("theft", "盗窃、抢劫", "Theft and robbery"),
            Choice("fraud", "电信网络诈骗", "Fraud by phone and internet"),
            Choice("gangs", "黑恶势力", "Organised crime"),
            Choice("vice", "卖淫嫖娼、赌博、毒品", "Prostitution, gambling, drugs"),
            Choice("violence", "打架斗殴、故意伤害", "Fights and bodily harm"),
            Choice("traffic", "道路交通安全", "Road traffic"),
            Choice("fire", "消防和生产安全", "Fire and safety at work"),
            Choice("food", "食品药品安全", "Food and medicines"),
            Choice("disputes", "邻里、家庭、土地等矛盾纠纷", "Disputes between people"),
            Choice("school", "校园及周边安全", "Safety in and around schools"),
            Choice("other", "其他", "Something else"),
            Choice("none", "没有", "None", exclusive=True),
        ),
    },
    rows=(
        scale("safety", SAFE, "总的来说，您觉得在您居住的地方生活",
              "All in all, how safe is life where you live?"),
        scale("safety_night", SAFE, "天黑以后一个人在住处附近走路，您觉得",
              "How safe is it to walk alone near your home after dark?"),
        scale("gangs", HOW_MUCH, "您居住的地方，欺压群众、强买强卖、暴力讨债等黑恶势力犯罪现象",
              "Organised crime where you live, such as bullying, forced deals, violent debt"
              " collection: how much of it is there?"),
        scale("theft", HOW_MUCH, "您居住的地方，盗窃、抢劫犯罪现象",
              "Theft and robbery where you live: how much of it is there?"),
        scale("vice", HOW_MUCH, "您居住的地方，卖淫嫖娼现象",
              "Prostitution where you live: how much of it is there?"),
        many("factors", "factors", "目前影响您安全感的主要因素有哪些？",
             "What mainly weighs on your sense of safety at present?", **_NOT_READ),
        scale("safety_change", CHANGE, "与去年同期相比，您居住的地方的社会治安",
              "Compared with the same time last year, public order where you live:"),
    ),
)  # fmt: skip

CAMPAIGN = Module(
    "campaign", "扫黑除恶专项斗争", "Special campaign against organised crime",
    lists={
        # The last three do not belong to the campaign: who takes them has not heard its content.
        "campaign_content": (
            Choice("bullying", "打击欺行霸市、强买强卖的黑恶势力",
                   "Acts against gangs that dominate markets and force deals"),
            Choice("village", "打击把持基层政权、垄断农村资源的黑恶势力",
                   "Acts against gangs that seize village government and resources"),
            Choice("lending", "打击非法高利放贷、暴力讨债",
                   "Acts against usury and violent debt collection"),
            Choice("umbrella", "查处黑恶势力背后的“保护伞”",
                   "Looks for officials who shield gangs"),
            Choice("parking", "整治城区机动车停车秩序", "Puts order into parking in towns"),
            Choice("waste", "推行生活垃圾分类", "Introduces the sorting of household waste"),
            Choice("housing", "改造老旧小区管网", "Renews the pipes of old housing estates"),
            Choice("none", "都不知道", "Knows none of these", exclusive=True),
        ),
    },
    rows=(
        scale("campaign_known", KNOWN, "对扫黑除恶专项斗争，您",
              "The special campaign against organised crime:"),
        many("campaign_content", "campaign_content",
             "据您所知，下面哪些是扫黑除恶专项斗争的内容？",
             "As far as you know, which of these belong to the campaign?",
             relevant="${campaign_known} = 'well' or ${campaign_known} = 'heard'",
             hint_zh="可多选，按屏幕顺序逐项念出；“都不知道”不念，不提示对错",
             hint_en="Several; read each out as shown. “Knows none” is not read out; give no hint"),
        scale("campaign_view", GOOD, "您对本地扫黑除恶专项斗争的成效怎么评价？",
              "How do you judge what the campaign has achieved here?",
              relevant="${campaign_known} = 'well' or ${campaign_known} = 'heard'"),
        scale("campaign_change", CHANGE, "与专项斗争开展以前相比，本地黑恶势力犯罪的情况",
              "Compared with the time before the campaign, organised crime here has become:"),
    ),
)  # fmt: skip
