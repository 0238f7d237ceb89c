import { appendFile, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { composeIncident } from '../calls/incident.js'
import { eventXml } from '../protocol/windows-events.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'
import { until } from '../peers/wait.js'
import { type RunningExporter, startExporter } from './exporter.js'

const MEGABYTE = 1 << 20
const TRACE = { source: 'trace' }
const EVENTS = { source: 'events' }

const setUp = async (scope: Scope) => {
  const folder = await temporaryFolder(scope, 'bad-input')
  const logs = join(folder, 'logs')
  await mkdir(logs)
  const exporter = await startExporter(scope, {
    reference: { servers: ['127.0.0.1:9'] },
    calls: {
      state_directory: join(folder, 'state'),
      settle_after: '1s',
      sources: [
        { kind: 'trace', name: 'trace', pool: 'p', path: `${logs}/*.log` },
        { kind: 'events', name: 'events', pool: 'p', path: `${logs}/*.xml` },
      ],
    },
  })
  return { exporter, logs }
}

const value = async (
  exporter: RunningExporter,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<number> =>
  (await exporter.metrics()).value(`edgeclock_call_source_${name}`, labels) ?? Number.NaN

const peakBytes = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1])
}

void t.test('a line of 100 MB fills no memory, and what is behind it is counted', async t => {
  const { exporter, logs } = await setUp(t)
  const [whole] = composeIncident(1, { calls: 5, requests: 0, filesPerServer: 1 }).files
  const trace = whole?.content ?? Buffer.alloc(0)
  await appendFile(join(logs, 'a.log'), trace)
  await appendFile(join(logs, 'a.xml'), eventXml())
  await until(async () => (await value(exporter, 'records_total', EVENTS)) === 1, {
    what: 'the first event',
  })
  const records = await until(() => value(exporter, 'records_total', TRACE), { what: 'records' })
  const before = process.platform === 'linux' ? await peakBytes(exporter.pid) : 0
  const piece = Buffer.alloc(MEGABYTE, 'x')
  for (let i = 0; i < 100; i++) {
    await appendFile(join(logs, 'a.log'), piece)
    await appendFile(join(logs, 'a.xml'), i === 0 ? Buffer.from('<Event><System>') : piece)
  }
  await appendFile(join(logs, 'a.log'), Buffer.concat([Buffer.from('\r\n'), trace]))
  await appendFile(join(logs, 'a.xml'), `\n${eventXml().replace('14619', '14559')}`)
  await until(async () => (await value(exporter, 'records_total', TRACE)) === 2 * records, {
    what: 'the records behind the line',
    timeoutMs: 60_000,
  })
  await until(async () => (await value(exporter, 'records_total', EVENTS)) === 2, {
    what: 'the event behind the broken one',
    timeoutMs: 60_000,
  })
  t.ok((await value(exporter, 'malformed_total', EVENTS)) >= 1, 'the endless event is malformed')
  if (process.platform !== 'linux') return
  const grown = ((await peakBytes(exporter.pid)) - before) / MEGABYTE
  t.ok(grown < 60, `${grown.toFixed(0)} MiB more`)
})

void t.test('a folder that vanishes is told once, and is read again when it is back', async t => {
  const { exporter, logs } = await setUp(t)
  const up = () => value(exporter, 'up', TRACE)
  await until(async () => (await up()) === 1, { what: 'the source up' })
  await rename(logs, `${logs}.away`)
  await until(async () => (await up()) === 0, { what: 'the source down' })
  const told = /level=warn msg="files cannot be read" source=trace detail=.*ENOENT/g
  await until(() => exporter.output().match(told)?.length === 1, { what: 'one line in the log' })
  await rm(logs, { recursive: true, force: true })
  await rename(`${logs}.away`, logs)
  await until(async () => (await up()) === 1, { what: 'the source up again' })
  t.match(exporter.output(), /level=info msg="files can be read again" source=trace/)
  t.equal(exporter.output().match(told)?.length, 1)
})
