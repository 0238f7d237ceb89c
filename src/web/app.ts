import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { ClockThreadSilent } from '../clockside/clock-thread.js'
import type { Snapshot } from '../clockside/snapshot.js'
import { showConfig } from '../config/show.js'
import { putCalls } from '../metrics/calls.js'
import { exposition } from '../metrics/exposition.js'
import { processMetrics } from '../metrics/process.js'
import { putClocks, putExporter, putTimeServices } from '../metrics/samples.js'
import { limitBodies } from './body.js'
import type { Exported } from './exported.js'
import { sendPage } from './layout.js'
import { page } from './page.js'
import { probeRoute } from './probe.js'
import { PUSH_PATH, pushRoute } from './push.js'
import { metricsContentType, plain, sendMetrics } from './reply.js'
import { runbookRoutes } from './runbooks.js'
import { targetGroups } from './sd.js'

/** Requests have no bodies here, pushes aside, and their headers fit into Node's own limit. */
const BODY_LIMIT = 1024
/** Until a request's headers are here, from its first byte or the beginning of the connection. */
const HEADERS_MS = 10_000

/** A name or address with an optional port, as it may stand in a Host header. */
const HOST_HEADER = /^[A-Za-z0-9.-]{1,253}(:\d{1,5})?$|^\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?$/

/** Fastify's options beside ours: TLS and the like, from the web configuration file. */
export type ServerOptions = { readonly https?: object }

/** All routes, behind the hooks that `protect` adds. The app listens nowhere yet. */
export const buildApp = (
  exported: Exported,
  server: ServerOptions = {},
  protect: (app: FastifyInstance) => void = () => undefined,
): FastifyInstance => {
  const node = { headersTimeout: HEADERS_MS }
  const app = Fastify({
    ...(server.https ? { https: { ...server.https, ...node } } : { http: node }),
    logger: false,
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: 'idle',
    // Bodies have their deadlines from `limitBodies`.
    requestTimeout: 0,
    // A path that cannot be decoded: Fastify asks no hook, so no more is said than this.
    frameworkErrors: (_error, _request, reply) =>
      void plain(reply.header('connection', 'close'), 400, 'bad request'),
  }) as unknown as FastifyInstance
  limitBodies(app, PUSH_PATH)
  protect(app)
  // Whatever a reload is posted with, it has no meaning.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null))
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) {
      exported.log('error', 'request failed', { path: request.url, detail: String(error.stack) })
    }
    return plain(reply, status, error.message)
  })
  app.setNotFoundHandler((_, reply) => plain(reply, 404, 'not found: / lists what is here'))
  app.get(exported.telemetryPath, (request, reply) => metricsRoute(exported, request, reply))
  app.get('/probe', probeRoute(exported))
  clockPages(app, exported)
  housekeeping(app, exported)
  pushRoute(app, exported)
  runbookRoutes(app)
  return app
}

const metricsRoute = async (exported: Exported, request: FastifyRequest, reply: FastifyReply) => {
  const snapshot = await snapshotOrNone(exported)
  const contentType = metricsContentType(request.headers.accept)
  const registry = exposition(put => {
    const state = exported.state()
    putExporter(put, state)
    putClocks(put, snapshot)
    putTimeServices(put, snapshot, state.host(snapshot?.host.offset))
    const calls = exported.calls()
    if (calls !== 'none') putCalls(put, calls)
  }, contentType)
  for (const metric of processMetrics()) registry.registerMetric(metric)
  return sendMetrics(request, reply, registry)
}

/** A stuck clock thread is a fact to be shown (`edgeclock_clock_thread_up 0`), not a failed scrape. */
const snapshotOrNone = async (exported: Exported): Promise<Snapshot | undefined> => {
  try {
    return await exported.snapshot()
  } catch (error) {
    if (!(error instanceof ClockThreadSilent)) throw error
    exported.log('error', error.message)
    return undefined
  }
}

const clockPages = (app: FastifyInstance, exported: Exported): void => {
  const { telemetryPath } = exported
  if (telemetryPath !== '/') {
    app.get('/', async (_, reply) => {
      const snapshot = await snapshotOrNone(exported)
      const { version, host } = exported.state()
      return sendPage(
        reply,
        page({
          version,
          telemetryPath,
          snapshot,
          host: host(snapshot?.host.offset),
          calls: exported.calls(),
        }),
      )
    })
  }
  app.get('/api/v1/status', async (_, reply) => {
    const snapshot = await snapshotOrNone(exported)
    if (!snapshot) return reply.code(503).send({ error: 'the clock thread does not answer' })
    const calls = exported.calls()
    const { version, host } = exported.state()
    const timeService = host(snapshot.host.offset)
    return reply.send({
      version,
      ...snapshot,
      timeService,
      ...(calls !== 'none' && { calls: calls ?? null }),
    })
  })
  app.get('/sd', async (request, reply) => {
    const host = request.headers.host ?? ''
    if (!HOST_HEADER.test(host)) return plain(reply, 400, 'the Host header is needed, and names us')
    return reply.send(targetGroups(exported.config(), host, request.protocol))
  })
}

const housekeeping = (app: FastifyInstance, exported: Exported): void => {
  app.get('/config', async (_, reply) =>
    reply.type('application/yaml; charset=utf-8').send(showConfig(exported.config())),
  )
  app.get('/-/healthy', async (_, reply) => plain(reply, 200, 'healthy'))
  app.get('/-/ready', async (_, reply) =>
    (await snapshotOrNone(exported))
      ? plain(reply, 200, 'ready')
      : plain(reply, 503, 'the clock thread does not answer'),
  )
  app.route({
    method: ['POST', 'PUT'],
    url: '/-/reload',
    handler: async (_, reply) => {
      const result = await exported.reload()
      return result.ok ? plain(reply, 200, 'reloaded') : plain(reply, 500, result.why)
    },
  })
}
