import type { FastifyReply, FastifyRequest } from 'fastify'
import { allowProbe } from '../config/allow.js'
import { type Config, moduleNamed } from '../config/config.js'
import { parseEndpoint } from '../config/endpoint.js'
import { exposition } from '../metrics/exposition.js'
import { putProbe } from '../metrics/samples.js'
import { type DurationNs, seconds } from '../time/units.js'
import type { Exported } from './exported.js'
import { debugText } from './probe-debug.js'
import { metricsContentType, plain, sendMetrics } from './reply.js'

/** Each holds a socket; the pools' own readings must not run out of them. */
const AT_ONCE = 64

/** What is left for a reading when Prometheus hardly leaves any time. Seconds. */
const SHORTEST = 0.1
const NO_SCRAPE_TIMEOUT = 10
const LONGEST = 3600

/**
 * GET /probe?target=HOST[:PORT]&module=NAME[&debug=true]: one reading now. A failed reading is an
 * answer (200, `probe_success 0`); only a question that makes no sense, or that points where nobody
 * allowed it to, is an error.
 */
export const probeRoute = (exported: Exported) => {
  let underWay = 0
  return async (request: FastifyRequest, reply: FastifyReply) => {
    if (underWay >= AT_ONCE) return plain(reply, 503, 'too many readings at once')
    underWay++
    try {
      return await probe(exported, request, reply)
    } finally {
      underWay--
    }
  }
}

const probe = async (exported: Exported, request: FastifyRequest, reply: FastifyReply) => {
  const query = request.query as { [key: string]: unknown }
  const { target, module: name = 'ntp', debug } = query
  if (typeof target !== 'string' || typeof name !== 'string') {
    return plain(reply, 400, 'one target and one module are needed')
  }
  const config = exported.config()
  const module = moduleNamed(config, name)
  if (!module) {
    const known = Object.keys(config.modules).join(', ')
    return plain(reply, 400, `unknown module; known: ${known}`)
  }
  const endpoint = parseEndpoint(target)
  if (!endpoint.ok) return plain(reply, 400, 'the target is not HOST or HOST:PORT')
  const { host, port } = endpoint.endpoint
  if (!isAllowed(config, host)) {
    return plain(reply, 403, 'not a configured server, and not in probe.allow')
  }
  const wantsDebug = debug === 'true'
  const reading = await exported.probe({
    host,
    module: port === undefined ? module : { ...module, port },
    timeout: timeoutOf(request, exported.timeoutOffset),
    ...(wantsDebug && { debug: true }),
  })
  if (wantsDebug) {
    const { servers } = await exported.snapshot()
    const debugged = { target, host, module: name, reading, servers }
    return plain(reply.header('x-content-type-options', 'nosniff'), 200, debugText(debugged))
  }
  const registry = exposition(
    put => putProbe(put, reading),
    metricsContentType(request.headers.accept),
  )
  return sendMetrics(request, reply, registry)
}

/** What a configuration allows, worked out once for it. */
const allowed = new WeakMap<Config, (host: string) => boolean>()

const isAllowed = (config: Config, host: string): boolean => {
  const allow = allowed.get(config) ?? allowProbe(config)
  allowed.set(config, allow)
  return allow(host)
}

const timeoutOf = ({ headers }: FastifyRequest, offset: number): DurationNs => {
  const given = Number(headers['x-prometheus-scrape-timeout-seconds'])
  const whole = given > 0 ? Math.min(given, LONGEST) : NO_SCRAPE_TIMEOUT
  return seconds(Math.max(SHORTEST, whole - offset))
}
