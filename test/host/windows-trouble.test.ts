import { chmod } from 'node:fs/promises'
import t from 'tap'
import type { ToolReason } from '../../src/host/reading.js'
import { DeadlineExceeded } from '../../src/net/deadline.js'
import type { TimeServiceFacts } from '../../src/protocol/time-service.js'
import { seconds } from '../../src/time/units.js'
import { VirtualTime } from '../net/virtual-time.js'
import { until } from '../peers/wait.js'
import { netlogonRegText } from '../protocol/w32time-fixtures-text.js'
import type { W32TimeFixture } from '../protocol/w32time-fixtures.js'
import type { Behaviour, Query } from './fake-windows-tools.js'
import {
  commandLines,
  fakeWindows,
  fine,
  fineBut,
  fixtureOf,
  order,
  reasons,
  toolOf,
  whole,
  without,
} from './reading-windows.js'

/** What a tool can do instead of answering. */
const troubles: Readonly<Record<string, readonly [Behaviour, ToolReason]>> = {
  'access denied': [{ output: 'Access is denied.\r\n', exitCode: 5 }, 'exit_code'],
  'an error code behind a good answer': [{ exitCode: 2 }, 'exit_code'],
  nothing: [{ output: '' }, 'unintelligible'],
  'words of another tool': [{ output: 'The syntax of this command is:\r\n' }, 'unintelligible'],
  'bytes of no text': [{ output: Buffer.from('00ff0080fe'.repeat(99), 'hex') }, 'unintelligible'],
  'a flood': [{ output: 'x\r\n', afterwards: 'flood' }, 'too_long'],
}

const { survivesReboot: _, ...withoutSurvival } = whole

const answers = ({ sc, reg, w32tm }: W32TimeFixture): Readonly<Partial<Record<Query, string>>> => ({
  sc: sc.text,
  service: reg.service.text,
  w32tm: w32tm.text,
})

void t.test('trouble with one tool takes away what depends on it, and nothing else', async t => {
  const fixture = fixtureOf('synchronised')
  for (const query of ['sc', 'service', 'w32tm'] as const) {
    const tool = toolOf(query)
    for (const [what, [behaviour, reason]] of Object.entries(troubles)) {
      const { read, behave } = await fakeWindows(t, fixture)
      await behave(query, { output: answers(fixture)[query] ?? '', ...behaviour })
      const { facts, tools, settings } = await read()
      t.same(reasons(tools), fineBut(tool, reason))
      // With an error code, reg may have passed over keys.
      const isPart = tool === 'reg' && behaviour.exitCode === 2
      t.same(facts, isPart ? withoutSurvival : without[tool], `${tool}: ${what}`)
      t.equal(settings === undefined, tool === 'reg' && !isPart)
    }
  }
})

void t.test('a tool that is missing or may not be run is told as that', async t => {
  for (const tool of ['sc', 'reg', 'w32tm'] as const) {
    const { read, remove, program } = await fakeWindows(t, fixtureOf('synchronised'))
    await chmod(program(tool), 0o644)
    const denied = await read()
    t.same(denied.facts, without[tool])
    t.same(reasons(denied.tools), fineBut(tool, 'not_started'))
    await remove(tool)
    const missing = await read()
    t.same(missing.facts, without[tool])
    t.same(reasons(missing.tools), fineBut(tool, 'missing'))
  }
})

void t.test('where no tool is there nothing is known, and that is told', async t => {
  const { read, remove } = await fakeWindows(t)
  for (const tool of ['sc', 'reg', 'w32tm'] as const) await remove(tool)
  t.same(await read(), {
    name: 'w32time',
    unit: 'w32time',
    facts: {},
    tools: ['sc', 'reg', 'w32tm'].map(tool => ({
      tool,
      ok: false,
      reason: 'missing',
      detail: 'it is not there',
    })),
  })
})

void t.test('a tool that hangs is given up after 5 s, and the others are asked', async t => {
  for (const query of order) {
    const { read, behave, runs } = await fakeWindows(t, fixtureOf('synchronised'))
    await behave(query, { output: '', afterwards: 'hang' })
    const time = new VirtualTime()
    const round = new AbortController()
    t.teardown(() => round.abort())
    const reading = read(round.signal, { timers: time.timers })
    const asked = order.indexOf(query) + 1
    await until(async () => (await runs()).length === asked, { what: 'the tool to hang' })
    await time.pass(seconds(5))
    const { facts, tools } = await reading
    t.same(reasons(tools), fineBut(toolOf(query), 'timeout'), query)
    if (query === 'sc' || query === 'service' || query === 'w32tm')
      t.same(facts, without[toolOf(query)])
  }
})

