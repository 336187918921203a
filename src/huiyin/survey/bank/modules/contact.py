"""The first minute: who calls and why, who in the household is asked, whether he belongs here.

Law: what is told before the first question follows 统计法 (2024) art. 11 (confidentiality) and
个人信息保护法 arts. 13, 14 and 17 (free and informed consent, which can be taken back: art. 15).
"""

from __future__ import annotations

from huiyin.survey.bank.parts import (
    AGE_REFUSED,
    DONT_KNOW,
    REFUSED,
    Choice,
    Module,
    calculated,
    count,
    first_of,
    note,
    one,
    recorded,
    text,
)

INTRODUCTION = Module(
    "introduction", "开场白", "Introduction", fixed=True, before=True,
    lists={
        "reached": (
            Choice("mobile", "手机", "Mobile phone"),
            Choice("landline", "固定电话", "Landline"),
        ),
        "consent": (
            Choice("agreed", "同意接受访问", "Agrees to be interviewed"),
            Choice("refused", "不同意", "Does not agree"),
        ),
    },
    rows=(
        calculated("order_seed", "once(1 + int(random() * 2147483645))"),
        recorded(
            "reached_on", "reached", "【访问员记录】本次接通的是哪种电话？",
            "[Interviewer records] Which kind of phone was reached?",
        ),
        note(
            "greeting",
            "您好！这里是12340社情民意调查热线，我是访问员。我们正在{place}开展群众安全感和"
            "满意度调查，想听听居民的真实看法，大约需要10分钟。您的号码是随机抽取的。",
            "Hello! This is the survey line 12340; I am an interviewer. We are asking residents of"
            " {place} how safe they feel and how they see public services. It takes about ten"
            " minutes. Your number was drawn at random.",
        ),
        note(
            "rights",
            "参不参加由您自愿决定，您可以随时停止，也可以不回答其中任何一题，不会有任何影响。"
            "按照《中华人民共和国统计法》和《中华人民共和国个人信息保护法》，我们对您的回答和"
            "个人信息严格保密，只用于汇总统计，不会告诉任何被评价的单位。答案没有对错之分。",
            "Taking part is your free choice: you may stop at any time and leave out any question,"
            " and nothing follows from it. Under the Statistics Law and the Personal Information"
            " Protection Law your answers and personal data are kept confidential, are used for"
            " totals only, and are told to none of the offices asked about. There are no right or"
            " wrong answers.",
        ),
        recorded(
            "consent", "consent", "请问您愿意接受访问吗？", "Are you willing to be interviewed?",
        ),
        note(
            "farewell_refused", "打扰您了，祝您生活愉快，再见！",
            "Sorry to have disturbed you. Have a good day; goodbye!",
            relevant="${consent} = 'refused'",
        ),
    ),
)  # fmt: skip

