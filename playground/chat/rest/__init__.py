"""REST v10, one module for each kind of resource; `ROUTES` is all of it, the busiest first."""

from playground.chat.rest import callbacks, channels, commands, interactions, messages, reactions, users, webhooks

ROUTES = (
    *webhooks.ROUTES,
    *callbacks.ROUTES,
    *messages.ROUTES,
    *reactions.ROUTES,
    *interactions.ROUTES,
    *channels.ROUTES,
    *users.ROUTES,
    *commands.ROUTES,
)
