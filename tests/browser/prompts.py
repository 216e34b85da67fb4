"""What the scripted model was given."""


def prompt_of(stage, number=-1):
    """What it got for an ask, as (role, text), less the system prompt."""
    messages = stage.asks[number].body["messages"]
    return [(one["role"], one["content"]) for one in messages if one["role"] != "system"]
