"""Cookies: `__Host-` over https, a plain name on http in development."""

from fastapi import Request
from starlette.responses import Response

from app.settings import get_settings


def _full(name: str) -> str:
    return f"__Host-undersigned-{name}" if get_settings().secure else f"undersigned-{name}"


def read(request: Request, name: str) -> str | None:
    """The cookie's value, or None."""
    return request.cookies.get(_full(name))


def write(response: Response, name: str, value: str, seconds: int) -> None:
    """Set a cookie that scripts cannot read and other sites' requests do not carry; `value` is a token (`tokens`), which needs no quoting."""
    # Written out, for every signature's answer carries one, and `http.cookies` takes several times as long.
    secure = "; Secure" if get_settings().secure else ""
    response.headers.append("set-cookie", f"{_full(name)}={value}; HttpOnly; Max-Age={seconds}; Path=/; SameSite=lax{secure}")


def clear(response: Response, name: str) -> None:
    """Remove a cookie."""
    response.delete_cookie(_full(name), path="/", secure=get_settings().secure, httponly=True, samesite="lax")
