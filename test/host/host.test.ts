import t from 'tap'
import { Host } from '../../src/host/host.js'
import type { HostReading, ReadHost, ToolReport } from '../../src/host/reading.js'
import type { TimeServiceFacts } from '../../src/protocol/time-service.js'
import { seconds } from '../../src/time/units.js'
import { VirtualTime } from '../net/virtual-time.js'

const BOOT = 1_800_000_000
const SECOND: bigint = seconds(1)
const config = { pool: 'edgepool1', name: 'edge01', interval: seconds(15) }
const ok = (tool: string): ToolReport => ({ tool, ok: true })
const bad = (tool: string): ToolReport => ({ tool, ok: false, reason: 'timeout', detail: 'late' })

/** A host whose tools say what the test wants, round for round. */
const setUp = (t: { teardown: (run: () => void) => unknown }, read?: ReadHost | 'none') => {
  const time = new VirtualTime()
  const lines: string[] = []
  const rounds: HostReading[] = []
  let says: HostReading = { facts: {}, tools: [] }
  const tell = (facts: TimeServiceFacts, ...tools: ToolReport[]): void => {
    const name = Object.keys(facts).length > 0 ? ({ name: 'chrony' } as const) : {}
    says = { ...name, facts, tools }
  }
  const usual: ReadHost = async () => {
    rounds.push(says)
    return says
  }
  const host = new Host({
    platform: time,
    log: (level, message, fields) =>
      lines.push(`${level} ${message} ${fields?.['tool'] ?? ''}`.trim()),
    read: read === 'none' ? undefined : (read ?? usual),
    boot: wall => ({ byWall: BOOT, truly: wall && BOOT - wall.offset }),
  })
  t.teardown(() => host.stop())
  return { time, host, lines, rounds, tell }
}

void t.test('a machine that is none of the watched servers is not asked', async t => {
  const { time, host, rounds } = setUp(t)
  host.apply(undefined)
  await time.pass(60n * SECOND)
  t.equal(rounds.length, 0)
  t.equal(host.report(undefined), undefined)
})

void t.test('it is asked at once, then every interval', async t => {
  const { time, host, rounds, tell } = setUp(t)
  tell({ running: true }, ok('chronyc'))
  host.apply(config)
  t.same(host.report(undefined), { pool: 'edgepool1', server: 'edge01', facts: {}, tools: [] })
  await time.pass(0n)
  t.same(host.report(undefined)?.facts, { running: true })
  await time.pass(30n * SECOND)
  t.equal(rounds.length, 3)
  t.same(host.report({ offset: -60, error: 1 })?.facts.bootTimestamp, BOOT + 60)
})

void t.test('the facts of the last round stand alone', async t => {
  const { time, host, tell } = setUp(t)
  tell({ running: true, stratum: 3 }, ok('chronyc'))
  host.apply(config)
  await time.pass(0n)
  tell({ running: false }, ok('chronyc'))
  await time.pass(15n * SECOND)
  t.same(host.report(undefined)?.facts, { running: false })
})

void t.test(
  'a synchronisation that was seen counts on, though the service is stopped since',
  async t => {
    const { time, host, tell } = setUp(t)
    tell({ synchronizedSinceBoot: true }, ok('w32tm'))
    host.apply(config)
    await time.pass(0n)
    tell({ running: false }, ok('sc'))
    await time.pass(15n * SECOND)
    t.equal(host.report(undefined)?.facts.synchronizedSinceBoot, true)
  },
)

void t.test('trouble with a tool is logged at its beginning and at its end', async t => {
  const { time, host, lines, tell } = setUp(t)
  tell({ running: true }, bad('w32tm'), ok('sc'))
  host.apply(config)
  await time.pass(45n * SECOND)
  t.match(host.report(undefined)?.tools, [
    { tool: 'w32tm', ok: false, reason: 'timeout' },
    ok('sc'),
  ])
  tell({ running: true }, ok('w32tm'), ok('sc'))
  await time.pass(45n * SECOND)
  t.same(lines, [
    'warn nothing is told of the time service w32tm',
    'info time service is told of again w32tm',
  ])
})

void t.test('that there is no time service is told only where each tool has said so', async t => {
  const { time, host, lines, tell } = setUp(t)
  host.apply(config)
  t.notOk('found' in (host.report(undefined) ?? {}), 'not before the first round')
  tell({}, bad('systemctl'))
  await time.pass(0n)
  t.notOk('found' in (host.report(undefined) ?? {}))
  tell({}, ok('systemctl'))
  await time.pass(30n * SECOND)
  t.equal(host.report(undefined)?.found, false)
  t.same(
    lines.filter(line => line.includes('found')),
    ['warn no time service was found on this machine'],
  )
})

void t.test('a round that hangs is given up, and the next one is made', async t => {
  let asked = 0
  const hangs: ReadHost = signal =>
    new Promise(resolve => {
      asked++
      signal.addEventListener('abort', () => resolve({ facts: {}, tools: [bad('w32tm')] }))
    })
  const { time, host } = setUp(t, hangs)
  host.apply(config)
  await time.pass(29n * SECOND)
  t.equal(asked, 1)
  await time.pass(20n * SECOND)
  t.equal(asked, 2)
  t.match(host.report(undefined)?.tools, [{ tool: 'w32tm', reason: 'timeout' }])
})

void t.test('a reload renames it, changes its interval, or ends it', async t => {
  const { time, host, rounds, tell } = setUp(t)
  tell({ running: true }, ok('chronyc'))
  host.apply(config)
  await time.pass(0n)
  host.apply({ ...config, name: 'edge02' })
  t.match(host.report(undefined), { server: 'edge02', facts: { running: true } })
  await time.pass(1n * SECOND)
  t.equal(rounds.length, 1, 'the same machine is not asked again for a name')
  host.apply({ ...config, interval: seconds(1) })
  await time.pass(5n * SECOND)
  t.equal(rounds.length, 7)
  host.apply(undefined)
  await time.pass(5n * SECOND)
  t.equal(rounds.length, 7)
  t.equal(host.report(undefined), undefined)
})

void t.test(
  'a round that hung over a reload does not put back what it was told before',
  async t => {
    const rounds: ((reading: HostReading) => void)[] = []
    const slow: ReadHost = () => new Promise(resolve => rounds.push(resolve))
    const { time, host } = setUp(t, slow)
    host.apply(config)
    await time.pass(0n)
    host.apply({ ...config, interval: seconds(60) })
    await time.pass(0n)
    t.equal(rounds.length, 2)
    const says = (running: boolean): HostReading => ({
      name: 'chrony',
      facts: { running },
      tools: [],
    })
    rounds[1]?.(says(true))
    await time.pass(0n)
    rounds[0]?.(says(false))
    await time.pass(0n)
    t.same(host.report(undefined)?.facts, { running: true })
  },
)

void t.test('on a system that we do not know only the start is told', async t => {
  const { time, host, lines } = setUp(t, 'none')
  host.apply(config)
  await time.pass(60n * SECOND)
  t.same(host.report({ offset: 0, error: 0 })?.facts, { bootTimestamp: BOOT })
  t.same(lines, ['warn the time services of this system are not known'])
})
