"""Made-up names: of roads, compounds and people. No real road, compound or person is meant.

Every personal name carries at least one character of a plant, water or field motif: natural to the ear,
and recognisable as this town's own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

from pypinyin import lazy_pinyin

MAIN_ROADS = ("竹岸大道", "听渔大道", "禾声大道")
STREETS_NS = ("望苇路", "石榴路", "橘洲圩路", "茶亭路", "船坞路", "枫树坪路")
STREETS_EW = ("青蒲街", "晒谷街", "半坡街", "澄湾街", "麻石街", "灯草街")
LANES = (
    "云栖巷", "豆腐巷", "磨坊巷", "水井巷", "樟树脚巷", "皂角巷", "禾镰巷", "油坊巷", "蓑衣巷",
    "板凳巷", "柚子巷", "篾匠巷", "铁匠巷", "酱园巷", "鹅卵巷", "桂子巷", "香椿巷", "窑湾巷", "蒲扇巷",
    "木屐巷", "染坊巷", "荷包巷", "石磨巷", "伞铺巷", "米行巷", "竹篙巷", "菱角巷", "鱼市巷", "茶籽巷",
    "槐荫巷", "瓦屋巷", "麦芽巷", "花鼓巷", "梨园巷", "凉亭巷", "渡口巷",
)  # fmt: skip
RIVERSIDE = ("望江堤路", "芦荻堤路")
COUNTRY_ROADS = ("禾南公路", "渔朱公路", "竹龙公路", "茶岳公路", "苇淦公路", "樟潭公路", "石门公路")

_OLD_COMPOUNDS = (
    "农机厂宿舍", "粮站家属院", "搬运社宿舍", "丝印厂宿舍", "供销社家属院", "水泵厂宿舍", "瓷厂一村",
    "瓷厂二村", "食品站家属院", "建筑公司宿舍", "航运队宿舍", "林业站家属院", "缫丝厂宿舍",
    "纸箱厂宿舍", "运输队家属院", "酒厂宿舍", "老党校宿舍", "邮电宿舍", "物资局家属院", "五金厂宿舍",
    "印刷厂宿舍", "蚕桑站家属院", "竹器社宿舍", "船厂宿舍", "棉麻站家属院", "皮革厂宿舍", "米粉厂宿舍",
    "电机厂宿舍", "百货公司家属院", "中药材站宿舍", "橡胶厂宿舍", "砂石站家属院",
)  # fmt: skip
_FRONT = (
    "樟苑", "橘香", "苇岸", "听泉", "春塘", "湘竹", "望江", "枫林", "石桥", "荷风", "桂子", "半山",
    "松涛", "青禾", "澄湖", "杏坛", "柳浪", "云溪", "麦浪", "梧桐", "兰亭", "稻香", "芦花", "梅园",
    "茶山", "莲塘", "鹭洲", "栗园",
)  # fmt: skip
_BACK_NEW = ("花园", "名邸", "雅居", "新城", "公馆", "里")
_BACK_OLD = ("小区", "新村", "苑")

MOTIF = "禾苇溪樟竹荷岸棠枫榆桐菱湘澄稻橘梅茶柚桑槐莲汀渔泉苗芷苓蒲菊杉柏棉藕麦栗"
_SECOND = "生明秀兰建国华平英芳春秋安宁顺发庆福来喜文武志强勇军玉珍凤香云霞波涛林森晓雨雪晴思远子轩宇浩然欣怡佳悦"
SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭何高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余杜叶程苏魏吕丁沈任姚"
    "卢傅钟姜谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段漆易凌欧阳"
)


@cache
def pinyin(text: str) -> str:
    """Pinyin as one capitalised word: "听渔" → "Tingyu"."""
    return "".join(lazy_pinyin(text)).capitalize()


_ROAD_ENDINGS = (
    ("大道", "Avenue"), ("堤路", "Embankment"), ("公路", "Highway"), ("路", "Road"), ("街", "Street"),
    ("巷", "Lane"),
)  # fmt: skip


def road_en(name: str) -> str:
    """The English name of a road: "听渔大道" → "Tingyu Avenue"."""
    for ending, english in _ROAD_ENDINGS:
        if name.endswith(ending):
            return f"{pinyin(name.removesuffix(ending))} {english}"
    return pinyin(name)


def place_en(name: str) -> str:
    """The English name of a division: "象石社区居委会" → "Xiangshi Community"."""
    for ending, english in (
        ("社区居委会", "Community"), ("居委会", "Community"), ("镇", "Town"), ("村", "Village"),
        ("区", "District"),
    ):  # fmt: skip
        if name.endswith(ending):
            return f"{pinyin(name.removesuffix(ending))} {english}"
    return pinyin(name)


_COMPOUND_ENDINGS = (
    ("家属院", "Family Housing"),
    ("宿舍", "Staff Housing"),
    ("一村", "Village One"),
    ("二村", "Village Two"),
    ("小区", "Compound"),
    ("新村", "New Village"),
    ("花园", "Gardens"),
    ("名邸", "Residence"),
    ("雅居", "Homes"),
    ("新城", "New Town"),
    ("公馆", "Mansions"),
    ("苑", "Court"),
    ("里", "Close"),
)


def compound_en(name: str) -> str:
    """The English name of a compound: "春塘小区" → "Chuntang Compound"."""
    for ending, english in _COMPOUND_ENDINGS:
        if name.endswith(ending):
            return f"{pinyin(name.removesuffix(ending))} {english}"
    return pinyin(name)


class CompoundNames:
    """Names of compounds, each given once."""

    def __init__(self, rng: random.Random) -> None:
        old = list(_OLD_COMPOUNDS)
        newer = [front + back for back in _BACK_NEW for front in _FRONT]
        plain = [front + back for back in _BACK_OLD for front in _FRONT]
        for names in (old, newer, plain):
            rng.shuffle(names)
        self._old, self._new, self._plain = iter(old), iter(newer), iter(plain)

    def old_works_housing(self) -> str:
        return next(self._old, None) or next(self._plain)

    def managed(self) -> str:
        return next(self._new)

    def plain(self) -> str:
        return next(self._plain, None) or next(self._new)


def people(rng: random.Random) -> Iterator[str]:
    """An endless row of made-up names, each given once."""
    surnames = [*SURNAMES[:-2], "欧阳"]
    given: set[str] = set()
    while True:
        surname = surnames[min(int(rng.expovariate(1 / 18)), len(surnames) - 1)]
        motif = rng.choice(MOTIF)
        turn = rng.random()
        first = motif if turn < 0.22 else motif + rng.choice(_SECOND) if turn < 0.6 else rng.choice(_SECOND) + motif
        name = surname + first
        if name not in given:
            given.add(name)
            yield name
