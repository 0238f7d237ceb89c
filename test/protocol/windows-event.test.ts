import * as fc from 'fast-check'
import t from 'tap'
import { type WindowsEvent, WindowsEventReader } from '../../src/protocol/windows-event.js'
import { DECOY, EDGE_EVENT, GERMAN, eventXml } from './windows-events.js'

/** All windows at once, or as a follower hands them over: what was not consumed comes again. */
const read = (text: string, pieces: readonly string[] = [text], more = false) => {
  const events: WindowsEvent[] = []
  const reader = new WindowsEventReader(event => events.push(event))
  let window = ''
  for (const piece of pieces) {
    window += piece
    window = window.slice(reader.read(window, more))
  }
  return { events, malformed: reader.malformed, rest: window }
}

const ids = (text: string): readonly number[] => read(text).events.map(event => event.eventId)

void t.test('an event gives its provider, id, record, channel, computer and time', async t => {
  t.same(read(eventXml()), { events: [EDGE_EVENT], malformed: 0, rest: '' })
})

void t.test('the language of the rendered text does not matter', async t => {
  t.same(read(eventXml({}, GERMAN)).events, [EDGE_EVENT])
  const bytes = Buffer.from(eventXml({}, GERMAN)).toString('latin1')
  t.same(read(bytes).events, [EDGE_EVENT])
  const wide = Buffer.from(`\uFEFF${eventXml({}, GERMAN)}`, 'utf16le').toString('utf16le')
  t.same(read(wide).events, [EDGE_EVENT])
})

void t.test('a root, a declaration, a BOM, line breaks and comments are passed over', async t => {
  const two = `${eventXml({ eventId: 1 })}\r\n<!-- ${DECOY} -->\n${eventXml({ eventId: 2 })}`
  const file = `\xEF\xBB\xBF<?xml version="1.0" encoding="utf-8"?>\r\n<Events>${two}</Events>\r\n`
  t.same(read(file).malformed, 0)
  t.same(ids(file), [1, 2])
  t.same(ids(two.replaceAll("'", '"')), [1, 2])
})

void t.test('only the direct children of System count', async t => {
  const within = eventXml({}, `<UserData><System><EventID>2</EventID></System></UserData>`)
  t.same(read(within).events, [EDGE_EVENT])
  const deeper = eventXml().replace('<System>', '<System><x><EventID>3</EventID></x>')
  t.same(read(deeper).events, [EDGE_EVENT])
  const before = eventXml().replace('<System>', '<Other><EventID>4</EventID></Other><System>')
  t.same(read(before).events, [EDGE_EVENT])
  const twice = eventXml().replace('</System>', '<EventID>5</EventID></System>')
  t.same(read(twice).events, [EDGE_EVENT])
})

void t.test('attributes, comments and CDATA may hold whole events', async t => {
  for (const fake of [`<Data Name='${DECOY}'/>`, `<!--${DECOY}-->`, `<![CDATA[${DECOY}]]>`]) {
    const text = eventXml().replace('<EventData>', `<EventData>${fake}`)
    t.same(read(text), { events: [EDGE_EVENT], malformed: 0, rest: '' }, fake)
  }
})

void t.test('entities are resolved once, CDATA is taken as it is', async t => {
  const provider = 'A &amp;amp; &lt;&gt;&quot;&apos;&#65;&#x42;&#0;&#xD800;&nope;'
  const computer = '<![CDATA[a&amp;]]>b<!-- -->&amp;<?p?>c'
  const [event] = read(eventXml({ provider, computer })).events
  t.equal(event?.provider, `A &amp; <>"'AB&#0;&#xD800;&nope;`)
  t.equal(event?.computer, 'a&amp;b&c')
})

void t.test('values are cut at 256 characters', async t => {
  const long = 'x'.repeat(100_000)
  const [event] = read(eventXml({ provider: long, computer: `${long}&amp;`, channel: '' })).events
  t.equal(event?.provider, long.slice(0, 256))
  t.equal(event?.computer, long.slice(0, 256))
  t.equal(event?.channel, '')
  const [escaped] = read(eventXml({ computer: '&#x10ffff;'.repeat(300) })).events
  t.equal(escaped?.computer.length, 256)
})

void t.test('an event without a provider or a possible id is malformed', async t => {
  const whole = eventXml()
  const broken = [
    whole.replace('14619', ''),
    whole.replace('14619', '70000'),
    whole.replace('14619', '-1'),
    whole.replace('LS Protocol Stack', ' '),
    whole.replace("Name='LS Protocol Stack'", ''),
    '<Event/>',
    '<Event></Event>',
  ]
  for (const text of broken) {
    t.same(read(text + whole), { events: [EDGE_EVENT], malformed: 1, rest: '' }, text)
  }
})

void t.test('a malformed event is skipped to the next and counted once', async t => {
  const whole = eventXml()
  const broken = [
    whole.replace('</System>', '</Sytem>'),
    whole.replace('<Security/>', '< Security/>'),
    whole.replace('<Security/>', '<Security a/>'),
    whole.replace('<Security/>', '<Security a=b/>'),
    whole.replace('<Security/>', "<Security a='b'c/>"),
    whole.replace('<Security/>', '<Security / >'),
    whole.replace('<Security/>', '<!DOCTYPE x>'),
    whole.replace('<Security/>', '<x>'.repeat(40) + '</x>'.repeat(40)),
  ]
  for (const text of broken) {
    t.same(read(`${text}\r\n${whole}`), { events: [EDGE_EVENT], malformed: 1, rest: '' }, text)
  }
})

