"""The wordings in which a day is named, in the order in which they are tried, each with its rule.

What only looks like a date (doors, phones, counts, streets called after a date) is covered beforehand.
"""

import re

from app.understanding import days, nearby
from app.understanding.days import ALONE, YEAR, D, N, Rule
from app.understanding.festivals import FESTIVALS
from app.understanding.numbers import one_of

_NUMERALS = "零〇一二三四五六七八九十廿卅两"
_THINGS = "楼栋幢座院门线窗桌单机厅房店仓库厂坑铺台柜球车馆病井杆灯桩床棚摊地路"
_DATE_STREETS = "五四 五一 八一 七一 六一 三八 元旦 国庆 端午 重阳"
NOT_DAYS = re.compile(
    # phones and identity numbers
    r"(?<![0-9])1[3-9][0-9](?:[ -]?[0-9]){8}(?![0-9])|(?<![0-9])0[0-9]{2,3}-?[0-9]{7,8}|[0-9]{7,}[0-9xX]*"
    # doors and streets
    rf"|[0-9]+-[0-9]+-[0-9]+(?:-[0-9]+)?(?<![12][0-9]{{3}}-[0-9]-[0-9])(?=[室户])|[路街巷道弄里村]{D}号"
    rf"|{D}[号#]?(?:楼|栋|幢|单元|层|室|座)[0-9-]*|{D}号(?=[{_THINGS}]|公寓|大院|地块)"
    rf"|(?:{one_of(_DATE_STREETS)})(?:[东西南北中]?(?:大街|大道|路|街|巷)|小学|中学|广场|小区|村|桥)"
    # counts and measures
    rf"|{D}日[游间内均常托]|{D}个?人|[0-9]+(?:\.[0-9]+)?(?:[元块斤%米岁万度]|公[里斤])"
    r"|[0-9]+(?:\.[0-9]+)?个?(?:小时|钟头)"
    r"|生日|每[天日月年]|(?<!后)天天"
    # greetings, people called 国庆, pupils of the first to third form
    r"|(?:过年|新年|春节|国庆|元旦|中秋|端午|节日)(?:节?快乐|节?安康|好)"
    r"|[王李张马刘陈杨赵韩冶]国庆|[上读念]初[一二三]|初[一二三](?:学生|毕业|生)"
    r"|(?<!每)(?:周|星期|礼拜)[一二两三四五六七1-7](?:[次个趟回遍岁场堂]|年)"
)
_WHICH = r"(?P<which>下下下|下下|下|上上|上|这|本|今)"
_MONTH_WHICH = r"(?P<which>这个|这|本|当|下下个|下下|下个|下|上个|上)"
_WEEK = r"(?:周|星期|礼拜|禮拜)"
_WEEKDAY = r"(?P<day>[一二三四五六日天]|[1-7](?![0-9]))"
# 周二四 and 周六日 are two days; 周三五点 is Wednesday at five
_MORE_WEEKDAYS = r"(?P<more>[一二三四五六日天]{1,4}(?=$|[\s,，。、!！?？上下早晚中都可行吧的或]))?"
_UNIT = r"(?P<unit>天|日|周|星期|礼拜|月|年)"
_NOT_COUNT = r"(?![0-9]|[个人岁元块次位家天])"
_LUNAR = r"(?:农历|阴历|旧历|老历)的?"
_FOLK = {name for name in FESTIVALS if len(name) == 2 and all(c in _NUMERALS for c in name)}
_NAMED = one_of(" ".join(FESTIVALS.keys() - _FOLK))
# 五一 must not be cut out of 周五一起 or 十五一号.
_TWO_NUMERALS = (
    rf"(?<![{_NUMERALS}周期拜月第初])(?:{one_of(' '.join(_FOLK))})(?![{_NUMERALS}起个次直定样般号日点早])"
)
_BESIDE = r"(?:的?(?P<around>第[一二三四五六七]天|前一天|头一天|后一天|后的一天|前的一天))?"
_DAY_WORD = (
    r"(?<![以之今])(?P<word>大{0,3}后(?=[天日儿])|大{0,3}后(?=个儿?)|大?前(?=[天日])|大?昨(?=[天日晚儿])"
    r"|[明今](?=[天日儿个早晚晨夜上下中傍黑]))(?:[天日]|个?儿个?|个)?"
)

