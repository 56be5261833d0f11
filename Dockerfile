# The image of web, worker and clock. The first stage installs and compiles; the second holds only what runs.
FROM python:3.12-slim-bookworm AS build
WORKDIR /app
COPY requirements/base.txt requirements/build.txt requirements/
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/base.txt \
 && python -m venv /tools && /tools/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt
ENV PATH=/venv/bin:/tools/bin:$PATH
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY manage.py ./
COPY static static
COPY templates templates
COPY tracker tracker
RUN npm run build \
 && TRACKER_MODE=embedded TRACKER_DATA_DIR=/tmp/data python manage.py collectstatic --noinput --verbosity 0

FROM python:3.12-slim-bookworm
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tracker
# The store of evidence; a new volume takes over whose it is.
RUN install --directory --owner=10001 --group=10001 --mode=0700 /evidence
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app/build /app/build
COPY manage.py ./
COPY static static
COPY templates templates
COPY tracker tracker
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
EXPOSE 8000
# The web answers only to its own name, so it is asked by that name.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "\
import os, urllib.parse as p, urllib.request as r; \
r.urlopen(r.Request('http://127.0.0.1:8000/health/', headers={'Host': p.urlsplit(os.environ['SITE_URL']).netloc}), timeout=4)"]
CMD ["gunicorn", "tracker.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--worker-tmp-dir", \
     "/dev/shm", "--no-control-socket", "--graceful-timeout", "20", "--access-logfile", "-", \
     # Without what was searched for or filtered by, which may be somebody's name.
     "--access-logformat", "%(h)s %(t)s \"%(m)s %(U)s\" %(s)s %(b)s %(M)s ms"]
