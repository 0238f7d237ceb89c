import * as fc from 'fast-check'
import t from 'tap'
import { parseTraceHead } from '../../src/protocol/trace-head.js'
import { holds } from '../time/holds.js'

const STAMP = Date.UTC(2012, 0, 18, 5, 0, 43, 101) / 1000
const PLACE = '(SIPStack,SIPAdminLog::ProtocolRecord::Flush:ProtocolRecord.cpp(261))'
const WHEN = '01/18/2012-05:00:43.101'

const head = (when: string, origin = '[0]06E4.0EB4'): string =>
  `TL_INFO(TF_PROTOCOL) ${origin}::${when}.00005386 ${PLACE}`

void t.test('each layout gives its flag, server and stamp', async t => {
  const cases = [
    [`TL_INFO(TF_PROTOCOL) [0]06E4.0EB4::${WHEN}.00005386 ${PLACE}`, 'PROTOCOL', ''],
    [`TL_INFO(TF_PROTOCOL) [3]7F70.886C::${WHEN}.000281b0 ${PLACE}[3480436056] `, 'PROTOCOL', ''],
    [
      `TL_WARN(TF_DIAG) [edgepool\\edge1]0584.0A44::${WHEN}.0000773E ${PLACE} [1] `,
      'DIAG',
      'edge1',
    ],
    [
      `TL_ERROR(TF_COMPONENT) [0]0860.0CDC::${WHEN}.000d0b31 ${PLACE}( 0028FDD70 ) Exit`,
      'COMPONENT',
      '',
    ],
  ] as const
  for (const [line, flag, server] of cases) {
    const wanted = { flag, server, stamp: STAMP }
    t.same(parseTraceHead(line), wanted, line)
    t.same(parseTraceHead(line.replaceAll(' ', '')), wanted, 'without spaces')
    t.same(
      parseTraceHead(line.replaceAll(/(?=[[(])|(?<=[\])])/g, ' ')),
      wanted,
      'with more of them',
    )
    t.same(parseTraceHead(line.replaceAll(/[0-9A-F]{4}\./g, x => x.toLowerCase())), wanted, 'hex')
  }
})

void t.test("a server's name is what is behind the last backslash", async t => {
  const server = (origin: string) => parseTraceHead(head(WHEN, `[${origin}]1A2B.3C4D`))?.server
  t.equal(server('EDGEPOOL1.contoso.com\\EDGE02'), 'EDGE02')
  t.equal(server('a\\b\\c'), 'c')
  t.equal(server('edge02'), 'edge02')
  t.equal(server('pool\\12'), '')
  t.equal(server('12'), '')
  t.equal(server(''), '')
  t.equal(server('pool\\'), '')
})

void t.test('impossible dates and times are no head', async t => {
  const impossible = [
    '18/01/2012-05:00:43.101',
    '00/18/2012-05:00:43.101',
    '13/18/2012-05:00:43.101',
    '02/30/2012-05:00:43.101',
    '02/29/2013-05:00:43.101',
    '02/29/2100-05:00:43.101',
    '04/31/2012-05:00:43.101',
    '01/00/2012-05:00:43.101',
    '01/18/1969-05:00:43.101',
    '01/18/2012-24:00:43.101',
    '01/18/2012-05:60:43.101',
    '01/18/2012-05:00:61.101',
    '01/18/2012-05:00:43,101',
    '01/18/2012 05:00:43.101',
    '01/18/2012-05:00:43.1',
    '01/18/2012-05:00:4a.101',
    '1/18/2012-05:00:43.101',
    '01-18-2012-05:00:43.101',
    '2012/01/18-05:00:43.101',
  ]
  for (const when of impossible) t.equal(parseTraceHead(head(when)), undefined, when)
  t.ok(parseTraceHead(head('02/29/2012-23:59:60.999')), 'a leap day and a leap second are possible')
})

void t.test("other products' heads are none", async t => {
  const others = [
    '',
    PLACE,
    `[0]06E4.0EB4::${WHEN}.00005386 ${PLACE}`,
    `TL_INFO [0]06E4.0EB4::${WHEN}.00005386 ${PLACE}`,
    `TL_INFO(TF_PROTOCOL) 06E4.0EB4::${WHEN}.00005386 ${PLACE}`,
    `TL_INFO(TF_PROTOCOL) [0]06E4.0EB4 ${WHEN}.00005386 ${PLACE}`,
    `(TF_PROTOCOL) TL_INFO [0]06E4.0EB4::${WHEN}`,
    '18/01/2012 05:00:43 (MediaStack, x) [0]::info ',
  ]
  for (const line of others) t.equal(parseTraceHead(line), undefined, line)
})

void t.test('a stamp is the UTC instant that its date says', async t => {
  const instant = fc.date({
    min: new Date('1970-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  })
  holds(
    t,
    fc.property(instant, date => {
      const iso = date.toISOString()
      const when = `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(0, 4)}-${iso.slice(11, 23)}`
      const stamp = parseTraceHead(head(when))?.stamp ?? Number.NaN
      return Math.round(stamp * 1000) === date.getTime()
    }),
    { numRuns: 500 },
  )
})

void t.test('anything else is no head, and no error', async t => {
  const piece = fc.constantFrom('TL_', '(TF_', ')', '[', ']', '::', WHEN, '.', '\\', ' ', 'x', '\n')
  holds(
    t,
    fc.property(fc.array(piece, { maxLength: 20 }), pieces => {
      const found = parseTraceHead(pieces.join(''))
      return found === undefined || Number.isFinite(found.stamp)
    }),
    { numRuns: 2000 },
  )
})
