import * as fc from 'fast-check'
import t from 'tap'
import { type LocalTime, lastSyncTime, stampCandidates } from '../../src/protocol/w32tm-time.js'

const toUnix = ({ year, month, day, hour, minute, second }: LocalTime): number =>
  Date.UTC(year, month - 1, day, hour, minute, second) / 1000
const at = (text: string): number => Date.parse(`${text}Z`) / 1000

/** The 4th of March, which may be read as the 3rd of April. */
const SYNC = at('2026-03-04T17:58:04')
const read = (
  text: string,
  age: number | undefined = 100.5,
  nowUnix = SYNC + 100,
): number | undefined => lastSyncTime(text, { toUnix, nowUnix, sinceSeconds: age })

void t.test('a stamp of any language is the moment that agrees with its age', async t => {
  const stamps = [
    '3/4/2026 5:58:04 PM',
    '3/4/2026 5:58:04 pm',
    '03/04/2026 05:58:04 p.m.',
    '4/3/2026 5:58:04 p. m.',
    '04.03.2026 17:58:04',
    '4.3.2026 17.58.04',
    '4. 3. 2026 17:58:04',
    '04/03/2026 17:58:04',
    '04-03-26 17:58:04',
    '2026-03-04 17:58:04',
    '2026/03/04 17:58:04',
    '2026/03/04 午後 5:58:04',
    '2026. 03. 04. 오후 5:58:04',
    '26/03/04 17:58:04',
    '4.3.2026 г. 17:58:04 ч.',
    '4/3/2026 5:58:04 μμ',
    '  04.03.2026\r\n 17:58:04 ',
    '2026/03/04 \x8c\xdf\x8c\xe3 5:58:04',
  ]
  for (const stamp of stamps) t.equal(read(stamp), SYNC, stamp)
  t.equal(read('3/4/2026 5:58 PM'), SYNC - 4)
})

void t.test('midnight and noon are the twelfth hours', async t => {
  const noon = at('2026-03-04T12:00:00')
  t.equal(read('3/4/2026 12:00:00 PM', 0, noon), noon)
  t.equal(read('3/4/2026 12:00:00 AM', 0, noon - 43_200), noon - 43_200)
  t.equal(read('2026/03/04 午後 12:00:00', 0, noon), noon)
  t.equal(read('2026/03/04 午前 12:00:00', 0, noon - 43_200), noon - 43_200)
  t.equal(read('2026/03/04 午前 0:00:00', 0, noon - 43_200), noon - 43_200)
})

void t.test('a clock that was set since leaves the only date that comes in question', async t => {
  for (const step of [500, 6 * 3600 + 400, 27 * 3600, 13 * 86_400]) {
    t.equal(read('3/4/2026 5:58:04 PM', 100, SYNC + 100 + step), SYNC)
    t.equal(read('04.03.2026 17:58:04', 100, SYNC + 100 + step), SYNC)
    t.equal(read('2026/03/04 午後 5:58:04', 100, SYNC + 100 + step), undefined)
  }
  t.equal(read('3/4/2026 5:58:04 PM', 2 * 86_400, SYNC + 86_400 + 5000), SYNC, 'set back')
  t.equal(read('3/4/2026 5:58:04 PM', 100, SYNC + 100 + 14 * 86_400), SYNC)
  t.equal(read('3/4/2026 5:58:04 PM', 100, SYNC + 101 + 14 * 86_400), undefined)
})

void t.test('a step of quarters of an hour may be another time zone, and is not taken', async t => {
  const stamp = '2026-03-04 17:58:04'
  const stepped = (step: number) => read(stamp, 86_400 * 2, SYNC + 86_400 * 2 + step)
  for (const step of [900, -900, 3600, -3600, 19_800, 26 * 3600, -26 * 3600]) {
    for (const more of [-120, 0, 120]) t.equal(stepped(step + more), undefined, `${step + more}`)
    t.equal(stepped(step + 121), SYNC)
    t.equal(stepped(step - 121), SYNC)
  }
  t.equal(stepped(120), SYNC)
  t.equal(stepped(26 * 3600 + 900), SYNC, 'no zones are that far apart')
})

void t.test('a moment that is still to come is not taken', async t => {
  t.equal(read('2026-03-04 17:58:04', 0, SYNC - 120), SYNC, 'they are whole seconds')
  t.equal(read('2026-03-04 17:58:04', 1, SYNC - 121), undefined)
  t.equal(read('2026-03-04 17:58:04', 100, SYNC - 3 * 86_400), undefined)
  t.equal(read('2026-03-04 17:58:04', 86_400, SYNC - 500), undefined)
})

void t.test('without an age, only what can be nothing else is believed', async t => {
  const noAge = (text: string, nowUnix: number): number | undefined =>
    lastSyncTime(text, { toUnix, nowUnix })
  t.equal(noAge('2026-03-04 17:58:04', SYNC), SYNC)
  t.equal(noAge('23.03.2026 17:58:04', SYNC + 19 * 86_400 - 120), SYNC + 19 * 86_400)
  t.equal(noAge('23.03.2026 17:58:04', SYNC + 19 * 86_400 - 121), undefined)
  t.equal(noAge('03.03.2026 17:58:04', SYNC), SYNC - 86_400)
  // The 3rd of April is to come, unless the clock was set back.
  t.equal(noAge('04.03.2026 17:58:04', SYNC), undefined)
  t.equal(noAge('04.03.2026 17:58:04', at('2026-05-01T00:00:00')), undefined)
  t.equal(noAge('04.03.2026 17:58:04', at('2026-02-01T00:00:00')), undefined)
  t.equal(noAge('2026/03/04 午後 5:58:04', SYNC), undefined)
})

