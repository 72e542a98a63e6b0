# The image holds the binary and a CA bundle (for sslrootcert=system), nothing else: migrations come
# as a layer of yours, a ConfigMap or a volume at /migrations.  `--target demo` adds the sample.
FROM debian:bookworm-slim AS build
WORKDIR /headway
# The dependencies are a layer of their own, kept while only sources change.
COPY .make/common .make/dependencies .make/packages .make/
RUN .make/dependencies build
COPY CMakeLists.txt ./
COPY .make/build .make/link .make/
COPY src src
RUN .make/build build --target headway
# Apart, because it is another one with each commit.
ARG REVISION=""
RUN .make/build build -DHEADWAY_REVISION="${REVISION}" --target headway \
 && strip -o /headway/headway build/headway \
 && ./headway version

FROM scratch AS base
ARG VERSION=""
ARG REVISION=""
LABEL org.opencontainers.image.title="headway" \
      org.opencontainers.image.description="Brings a PostgreSQL schema to its head before an application starts" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /headway/headway /headway
USER 65532:65532
ENTRYPOINT ["/headway"]
CMD ["upgrade"]

FROM base AS demo
COPY migrations /migrations

FROM base
