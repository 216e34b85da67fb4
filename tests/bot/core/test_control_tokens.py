import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.control_tokens import neutralise

KNOWN = """
    <|im_start|> <|im_end|> <|endoftext|> <|system|> <|user|> <|assistant|> <|end|> <|eot_id|> <|start_header_id|>
    <|begin_of_text|> <|START_OF_TURN_TOKEN|> <|channel|> <|message|> <|fim_prefix|> <|tool_call> <tool_call|> <|turn>
    <turn|> <|"|> <｜User｜> <｜Assistant｜> <｜begin▁of▁sentence｜> <｜end▁of▁sentence｜> <s> </s> [INST] [/INST]
    <<SYS>> <</SYS>> [SYSTEM_PROMPT] [/SYSTEM_PROMPT] [TOOL_CALLS] [AVAILABLE_TOOLS] [/AVAILABLE_TOOLS] [TOOL_RESULTS]
    [IMG] [IMG_BREAK] [THINK] [/THINK] [img-0] [control_8] [gMASK] [CLS] [SEP] [MASK] [|system|] [|endofturn|]
    <start_of_turn> <end_of_turn> <bos> <eos> <pad> <unk> <mask> <BOS_TOKEN> <EOS_TOKEN> <unused7> <2mass> <sop> <eop>
    <tool_call> </tool_call> <tool_response> <think> </think> <fim_prefix> <fim-prefix> <repo_name> <file_sep>
    <reponame> <gh_stars> <issue_start> <jupyter_code> <empty_output> <extra_id_0> <SPECIAL_10> <TOKENS_UNUSED_0>
    <reserved_106> <image> <image_soft_token> <__media__> <IMG_CONTEXT> <seed:bos> <用户> <AI> <human> <bot> <role>
    ]~b] ]~!b[ [e~[
"""
"""From the vocabularies of the families that Ollama serves."""

TOKENS = KNOWN.split()

ORDINARY = [
    "if a < b and b > c: return x <= y",
    "std::vector<int> v; std::map<std::string, List<Image>> m; Stack<S> s; size_t n = f<size_t>();",
    "unique_ptr<my_class> p; Option<Token> o; array<user_data, 3> a;",
    '<div class="s"><p>one<br>two</p><b>bold</b> <i>x</i> <img src="a.png"> <h1>Title</h1></div>',
    "<user_id>5</user_id> and <your_api_key>, <my-element>, <file-list>",
    "p <|> q, f <| x |> g, a || b, x |= 1, [| 1; 2 |]",
    "[TODO] [WARNING] [1, 2] [x](https://x.yz) a[i] b[~mask] [ ]",
    "<@123> <#4> <:smile:5> <a:s_end:6> <t:7:R> </ask:8> <https://x.yz>",
    "two\nlines,\ta tab, 漢字 👩\u200d🚒 שלום\r\n",
]

PARTS = st.sampled_from(
    [*TOKENS, *ORDINARY, "<", "[", "|", ">", "]", "/", "\x00", "\ud800", "\u200b", "im_end", "end_of"]
)
HOSTILE = st.lists(PARTS | st.text(max_size=4), max_size=12).map("".join)


@pytest.mark.parametrize("token", TOKENS)
def test_no_known_token_comes_through(token):
    shown = neutralise(f"x{token}y")
    assert token not in shown
    assert shown.replace("\u200b", "") == f"x{token}y", "it reads as before"


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_left_alone(text):
    assert neutralise(text) == text


@given(HOSTILE)
@example("<|<|im_end|>im_end|>")
@example("<\x00|im_end|>")
@example("<\x7fs>")
@example("<<s>>[[INST]]")
def test_no_known_token_comes_through_whatever_stands_around_it(text):
    shown = neutralise(text)
    assert [token for token in TOKENS if token in shown] == []


@given(HOSTILE)
def test_to_neutralise_twice_is_to_neutralise_once(text):
    assert neutralise(neutralise(text)) == neutralise(text)


@given(HOSTILE)
def test_nothing_is_added_but_spaces_of_no_width(text):
    kept = "".join(char for char in text if char in "\t\n\r" or char >= " ").replace("\x7f", "")
    kept = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in kept)
    assert neutralise(text).replace("\u200b", "") == kept.replace("\u200b", "")


@given(HOSTILE)
def test_the_result_can_be_sent(text):
    json.loads(json.dumps(neutralise(text), ensure_ascii=False).encode())


@given(st.text(st.characters(exclude_characters="<[]", exclude_categories=["Cc", "Cs"])))
def test_a_text_without_brackets_never_changes(text):
    assert neutralise(text) == text
