"""Discord on loopback: REST v10 and Gateway v10 for a bot, and a client for a person."""

from playground.chat.errors import ApiError
from playground.chat.limits import Limits, Rate
from playground.chat.member import Member
from playground.chat.server import ChatServer

__all__ = ["ApiError", "ChatServer", "Limits", "Member", "Rate"]
