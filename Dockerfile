# Two stages: the first installs the locked packages, the second carries only what runs.
FROM python:3.11-slim-bookworm AS build
WORKDIR /srv/undersigned
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY .ci/prune.py .ci/
# The same lock file, without what only tests and developers need; every hash is checked.
RUN python -m venv .venv \
 && .venv/bin/pip install --no-cache-dir --quiet --require-hashes -r requirements.lock \
 && .venv/bin/python .ci/prune.py | xargs .venv/bin/pip uninstall --quiet --yes
COPY app app
COPY migrations migrations
COPY static static
COPY templates templates
COPY examples examples

FROM python:3.11-slim-bookworm
RUN useradd --system --create-home --home-dir /var/lib/undersigned --shell /usr/sbin/nologin undersigned
COPY --from=build /srv/undersigned /srv/undersigned
WORKDIR /srv/undersigned
ENV PATH=/srv/undersigned/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 UNDERSIGNED_DATA_DIR=/var/lib/undersigned
USER undersigned
VOLUME /var/lib/undersigned
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import httpx, sys; sys.exit(httpx.get('http://127.0.0.1:8000/readyz', timeout=4).status_code != 200)"]
ENTRYPOINT ["python", "-m", "app.cli"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
