import t from 'tap'
import { type Course, backAt, rebootAt, stageAt } from '../../src/demo/reboot.js'
import { timeServiceAt } from '../../src/demo/time-service.js'
import { type UnixNs, seconds, toSeconds, unixNs } from '../../src/time/units.js'

const DOWN = unixNs(BigInt(Date.parse('2026-03-02T07:10:00Z')) * 1_000_000n)
const course: Course = { down: DOWN, repair: unixNs(DOWN + seconds(250)) }
const after = (s: number): UnixNs => unixNs(DOWN + seconds(s))
const factsAt = (s: number, of = course) => timeServiceAt(of, after(s))?.facts

void t.test('before the reboot all is well, but that the service will not run after it', t => {
  const facts = factsAt(-1)
  t.match(facts, {
    running: true,
    survivesReboot: false,
    synchronized: true,
    synchronizedSinceBoot: true,
    lastSyncError: 0,
    correctionLimits: { ahead: 54_000, back: 54_000 },
    source: {
      actual: 'ntp1.contoso.com',
      kind: 'external',
      configured: 'ntp1.contoso.com ntp2.contoso.com',
    },
  })
  const age = toSeconds(after(-1)) - (facts?.lastSyncTimestamp ?? 0)
  t.ok(age >= 0 && age < 65, 'it polls each 64 s')
  t.ok((facts?.bootTimestamp ?? Infinity) < toSeconds(after(-30 * 86_400)), 'up for weeks')
  t.end()
})

void t.test('while edge02 is down nothing is known of its service', t => {
  t.equal(timeServiceAt(course, after(0)), undefined)
  t.equal(timeServiceAt(course, after(9)), undefined)
  t.equal(rebootAt(course)('edge02', after(9)).up, false)
  t.end()
})

void t.test('after the reboot it has never synchronised, and follows the own clock', t => {
  t.match(factsAt(11), {
    running: true,
    survivesReboot: false,
    synchronized: false,
    synchronizedSinceBoot: false,
    lastSyncTimestamp: undefined,
    lastSyncError: 1,
    bootTimestamp: toSeconds(backAt(course)),
    source: { actual: 'Local CMOS Clock', kind: 'own' },
  })
  t.end()
})

void t.test('repaired, it keeps the clock again and will survive the next reboot', t => {
  t.match(factsAt(251), {
    running: true,
    survivesReboot: true,
    synchronized: true,
    synchronizedSinceBoot: true,
    lastSyncTimestamp: Math.floor(toSeconds(after(250))),
    bootTimestamp: toSeconds(backAt(course)),
    source: { actual: 'ntp1.contoso.com' },
  })
  t.same(rebootAt(course)('edge02', after(251)), rebootAt(course)('edge02', after(-1)))
  t.end()
})

void t.test('a clock that nothing keeps drifts; nobody may ever repair it', t => {
  const never: Course = { down: DOWN, repair: undefined }
  t.equal(stageAt(never, after(86_410)), 'unkept')
  const [atOnce, aDayLater] = [10, 86_410].map(s => rebootAt(never)('edge02', after(s)).offset)
  t.equal(toSeconds(atOnce ?? 0n), -21_600)
  t.ok(Math.abs(toSeconds(aDayLater ?? 0n) + 21_605.184) < 1e-6, '60 ppm')
  t.equal(rebootAt(never)('edge01', after(11)).synchronized, true)
  t.end()
})
