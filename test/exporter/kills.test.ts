import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { z } from 'zod'
import { type Random, mulberry32 } from '../../src/demo/trace-text.js'
import { unixNs } from '../../src/time/units.js'
import { callScenarios, composeIncident } from '../calls/incident.js'
import type { TraceFile } from '../calls/incident/files.js'
import { skipUnless } from '../peers/peer.js'
import { freeTcpPort } from '../peers/ports.js'
import { startPrometheus } from '../peers/prometheus.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'
import { until } from '../peers/wait.js'
import { CLI, Metrics } from './exporter.js'
import { type Counted, addedUp, countedOf, expected, isEqual } from './traces.js'

/** Exporters side by side, each killed so often: 200 kills in all. */
const LANES = 4
const KILLS = 50
const LONGEST_LIFE_MS = 3500
const CALLS_A_LIFE = 3
/** Lives between two rotations. */
const ROTATE_EVERY = 9
const HOUR_NS = 3_600_000_000_000n
const START = 1_772_429_400_000_000_000n

/** One exporter with traces of its own, which are written while it is killed again and again. */
class Lane {
  readonly #random: Random
  readonly #folder: string
  readonly #config: string
  readonly address: string
  want: Counted = { outcomes: [], unresolved: 0, umFailures: [], sipFailures: [] }
  #written = 0
  #rotations = 0
  #child: ReturnType<typeof spawn> | undefined
  output = ''

  private constructor(seed: number, folder: string, config: string, port: number) {
    this.#random = mulberry32(seed)
    this.#folder = folder
    this.#config = config
    this.address = `127.0.0.1:${port}`
  }

  static async open(scope: Scope, seed: number): Promise<Lane> {
    const folder = await temporaryFolder(scope, `kills-${seed}`)
    const config = join(folder, 'edgeclock.yml')
    const calls = {
      state_directory: join(folder, 'state'),
      settle_after: '2s',
      open_limit: '2s',
      sources: [{ kind: 'trace', name: 'cls', pool: 'edgepool1', path: `${folder}/*.log` }],
    }
    await writeFile(config, JSON.stringify({ reference: { servers: ['127.0.0.1:9'] }, calls }))
    const lane = new Lane(seed, folder, config, await freeTcpPort())
    scope.teardown(() => lane.kill())
    return lane
  }

