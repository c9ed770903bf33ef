# The reference runtime: docker build -t phase12-runtime . && docker run --read-only --tmpfs /tmp -v data:/data -p 8012:8012 phase12-runtime
FROM python:3.12-slim
WORKDIR /app
COPY setup.cfg setup.py pyproject.toml README.md LICENSE ./
COPY phase12_lint phase12_lint
COPY reference_runtime reference_runtime
RUN pip install --no-cache-dir '.[runtime]' && useradd --system --uid 10001 runtime && install -d -o runtime /data
USER runtime
VOLUME /data
ENV PHASE12_HOST=0.0.0.0 PHASE12_DATA=/data PYTHONDONTWRITEBYTECODE=1
EXPOSE 8012
HEALTHCHECK --interval=10s --timeout=3s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8012/healthz', timeout=2)"]
CMD ["python", "-m", "reference_runtime"]
