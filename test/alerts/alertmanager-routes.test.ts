import { test } from 'tap'
import { amtool, readShippedConfig, SHIPPED_FILE } from '../peers/alertmanager.js'
import { skipUnless } from '../peers/peer.js'
import { shippedAlerts } from './shipped-rules.js'

const RECEIVERS: Readonly<Record<string, string>> = {
  critical: 'page',
  warning: 'ticket',
  info: 'note',
}

/** amtool fails when these labels go to any other receivers. */
const verify = (receiver: string, labels: Readonly<Record<string, string>>) => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
  const file = `--config.file=${SHIPPED_FILE}`
  return amtool(['config', 'routes', 'test', file, `--verify.receivers=${receiver}`, ...pairs])
}

void test('each severity goes to its receiver and to no other', async t => {
  if (skipUnless(t, 'amtool')) return
  for (const [severity, receiver] of Object.entries(RECEIVERS)) {
    const { code, stdout, stderr } = await verify(receiver, { severity })
    t.equal(code, 0, `${severity}: ${stdout}${stderr}`)
    t.not((await verify('page,ticket', { severity })).code, 0, `${severity} goes to one only`)
  }
})

void test('what has another severity, or none, becomes a ticket', async t => {
  if (skipUnless(t, 'amtool')) return
  t.match(await verify('ticket', { alertname: 'NodeDown' }), { code: 0 })
  t.match(await verify('ticket', { alertname: 'NodeDown', severity: 'error' }), { code: 0 })
})

void test('each shipped alert has one of the severities and goes to its receiver', async t => {
  if (skipUnless(t, 'amtool')) return
  const alerts = await shippedAlerts()
  t.ok(alerts.size > 0)
  for (const [alertname, labels] of alerts) {
    const receiver = RECEIVERS[labels['severity'] ?? '']
    if (receiver === undefined) t.fail(`${alertname} has the severity ${labels['severity']}`)
    else {
      const { code, stdout, stderr } = await verify(receiver, { alertname, ...labels })
      t.equal(code, 0, `${alertname}: ${stdout}${stderr}`)
    }
  }
})

void test('every alert that an inhibition names is a shipped one', async t => {
  const { inhibit_rules: rules = [] } = await readShippedConfig()
  const alerts = await shippedAlerts()
  const matchers = JSON.stringify(rules)
  const named = new Set(matchers.match(/Edgeclock\w+/g))
  t.ok(named.size > 0)
  t.same(
    [...named].filter(name => !alerts.has(name)),
    [],
  )
  const based = [...alerts.values()].filter(labels => labels['basis'] === 'reference')
  t.ok(based.length > 0, 'alerts that the reference makes doubtful')
})
