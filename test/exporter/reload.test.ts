import { appendFile, mkdir, readdir } from 'node:fs/promises'
import { constants, getPriority } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { temporaryFolder } from '../peers/scope.js'
import { until } from '../peers/wait.js'
import { type RunningExporter, startExporter } from './exporter.js'
import { failure } from './failure.js'

const BELOW_NORMAL = constants.priority.PRIORITY_BELOW_NORMAL

const reloaded = async (exporter: RunningExporter, config: object): Promise<number> => {
  await exporter.writeConfig(config)
  return (await exporter.get('/-/reload', { method: 'POST' })).status
}

const failed = async (exporter: RunningExporter, pool: string): Promise<number> =>
  (await exporter.metrics())
    .all('edgeclock_sip_failures_total')
    .filter(({ labels }) => labels['pool'] === pool)
    .reduce((sum, { value }) => sum + value, 0)

const counts = (exporter: RunningExporter, pool: string, wanted: number) =>
  until(async () => (await failed(exporter, pool)) === wanted, {
    what: `${wanted} failures in ${pool}`,
    timeoutMs: 30_000,
  })

void t.test('sources of each kind are reloaded, and go on from where they were', async t => {
  const folder = await temporaryFolder(t, 'reload')
  const [one, two] = [join(folder, 'one'), join(folder, 'two')]
  await Promise.all([mkdir(one), mkdir(two)])
  const configOf = (...sources: object[]) => ({
    reference: { servers: ['127.0.0.1:9'] },
    calls: { state_directory: join(folder, 'state'), settle_after: '1s', sources },
  })
  const others = [
    { kind: 'events', pool: 'p', log: 'Application' },
    { kind: 'events', pool: 'p', path: `${folder}/*.xml` },
    { kind: 'hep', pool: 'p', name: 'hep', listen: '127.0.0.1:0' },
    { kind: 'push', pool: 'p' },
  ]
  const trace = { kind: 'trace', name: 'trace', pool: 'p', path: `${one}/*.log` }
  const exporter = await startExporter(t, configOf(trace, ...others))
  await appendFile(join(one, 'fe.log'), failure() + failure())
  await counts(exporter, 'p', 2)

  t.equal(await reloaded(exporter, configOf(trace, ...others)), 200, 'the same again')
  const renamed = { ...trace, name: 'renamed' }
  t.equal(await reloaded(exporter, configOf(renamed, ...others)), 200, 'under another name')
  await appendFile(join(one, 'fe.log'), failure())
  await counts(exporter, 'p', 3)

  const moved = { ...renamed, path: `${two}/*.log` }
  const other = { kind: 'trace', name: 'other', pool: 'q', path: `${one}/*.log` }
  t.equal(await reloaded(exporter, configOf(moved, other, ...others)), 200, 'other files')
  await appendFile(join(two, 'fe.log'), failure())
  await appendFile(join(one, 'fe.log'), failure())
  await counts(exporter, 'p', 4)
  // The pool is new to these files: all that they hold is its own.
  await counts(exporter, 'q', 4)
  t.equal(await failed(exporter, 'p'), 4, 'nothing in both')

  const elsewhere = configOf(moved)
  elsewhere.calls.state_directory = join(folder, 'elsewhere')
  t.equal(await reloaded(exporter, elsewhere), 500, 'another state directory needs a restart')
  t.equal(await reloaded(exporter, { reference: { servers: ['127.0.0.1:9'] } }), 200, 'no calls')
  t.notMatch((await exporter.metrics()).text, /^edgeclock_call_thread_up/m)
})

void t.test('a state directory belongs to one exporter', async t => {
  const folder = await temporaryFolder(t, 'owner')
  const config = {
    reference: { servers: ['127.0.0.1:9'] },
    calls: {
      state_directory: join(folder, 'state'),
      sources: [{ kind: 'trace', pool: 'p', path: `${folder}/*.log` }],
    },
  }
  const first = await startExporter(t, config)
  await t.rejects(startExporter(t, config), /in use by process/)
  await first.stop()
  t.equal((await (await startExporter(t, config)).get('/-/ready')).status, 200)
})

void t.test('where threads have priorities, the calls thread yields to the others', async t => {
  if (process.platform !== 'linux' || getPriority() >= BELOW_NORMAL) {
    t.pass('no priority of a thread can be seen here')
    return
  }
  const folder = await temporaryFolder(t, 'yields')
  const reference = { servers: ['127.0.0.1:9'] }
  const sources = [{ kind: 'trace', pool: 'p', path: `${folder}/*.log` }]
  const calls = { state_directory: join(folder, 'state'), sources }
  const lowered = async (config: object): Promise<number> => {
    const exporter = await startExporter(t, config)
    const tasks = await readdir(`/proc/${exporter.pid}/task`)
    const priorities = tasks.map(id => getPriority(Number(id)))
    await exporter.stop()
    return priorities.filter(priority => priority === BELOW_NORMAL).length
  }
  t.equal(await lowered({ reference }), 0)
  t.equal(await lowered({ reference, calls }), 1)
})