void t.test('when the round is over nothing more is started', async t => {
  const table: [Error, ToolReason][] = [
    [new DeadlineExceeded('the round'), 'timeout'],
    [new Error('shutdown'), 'aborted'],
  ]
  for (const [i, query] of order.entries()) {
    for (const [why, reason] of table) {
      const { read, behave, runs } = await fakeWindows(t, fixtureOf('synchronised'))
      await behave(query, { output: '', afterwards: 'hang' })
      const round = new AbortController()
      const reading = read(round.signal)
      await until(async () => (await runs()).length === i + 1, { what: 'the tool to hang' })
      round.abort(why)
      const asked = fine.findIndex(({ tool }) => tool === toolOf(query)) + 1
      const expected = fineBut(toolOf(query), reason).slice(0, asked)
      const { facts, tools } = await reading
      t.same(reasons(tools), expected, `${query}: ${reason}`)
      if (query === 'sc') t.same(facts, {})
      if (query === 'w32tm') t.same(facts, without.w32tm, 'what was known by then')
      t.same(await runs(), commandLines(...order.slice(0, i + 1)))
    }
  }
  const { read, runs } = await fakeWindows(t, fixtureOf('synchronised'))
  t.same((await read(AbortSignal.abort())).tools, [])
  t.same(await runs(), [])
})

void t.test('why a tool failed is one line for people', async t => {
  const table: [Query, Behaviour, string][] = [
    [
      'sc',
      { output: '[SC] OpenService FAILED 5:\r\n\r\nAccess is denied.\r\n\r\n', exitCode: 5 },
      'exit code 5: [SC] OpenService FAILED 5: Access is denied.',
    ],
    [
      'w32tm',
      { output: 'Zugriff verweigert für Sie. (0x80070005)', encoding: 'utf16le', exitCode: 5 },
      'exit code 5: Zugriff verweigert f r Sie. (0x80070005)',
    ],
    [
      'service',
      { complaint: "ERROR: it's denied.", exitCode: 1 },
      "exit code 1: ERROR: it's denied.",
    ],
    ['w32tm', { output: '' }, 'it is not understood'],
    ['sc', { output: 'x\r\n', afterwards: 'flood' }, 'it printed more than was asked for'],
    ['w32tm', { output: 'x'.repeat(999) }, `it is not understood: ${'x'.repeat(200)}`],
  ]
  for (const [query, behaviour, detail] of table) {
    const { read, behave } = await fakeWindows(t, fixtureOf('synchronised'))
    await behave(query, behaviour)
    const report = (await read()).tools.find(({ tool }) => tool === toolOf(query))
    t.equal(report?.ok === false && report.detail, detail)
  }
})

void t.test(
  'under a policy that cannot be read no setting that it may overrule is known',
  async t => {
    const table: [Behaviour, ToolReason][] = [
      [{ exitCode: 5 }, 'exit_code'],
      [{ exitCode: 10 }, 'exit_code'],
      [{ output: 'no key' }, 'unintelligible'],
      [{ output: 'x', afterwards: 'flood' }, 'too_long'],
    ]
    for (const [behaviour, reason] of table) {
      const { read, behave } = await fakeWindows(t, fixtureOf('change too big after a reboot'))
      await behave('policy', behaviour)
      const { facts, settings, tools } = await read()
      t.same(reasons(tools), fineBut('reg', reason))
      t.same(settings, { startType: 'automatic', triggers: [], domainMember: false, servers: [] })
      t.same(facts.survivesReboot, true, 'no policy has triggers or a start type')
      t.same(facts.source, { actual: 'Local CMOS Clock', kind: 'own' })
      t.notOk('correctionLimits' in facts)
    }
  },
)

