FROM node:26.13.0-trixie-slim AS build
WORKDIR /edgeclock
COPY package.json package-lock.json ./
# Not `npm ci`: it wants the linter's binaries of every platform in the lock file. What is in it is kept to.
RUN npm install --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY src src
RUN npm run build
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:26.13.0-trixie-slim
ENV NODE_ENV=production
WORKDIR /edgeclock
# A new volume takes on the owner of the folder that it is mounted on.
RUN install --directory --owner=node --group=node --mode=0700 /var/lib/edgeclock
COPY package.json LICENSE edgeclock.yml ./
COPY alerts/runbooks alerts/runbooks
COPY --from=build /edgeclock/node_modules node_modules
COPY --from=build /edgeclock/dist dist
# The image's user `node`, as a number: so Kubernetes can see that it is not root.
USER 1000:1000
VOLUME /var/lib/edgeclock
EXPOSE 10429
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:10429/-/healthy').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# No npm and no shell between: the signal that stops the container has to reach the exporter.
ENTRYPOINT ["node", "dist/cli.js"]
CMD ["serve"]
