import t from 'tap'
import { CLI, Metrics } from '../exporter/exporter.js'
import { startProcess } from '../peers/process.js'
import { until } from '../peers/wait.js'

void t.test('the demo shows the incident: edge02 reboots and is six hours behind', async t => {
  const opened = /Open (http:\S+)/
  const demo = await startProcess(t, {
    name: 'edgeclock demo',
    command: process.execPath,
    args: [CLI, 'demo', '--reboot-after=10s', '--web.listen-address=127.0.0.1:0'],
    ready: output => opened.test(output),
  })
  const url = opened.exec(demo.output())?.[1] ?? ''
  const metrics = async () => new Metrics(await (await fetch(`${url}/metrics`)).text())
  const offset = async (server: string) =>
    (await metrics()).value('edgeclock_clock_offset_seconds', { server })
  const right = await until(() => offset('edge02'), { what: 'edge02 to be read' })
  t.ok(Math.abs(right) < 0.1, 'right before its reboot')
  await until(async () => ((await offset('edge02')) ?? 0) < -21_000, {
    what: 'edge02 to be six hours behind',
    timeoutMs: 60_000,
  })
  const after = await metrics()
  t.equal(after.value('edgeclock_ntp_synchronized', { server: 'edge02' }), 0)
  t.equal(after.value('edgeclock_clock_steps_total', { server: 'edge02' }), 1)
  t.ok(
    (after.value('edgeclock_probe_failures_total', { server: 'edge02', reason: 'timeout' }) ?? 0) >
      0,
  )
  t.ok(Math.abs(after.value('edgeclock_clock_offset_seconds', { server: 'edge01' }) ?? 1) < 0.1)
})
