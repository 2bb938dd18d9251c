# Ringdown as a bundle (scripts/bundle): Node, a few files, and nothing that is only wanted to build or to install them.
#
# The tags move. To pin the very images, give the digests that `docker buildx imagetools inspect node:24-slim` shows:
#   docker build --build-arg NODE_IMAGE=node:24-slim@sha256:<digest> --tag ringdown .
ARG NODE_IMAGE=node:24-slim
# Of Node's own image only Node is taken: npm, yarn and the headers are half of what is in it.
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${NODE_IMAGE} AS bundle
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY LICENSE ./
COPY src ./src
COPY scripts/bundle ./scripts/bundle
RUN node scripts/bundle/main.ts /app && chown --recursive 1000:1000 /app
# Compiled code is good for one Node, one folder and one user: those of the image.
USER 1000:1000
RUN node scripts/bundle/compile.ts /app && chmod --recursive a+rX /app

FROM ${BASE_IMAGE}
ENV NODE_ENV=production
# The embedded database, where no DATABASE_URL is set: the only place that is written to.
ENV DATA_DIR=/data
RUN install --directory --owner=1000 --group=1000 --mode=0700 /data
COPY --from=bundle /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=bundle /app ./
USER 1000:1000
VOLUME /data
EXPOSE 3978
STOPSIGNAL SIGTERM
# Alive, not ready: a replica whose database is away for a while need not be started anew.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3978}/healthz`, { signal: AbortSignal.timeout(4000) }).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Flags as in package.json: less memory, and less of the processor (docs/performance.md).
CMD ["node", "--v8-pool-size=1", "--max-semi-space-size=4", "server/main.js"]
