"""What may not be left after chaos."""

import re
import sqlite3
from collections import defaultdict
from contextlib import closing

from bot.chat.text.reading import read_page
from tests.end_to_end.chaos_bot import LEFT
from tests.end_to_end.scene import STOP
from tests.openapi import ROOT, WHERE, request_problems

WORD = re.compile(r"(q\d+)w(\d+)\b")
ASKED = re.compile(r"> \*\*question (q\d+)\*\*")
UNFORESEEN = re.compile(r"^Traceback|was never|never retrieved|was destroyed|Unclosed", re.MULTILINE)
SECRET = "SECRET"
EXPECTED = "discord.client"
"""discord.py logs each loss of its gateway with a traceback; there are many here."""


def answers(one):
    """All messages of the bot that are there, oldest first."""
    channels = one.play.chat.world.channels.values()
    shown = [message for channel in channels for message in channel.messages.values()]
    return sorted((message for message in shown if message.author is one.play.chat.world.bot), key=lambda m: m.id)


def unfinished(one):
    """Say what is still under way; empty once nothing is."""
    left = [f"a Stop button on {one_line(message)}" for message in answers(one) if has_stop(message)]
    left = [] if all(map(is_excused(one), filter(has_stop, answers(one)))) else left
    with closing(sqlite3.connect(f"{one.play.folder}/data/patter.db")) as database:
        (rows,) = database.execute("select count(*) from runs").fetchone()
    if rows:
        left.append(f"{rows} rows of the journal")
    if one.play.stage.open:
        left.append(f"{one.play.stage.open} streams of the model")
    return left


def is_excused(one):
    """Where the bot was not let in for a while it could not end what it had begun, and was right to drop that."""
    return lambda message: message.id <= one.shut.get(message.channel.id, 0)


def problems_left(one):
    """Say what is wrong with what people see now, and with what was asked of Discord."""
    shown = answers(one)
    let_in = [message for message in shown if not is_excused(one)(message)]
    problems = [f"a Stop button is left on {one_line(message)}" for message in let_in if has_stop(message)]
    problems += [f"a foreign error is shown: {one_line(message)}" for message in shown if SECRET in message.content]
    by_question = defaultdict(list)
    for message in shown:
        for tag in questions_in(message.content):
            by_question[tag].append(message)
    excused = {tag for message in shown if message not in let_in for tag in questions_in(message.content)}
    for tag, pages in ((tag, pages) for tag, pages in by_question.items() if tag not in excused):
        problems += [f"{tag}: {problem}" for problem in wrong_with(pages, tag, one)]
    return problems + wrong_requests(one)


def questions_in(content):
    return {*ASKED.findall(content), *(tag for tag, _ in WORD.findall(content))}


def wrong_with(pages, tag, one):
    """Say what is wrong with one answer's messages, which come oldest first. Whoever deletes a page deletes its end."""
    captions = [read_page(page.content).caption for page in pages]
    if tag in one.deleted and not captions[-1]:
        return
    if not captions[-1]:
        yield f"no end: {one_line(pages[-1])}"
    elif captions[-1].endswith("…") or " in line" in captions[-1]:
        yield f"not ended: {one_line(pages[-1])}"
    if tag in one.deleted | one.retried or pages[0].only_for is not None:  # a private double leaves no trace
        return
    if any(captions[:-1]):
        yield f"ended more than once: {captions}"
    if sum(tag in ASKED.findall(page.content) for page in pages) > 1:
        yield f"{len(pages)} first pages"
    numbers = [int(number) for page in pages for its_tag, number in WORD.findall(page.content) if its_tag == tag]
    if numbers != list(range(len(numbers))):
        yield f"words are missing, doubled or out of order: {numbers}"


def wrong_requests(one):
    if not (ROOT / WHERE).exists():
        return []
    return sorted(set(request_problems(one.play.chat.record, one.play.chat.world.bot)))


def problems_in_log(text):
    """Say what went wrong in the bot's process that nobody foresaw, and what its last one left behind."""
    records = re.split(r"^(?=\d{4}-\d\d-\d\d )", text, flags=re.MULTILINE)
    odd = [record for record in records if UNFORESEEN.search(record) and EXPECTED not in record]
    problems = [f"in the log: {record.strip()}" for record in odd]
    census = [line for line in text.splitlines() if line.startswith(LEFT)]
    if not census or census[-1] != f"{LEFT} no task no socket":
        problems.append(census[-1] if census else "the bot did not say what it left behind")
    return problems


def has_stop(message):
    ids = [one.get("custom_id", "") for row in message.components for one in row.get("components", ())]
    return any(custom_id.startswith(STOP) for custom_id in ids)


def one_line(message):
    return f"{message.id} {message.content[:60]!r} … {message.content[-80:]!r}"
