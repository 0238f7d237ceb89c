import * as fc from 'fast-check'
import { type Test, test } from 'tap'
import {
  isExposition,
  parseSample,
  pickSamples,
  printedTime,
} from '../../src/protocol/exposition-text.js'
import { goFloat } from '../peers/windows-exporter.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const SECOND = 1_000_000_000n

const PAGE = [
  '# HELP node_time_seconds System time in seconds since epoch (1970).',
  '# TYPE node_time_seconds gauge',
  'node_time_seconds 1.7954087023006082e+09',
  'node_time_seconds_total 5',
  'windows_service_state{name="w32time",state="running"} 1',
  'windows_service_state{ name = "a\\"b\\\\c\\nd" , state="stopped", } 0',
  'bad{name="w32time 1',
  'dated 1 1700000000000',
  'exemplar_total 17 # {trace="a"} 1 2',
  'dated_om 1 1.7e9',
  '# EOF',
  '',
].join('\n')

void test('the named series are picked from a page, and nothing else', async t => {
  const [sample, ...others] = pickSamples(bytes(PAGE), ['node_time_seconds'])
  t.match(sample, { value: '1.7954087023006082e+09', isDated: false })
  t.equal(others.length, 0, 'a longer name is another one, and a comment is none')
  t.same(pickSamples(bytes(PAGE), ['node_time']), [])
  t.equal(pickSamples(bytes(PAGE.replaceAll('\n', '\r\n')), ['node_time_seconds']).length, 1)
})

void test('labels are read with their escapes, and picked by', async t => {
  const all = pickSamples(bytes(PAGE), ['windows_service_state'])
  t.same(
    all.map(({ labels }) => Object.fromEntries(labels)),
    [
      { name: 'w32time', state: 'running' },
      { name: 'a"b\\c\nd', state: 'stopped' },
    ],
  )
  const named = pickSamples(
    bytes(PAGE),
    ['windows_service_state'],
    ({ labels }) => labels.get('name') === 'w32time',
  )
  t.equal(named.length, 1)
  t.same(pickSamples(bytes(PAGE), ['bad']), [], 'half a line is none')
  t.same(pickSamples(bytes('up 1.79'), ['up']), [], 'nor is the last one, where it does not end')
})

void test('a date of a sample is seen, in both formats', async t => {
  const dated = (name: string) => pickSamples(bytes(PAGE), [name])[0]?.isDated
  t.equal(dated('dated'), true)
  t.equal(dated('dated_om'), true)
  t.equal(dated('exemplar_total'), false)
  t.equal(dated('node_time_seconds'), false)
})

void test('what is kept of a page is bounded, and long lines are passed over', async t => {
  const many = 'up 1\n'.repeat(10_000)
  t.equal(pickSamples(bytes(many), ['up']).length, 256)
  const long = `up{a="${'x'.repeat(20_000)}"} 1\nup 2\n`
  t.match(pickSamples(bytes(long), ['up']), [{ value: '2' }])
  const labels = Array.from({ length: 100 }, (_, i) => `l${i}="x"`).join()
  t.equal(parseSample(`up{${labels}} 1`), undefined)
})

void test('a page is told from what else a port may answer', async t => {
  for (const page of [PAGE, 'up 1\n', '# just this\n', '\n\nup{a="b"} NaN', 'up +Inf'])
    t.ok(isExposition(bytes(page)), page.slice(0, 20))
  const others = [
    '',
    '\n',
    '<html>',
    '{"status":"ok"}',
    '404 page not found',
    'Not Found',
    '#!/bin',
  ]
  for (const other of [...others, "Couldn't create filtered metrics handler: x 1", '\0\0'])
    t.notOk(isExposition(bytes(other)), other)
})

/** The shortest of some runs: what else this machine does only adds to it. */
const shortest = (run: () => void): number => {
  const times = Array.from({ length: 10 }, () => {
    const started = performance.now()
    run()
    return performance.now() - started
  })
  return Math.min(...times)
}

/** Four times as much takes some four times as long, and sixteen times where each part is seen anew. */
const isLinear = (t: Test, costs: (length: number) => number, least: number): void => {
  const [small, large] = [costs(least), costs(4 * least)]
  t.comment(`${small.toFixed(3)} ms, and ${large.toFixed(3)} ms for four times as much`)
  t.ok(large < 10 * small)
}

