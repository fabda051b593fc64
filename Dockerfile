# docker build -t martlet .
# To try it, for this machine alone and without keys: docker run --rm -e MARTLET_KEYS= -p 127.0.0.1:8080:8080 martlet
# docker run --rm -v martlet-keys:/var/lib/martlet-keys martlet keys add NAME --scope infer
# docker run --rm -v martlet-keys:/var/lib/martlet-keys -v martlet:/var/lib/martlet -p 8080:8080 martlet
FROM swift:6.3-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends libjpeg-dev libspng-dev libwebp-dev libssl-dev libarchive-dev libsqlite3-dev libseccomp-dev zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Package.swift ./
COPY Sources Sources
# The package names these targets, which must exist.
COPY Tests Tests
COPY Benchmarks/fit Benchmarks/fit
COPY Benchmarks/novelty Benchmarks/novelty
COPY Fuzzing Fuzzing
RUN swift build -c release --product martlet --static-swift-stdlib && strip .build/release/martlet

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends libjpeg62-turbo libspng0 libwebp7 libssl3 libarchive13 libsqlite3-0 libseccomp2 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home martlet \
    && install -d -o martlet /var/lib/martlet /var/lib/martlet-keys
COPY --from=build /src/.build/release/martlet /usr/local/bin/martlet
COPY models /models
# Named, the file of keys must be there: a server whose keys are lost does not start instead of letting everybody in.
ENV MARTLET_MODELS=/models MARTLET_STORE=/var/lib/martlet/martlet.db MARTLET_KEYS=/var/lib/martlet-keys/keys.json
VOLUME /var/lib/martlet /var/lib/martlet-keys
USER martlet
EXPOSE 8080
ENTRYPOINT ["martlet"]
CMD ["serve", "--host", "0.0.0.0"]
