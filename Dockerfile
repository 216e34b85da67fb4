# Patter alone: Ollama runs beside it (compose.yaml) or elsewhere (OLLAMA_URL).

FROM python:3.13-slim AS packages
COPY requirements.lock /tmp/
# --no-deps: the lock is complete. Wheels alone: nothing is built here, so no compiler is needed.
RUN python -m venv --without-pip /opt/patter && \
    python -m pip --python /opt/patter/bin/python install --no-cache-dir --disable-pip-version-check \
        --no-deps --require-hashes --only-binary :all: --requirement /tmp/requirements.lock

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Patter" \
      org.opencontainers.image.description="A Discord bot that streams a local model's answer into a message, live" \
      org.opencontainers.image.licenses="MIT"

# A fixed uid, so that a volume or a folder of the host can be given to it beforehand.
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin patter && \
    install --directory --owner=patter --group=patter --mode=0700 /data

COPY --from=packages /opt/patter /opt/patter
WORKDIR /app
COPY LICENSE deploy/healthy.py ./
COPY bot bot
COPY cogs cogs
# The files are for every user to read, whatever the umask of whoever built the image.
# `patter` is for people: docker compose exec bot patter doctor
RUN /opt/patter/bin/python -m compileall -q . && \
    chmod -R a+rX . && \
    printf '#!/bin/sh\nexec python -m bot "$@"\n' > /opt/patter/bin/patter && \
    chmod 0755 /opt/patter/bin/patter

# PYTHONDONTWRITEBYTECODE: only /data is ever written, so the root may be read-only.
# The health pages are for the check below; HEALTH_HOST=0.0.0.0 opens them to the container's network.
ENV PATH="/opt/patter/bin:$PATH" \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL="sqlite+aiosqlite:////data/patter.db" \
    HEALTH_PORT=8080

USER 10001:10001
VOLUME /data

# There is no curl in the image.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["python", "healthy.py"]

# The exec form: Python is process 1 and gets SIGTERM itself. It handles that signal and starts no processes, so there
# is nothing for an init such as tini to pass on or to reap. It ends within 11 seconds; give it 15 (docker stop -t 15).
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
