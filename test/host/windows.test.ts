import t from 'tap'
import { askTool } from '../../src/host/tool.js'
import { readWindows } from '../../src/host/windows.js'
import { nodeTimers } from '../../src/net/node-platform.js'
import { w32tmText } from '../protocol/w32time-fixtures-text.js'
import { fixtureClock, w32timeFixtures } from '../protocol/w32time-fixtures.js'
import { type ConsoleEncoding, canEncode, consoleEncodings } from './console-bytes.js'
import { showFixture } from './fake-windows-tools.js'
import {
  commandLines,
  fakeWindows,
  fine,
  fineBut,
  fixtureOf,
  never,
  order,
  reasons,
  whole,
  without,
} from './reading-windows.js'

const SITUATIONS = 7
/** Of which a code page has all the letters. */
const languagesIn = (encoding: ConsoleEncoding): number =>
  encoding === 'cp850' ? 3 : encoding === 'cp932' ? 2 : 4

void t.test('in any language and any encoding the facts are the same', async t => {
  for (const encoding of consoleEncodings) {
    await t.test(encoding, async t => {
      const tools = await fakeWindows(t)
      const fixtures = w32timeFixtures.filter(f => canEncode(JSON.stringify(f), encoding))
      t.ok(fixtures.length >= SITUATIONS * languagesIn(encoding))
      for (const fixture of fixtures) {
        await showFixture(tools, fixture, encoding)
        const { facts, tools: reports, name, unit } = await tools.read()
        t.same(facts, fixture.expect, `${fixture.language}: ${fixture.situation}`)
        t.same({ reports, name, unit }, { reports: fine, name: 'w32time', unit: 'w32time' })
      }
    })
  }
})

void t.test('one round asks each question once, in order', async t => {
  const { read, runs } = await fakeWindows(t, fixtureOf('synchronised'))
  await read()
  t.same(await runs(), commandLines(...order))
})

void t.test('the tools are found on the PATH', async t => {
  const { folder, runs } = await fakeWindows(t, fixtureOf('synchronised'))
  const before = process.env.PATH
  t.teardown(() => (process.env.PATH = before))
  process.env.PATH = `${folder}:${before}`
  const { facts, tools } = await readWindows({ clock: () => fixtureClock })(never())
  t.same({ facts, tools }, { facts: whole, tools: fine })
  t.same(await runs(), commandLines(...order))
})

void t.test('the fakes know no other command line', async t => {
  const { program, runs } = await fakeWindows(t, fixtureOf('synchronised'))
  const table: [string, string[]][] = [
    ['sc', ['query', 'dhcp']],
    ['sc', ['query w32time']],
    ['reg', ['query', 'HKLM\\SYSTEM', '/s']],
    ['w32tm', ['/query', '/status']],
    ['w32tm', ['/resync']],
  ]
  for (const [tool, args] of table)
    t.match(await askTool(nodeTimers, { command: program(tool), args }, never()), {
      ok: false,
      detail: /^exit code 87/,
    })
  t.same(
    await runs(),
    table.map(([tool, args]) => [tool].concat(args)),
  )
})

void t.test('the settings are those of the registry', async t => {
  const { read } = await fakeWindows(t, fixtureOf('trigger start on a workgroup host'))
  t.same((await read()).settings, {
    startType: 'automatic',
    triggers: [
      { action: 'start', on: 'domain' },
      { action: 'stop', on: 'domain' },
    ],
    domainMember: false,
    type: 'NTP',
    servers: ['ntp.contoso.com', '192.0.2.7'],
    correctionLimits: { ahead: 54_000, back: 54_000 },
    ntpClientEnabled: true,
    secureTimeSeeding: true,
  })
})

void t.test(
  'without a clock given, a stamp is of the local time zone and its age of now',
  async t => {
    const { program, behave } = await fakeWindows(t, fixtureOf('synchronised'))
    const before = process.env.TZ
    t.teardown(() => (before === undefined ? delete process.env.TZ : (process.env.TZ = before)))
    // The fixtures' zone, two hours ahead of UTC.
    process.env.TZ = 'Etc/GMT-2'
    const lastSync = Math.floor(Date.now() / 1000) - 100_000
    const state = { leap: 0, stratum: 3, referenceId: 0xc0000207, stateMachine: 2 } as const
    const more = { source: 'ntp.contoso.com', lastSyncError: 0, age: '100000.1234567' }
    await behave('w32tm', { output: w32tmText('english', { ...state, ...more, lastSync }) })
    const { facts } = await readWindows({ program })(never())
    t.equal(facts.lastSyncTimestamp, lastSync)
  },
)

void t.test(
  'a slow tool is waited for, and the clock is looked at when it has answered',
  async t => {
    const fixture = fixtureOf('synchronised')
    const { read, behave } = await fakeWindows(t, fixture)
    await behave('w32tm', { output: fixture.w32tm.text, delaySeconds: 0.5 })
    const began = performance.now()
    let lookedAfter = 0
    const clock = (): typeof fixtureClock => {
      lookedAfter = performance.now() - began
      return fixtureClock
    }
    const { facts, tools } = await read(never(), { clock })
    t.same({ facts, tools }, { facts: whole, tools: fine })
    t.ok(lookedAfter > 400)
  },
)

void t.test('a service that does not exist is none, in any language', async t => {
  for (const failed of ['FAILED', 'FEHLER', 'ÉCHEC(S)']) {
    const { read, behave, runs } = await fakeWindows(t, fixtureOf('synchronised'))
    const output = `[SC] EnumQueryServicesStatus:OpenService ${failed} 1060:\r\n\r\nNo.\r\n\r\n`
    await behave('sc', { output, exitCode: 36 })
    t.same(await read(), { facts: {}, tools: [{ tool: 'sc', ok: true }] })
    t.same(await runs(), commandLines('sc'))
    await behave('sc', { output, afterwards: 'flood' })
    t.same(reasons((await read()).tools), fineBut('sc', 'too_long'), 'not by a flood')
  }
})

void t.test('that the service is not started is an answer of w32tm', async t => {
  const fixture = fixtureOf('service stopped')
  const { read, behave } = await fakeWindows(t, fixture)
  await behave('sc', { exitCode: 5 })
  const { facts, tools } = await read()
  t.same(reasons(tools), fineBut('sc', 'exit_code'))
  const { synchronizedSinceBoot, ...known } = fixture.expect
  t.equal(synchronizedSinceBoot, false)
  t.same(facts, known, 'whether it ever was, only sc tells')
  await showFixture({ behave }, fixtureOf('synchronised'))
  await behave('w32tm', { output: fixture.w32tm.text, exitCode: 38 })
  t.same((await read()).facts, without.w32tm, 'it has stopped since sc was asked')
  await behave('w32tm', { output: fixture.w32tm.text, afterwards: 'flood' })
  await behave('sc', { exitCode: 5 })
  t.equal((await read()).facts.running, undefined, 'of a flood nothing is taken')
})

void t.test('a policy goes before the settings of the service', async t => {
  const fixture = fixtureOf('change too big after a reboot')
  const { read, behave } = await fakeWindows(t, fixture)
  t.match((await read()).settings, { type: 'AllSync', servers: ['ntp.contoso.com'] })
  for (const none of [{ exitCode: 1 }, { output: '\r\n' }, { output: '' }]) {
    await behave('policy', none)
    const { settings, tools } = await read()
    t.match(settings, { type: 'NT5DS', correctionLimits: { ahead: 54_000, back: 54_000 } })
    t.same(tools, fine, 'that there is none is no trouble')
  }
})
