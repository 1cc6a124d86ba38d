# The service and the sandbox page in one image; the command chooses. Non-root, no shell needed,
# nothing written outside /tmp and /var/lib/cart-cds.
FROM python:3.11-slim AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/cart-cds
COPY requirements.lock ./
RUN /opt/cart-cds/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY grading grading
COPY fhir_mappings fhir_mappings
COPY cards cards
COPY service service
COPY sandbox sandbox
RUN /opt/cart-cds/bin/pip install --no-deps --no-build-isolation .

FROM python:3.11-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin cart \
    && install -d -o 10001 -g 10001 /var/lib/cart-cds
COPY --from=build /opt/cart-cds /opt/cart-cds
ENV PATH=/opt/cart-cds/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /var/lib/cart-cds
USER 10001:10001
EXPOSE 8042
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8042/healthz', timeout=2)"]
ENTRYPOINT ["cart-cds"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8042", "--workers", "2"]
