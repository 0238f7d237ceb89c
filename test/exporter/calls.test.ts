import t from 'tap'
import { mulberry32 } from '../../src/demo/trace-text.js'
import { composeIncident } from '../calls/incident.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'
import { until } from '../peers/wait.js'
import { startExporter } from './exporter.js'
import { type Rotation, TraceWriter, countedOf, expected, isEqual } from './traces.js'

const ROTATIONS: Readonly<Record<string, Rotation>> = {
  FE1: 'rename',
  FE2: 'rename',
  EDGE01: 'new names',
  EDGE02: 'copytruncate',
}

const following = async (scope: Scope) => {
  const [folder, state] = [
    await temporaryFolder(scope, 'traces'),
    await temporaryFolder(scope, 'state'),
  ]
  const exporter = await startExporter(scope, {
    reference: { servers: ['127.0.0.1:9'] },
    calls: {
      state_directory: state,
      // Long enough for what this test waits for between two pieces.
      settle_after: '20s',
      open_limit: '25s',
      sources: [{ kind: 'trace', pool: 'edgepool1', path: `${folder}/*.log` }],
    },
  })
  return { exporter, folder }
}

/** All but what a record that goes on in the next piece may have. */
const UNREAD_LIMIT = 64 * 1024

void t.test('the incident, followed as it is written, is counted exactly', async t => {
  const incident = composeIncident(11, { interrupted: 0.001 })
  const { exporter, folder } = await following(t)
  const random = mulberry32(3)
  const rotation = (server: string): Rotation => ROTATIONS[server] ?? 'rename'
  const writer = new TraceWriter(folder, incident.files, rotation, random)
  const read = () =>
    until(
      async () => {
        const done = (await exporter.metrics()).value('edgeclock_call_source_read_bytes_total') ?? 0
        return done > writer.written - UNREAD_LIMIT
      },
      { what: 'what is written is read', timeoutMs: 30_000 },
    )
  while (await writer.write(30_000, read));
  const want = expected(incident)
  const counted = async () => countedOf(await exporter.metrics())
  await until(async () => isEqual(await counted(), want), {
    what: 'the counts of the generator',
    timeoutMs: 100_000,
  }).catch(() => undefined)
  t.same(await counted(), want)

  const metrics = await exporter.metrics()
  const source = (name: string) => metrics.value(`edgeclock_call_source_${name}`)
  t.equal(source('records_total'), incident.truth.records)
  t.equal(source('malformed_total'), incident.truth.malformed)
  t.equal(source('up'), 1)
  const pair = { server: 'edge02', peer: 'fe1' }
  const offset = metrics.value('edgeclock_trace_offset_seconds', pair) ?? Number.NaN
  const error = metrics.value('edgeclock_trace_offset_error_seconds', pair) ?? Number.NaN
  t.ok(Math.abs(offset + 21_600) <= error && error < 0.2, `${offset} ± ${error}`)
  // Only there can a caller be: a number of bytes may have any digits.
  const labels = [...metrics.text.replace(/^#.*$/gm, '').matchAll(/"[^"]*"/g)].join('\n')
  t.match(labels, 'edgepool1')
  t.notMatch(labels, /sip:|@|contoso|fabrikam|\+?1?425/, 'no caller on /metrics')
  t.notMatch(exporter.output(), /sip:|@/, 'no caller in the log')
})