void t.test('an event that is cut off anywhere does not take the next with it', async t => {
  const whole = eventXml()
  for (let end = '<Event '.length; end < whole.length; end++) {
    const { events, malformed } = read(`${whole.slice(0, end)}${whole}${whole}`)
    t.same(events, [EDGE_EVENT, EDGE_EVENT], `after ${whole.slice(0, end)}`)
    t.equal(malformed, 1)
  }
})

void t.test('wherever the windows are cut, each event is handed over once', async t => {
  const wide = eventXml({ eventId: 2, computer: '<![CDATA[a]]>' }, GERMAN)
  const text = `\uFEFF<Events>\r\n<!-- x -->${wide}\n<Event><Broken</Event><Eventx/>${eventXml()}</Events>`
  const expected = read(text)
  t.same(expected.events, [{ ...EDGE_EVENT, eventId: 2, computer: 'a' }, EDGE_EVENT])
  t.equal(expected.malformed, 1)
  for (let cut = 0; cut <= text.length; cut++) {
    t.same(read(text, [text.slice(0, cut), text.slice(cut)]), expected, `cut at ${cut}`)
  }
  t.same(read(text, text.split('')), expected)
})

void t.test('text without events is consumed, but not what may become one', async t => {
  t.equal(read('nothing here < >').rest, '')
  for (const start of ['<', '<E', '<Event', '<!', '<!-', '<!-- <Event>']) {
    t.equal(read(`garbage ${start}`).rest, start)
  }
  t.equal(read('<EventData><Events></Events>').rest, '')
})

void t.test('an event larger than the window is skipped and counted once', async t => {
  const large = eventXml({}, `<RenderingInfo>${'x'.repeat(5000)}</RenderingInfo>`)
  const text = `${eventXml({ eventId: 1 })}${large}${eventXml({ eventId: 2 })}`
  for (let size = 1500; size < 1520; size++) {
    const events: number[] = []
    const reader = new WindowsEventReader(event => events.push(event.eventId))
    let at = 0
    while (at < text.length) {
      const window = text.slice(at, at + size)
      const done = reader.read(window, window.length === size)
      if (done === 0) break
      at += done
    }
    t.same(events, [1, 2])
    t.equal(reader.malformed, 1)
  }
})

void t.test('a full window is never left as it is', async t => {
  for (const text of [
    '<',
    '<Event',
    '<Event ',
    "<Event a='",
    '<!--',
    '<Event><![CDATA[',
    '<Event>',
  ]) {
    const reader = new WindowsEventReader(() => t.fail('no event'))
    const done = reader.read(text, true)
    t.ok(done > 0 && done <= text.length, text)
    t.equal(reader.read(text, false), 0)
  }
})

void t.test('a quote that is never closed costs its event alone in a full window', async t => {
  const text = `<Event a="${eventXml()}<Event`
  const reader = new WindowsEventReader(event => t.same(event, EDGE_EVENT))
  t.equal(reader.read(text, true), text.length - '<Event'.length)
  t.equal(reader.malformed, 1)
})

void t.test('reading is linear, whatever the text', async t => {
  const seeds = [
    '<',
    '<Event',
    '<Event ',
    '<Event>',
    '<Event><!--',
    '<!--',
    '<Event><![CDATA[',
    '<Event><?',
    "<Event a='",
    `<Event a="<Event b='`,
    "<Event a='<Event",
    '<Event><System><EventID>1',
    '<Event a',
    '<Event a=',
    '<Event><x>',
    '<Event><a><b',
    '<Event>&#x10ffff;&amp',
    '<Event/ ',
    '</Event ',
    'x'.repeat(1000),
  ]
  const size = 1 << 20
  const ends = ['', '"', "'", '-->', '<Event>']
  for (const seed of seeds) {
    for (const end of ends) {
      const text = seed.repeat(Math.ceil(size / seed.length)) + end
      const reader = new WindowsEventReader(() => {})
      const begin = performance.now()
      const done = reader.read(text, true)
      if (done < text.length) reader.read(text.slice(done), false)
      // A quadratic one takes minutes. The bound is wide: others may be using this machine.
      t.ok(performance.now() - begin < 3000, `${seed.slice(0, 30)} … ${end}`)
    }
  }
})

void t.test('mutated text never throws, and never more is consumed than there is', async () => {
  const second = eventXml({ computer: '<![CDATA[a]]>' }, GERMAN)
  const text = `<Events>${eventXml()}<!-- a -->${second}</Events>`
  const snippets = ['<', '>', '"', "'", '&#', '<!--', ']]>', '</', '<Event', '\0', '\uD800', ' ']
  const edits = fc.array(
    fc.tuple(fc.nat(text.length), fc.nat(40), fc.constantFrom('', ...snippets)),
    { minLength: 1, maxLength: 6 },
  )
  fc.assert(
    fc.property(edits, fc.nat(), fc.boolean(), (edits, cut, more) => {
      let mutated = text
      for (const [at, removed, put] of edits) {
        mutated = mutated.slice(0, at) + put + mutated.slice(at + removed)
      }
      const split = cut % (mutated.length + 1)
      const whole = read(mutated)
      const parts = read(mutated, [mutated.slice(0, split), mutated.slice(split)])
      const full = new WindowsEventReader(() => {}).read(mutated, more)
      return (
        JSON.stringify(whole) === JSON.stringify(parts) &&
        full >= (more ? 1 : 0) &&
        full <= mutated.length
      )
    }),
    { numRuns: 20_000 },
  )
})

void t.test('nothing but the position has to survive a restart', async t => {
  t.equal(new WindowsEventReader(() => {}).save(), null)
})