void test('a page costs by its length', t => {
  const line = 'windows_process_cpu_time_total{process="svchost",mode="user",id="1234"} 12.5\n'
  const costs = (length: number) => {
    const page = bytes(line.repeat(Math.ceil(length / line.length)) + PAGE)
    return shortest(() => {
      const picked = pickSamples(page, ['node_time_seconds', 'windows_os_time'])
      if (picked.length !== 1) t.fail('another page')
    })
  }
  isLinear(t, costs, 1 << 18)
  t.end()
})

void test('a line that is no sample costs by its length, whatever is in it', t => {
  for (const [before, many] of [
    ['up ', '#'],
    ['up 1 ', '#'],
    ['up ', '1'],
    ['up 1 ', '1'],
    ['up 1', ' '],
    ['up 1 1', ' '],
    ['up', ' '],
    ['up{', ' '],
    ['up{a="', '\\"'],
    ['up{a="', 'b'],
    ['up{', 'a'],
  ] as const) {
    t.comment(`${before}${many}`)
    const costs = (length: number) => {
      const line = `${before}${many.repeat(length)}\ry`
      return shortest(() => {
        for (let i = 0; i < 20; i++) if (parseSample(line)) t.fail('a sample')
      })
    }
    isLinear(t, costs, 4000)
  }
  t.end()
})

void test('all digits of a clock are used, and no more than a float has', async t => {
  const time = printedTime('1.7954087023006082e+09')
  t.same(time, {
    stamp: 1_795_408_702_300_607_200n,
    resolution: 2000n,
    tellsSeconds: true,
  })
  t.match(printedTime('1795408702.3'), { resolution: 200_000_000n })
  t.match(printedTime('1795408702.25'), { resolution: 20_000_000n })
})

void test('a whole second was cut down to it', async t => {
  const whole = { stamp: 1_795_408_702n * SECOND, resolution: SECOND, tellsSeconds: true }
  for (const text of ['1795408702', '1.795408702e+09', '1.795408702E9'])
    t.same(printedTime(text), whole, text)
  t.match(printedTime('1795408702.0'), { resolution: 1_100_000_000n }, 'or rounded, to tenths')
})

void test('digits that are missing may be zeros, or cut, unless more is known', async t => {
  const cut = printedTime('1.7954e+09')
  t.same(cut, {
    stamp: 1_795_350_000n * SECOND,
    resolution: 100_001n * SECOND,
    tellsSeconds: false,
  })
  t.match(printedTime('1.7954087e+09'), { resolution: 101n * SECOND })
  t.same(printedTime('1.7954087e+09', true), {
    stamp: 1_795_408_700n * SECOND,
    resolution: SECOND,
    tellsSeconds: false,
  })
  t.match(printedTime('1795408700'), { resolution: SECOND }, 'these zeros are printed')
})

void test('what is no time of a clock is none', async t => {
  const others = ['NaN', '+Inf', '-Inf', '-1', '', 'e9', '1e99', '0x10', '1_000', '1.7e+', ' 1']
  for (const text of others) t.equal(printedTime(text), undefined, text)
})

void test('however a number is printed, the clock that it was is inside', async t => {
  const clock = fc.bigInt({ min: SECOND, max: 4_000_000_000n * SECOND })
  fc.assert(
    fc.property(clock, fc.integer({ min: 1, max: 17 }), (ns, digits) => {
      const value = Number(ns) / 1e9
      // What was rounded to whole seconds cannot be told from what was cut down to them.
      const isRounded = digits === String(ns / SECOND).length
      const holds = (text: string, truth: bigint): boolean => {
        const time = printedTime(text)
        return time !== undefined && time.stamp <= truth && truth <= time.stamp + time.resolution
      }
      return (
        holds(goFloat(value), ns) &&
        (isRounded || holds(value.toPrecision(digits), ns)) &&
        holds(goFloat(Math.floor(value)), ns)
      )
    }),
    { numRuns: 5000 },
  )
  t.pass()
})

void test('any bytes are read without a throw, a page at every length too', async t => {
  const page = bytes(PAGE)
  const names = ['node_time_seconds', 'windows_service_state', 'dated', 'bad']
  for (let length = 0; length <= page.length; length++) {
    const picked = pickSamples(page.subarray(0, length), names)
    t.ok(picked.length <= 5)
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (noise, at) => {
      const mixed = Uint8Array.from([...page.subarray(0, at), ...noise, ...page.subarray(at)])
      isExposition(mixed)
      return pickSamples(mixed, names).every(({ name }) => names.includes(name))
    }),
  )
})
