"""Guessable passwords: how few common parts a password is made of, with a word list of our own.

The list was written for this project from what published analyses of leaks say people choose (first names, teams, love,
animals, keyboards, the word "password" in many languages); it is no copy of a leaked list. Rules do the rest: changed
letters (p@ssw0rd), keyboard walks, runs, repeats, years and dates are each one part.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

ENGLISH = """
password passw0rd passwort motdepasse contrasena senha parola passphrase secret secrets private hidden master admin
administrator root user guest login logon welcome welcome1 hello hey test tester testing default changeme change letmein
access open sesame enter system server computer internet windows microsoft apple google amazon facebook instagram twitter
youtube netflix samsung iphone android galaxy linux ubuntu oracle cisco dell nintendo playstation xbox minecraft fortnite
roblox pokemon pikachu zelda mario sonic starwars starwar skywalker vader yoda matrix trustno batman superman spiderman
ironman avengers marvel hulk thor joker wolverine harrypotter potter hogwarts gandalf frodo naruto sasuke goku
iloveyou loveyou love lover lovely loveme mylove forever together always babygirl babyboy baby honey sweety sweetie
sweetheart darling angel angels princess prince queen king beautiful pretty handsome sexy hottie cutie kiss kisses
sunshine moonlight starlight rainbow flower flowers butterfly summer winter spring autumn monday tuesday wednesday
thursday friday saturday sunday january february march april june july august september october november december
monkey dragon tiger lion bear wolf eagle falcon hawk panther jaguar puppy kitty kitten doggy dog cat horse fish dolphin
shark turtle rabbit bunny bird chicken duck penguin elephant zebra giraffe snake spider cookie chocolate candy cheese
banana orange apples cherry peach lemon strawberry pepper ginger sugar coffee pizza burger cocacola pepsi
football baseball basketball soccer hockey tennis golf cricket volleyball swimming arsenal chelsea liverpool everton
manchester united barcelona realmadrid juventus bayern yankees redsox lakers bulls cowboys steelers packers eagles
michael jordan jennifer jessica ashley amanda daniel andrew joshua matthew anthony william robert thomas charlie george
david james john joseph richard christopher brian kevin steven edward ronald jason jeffrey ryan gary nicole michelle
elizabeth sarah samantha stephanie melissa rebecca laura emily emma olivia sophia isabella mia chloe hannah maria anna
alex alexander alexandra andrea carlos juan jose luis diego sofia lucas marco antonio francesco pierre marie thomas
hunter ranger killer soldier warrior ninja samurai shadow phoenix thunder lightning storm fire ice blood death devil
satan hell heaven jesus christ god godisgood blessed faith hope grace peace freedom liberty america american canada
england london paris berlin madrid tokyo seoul korea china india brasil brazil mexico texas florida california newyork
boston chicago dallas houston austin denver phoenix seattle mustang camaro corvette ferrari porsche mercedes toyota honda
yamaha harley suzuki nissan subaru diamond silver golden gold platinum crystal purple yellow green blue red black white
pink music guitar piano drummer metal metallica nirvana slipknot eminem beatles rockstar rock hiphop dance party happy
smile lucky winner number one money dollar rich cash business office company work school student teacher college family
mother father mommy daddy mom dad mama papa brother sister friend friends bestfriend buddy dude boss chief captain
people person woman girl girls boys boy man nothing something anything whatever fuckyou fuckoff fuck shit bitch asshole
pussy dick porn stupid idiot qwerty azerty qwertz asdf zxcv abc abcd moodscore studio photo photos mood tune
"""
KOREAN = """
비밀번호 패스워드 암호 사랑해 사랑 안녕 안녕하세요 대한민국 한국 서울 부산 엄마 아빠 우리 가족 행복 친구 바보 강아지
고양이 하늘 바다 나라 무지개 천사 공주 왕자 화이팅 파이팅
qlalfqjsgh qoalfqjsgh dkssud dkssudgktpdy tkfkdgo tkfkd eogksalsrnr gksrnr tjdnf qntks djaak dkQk dkqk rkdkwl
rhdiddl gksmf qkek cjstk rhdwn dhkdwk ghkdlxld vkdlxld salanghae saranghae annyeong hanguk korea daehanminguk
"""
WORDS = frozenset(unicodedata.normalize("NFKC", word).casefold() for word in (ENGLISH + KOREAN).split())
LONGEST = 24
BETWEEN = (" ", "-", "_", ".")
ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "azertyuiop", "qwertzuiop",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.", "qazwsxedcrfvtgbyhnujmikolp", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0",
    "!@#$%^&*()", "14789632", "147258369",
    "가나다라마바사아자차카타파하", "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ", "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ",
)  # fmt: skip
WALKS = ROWS + tuple(row[::-1] for row in ROWS)
PLAIN_LETTERS = str.maketrans("@4310$57!|", "aaeiosstil")
DATE = re.compile(
    r"(19|20)\d\d|(19|20)?\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])|([0-2]\d|3[01])(0[1-9]|1[0-2])((19|20)?\d\d)?"
)


def parts(password: str, known: Collection[str] = ()) -> int:
    """How few parts a password can be put together from.

    A common word (or one of `known`, as a handle) counts 1, a walk, run or date 2, what stands between words nothing, any
    other character 1. A text that repeats itself counts as what it repeats, and 1.
    """
    text = unicodedata.normalize("NFKC", password).casefold()
    words = WORDS | {word.casefold() for word in known if len(word) > 1}
    block = _repeated(text)
    return _parts(block, words) + (block != text)


def _repeated(text: str) -> str:
    """The text, or the shortest beginning of which it is a repetition."""
    at = (text + text).find(text, 1)
    return text[:at] if 0 < at < len(text) else text


def _parts(text: str, words: Collection[str]) -> int:
    fewest = [0]
    for end in range(1, len(text) + 1):
        ways = (fewest[start] + _cost(text[start:end], words) for start in range(max(0, end - LONGEST), end))
        fewest.append(min(ways))
    return fewest[-1]


def _cost(piece: str, words: Collection[str]) -> int:
    if piece in BETWEEN:
        return 0
    if len(piece) == 1 or piece in words or piece.translate(PLAIN_LETTERS) in words:
        return 1
    is_run = len(piece) > 2 and (len(set(piece)) == 1 or any(piece in walk for walk in WALKS))
    return 2 if is_run or DATE.fullmatch(piece) else len(piece)
