import { openScope } from '../test/peers/scope.js'
import { flooded, quantile } from '../test/exporter/flood.js'

/**
 * 50,000 HEP packets a second for 30 s: what scrapes take meanwhile, what becomes of the clocks' bounds, and
 * whether all packets are accounted for.
 */
const RATE = 50_000
const SECONDS = 30
/** The least that is asked of a scrape, and of the bounds: as they were, give or take half. */
const SLOWEST_SCRAPE_MS = 100
const WIDER = 1.5

const scope = openScope()
try {
  const flood = await flooded(scope, RATE, SECONDS)
  const row = (name: string, sorted: readonly number[], scale: number, unit: string): string => {
    const shares = [0.5, 0.95, 1].map(share => (quantile(sorted, share) * scale).toFixed(2))
    return `${name.padEnd(28)} ${shares.map(one => one.padStart(9)).join('')}  ${unit}`
  }
  const rate = Math.round(flood.sent / flood.seconds)
  const lines = [
    `${flood.sent} packets in ${flood.seconds.toFixed(1)} s: ${rate} a second`,
    `counted ${flood.records}, dropped and counted so ${flood.dropped}, unaccounted for ${flood.sent - flood.records - flood.dropped}`,
    `${''.padEnd(28)} ${['median', '95 %', 'most'].map(one => one.padStart(9)).join('')}`,
    row('scrape of /metrics', flood.scrapes, 1, 'ms'),
    row('bound of a clock, before', flood.boundsBefore, 1e6, 'µs'),
    row('bound of a clock, meanwhile', flood.bounds, 1e6, 'µs'),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  const aims: readonly (readonly [name: string, isMet: boolean])[] = [
    [`${RATE} packets a second were sent`, rate >= 0.95 * RATE],
    [`each scrape below ${SLOWEST_SCRAPE_MS} ms`, quantile(flood.scrapes, 1) < SLOWEST_SCRAPE_MS],
    [
      'bounds as they were',
      quantile(flood.bounds, 0.5) < WIDER * quantile(flood.boundsBefore, 0.5),
    ],
    ['all packets accounted for', flood.sent === flood.records + flood.dropped],
  ]
  for (const [name, isMet] of aims) process.stdout.write(`${isMet ? 'met' : 'NOT MET'}: ${name}\n`)
  process.exitCode = aims.every(([, isMet]) => isMet) ? 0 : 1
} finally {
  await scope.close()
}
