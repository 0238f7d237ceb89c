import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { composeIncident } from '../calls/incident.js'
import { temporaryFolder } from '../peers/scope.js'
import { until } from '../peers/wait.js'
import { startExporter } from './exporter.js'
import { countedOf, expected } from './traces.js'

const FAILURES = 'edgeclock_um_call_failures_total'
const SKEWED = { sip_code: '429', diagnostic: '1020', cause: 'clock_skew' }

void t.test('old traces are no calls that fail now: their counts are there at once', async t => {
  const incident = composeIncident(5)
  const [folder, state] = [await temporaryFolder(t, 'traces'), await temporaryFolder(t, 'state')]
  for (const [index, { server, content }] of incident.files.entries()) {
    await writeFile(join(folder, `${server}-${index}.log`), content)
  }
  const exporter = await startExporter(t, {
    reference: { servers: ['127.0.0.1:9'] },
    calls: {
      state_directory: state,
      settle_after: '3s',
      open_limit: '5s',
      sources: [{ kind: 'trace', pool: 'edgepool1', path: `${folder}/*.log` }],
    },
  })
  let scrapesWithout = 0
  const first = await until(
    async () => {
      const metrics = await exporter.metrics()
      if (metrics.value(FAILURES, SKEWED) !== undefined) return metrics
      t.equal(metrics.value('edgeclock_um_calls_total', { outcome: 'failed' }), undefined)
      t.equal(metrics.all('edgeclock_sip_failures_total').length, 0)
      scrapesWithout++
      return undefined
    },
    { what: 'the counts', timeoutMs: 60_000, intervalMs: 100 },
  )
  t.ok(scrapesWithout > 0)
  t.same(countedOf(first).umFailures, expected(incident).umFailures, 'all of them')
  t.ok((first.value(FAILURES, SKEWED) ?? 0) > 0)
})