#: Kish (1949, JASA 44) draws from the listed adults with equal chance; a number drawn by the
#: machine takes the place of his printed tables.
SELECTION = Module(
    "selection", "户内抽选（固定电话）", "Selection in the household (landline)", before=True,
    relevant="${consent} = 'agreed' and ${reached_on} = 'landline'",
    lists={
        "birthday": (
            Choice("self", "就是接电话的本人", "The person on the phone"),
            Choice("other", "家里其他人", "Somebody else in the household"),
        ),
    },
    rows=(
        count(
            "adults",
            "为了保证公平抽选，请问您家里年满{age}周岁、常住在一起的一共有几个人（包括您自己）？",
            "So that everybody has the same chance: how many people aged {age} or over live in your"
            " household, yourself included?",
            most=20, least=1,
        ),
        one(
            "birthday_person", "birthday",
            "这几个人当中，最近一个过生日的是您本人还是家里其他人？",
            "Among them, who had the most recent birthday: yourself, or somebody else?",
            relevant="${adults} > 1 and ${adults} < 90",
            hint_zh="说不清谁最近过生日的，选“不知道”，改用按年龄排序抽选",
            hint_en="Where nobody can tell, take “don't know”; the draw by age follows",
        ),
        calculated("kish_draw", "once(random())"),
        calculated(
            "kish_place", "if(${adults} < 90, int(${kish_draw} * ${adults}) + 1, '')"
        ),
        recorded(
            "kish_person", "birthday",
            "请把这几个人按年龄从大到小排一排，排在第${kish_place}位的是您本人还是家里其他人？",
            "Please put these people in order of age, the oldest first. Number ${kish_place}: is it"
            " yourself, or somebody else?",
            relevant=f"${{birthday_person}} = '{DONT_KNOW}' or ${{birthday_person}} = '{REFUSED}'",
        ),
        calculated("selected_by", first_of([
            ("${adults} = 1", "'alone'"), ("${kish_person} != ''", "'kish'"),
            ("${birthday_person} != ''", "'birthday'"),
        ])),
        recorded(
            "selected_here", "yes_no",
            "请问能请这位家人现在来接电话吗？",
            "Could this person come to the phone now?",
            relevant="${birthday_person} = 'other' or ${kish_person} = 'other'",
        ),
        text(
            "appointment",
            "请问这位家人什么时候方便接电话？【记录日期和时间】",
            "When can this person be reached? [Record day and time]",
            relevant="${selected_here} = 'no'",
        ),
        note(
            "greeting_again",
            "【换人接听后】您好！这里是12340社情民意调查热线。我们正在{place}开展群众安全感和满意度"
            "调查，您是按规则抽选出来的。是否参加由您自愿决定，可以随时停止，也可以不回答其中任何"
            "一题；您的回答和个人信息依法严格保密。",
            "[When the person has come] Hello! This is the survey line 12340. We are asking"
            " residents of {place} how safe they feel; you were selected by rule. Taking part is"
            " your free choice; you may stop at any time and leave out any question. By law your"
            " answers and personal data are kept confidential.",
            relevant="${selected_here} = 'yes'",
        ),
        recorded(
            "selected_consent", "consent", "请问您愿意接受访问吗？",
            "Are you willing to be interviewed?", relevant="${selected_here} = 'yes'",
        ),
    ),
)  # fmt: skip
#: Whether the person who belongs on the phone is on the phone.
READY = first_of([
    ("${consent} != 'agreed'", "'no'"),
    ("${reached_on} = 'mobile'", "'yes'"),
    ("${birthday_person} = 'self' or ${kish_person} = 'self' or ${adults} = 1", "'yes'"),
    ("${adults} >= 90", "'yes'"),  # the household cannot be told apart: whoever answered
    ("${selected_consent} = 'agreed'", "'yes'"),
], "'no'")  # fmt: skip

SCREENING = Module(
    "screening", "甄别", "Screening", fixed=True, before=True,
    lists={
        "residence": (
            Choice("under_6", "不满6个月", "Less than 6 months"),
            Choice("from_6", "6个月以上，不满12个月", "6 months or more, less than 12"),
            Choice("from_12", "12个月以上", "12 months or more"),
        ),
    },
    rows=(
        count(
            "age", "请问您今年多少周岁？", "How old are you, in completed years?", most=110,
            constraint=f"(. >= 0 and . <= 110) or . = {AGE_REFUSED}", refused=AGE_REFUSED,
            dont_know="",
            hint_zh="不愿说的，记“拒答”，下一题只问是否达到年龄",
            hint_en="Where it is not told, record a refusal; the next question asks only the limit",
        ),
        recorded(
            "of_age", "yes_no", "那么，请问您是否已满{age}周岁？", "Are you {age} or over?",
            relevant=f"${{age}} = {AGE_REFUSED}",
        ),
        one(
            "residence", "residence", "请问您在{place}连续居住了多长时间？",
            "How long have you been living in {place} without a break?",
        ),
        recorded(
            "county", "counties", "请问您现在住在哪个县（市、区）？",
            "In which county or district do you live now?",
        ),
        one(
            "township", "townships", "请问是哪个乡镇（街道）？", "In which township or street?",
            choice_filter="county = ${county}", relevant="${county} != 'elsewhere'",
        ),
    ),
)  # fmt: skip

