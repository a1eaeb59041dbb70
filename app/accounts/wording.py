"""Words for sessions."""

import re

from fastapi import Request

_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
_NAMES = {"Edg": "Edge", "OPR": "Opera"}
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "CrOS", "Linux")


def browser(request: Request) -> str:
    """The browser and the system, roughly: enough to know one's own, too little to tell people apart."""
    said = request.headers.get("user-agent", "")
    program = next((one for one in _BROWSERS if re.search(rf"\b{one}/", said)), "")
    system = next((one for one in _SYSTEMS if one in said), "")
    return ", ".join(filter(None, (_NAMES.get(program, program), system)))
