# The app and its command line. Build: docker build -t plumbline .  Run: compose.yaml, or compose.small.yaml.

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --include=dev --no-audit --no-fund
COPY remix.config.js postcss.config.mjs tsconfig.json remix.env.d.ts ./
COPY app app
COPY db db
COPY domain domain
COPY inngest inngest
COPY public public
COPY cli cli
COPY scripts scripts
RUN NODE_ENV=production npx remix build && rm build/metafile.*
# The command line as one file, so that no compiler is needed where it runs.
RUN npx esbuild cli/main.ts --bundle --platform=node --format=esm --packages=external --ignore-annotations --log-level=warning --outfile=build/cli.mjs
RUN npm prune --omit=dev --no-audit --no-fund

FROM node:22-bookworm-slim
ENV NODE_ENV=production DATA_DIR=/data PORT=3000
WORKDIR /app
# Owned by root: the app cannot change itself. It writes to /data (embedded database alone) and to /tmp.
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/build build
COPY --from=build /app/public public
COPY package.json server.mjs ./
COPY scripts/lib scripts/lib
COPY db/migrations db/migrations
COPY db/embedded/worker.mjs db/embedded/worker.mjs
COPY --chmod=755 deploy/plumbline.sh /usr/local/bin/plumbline
RUN install -d -o node -g node -m 700 /data
VOLUME /data
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# The app ends in order on SIGTERM, within 15 seconds.
STOPSIGNAL SIGTERM
CMD ["node", "server.mjs"]
