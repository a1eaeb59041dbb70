"""nginx with the configuration of `deploy/`, on a folder of snapshots."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from app.settings import ROOT

# Beside the site, what distributions' own nginx.conf have.
_WHOLE = """{user}daemon off; pcre_jit on; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 512; }}
http {{
sendfile on; tcp_nopush on;
client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fast; uwsgi_temp_path {folder}/uw; scgi_temp_path {folder}/sc;
{sites}
}}
"""


def shipped(port: int, application: int, snapshots: Path) -> str:
    """The site of `deploy/nginx` on a port of loopback without TLS; nginx looks for what it includes beside its own file."""
    found = (ROOT / "deploy/nginx/site.conf").read_text(encoding="utf-8")
    for before, after in (
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{port};"),
        ("ssl_certificate ", "#"),
        ("ssl_certificate_key ", "#"),
        ("127.0.0.1:8000", f"127.0.0.1:{application}"),
        ("/var/lib/undersigned/snapshots", str(snapshots)),
        ("/srv/undersigned", str(ROOT)),
    ):
        assert before in found, before
        found = found.replace(before, after)
    return found


@contextmanager
def serving(folder: Path, sites: str, port: int) -> Iterator[str]:
    """The address of nginx, once it answers."""
    folder.mkdir()
    (folder / "undersigned").symlink_to(ROOT / "deploy/nginx")
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_WHOLE.format(user=user, folder=folder, sites=sites), encoding="utf-8")
    process = subprocess.Popen([str(shutil.which("nginx")), "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with suppress(httpx.TransportError):
                httpx.get(f"http://127.0.0.1:{port}/nothing")
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
