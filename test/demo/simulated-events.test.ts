import t from 'tap'
import { type Course, rebootAt } from '../../src/demo/reboot.js'
import { SimulatedEvents } from '../../src/demo/simulated-events.js'
import { catalogued } from '../../src/protocol/event-catalogue.js'
import { type WindowsEvent, WindowsEventReader } from '../../src/protocol/windows-event.js'
import { type UnixNs, seconds, unixNs } from '../../src/time/units.js'

const BEGIN = unixNs(BigInt(Date.parse('2026-03-02T07:00:00Z')) * 1_000_000n)
const after = (s: number): UnixNs => unixNs(BEGIN + seconds(s))

/** All that is logged in ten minutes, read as the exporter reads it. */
const tenMinutes = (course: Course): readonly WindowsEvent[] => {
  let now: UnixNs = BEGIN
  const events: WindowsEvent[] = []
  const reader = new WindowsEventReader(event => events.push(event))
  const simulated = new SimulatedEvents({
    edgeAt: rebootAt(course),
    course,
    now: () => now,
    write: (_, xml) => t.equal(reader.read(xml, false), xml.length),
  })
  for (; now < after(600); now = unixNs(now + seconds(0.5))) simulated.proceed()
  t.equal(reader.malformed, 0)
  return events
}

const of = (events: readonly WindowsEvent[], id: number) =>
  events.filter(({ eventId }) => eventId === id)

void t.test('edge02 logs 14619 while its clock is off by hours, by that clock', t => {
  const events = tenMinutes({ down: after(100), repair: after(400) })
  t.ok(
    events.every(event => catalogued(event)),
    'each is in the catalogue',
  )
  const off = of(events, 14_619)
  t.equal(off.length, 19, 'each 15 s from 110 s to 400 s')
  t.ok(off.every(({ computer }) => computer === 'EDGE02.contoso.com'))
  t.match(off[0]?.timeCreated, /^2026-03-02T01:0/, 'six hours behind')
  const [set, ...more] = of(events, 1)
  t.match(set, { computer: 'EDGE02.contoso.com', timeCreated: '2026-03-02T07:06:39.998Z' })
  t.same(more, [], 'the clock was set once')
  t.end()
})

void t.test('without a repair the clock is not set; edge01 logs what may be ignored', t => {
  const events = tenMinutes({ down: after(100), repair: undefined })
  t.same(of(events, 1), [])
  const harmless = of(events, 32_263)
  t.equal(harmless.length, 40)
  t.ok(harmless.every(({ computer }) => computer === 'EDGE01.contoso.com'))
  t.end()
})