  start(): void {
    const args = [CLI, `--config.file=${this.#config}`, `--web.listen-address=${this.address}`]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.output = (this.output + text).slice(-20_000)
    })
    this.#child = child
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  async metrics(): Promise<Metrics> {
    const answer = await fetch(`http://${this.address}/metrics`, {
      signal: AbortSignal.timeout(5000),
    })
    return new Metrics(await answer.text())
  }

  /** Some calls, in all four traces, while the exporter lives; then it is killed. */
  async live(life: number, seed: number): Promise<void> {
    const first = (life * CALLS_A_LIFE) % callScenarios.length
    const incident = composeIncident(seed * 1000 + life, {
      calls: CALLS_A_LIFE,
      requests: 1,
      minutes: 0.1,
      noise: 0.2,
      start: unixNs(START + BigInt(life) * HOUR_NS),
      filesPerServer: 1,
      scenarios: [...callScenarios.slice(first), ...callScenarios],
    })
    this.want = addedUp(this.want, expected(incident))
    const rotates = life % ROTATE_EVERY === ROTATE_EVERY - 1
    this.start()
    const end = pause(this.#random() * LONGEST_LIFE_MS)
    if (rotates) await this.#allRead()
    await pause(this.#random() * 200)
    await Promise.all(incident.files.map(file => this.#append(file, life)))
    if (rotates) await this.#rotate()
    await end
    await this.kill()
  }

  /** No program finds a file again that was renamed before it had ever seen it. */
  async #allRead(): Promise<void> {
    const isRead = async () => {
      const done = (await this.metrics()).value('edgeclock_call_source_read_bytes_total') ?? 0
      return done > this.#written - 20_000
    }
    await until(isRead, { what: 'all is read before a rotation', timeoutMs: 60_000 })
  }

  async #append({ server, content, encoding }: TraceFile, life: number): Promise<void> {
    const mark = life > 0 && encoding !== 'utf8' ? (encoding === 'utf16le' ? 2 : 3) : 0
    for (let at = mark; at < content.length;) {
      const end = Math.min(content.length, at + 1 + Math.floor(this.#random() * 30_000))
      await appendFile(join(this.#folder, `${server}.log`), content.subarray(at, end))
      this.#written += end - at
      at = end
    }
  }

  /** One trace is renamed; the next text begins a new file. Its byte order mark is missed: it is ASCII. */
  async #rotate(): Promise<void> {
    const rotation = this.#rotations++
    const [from, to] = rotation % 2 === 0 ? ['FE1', 'fe1'] : ['EDGE01', 'edge01']
    await rename(join(this.#folder, `${from}.log`), join(this.#folder, `${to}.${rotation}.old`))
  }
}

const matrix = z.object({
  result: z.array(
    z.object({
      metric: z.record(z.string(), z.string()),
      values: z.array(z.tuple([z.number(), z.string().transform(Number)])),
    }),
  ),
})

void t.test('200 kills: nothing is lost, nothing counted twice, no counter goes back', async t => {
  if (skipUnless(t, 'prometheus')) return
  const lanes = await Promise.all(Array.from({ length: LANES }, (_, i) => Lane.open(t, i + 1)))
  const prometheus = await startPrometheus(t, {
    scrape: lanes.map(({ address }, i) => ({ job: `lane${i}`, target: address })),
  })
  const scraped = async () => prometheus.query('count(edgeclock_um_calls_total) by (job)')
  for (const lane of lanes) lane.start()
  await until(async () => (await scraped()).length === LANES, {
    what: 'the first scrape of each lane, with all counters at 0',
    timeoutMs: 60_000,
  })
  await Promise.all(
    lanes.map(async (lane, i) => {
      await lane.kill()
      for (let life = 0; life < KILLS; life++) await lane.live(life, i + 1)
      lane.start()
    }),
  )
  for (const [i, lane] of lanes.entries()) {
    const counted = async () => countedOf(await lane.metrics())
    await until(async () => isEqual(await counted(), lane.want), {
      what: `the counts of lane ${i}`,
      timeoutMs: 60_000,
    }).catch(() => undefined)
    t.same(await counted(), lane.want, `lane ${i}`)
    t.notMatch(lane.output, /set aside|begin anew/)
  }

  const failed = lanes.map(({ want }) => new Map(want.outcomes).get('failed') ?? 0)
  await until(
    async () => {
      const last = await prometheus.query('edgeclock_um_calls_total{outcome="failed"}')
      return failed.every((count, i) =>
        last.some(({ metric, value }) => metric['job'] === `lane${i}` && value === count),
      )
    },
    { what: 'the last counts scraped', timeoutMs: 30_000 },
  )
  const names = '{__name__=~"edgeclock_(um|sip|call_source)_.*_total"}[30m]'
  const { result } = matrix.parse(
    await prometheus.get(`/api/v1/query?query=${encodeURIComponent(names)}`),
  )
  t.ok(result.length > 50, `${result.length} series`)
  const decreasing = result.filter(({ values }) =>
    values.some(([, value], i) => value < (values[i - 1]?.[1] ?? 0)),
  )
  t.same(decreasing, [], 'no counter goes back')
  for (const [i, count] of failed.entries()) {
    const own = result.find(
      ({ metric }) =>
        metric['job'] === `lane${i}` &&
        metric['__name__'] === 'edgeclock_um_calls_total' &&
        metric['outcome'] === 'failed',
    )
    const [first, last] = [own?.values[0]?.[1], own?.values.at(-1)?.[1]]
    t.equal((last ?? Number.NaN) - (first ?? Number.NaN), count, 'it rises by what failed')
  }
  for (const [i, count] of failed.entries()) {
    const selector = `edgeclock_um_calls_total{job="lane${i}",outcome="failed"}`
    const [increase] = await prometheus.query(`increase(${selector}[30m])`)
    // It is extrapolated to the ends of the range, where there were no samples: by a few seconds' worth.
    t.ok(Math.abs((increase?.value ?? 0) / count - 1) < 0.1, `${increase?.value} of ${count}`)
  }
})