PHONES = Module(
    "phones", "电话使用情况", "Phones",
    rows=(
        count(
            "landlines", "请问您家里有几部能接到外面电话的固定电话（号码不同的才算）？没有就说0。",
            "How many landline numbers ring in your household? None is 0.", most=10,
        ),
        count(
            "mobiles", "请问您本人平时使用几个手机号码？没有就说0。",
            "How many mobile numbers do you use yourself? None is 0.", most=10,
        ),
        count(
            "sharing",
            "请问家里这部固定电话，年满{age}周岁的一共有几个人在用（包括您自己）？",
            "How many people aged {age} or over share the landline, yourself included?",
            most=20, least=1, relevant="${landlines} > 0 and ${landlines} < 90",
        ),
    ),
)  # fmt: skip

DEMOGRAPHICS = Module(
    "demographics", "背景资料", "About the person",
    lists={
        "sex": (Choice("male", "男", "Male"), Choice("female", "女", "Female")),
        "age_bands": (
            Choice("16_24", "16—24岁", "16–24"),
            Choice("25_34", "25—34岁", "25–34"),
            Choice("35_44", "35—44岁", "35–44"),
            Choice("45_54", "45—54岁", "45–54"),
            Choice("55_64", "55—64岁", "55–64"),
            Choice("65_up", "65岁及以上", "65 and over"),
        ),
        "dwelling": (
            Choice("urban", "城区", "In the city"),
            Choice("town", "镇上", "In a town"),
            Choice("village", "农村", "In a village"),
        ),
        "education": (
            Choice("primary", "小学及以下", "Primary school or less"),
            Choice("junior", "初中", "Junior middle school"),
            Choice("senior", "高中、中专或技校", "Senior middle or vocational school"),
            Choice("college", "大专", "College"),
            Choice("university", "本科及以上", "University"),
        ),
    },
    rows=(
        recorded(
            "sex", "sex", "【访问员记录，听不出再问】受访者的性别是？",
            "[Interviewer records; ask only if in doubt] Sex of the person?",
        ),
        one(
            "age_asked", "age_bands", "请问您属于下面哪个年龄段？",
            "To which age band do you belong?", relevant=f"${{age}} = {AGE_REFUSED}",
        ),
        calculated("age_band", first_of([
            (f"${{age}} = {AGE_REFUSED}", "${age_asked}"),
            ("${age} >= 65", "'65_up'"), ("${age} >= 55", "'55_64'"), ("${age} >= 45", "'45_54'"),
            ("${age} >= 35", "'35_44'"), ("${age} >= 25", "'25_34'"), ("${age} >= 16", "'16_24'"),
        ])),
        one("dwelling", "dwelling", "请问您住在城区、镇上，还是农村？",
            "Do you live in the city, in a town, or in a village?"),
        one("education", "education", "请问您的文化程度是？", "What education have you completed?"),
    ),
)  # fmt: skip

CLOSE = Module(
    "close", "结束语", "Close", fixed=True,
    rows=(
        text(
            "suggestions", "最后，您对本地的社会治安还有什么意见或者建议？【如实逐字记录】",
            "Finally: is there anything you would like to say about public order here? [Record"
            " word for word]",
        ),
        recorded(
            "call_back", "yes_no",
            "为了检查访问质量，我们可能会回访核实，请问您同意吗？",
            "To check our own work we may call you once more. Do you agree?",
        ),
        note(
            "thanks",
            "访问到此结束，谢谢您的配合！如需核实本次调查，可以拨打12340。再见！",
            "That was all; thank you for your time! To verify this survey you may call 12340."
            " Goodbye!",
        ),
    ),
)  # fmt: skip
