import { test } from 'tap'
import { pageFacts, readExporterPage } from '../../src/protocol/exporter-page.js'
import {
  type Generation,
  type WindowsExporterOptions,
  windowsPage,
} from '../peers/windows-exporter.js'

const NOW = 1_795_408_702_300_000_000n
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const GENERATIONS: readonly Generation[] = ['wmi', 'os', 'time']

const facts = (options: Partial<WindowsExporterOptions>) =>
  pageFacts(bytes(windowsPage({ generation: 'time', ...options }, NOW)))

void test('the clock of each generation is read, in whole seconds', async t => {
  const series = { wmi: 'wmi_os_time', os: 'windows_os_time' } as const
  for (const generation of GENERATIONS) {
    const read = readExporterPage(bytes(windowsPage({ generation }, NOW)))
    if (!read.ok) return t.fail(read.detail)
    const expected =
      generation === 'time' ? 'windows_time_current_timestamp_seconds' : series[generation]
    t.match(read.clock, {
      series: expected,
      printed: '1.795408702e+09',
      stamp: 1_795_408_702_000_000_000n,
      resolution: 1_000_000_000n,
    })
    t.equal(read.clock.kind.name, 'windows_exporter')
  }
})

void test('the newer series is believed where both are there', async t => {
  const page = `windows_os_time 1.7e+09\n${windowsPage({ generation: 'time' }, NOW)}`
  t.match(readExporterPage(bytes(page)), {
    clock: { series: 'windows_time_current_timestamp_seconds' },
  })
})

void test('each generation tells the start of the machine, whatever it calls it', async t => {
  for (const generation of GENERATIONS)
    t.equal(facts({ generation, boot: 1_790_000_000.5 }).bootTimestamp, 1_790_000_000.5)
  const renamed = windowsPage({ generation: 'time' }, NOW).replaceAll(
    'boot_time_timestamp',
    'boot_time_timestamp_seconds',
  )
  t.equal(pageFacts(bytes(renamed)).bootTimestamp, 1_790_000_000.5)
})

void test('an up time that is called a start is none', async t => {
  t.notOk('bootTimestamp' in facts({ boot: 963_386.25 }))
  t.notOk('bootTimestamp' in facts({ boot: 1e11 }))
})

void test("w32time's state is told as its own tools would tell it", async t => {
  for (const generation of GENERATIONS) {
    t.equal(facts({ generation, state: 'running' }).running, true)
    t.equal(facts({ generation, state: 'stopped' }).running, false)
  }
  t.equal(facts({ state: 'start pending' }).running, true)
  t.equal(facts({ state: 'stop pending' }).running, false)
  t.notOk('running' in facts({ state: 'paused' }))
  t.notOk('running' in facts({ state: 'no such state' }), 'all of them 0')
  t.notOk('running' in facts({ collectors: ['os', 'time'] }), 'no services at all')
})

void test('another service is not the time service', async t => {
  const page = windowsPage({ generation: 'time', state: 'running' }, NOW)
  t.notOk('running' in pageFacts(bytes(page.replaceAll('W32Time', 'w32timex'))))
  t.equal(facts({ state: 'running', otherServices: 400 }).running, true, 'among many')
})

void test('two states at once are none', async t => {
  const page = windowsPage({ generation: 'time' }, NOW).replace(
    'windows_service_state{name="W32Time",state="stopped"} 0',
    'windows_service_state{name="W32Time",state="stopped"} 1',
  )
  t.notOk('running' in pageFacts(bytes(page)))
})

void test('only a disabled service is known not to survive: triggers decide the rest', async t => {
  t.equal(facts({ startMode: 'disabled' }).survivesReboot, false)
  for (const startMode of ['auto', 'manual', 'boot'])
    t.notOk('survivesReboot' in facts({ startMode }), startMode)
})

void test('its own word on its own offset is not read', async t => {
  const page = windowsPage({ generation: 'time' }, NOW)
  t.match(page, 'windows_time_computed_time_offset_seconds 0')
  t.same(Object.keys(pageFacts(bytes(page))).toSorted(), ['bootTimestamp', 'running'])
})

void test('a page without the clock says which collector is missing', async t => {
  const page = windowsPage({ generation: 'time', collectors: ['os', 'system'] }, NOW)
  t.match(readExporterPage(bytes(page)), { ok: false, reason: 'no_time', detail: /`time`/ })
})