void t.test('the hour that comes twice a year is told apart by the age', async t => {
  /** Summer time, two hours ahead of UTC, ends on 25 October 2026 at 3 o'clock; of two moments the first is given. */
  const berlin = (local: LocalTime): number => {
    const unix = toUnix(local) - 3600
    return unix - (unix < at('2026-10-25T02:00:00') ? 3600 : 0)
  }
  const first = at('2026-10-25T00:30:00')
  for (const sync of [first, first + 3600]) {
    for (const age of [5, 7200]) {
      const found = lastSyncTime('25.10.2026 02:30:00', {
        toUnix: berlin,
        nowUnix: sync + age,
        sinceSeconds: age,
      })
      t.equal(found, sync)
    }
  }
  t.equal(lastSyncTime('25.10.2026 02:30:00', { toUnix: berlin, nowUnix: first + 9999 }), undefined)
})

void t.test('what is no date and time is none', async t => {
  const none = [
    '',
    'unspecified',
    '3/4/2026',
    '17:58:04',
    '3/4/2026 5:58:04 PM 7',
    '3/4/2026 25:58:04',
    '3/4/2026 17:60:04',
    '3/4/2026 17:58:60',
    '3/4/2026 17:58:4',
    '3/4/2026 1:09: PM',
    '32/1/2026 17:58:04',
    '13/13/2026 17:58:04',
    '0/3/2026 17:58:04',
    '29/2/2026 17:58:04',
    '31/4/2026 17:58:04',
    '3/4/226 17:58:04',
    '2026/3/2026 17:58:04',
    '202/3/4 17:58:04',
    '3/4/6 17:58:04',
    '1/1/1601 12:00:00 AM',
    '04.03.20 26 17:58:04',
    '04.03.2026 1 7:58:04',
    '٤/٣/٢٠٢٦ ١٧:٥٨:٠٤',
    `3/4/2026 17:58:04 ${'x'.repeat(100)}`,
  ]
  for (const text of none) t.same(stampCandidates(text, toUnix), [], text)
  t.same(stampCandidates('29/2/2024 17:58:04', toUnix), [at('2024-02-29T17:58:04')])
  t.same(stampCandidates('29/2/2000 17:58:04', toUnix), [at('2000-02-29T17:58:04')])
  t.same(stampCandidates('29/2/2100 17:58:04', toUnix), [])
  t.same(
    stampCandidates('3/4/2026 17:58:04', () => NaN),
    [],
  )
})

const two = (n: number): string => String(n).padStart(2, '0')
const stampOf = (unix: number, format: number): string => {
  const date = new Date(unix * 1000)
  const [y, m, d] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
  const [hour, rest] = [date.getUTCHours(), date.toISOString().slice(14, 19)]
  const half = hour < 12 ? 'AM' : 'PM'
  const short = y % 100
  return [
    `${m}/${d}/${y} ${hour % 12 || 12}:${rest} ${half}`,
    `${two(d)}.${two(m)}.${y} ${two(hour)}:${rest}`,
    `${y}/${two(m)}/${two(d)} ${hour < 12 ? '午前' : '午後'} ${hour % 12}:${rest}`,
    `${y}-${two(m)}-${two(d)} ${hour}:${rest}`,
    `${two(d)}-${two(m)}-${two(short)} ${hour}:${rest}`,
    `${two(short)}/${two(m)}/${two(d)} ${hour}:${rest}`,
    `${two(m)}/${two(d)}/${two(short)} ${hour}:${rest}`,
  ][format]!
}

void t.test('whatever the moment, its format and its age, it is found', async () => {
  const moments = fc.integer({ min: at('2001-01-01T00:00:00'), max: at('2099-12-31T23:59:59') })
  const ages = fc.double({ min: 0, max: 40 * 86_400, noNaN: true })
  fc.assert(
    fc.property(moments, ages, fc.nat(6), (unix, age, format) => {
      const clock = { toUnix, nowUnix: unix + age + 0.7 }
      return lastSyncTime(stampOf(unix, format), { ...clock, sinceSeconds: age }) === unix
    }),
    { numRuns: 2000 },
  )
})

void t.test(
  'without an age it is right or not known, even if the clock was set since',
  async () => {
    const moments = fc.integer({ min: at('2001-01-01T00:00:00'), max: at('2099-12-31T23:59:59') })
    const distances = fc.integer({ min: -400 * 86_400, max: 400 * 86_400 })
    fc.assert(
      fc.property(moments, distances, fc.nat(3), (unix, distance, format) => {
        const found = lastSyncTime(stampOf(unix, format), { toUnix, nowUnix: unix + distance })
        return found === undefined || found === unix
      }),
      { numRuns: 2000 },
    )
  },
)

void t.test('any text is taken', async () => {
  const part = fc.constantFrom('1', '12', '2026', '/', '.', ':', ' ', 'AM', '3/4/2026 5:58:04')
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string())), parts => {
      const found = read(parts.join(''))
      return found === undefined || Number.isFinite(found)
    }),
  )
})
