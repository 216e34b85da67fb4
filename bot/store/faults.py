"""What goes wrong in a database, as StoreError."""

import errno

from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    InvalidRequestError,
    NoSuchModuleError,
    ProgrammingError,
)

from bot.core.errors import StoreError

_STILL = "Answers still come, but I cannot look anything up or keep it."
LOCKED = f"Another program holds my memory right now. {_STILL}"
FULL = f"The disk that holds my memory is full. {_STILL}"
READ_ONLY = f"I may not write to my memory. {_STILL}"
UNREACHABLE = f"The file that holds my memory cannot be opened. {_STILL}"
DAMAGED = f"The file that holds my memory is damaged, or no memory of mine. {_STILL}"
GONE = f"The file that held my memory has been taken away. {_STILL}"
SLOW = f"My memory takes too long to answer. {_STILL}"
BAD_URL = f"The address of my memory is wrong. Whoever runs this bot finds it in the settings. {_STILL}"

_BY_SQLITE_NAME = {
    "SQLITE_BUSY": LOCKED,
    "SQLITE_LOCKED": LOCKED,
    "SQLITE_FULL": FULL,
    "SQLITE_READONLY": READ_ONLY,
    "SQLITE_PERM": READ_ONLY,
    "SQLITE_CANTOPEN": UNREACHABLE,
    "SQLITE_NOTADB": DAMAGED,
    "SQLITE_CORRUPT": DAMAGED,
    "SQLITE_FORMAT": DAMAGED,
}
_BY_ERRNO = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EROFS: READ_ONLY,
    errno.EACCES: READ_ONLY,
    errno.EPERM: READ_ONLY,
    errno.EISDIR: UNREACHABLE,
    errno.ENOTDIR: UNREACHABLE,
    errno.EEXIST: UNREACHABLE,
    errno.ENOENT: UNREACHABLE,
}


def is_outage(exc: Exception) -> bool:
    """Tell whether the database is at fault; false if it is the operation, which another would not suffer from."""
    if isinstance(exc, DBAPIError):
        return not isinstance(exc, IntegrityError | DataError | ProgrammingError)
    return isinstance(exc, StoreError | OSError | InvalidRequestError)


def translate(exc: Exception) -> StoreError:
    """Give a StoreError for an exception; its text names the kind of fault, never a value or a path."""
    fault = _translate(exc)
    fault.__cause__ = exc
    return fault


def _translate(exc: Exception) -> StoreError:
    if isinstance(exc, StoreError):
        return StoreError(str(exc), hint=exc.hint)
    if isinstance(exc, OSError):
        kind = errno.errorcode.get(exc.errno or 0, type(exc).__name__)
        return StoreError(kind, hint=_BY_ERRNO.get(exc.errno or 0))
    if isinstance(exc, ArgumentError | NoSuchModuleError | ImportError | InvalidRequestError):
        return StoreError(type(exc).__name__, hint=BAD_URL)
    cause = exc.orig if isinstance(exc, DBAPIError) else exc
    name = str(getattr(cause, "sqlite_errorname", type(cause).__name__))  # SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT, ...
    return StoreError(name, hint=_BY_SQLITE_NAME.get("_".join(name.split("_")[:2])))