void t.test('a key of the service that may not be opened takes the triggers away only', async t => {
  const fixture = fixtureOf('trigger start on a workgroup host')
  const { read, behave, runs } = await fakeWindows(t, fixture)
  const { text } = fixture.reg.service
  const { settings: all } = await read()
  const denied = { exitCode: 1, complaint: 'ERROR: Access is denied.\r\n' }
  const { survivesReboot, ...known } = fixture.expect
  t.equal(survivesReboot, false)
  const beforeTriggers = text.slice(0, text.search(/HKEY.*TriggerInfo\r/))
  for (const output of [text, beforeTriggers]) {
    await behave('service', { ...denied, output })
    const asked = (await runs()).length
    const { facts, settings, tools } = await read()
    t.same(facts, known, 'whether it survives is not known')
    t.match(settings, { ...all, triggers: output === text ? all?.triggers : [] })
    t.equal(settings?.triggersIncomplete, true)
    t.same(reasons(tools), fineBut('reg', 'exit_code'))
    const report = tools.find(({ tool }) => tool === 'reg')
    t.match(report, { detail: 'exit code 1: ERROR: Access is denied.' })
    t.same((await runs()).slice(asked), commandLines(...order))
  }
  await behave('service', { ...denied, output: text.replace(/(Start.*)0x2/, '$10x4') })
  t.equal((await read()).facts.survivesReboot, false, 'it is disabled, with whatever triggers')
  for (const output of [text.slice(0, -3), text.replace(/ {4}Start.*\r\n/, '')]) {
    await behave('service', { ...denied, output })
    const { settings, tools } = await read()
    t.equal(settings, undefined, 'cut within a line, or without the own values')
    t.same(reasons(tools), fineBut('reg', 'exit_code'))
  }
})

void t.test('under a policy that cannot be read it is not known to be in a domain', async t => {
  const { read, behave } = await fakeWindows(t, fixtureOf('change too big after a reboot'))
  await behave('netlogon', { output: netlogonRegText(2) })
  t.equal((await read()).settings?.domainMember, true)
  await behave('policy', { exitCode: 5 })
  t.notOk('domainMember' in ((await read()).settings ?? {}))
})

void t.test('without Netlogon it is not known whether a domain trigger fires', async t => {
  const { read, behave } = await fakeWindows(t, fixtureOf('trigger start on a workgroup host'))
  t.equal((await read()).facts.survivesReboot, false)
  await behave('netlogon', { exitCode: 1, complaint: 'ERROR: no such value' })
  const { facts, tools } = await read()
  t.equal(facts.survivesReboot, undefined)
  t.same(facts.correctionLimits, whole.correctionLimits)
  t.same(reasons(tools), fineBut('reg', 'exit_code'))
})

void t.test('the first trouble with reg is the one that is told', async t => {
  const { read, behave } = await fakeWindows(t, fixtureOf('synchronised'))
  await behave('policy', { exitCode: 5 })
  await behave('netlogon', { output: 'no key' })
  t.same(reasons((await read()).tools), fineBut('reg', 'exit_code'))
})

void t.test("without the service's own keys no other key is asked for", async t => {
  const { read, behave, runs } = await fakeWindows(t, fixtureOf('synchronised'))
  await behave('service', { exitCode: 1 })
  await read()
  t.same(await runs(), commandLines('sc', 'service', 'w32tm'))
})

/** Whether all that is told is told by the whole, too. */
const isPartOf = (part: TimeServiceFacts, all: TimeServiceFacts): boolean =>
  Object.entries({ ...part, ...part.source, source: 0 }).every(
    ([name, value]) =>
      JSON.stringify(value) ===
      JSON.stringify({ ...all, ...all.source, source: 0 }[name as keyof TimeServiceFacts]),
  )

/** Where all that is behind the last line is triggers, that there are none may be believed. */
const endsBeforeTriggers = (text: string): boolean =>
  /VMICTimeProvider.*\n$/s.test(text) && !text.includes('TriggerInfo\\0')

void t.test('an answer that is cut short says less, and nothing wrong', async t => {
  const table = [
    ['sc', 'service stopped'],
    ['service', 'trigger start on a workgroup host'],
    ['w32tm', 'synchronised'],
  ] as const
  for (const [query, situation] of table) {
    const fixture = fixtureOf(situation)
    const { read, behave } = await fakeWindows(t, fixture)
    const text = answers(fixture)[query] ?? ''
    const places = Array.from({ length: 16 }, (_, i) => Math.floor((text.length * i) / 16))
    for (const cut of new Set(places.flatMap(place => [place, text.indexOf('\n', place) + 1]))) {
      const output = text.slice(0, cut)
      if (query === 'service' && endsBeforeTriggers(output)) continue
      await behave(query, { output })
      const { facts, tools } = await read()
      t.ok(isPartOf(facts, fixture.expect), `${query} after ${cut} characters`)
      const cutLine = !output.endsWith('\n')
      if (cutLine && query !== 'sc')
        t.same(reasons(tools), fineBut(toolOf(query), 'unintelligible'))
    }
  }
})
