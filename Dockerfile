# One static binary and the authorities it trusts, in an image that contains nothing else.
#
#   docker build -t kassa .
#
# The C library is linked in: glibc, since the same build runs in the tests of every machine with Rust. Its resolver
# reads /etc/hosts and /etc/resolv.conf without any other file, so nothing is missing from an empty image. On Alpine the
# target x86_64-unknown-linux-musl does the same without RUSTFLAGS.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY crates crates
# What cargo fetched and built is kept from build to build; a change of one line compiles that crate and what uses it.
# Naming the target keeps its flags from the macros, which the compiler loads.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    target="$(rustc --print host-tuple)" \
    && RUSTFLAGS="-C target-feature=+crt-static" \
       cargo build --locked --profile dist --package kassa --target "$target" \
    && install -D "target/$target/dist/kassa" /image/usr/bin/kassa
# 65532 is nobody's number on a Debian, and what distroless images call nonroot.
RUN install -D /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt \
    && install -d -m 1777 /image/tmp \
    && install -d -o 65532 -g 65532 -m 0700 /image/var/lib/kassa

FROM scratch
COPY --from=build /image /
COPY LICENSE /LICENSE
USER 65532:65532
# A SQLite file is here. Nodes on PostgreSQL write nothing, and run with a read-only root.
VOLUME /var/lib/kassa
# Merchants and consumers; with KASSA_OPERATIONS_LISTEN=0.0.0.0:9464 the operational paths.
EXPOSE 8080 9464
# There is no shell, so there is no HEALTHCHECK: ask /healthz and /readyz on the second port.
ENTRYPOINT ["/usr/bin/kassa"]
CMD ["serve", "--config", "/etc/kassa/kassa.toml"]
