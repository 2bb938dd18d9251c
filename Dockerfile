# Ringdown with its production dependencies. TypeScript runs as it is: nothing is built but the script of the browser page,
# in memory, when it is asked for first.
#
# The tag moves. To pin the very image, give the digest that `docker buildx imagetools inspect node:24-slim` shows:
#   docker build --build-arg NODE_IMAGE=node:24-slim@sha256:<digest> --tag ringdown .
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
# The embedded database, where no DATABASE_URL is set: the only place that is written to.
ENV DATA_DIR=/data
RUN install --directory --owner=node --group=node --mode=0700 /data
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY src ./src
USER node
VOLUME /data
EXPOSE 3978
STOPSIGNAL SIGTERM
# Alive, not ready: a replica whose database is away for a while need not be started anew.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3978}/healthz`, { signal: AbortSignal.timeout(4000) }).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Flags as in package.json: less memory, and less of the processor (docs/performance.md).
CMD ["node", "--v8-pool-size=1", "--max-semi-space-size=4", "src/main.ts"]
