import * as fc from 'fast-check'
import { test } from 'tap'
import { pageFacts, readExporterPage } from '../../src/protocol/exporter-page.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
/** As node_exporter 1.5.0 prints it. */
const PAGE = [
  '# HELP node_boot_time_seconds Node boot time, in unixtime.',
  '# TYPE node_boot_time_seconds gauge',
  'node_boot_time_seconds 1.795362237e+09',
  '# HELP node_scrape_collector_success node_exporter: Whether a collector succeeded.',
  'node_scrape_collector_success{collector="time"} 1',
  'node_time_clocksource_current_info{clocksource="tsc",device="0"} 1',
  '# HELP node_time_seconds System time in seconds since epoch (1970).',
  '# TYPE node_time_seconds gauge',
  'node_time_seconds 1.7954087021716702e+09',
  'node_time_zone_offset_seconds{time_zone="UTC"} 0',
  'node_timex_maxerror_seconds 16',
  'node_timex_offset_seconds 0.25',
  'node_timex_sync_status 1',
  '',
].join('\n')

const withClock = (value: string): string =>
  PAGE.replace('node_time_seconds 1.7954087021716702e+09', `node_time_seconds ${value}`)
const read = (page: string) => readExporterPage(bytes(page))

void test('the clock is read to the microsecond', async t => {
  const page = read(PAGE)
  if (!page.ok) return t.fail(page.detail)
  const { stamp, resolution, series, kind } = page.clock
  t.equal(series, 'node_time_seconds')
  t.equal(kind.name, 'node_exporter')
  const printed = 1_795_408_702_171_670_200n
  t.ok(stamp < printed && printed < stamp + resolution)
  t.equal(resolution, 2000n)
})

void test('the start of the machine and the word of the kernel are told', async t => {
  t.same(pageFacts(bytes(PAGE)), { bootTimestamp: 1_795_362_237, synchronized: true })
  const unsynchronised = PAGE.replace('sync_status 1', 'sync_status 0')
  t.equal(pageFacts(bytes(unsynchronised)).synchronized, false)
})

void test('what is not there is not known', async t => {
  const without = PAGE.replace(/^node_(timex|boot).*\n/gm, '')
  t.same(pageFacts(bytes(without)), {})
  t.same(pageFacts(bytes(PAGE.replace('status 1', 'status NaN'))), { bootTimestamp: 1_795_362_237 })
  const two = `${PAGE}node_timex_sync_status 0\nnode_boot_time_seconds 1.7e+09\n`
  t.same(pageFacts(bytes(two)), {})
})

void test("two clocks on a page are nobody's", async t => {
  const page = `${PAGE}node_time_seconds{instance="other"} 1.7e+09\n`
  t.match(read(page), { ok: false, reason: 'no_time', detail: /2 times/ })
})

void test('a clock with a date is a copy, as a federation has it', async t => {
  const page = withClock('1.7954087021716702e+09 1795408702171')
  t.match(read(page), { ok: false, reason: 'implausible', detail: /copy/ })
})

void test('a number that no clock shows is implausible, and none is no time', async t => {
  for (const value of ['-5', '+Inf', '1e12', '7.4e+09'])
    t.match(read(withClock(value)), { ok: false, reason: 'implausible' }, value)
  t.match(read(withClock('NaN')), { ok: false, reason: 'no_time' })
  t.match(read(PAGE.replace(/^node_time_seconds.*$/m, '')), { ok: false, reason: 'no_time' })
})

void test('what is no metrics page is another protocol', async t => {
  for (const page of ['<html></html>', '{"status":"ok"}', '', 'ok'])
    t.match(read(page), { ok: false, reason: 'protocol' }, page)
})

void test('a page that was cut anywhere has its own clock, or none', async t => {
  const whole = PAGE.indexOf('\n', PAGE.indexOf('\nnode_time_seconds') + 1)
  for (let length = 0; length <= PAGE.length; length++) {
    const page = read(PAGE.slice(0, length))
    t.equal(page.ok, length > whole)
    if (page.ok) t.equal(page.clock.printed, '1.7954087021716702e+09')
  }
})

void test('any bytes are read without a throw', async t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), noise => {
      pageFacts(noise)
      return !readExporterPage(noise).ok
    }),
  )
  t.pass()
})
