# A static binary and nothing else. Run it as the owner of the mounted repository:
#   docker run --rm --user "$(id -u):$(id -g)" --volume "$PWD:/work" ghcr.io/your-org/govcheck
FROM rust:1.95-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY Cargo.toml Cargo.lock build.rs ./
COPY src src
COPY policies policies
RUN cargo build --profile dist --locked --bin govcheck
# The mounted repository often belongs to another user. govcheck runs nothing that is in it, so libgit2 may read it.
RUN printf '[safe]\n\tdirectory = *\n' > /etc/gitconfig

FROM scratch
COPY --from=build /src/target/dist/govcheck /usr/local/bin/govcheck
COPY --from=build /etc/gitconfig /etc/gitconfig
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/usr/local/bin/govcheck"]
