import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import { startChronyd } from '../peers/chronyd.js'
import { freeUdpPort } from '../peers/ports.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'
import { until } from '../peers/wait.js'
import { type RunningExporter, poolOf, startExporter } from './exporter.js'

const SENDER = fileURLToPath(new URL('../peers/hep-flood.js', import.meta.url))
const sent = z.object({
  sent: z.number(),
  failed: z.number(),
  errors: z.number(),
  seconds: z.number(),
})
const SCRAPE_EVERY_MS = 250

/** What was seen while packets came in. */
export interface Flooded extends z.output<typeof sent> {
  readonly exporter: RunningExporter
  /** Milliseconds of each scrape of /metrics, ascending. */
  readonly scrapes: readonly number[]
  /** Half-widths of the watched server's offset, ascending: before and meanwhile. Seconds. */
  readonly boundsBefore: readonly number[]
  readonly bounds: readonly number[]
  readonly records: number
  readonly dropped: number
}

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b)

export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN

/** One server's clock is read each second, and HEP comes in at a rate for some seconds. */
export const flooded = async (scope: Scope, rate: number, seconds: number): Promise<Flooded> => {
  const [reference, edge01, port] = await Promise.all([
    startChronyd(scope),
    startChronyd(scope),
    freeUdpPort(),
  ])
  const state_directory = await temporaryFolder(scope, 'state')
  const sources = [{ kind: 'hep', pool: 'edgepool1', name: 'hep', listen: `127.0.0.1:${port}` }]
  const calls = { state_directory, settle_after: '2s', sources }
  const exporter = await startExporter(scope, poolOf([reference], { edge01 }, { calls }))
  const scrapes: number[] = []
  const observe = async (until: () => boolean): Promise<number[]> => {
    const bounds: number[] = []
    while (!until()) {
      const began = performance.now()
      const metrics = await exporter.metrics()
      scrapes.push(performance.now() - began)
      const error = metrics.value('edgeclock_clock_offset_error_seconds', { server: 'edge01' })
      bounds.push(error ?? Infinity)
      await new Promise(resolve => setTimeout(resolve, SCRAPE_EVERY_MS))
    }
    return ascending(bounds)
  }
  const up = async () => {
    const metrics = await exporter.metrics()
    const known = metrics.value('edgeclock_clock_offset_error_seconds') ?? Infinity
    return known < 0.01 && metrics.value('edgeclock_call_source_up') === 1
  }
  await until(up, { what: 'the clock read and HEP listened to', timeoutMs: 30_000 })
  const began = performance.now()
  const boundsBefore = await observe(() => performance.now() - began > 5000)
  scrapes.length = 0
  let result: z.output<typeof sent> | undefined
  const args = [SENDER, String(port), String(rate), String(seconds)]
  const sending = promisify(execFile)(process.execPath, args).then(({ stdout }) => {
    result = sent.parse(JSON.parse(stdout))
  })
  const bounds = await observe(() => result !== undefined)
  await sending
  const counted = async () => {
    const metrics = await exporter.metrics()
    const value = (name: string) => metrics.value(`edgeclock_call_source_${name}_total`) ?? 0
    return { records: value('records'), dropped: value('dropped') }
  }
  const total = result?.sent ?? 0
  await until(
    async () => {
      const { records, dropped } = await counted()
      return records + dropped >= total
    },
    { what: `${total} packets counted or dropped`, timeoutMs: 30_000 },
  ).catch(() => undefined)
  const summary = result ?? { sent: 0, failed: 0, errors: 0, seconds: 0 }
  const scrapesUp = ascending(scrapes)
  return { ...summary, ...(await counted()), exporter, scrapes: scrapesUp, boundsBefore, bounds }
}
