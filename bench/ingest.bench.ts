import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openScope, temporaryFolder } from '../test/peers/scope.js'
import {
  type HepRun,
  type Spent,
  type TraceRun,
  copyPrefix,
  readOnce,
  runGrep,
  runHep,
  runMtail,
  runTrace,
} from './ingest-runs.js'
import { type TraceFileTruth, writeTraceFile } from './trace-file.js'

/**
 * How fast calls are counted: `npm run bench -- ingest [--bytes=200MB]`. A trace is composed, of which
 * it is known what has to be counted: that is asserted, speeds are only told. Besides, HEP packets.
 */
const DEFAULT_BYTES = '1GB'
/** Whoever else uses the machine disturbs; the one in the middle is told. */
const RUNS = 3
/** It reads some 15 MB/s. */
const MTAIL_BYTES = 100e6
const UNITS = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 } as const

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const bytesOf = (text: string): number => {
  const [, number, unit = 'B'] = /^(\d+(?:\.\d+)?)(B|kB|MB|GB)?$/.exec(text) ?? []
  if (number === undefined) throw new Error(`--bytes=${text}: a size such as 200MB or 1GB`)
  return Number(number) * UNITS[unit as keyof typeof UNITS]
}

const bySeries = (samples: readonly (readonly [readonly string[], number])[]) =>
  new Map(samples.map(([labels, value]) => [labels.join('|'), value]))

/** Everything that was counted and is not in the file, and the other way round; for people. */
const differences = (truth: TraceFileTruth, { status, tally, problems }: TraceRun): string[] => {
  const { outcomes, unresolved, evicted, callFailures, sipFailures } = tally
  const single: readonly [string, number, number][] = [
    ['bytes', truth.bytes, status.readBytes],
    ['records', truth.records, status.records],
    ['malformed records', 0, status.malformed],
    ['voicemail calls answered', truth.umCalls.answered, outcomes.answered],
    ['voicemail calls failed', truth.umCalls.failed, outcomes.failed],
    ['voicemail calls abandoned', 0, outcomes.abandoned],
    ['voicemail calls unresolved', 0, unresolved],
    ['calls evicted', 0, evicted],
  ]
  const series = [
    ['voicemail failures', truth.umFailures, bySeries(callFailures)],
    ['SIP failures', truth.sipFailures, bySeries(sipFailures)],
  ] as const
  const labelled = series.flatMap(([what, expected, counted]) =>
    [...new Set([...expected.keys(), ...counted.keys()])].map(
      key => [`${what} ${key}`, expected.get(key) ?? 0, counted.get(key) ?? 0] as const,
    ),
  )
  const wrong = [...single, ...labelled].filter(([, expected, counted]) => expected !== counted)
  return [
    ...problems,
    ...wrong.map(([what, expected, counted]) => `${what}: ${counted}, and not ${expected}`),
  ]
}

const middle = <Run extends Spent>(runs: readonly Run[]): Run => {
  const sorted = [...runs].sort((a, b) => a.cpuSeconds - b.cpuSeconds)
  return sorted[Math.floor(sorted.length / 2)]!
}

const repeat = async <Run>(count: number, once: () => Promise<Run>): Promise<Run[]> => {
  const runs: Run[] = []
  for (let i = 0; i < count; i++) runs.push(await once())
  return runs
}

const columns = (first: string, ...rest: readonly string[]): string =>
  first.padEnd(30) + rest.map(cell => cell.padStart(14)).join('')

const row = (what: string, bytes: number, spent: Spent, peakBytes: number, told: string): string =>
  columns(
    what,
    (bytes / 1e6).toFixed(0),
    (bytes / 1e6 / spent.wallSeconds).toFixed(0),
    (bytes / 1e6 / spent.cpuSeconds).toFixed(0),
    Number.isNaN(peakBytes) ? '–' : (peakBytes / 1e6).toFixed(0),
  ) + `  ${told}`

const traceRows = async (folder: string, bytes: number): Promise<string[]> => {
  const path = join(folder, 'edge02.log')
  say(`\nComposing a trace of ${bytes / 1e6} MB.`)
  const truth = await writeTraceFile(path, { bytes })
  await readOnce(path)
  const { records, calls, umCalls } = truth
  say(`${records} records of ${calls} calls; ${umCalls.answered + umCalls.failed} to voicemail.\n`)
  say(columns('one trace, from page cache', 'MB', 'MB/s', 'MB/s of CPU', 'peak MB') + '  counted')
  const runs = await repeat(RUNS, () => runTrace(path))
  const wrong = runs.flatMap(run => differences(truth, run))
  const ours = middle(runs)
  const verdict = wrong.length > 0 ? 'WRONG, see below' : 'records, calls, failures: all right'
  const peak = Math.max(...runs.map(({ peakBytes }) => peakBytes))
  say(row('edgeclock', truth.bytes, ours, peak, verdict))
  await sayMtail(folder, path, truth.bytes)
  const grep = await runGrep(path)
  say(row('grep -c $$begin_record', truth.bytes, grep, Number.NaN, `${grep.records} records`))
  return [...new Set(wrong)]
}

const sayMtail = async (folder: string, path: string, bytes: number): Promise<void> => {
  const prefix = join(folder, 'prefix.log')
  await copyPrefix(path, prefix, Math.min(bytes, MTAIL_BYTES))
  const { size } = await stat(prefix)
  const told = async (): Promise<string> => {
    const mtail = await runMtail(prefix)
    const records = `${mtail.records} records, lines with codes and ids`
    return row('mtail, the beginning of it', size, mtail, Number.NaN, records)
  }
  say(await told().catch(error => `mtail: ${String(error)}`))
}

const hepRow = (what: string, { packets, wallSeconds, cpuSeconds }: HepRun): string =>
  columns(
    what,
    String(packets),
    (packets / wallSeconds).toFixed(0),
    (packets / cpuSeconds).toFixed(0),
  )

const hepRows = async (): Promise<string[]> => {
  const ours = middle(await repeat(RUNS, () => runHep('ours')))
  const other = await runHep('hep-js')
  const size = `HEP3 packets of ${ours.bytesEach} bytes`
  say(`\n${columns(size, 'packets', 'packets/s', 'per s of CPU')}`)
  say(hepRow('edgeclock, decode and count', ours))
  say(hepRow('hep-js, decode only', other))
  const speed = ({ packets, cpuSeconds }: HepRun): number => packets / cpuSeconds
  say(`\nWe take ${(speed(ours) / speed(other)).toFixed(1)} times as many packets as hep-js.`)
  return ours.isRight ? [] : ['HEP packets were miscounted']
}

const { values } = parseArgs({ options: { bytes: { type: 'string', default: DEFAULT_BYTES } } })
const scope = openScope()
try {
  const folder = await temporaryFolder(scope, 'ingest')
  const wrong = [...(await traceRows(folder, bytesOf(values.bytes))), ...(await hepRows())]
  for (const line of wrong) say(line)
  say(wrong.length > 0 ? '\nWe miscounted.' : '\nWe counted what is there.')
  process.exitCode = wrong.length > 0 ? 1 : 0
} finally {
  await scope.close()
}
