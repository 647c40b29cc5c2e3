# weir alone: the topology against services that the environment names.
# By digest: the same image whatever the tag comes to mean.
FROM node:20.20.2-bookworm-slim@sha256:2cf067cfed83d5ea958367df9f966191a942351a2df77d6f0193e162b5febfc0

WORKDIR /app
COPY package.json package-lock.json ./
# The runner compares this mark with the lock file, and so knows that nothing is missing.
RUN npm ci --omit=dev --no-fund --no-audit \
  && node -e "const h = require('crypto').createHash('sha256'); \
    process.stdout.write(h.update(require('fs').readFileSync('package-lock.json')).digest('hex'))" \
    > node_modules/.weir-lock
COPY . .
# What is compiled at the first start is kept for the next ones.
RUN mkdir node_modules/.cache && chown node node_modules/.cache

ENV NODE_ENV=production
ENV METRICS_PORT=9464
# Stores on disk: a volume of this container's own, kept over its restarts.
ENV STATE_DIR=/var/lib/weir
RUN mkdir /var/lib/weir && chown node /var/lib/weir
VOLUME /var/lib/weir
EXPOSE 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "docker/health.mjs"]
USER node
# What `npm run topology` runs, without npm between it and the signals.
CMD ["node", "bin/run.mjs", "src/cli/programs/topology.ts"]
