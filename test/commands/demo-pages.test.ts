import t from 'tap'
import { PagePrinter, startPageReceiver } from '../../src/commands/demo-pages.js'
import { until } from '../peers/wait.js'

const FAR_OFF = {
  status: 'firing',
  fingerprint: 'a1',
  labels: {
    alertname: 'EdgeclockClockFarOff',
    severity: 'critical',
    pool: 'edgepool1',
    server: 'edge02',
  },
  annotations: {
    summary: "A server's clock is far off.",
    description: 'The clock of edge02 is 6h behind:\nset it.',
  },
} as const
const PAGE = 'PAGE (critical): The clock of edge02 is 6h behind: set it.'
const RESOLVED = "RESOLVED: edge02 in edgepool1: A server's clock is far off."

void t.test('a page is printed once, and once when it is resolved', t => {
  const printer = new PagePrinter()
  const firing = { receiver: 'page', alerts: [FAR_OFF] }
  const resolved = { receiver: 'page', alerts: [{ ...FAR_OFF, status: 'resolved' as const }] }
  t.same(printer.linesOf(firing), [PAGE])
  t.same(printer.linesOf(firing), [], 'repeated')
  t.same(printer.linesOf(resolved), [RESOLVED])
  t.same(printer.linesOf(resolved), [])
  t.same(printer.linesOf(firing), [PAGE], 'it came back')
  t.end()
})

void t.test('what is no page is called by the name of its receiver', t => {
  const { pool: _p, server: _s, ...labels } = FAR_OFF.labels
  const alerts = [
    { ...FAR_OFF, fingerprint: 'b2', labels: { ...labels, severity: 'warning' }, annotations: {} },
  ]
  t.same(new PagePrinter().linesOf({ receiver: 'ticket', alerts }), [
    'TICKET (warning): EdgeclockClockFarOff',
  ])
  t.end()
})

void t.test('the receiver prints what Alertmanager posts, and refuses anything else', async t => {
  const lines: string[] = []
  const receiver = await startPageReceiver(line => lines.push(line))
  t.teardown(receiver.close)
  const post = async (body: string) => (await fetch(receiver.url, { method: 'POST', body })).status
  t.equal(await post('no JSON'), 400)
  t.equal(await post(JSON.stringify({ alerts: 1 })), 400)
  t.equal(await post(`"${'x'.repeat(1 << 20)}"`), 400)
  t.same(lines, [])
  t.equal(await post(JSON.stringify({ version: '4', receiver: 'page', alerts: [FAR_OFF] })), 200)
  await until(() => lines.length > 0, { what: 'the line' })
  t.same(lines, [PAGE])
})