_TABLE: tuple[tuple[str, Rule], ...] = (
    (
        rf"{ALONE}(?P<y>(?:19|20)[0-9]{{2}})(?P<sep>[-/.])(?P<m>[0-9]{{1,2}})(?P=sep)(?P<d>[0-9]{{1,2}})(?![0-9])",
        days.full_date,
    ),
    (
        rf"{YEAR}{_LUNAR}{YEAR.replace('<y>', '<y2>')}(?P<leap>闰)?(?P<m>正|冬|腊|{D})月(?P<d>初?{D})[日号]?",
        days.lunar_date,
    ),
    (rf"{YEAR}(?P<leap>闰)?(?P<m>正|冬|腊)月(?P<d>初?{D})", days.lunar_date),
    (rf"{YEAR}(?P<leap>闰)(?P<m>{D})月(?P<d>初?{D})", days.lunar_date),
    (rf"{YEAR}(?P<leap>闰)?(?P<m>{D})月(?P<d>初{D}|廿[一二三四五六七八九]?)", days.lunar_date),
    (rf"{YEAR}(?P<name>{_NAMED}|{_TWO_NUMERALS}){_BESIDE}", days.festival),
    (r"大年初(?P<d>[一二三四五六七八九十])", days.new_year_day),
    (
        rf"{ALONE}{YEAR}(?<![0-9])(?P<m>{D})月(?:份的?)?(?P<d>{D})(?:(?P<sign>[号日號])|{_NOT_COUNT})",
        days.month_and_day,
    ),
    (rf"{_MONTH_WHICH}月(?:份)?的?(?P<d>{D})(?:[号日]|{_NOT_COUNT})", nearby.day_of_month_ahead),
    (r"初(?P<d>[一二三四五六七八九](?![中高级个年])|十(?![一二三四五六七八九]))", days.lunar_day),
    (rf"再?过(?P<n>半|{N})个?{_UNIT}(?P<after>之?以?后)?(?!半)", nearby.after_days),
    (rf"{ALONE}(?P<n>半|{N})个?{_UNIT}(?P<after>之?以?后|过后)(?!天)", nearby.after_days),
    (rf"{ALONE}(?P<n>{N})天(?:之前|以前|前)", nearby.days_ago),
    (r"明后(?:两?[天日]|天)|今明两?[天日]", nearby.two_day_words),
    (_DAY_WORD, nearby.day_word),
    (rf"每个?{_WEEK}{_WEEKDAY}", nearby.every_weekday),
    (
        rf"(?:(?P<m>{D})|{_MONTH_WHICH})月(?:份)?的?第(?P<nth>[一二三四1-4])个{_WEEK}{_WEEKDAY}",
        nearby.nth_weekday,
    ),
    (rf"{_WHICH}?个?{_WEEK}的?末", nearby.weekend),
    (
        rf"(?<!第[一二三四五])(?<!第[一二三四五]个){_WHICH}?(?P<ge>个)?{_WEEK}{_WEEKDAY}{_MORE_WEEKDAYS}",
        nearby.weekday,
    ),
    (rf"{_WHICH}个?{_WEEK}(?![0-9])", nearby.whole_week),
    (
        rf"(?:(?P<m>{D})|{_MONTH_WHICH})?(?<![腊正冬])月(?:份的?)?(?P<edge>底|末|初|中旬|上旬|下旬|中(?![秋午间心药医国]))",
        nearby.month_edge,
    ),
    (r"年(?P<edge>[底末初])", nearby.year_edge),
    (r"下个?月", nearby.whole_month),
    (
        rf"{ALONE}(?<![{_NUMERALS}月初生])(?P<d>{D})(?:[号日號]|(?=[-~到至、,，和或]{D}[号日]))",
        nearby.day_of_month,
    ),
    (
        rf"{ALONE}(?P<m>[0-9]{{1,2}})(?P<sep>[-/.])(?P<d>[0-9]{{1,2}})(?![0-9/:.号日月点%-]|个|元|块|斤|小时)",
        days.short_date,
    ),
    (r"现在|马上|立刻|立马|这会儿|这阵", nearby.at_once),
)
RULES = tuple((re.compile(pattern), rule) for pattern, rule in _TABLE)
