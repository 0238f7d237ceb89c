import type { FastifyInstance } from 'fastify'
import { ClockThreadSilent } from '../../src/clockside/clock-thread.js'
import { parseConfig } from '../../src/config/config.js'
import { buildApp } from '../../src/web/app.js'
import type { Exported } from '../../src/web/exported.js'

export const parsed = parseConfig('reference: {servers: [192.0.2.1, 192.0.2.2, 192.0.2.3]}')

/** An exporter whose clock thread is stuck, changed as the test wants it. */
export const stuck = (change: Partial<Exported> = {}): Exported & { logged: string[] } => {
  if (!parsed.ok) throw new Error('the configuration is good')
  const { config } = parsed
  const logged: string[] = []
  return {
    logged,
    telemetryPath: '/metrics',
    timeoutOffset: 0.5,
    log: (level, message) => logged.push(`${level} ${message}`),
    config: () => config,
    state: () => ({
      version: '1.2.3',
      reloadSuccessful: true,
      reloadedAtSeconds: 1,
      host: () => undefined,
    }),
    snapshot: () => Promise.reject(new ClockThreadSilent('no snapshot in time')),
    calls: () => 'none',
    push: () => Promise.reject(new Error('not asked here')),
    probe: () => Promise.reject(new Error('not asked here')),
    reload: () => Promise.resolve({ ok: true }),
    ...change,
  }
}

export const appOf = (
  exported: Exported = stuck(),
  protect?: (app: FastifyInstance) => void,
): FastifyInstance => buildApp(exported, {}, protect)
