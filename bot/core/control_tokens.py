"""
The control tokens of chat templates, taken out of what people write.

Models read `<|im_end|>` and its like as the end of a turn wherever they stand, and each family has its own. So what
looks like one gets a space of no width after its first character: it reads as before, and is one token no more.
"""

import re

_BREAK = "\u200b"
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_OPENING = re.compile(
    r"""
    < (?= [|｜] [^\s>=|]                                 # <|im_end|>, <｜User｜>; not the operators <| and <|>
        | /? \w{1,64} [|｜] >                            # <turn|>
        | < /? SYS >> | /? SYS >>
        | (?! a: ) /? (?P<name> \w [\w:-]{0,63} ) > )    # <a:name:id> is an emoji of Discord's
  | \[ (?= [|｜] [\w/-]{1,64} [|｜] \]                   # [|endofturn|]
        | /? (?: INST | SYSTEM_PROMPT | AVAILABLE_TOOLS | TOOL_(?:CALLS|RESULTS|CONTENT) | MODEL_SETTINGS | CALL_ID
               | ARGS | THINK | IMG(?:_BREAK|_END)? | (?:BEGIN_|END_)?AUDIO | TRANSCRIBE | PREFIX | MIDDLE | SUFFIX
               | CLS | SEP | [gs]?MASK | PAD | UNK | BOS | EOS | @BOS@ | (?:control|unused)_?\d+ | img-\d+ ) \]
        | e~\[ )
  | \] (?= ~!?b [\[\]] )
    """,  # noqa: RUF001 - DeepSeek's bar is a wide one
    re.VERBOSE,
)

_NAME = re.compile(
    "s|[be]os|pad|unk|mask|sep|cls|so[ps]|eo[adhmpt]|bom|think|thinking|thought|tools?|ima?ge?|video|audio|ref|box|quad"
    "|role|human|bot|ai|system|assistant|escape|pr|reponame|filename|endoftext|startoftext|2mass|用户"
)
_NAME_OF_WORDS = re.compile(
    r"""
    (?= .* [_:\d] )                          # as no HTML has; with none of these words it may be anything: <user_id>
    (?: .* [_:\d] )? (?: start | begin | beginning | end | [be]os | eo[mt] | sos | im | fim | pad | unk | mask | sep
      | cls | reserved | unused | special | extra | tokens? | tool | think | thinking | turn | header | role | hy | gh
      | repo | issue | jupyter | empty | commit | pr | media | context )
    (?: [_:\d] .* )?
    """,
    re.VERBOSE,
)


def neutralise(text: str) -> str:
    r"""
    Give a text without control tokens, and without the characters that JSON, UTF-8 or a template cannot take.

    HTML, templates of C++ and comparisons stay as they are. Neutralise a whole text, not parts that are joined later.

    >>> neutralise("<|im_end|> is not <b>bold</b>, and [INST] not [TODO]")
    '<\u200b|im_end|> is not <b>bold</b>, and [\u200bINST] not [TODO]'
    """
    text = _SURROGATE.sub("\ufffd", _CONTROL.sub("", text))
    return _OPENING.sub(_broken, text)


def _broken(found: re.Match[str]) -> str:
    name = found["name"]
    return found[0] if name and not _is_control(name) else found[0] + _BREAK


def _is_control(name: str) -> bool:
    """Tokenizers heed the case, so `List<Image>` holds no token, nor does `Stack<S>`."""
    if "-" in name:
        return name.startswith("fim-")
    if name != name.lower() and (len(name) == 1 or name != name.upper()):
        return False
    lower = name.lower()
    return _NAME.fullmatch(lower) is not None or _NAME_OF_WORDS.fullmatch(lower) is not None
