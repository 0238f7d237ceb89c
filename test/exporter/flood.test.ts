import t from 'tap'
import { skipUnless } from '../peers/peer.js'
import { until } from '../peers/wait.js'
import { flooded, quantile } from './flood.js'

void t.test('a flood of HEP neither delays scrapes nor widens bounds, and adds up', async t => {
  if (skipUnless(t, 'chronyd')) return
  const flood = await flooded(t, 50_000, 4)
  t.ok(flood.sent > 20_000, `${flood.sent} packets in ${flood.seconds} s`)
  t.equal(flood.errors, 0)
  // Only Linux tells what it dropped.
  if (process.platform === 'linux') t.equal(flood.records + flood.dropped, flood.sent, 'adds up')
  // Generous: other tests run beside this one. `npm run bench -- flood` holds it to the figures.
  t.ok(quantile(flood.scrapes, 0.5) < 500, `scrapes: ${flood.scrapes.map(Math.round).join(' ')} ms`)
  t.ok(quantile(flood.bounds, 0.5) < 0.05, `bounds: ${flood.bounds.join(' ')} s`)
  if (flood.dropped > 0) return
  const failed = async () => {
    const metrics = await flood.exporter.metrics()
    return metrics.value('edgeclock_um_calls_total', { outcome: 'failed' })
  }
  await until(async () => (await failed()) === flood.failed, {
    what: `${flood.failed} failed calls`,
    timeoutMs: 60_000,
  }).catch(() => undefined)
  t.equal(await failed(), flood.failed, 'each failed call is counted')
})
