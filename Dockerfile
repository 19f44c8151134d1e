# The image of skep, for whoever has a registry: `docker build -t skep .`
# `make image` builds the same from the Rust of this machine, without one.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN program=$(sh vagrant/image/program.sh) && sh vagrant/image/tree.sh "$program" /tree

FROM scratch
COPY --from=build /tree /
LABEL org.opencontainers.image.title="skep" \
      org.opencontainers.image.description="See your Docker Swarm: collector, rules, history and page in one binary" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
USER 65532:65532
# The state of whoever is not root goes below XDG_STATE_HOME: to the volume.
ENV SKEP_URL=http://127.0.0.1:5556 XDG_STATE_HOME=/var/lib
EXPOSE 5555 5555/udp 5556
VOLUME /var/lib/skep
HEALTHCHECK --interval=10s --timeout=10s --retries=6 --start-period=30s CMD ["/skep", "health"]
ENTRYPOINT ["/skep"]
