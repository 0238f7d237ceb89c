import * as fc from 'fast-check'
import t from 'tap'
import { marks } from '../../src/protocol/sip-message.js'
import { SipReader } from '../../src/protocol/sip.js'
import { holds } from '../time/holds.js'
import { plain } from './reading.js'

type Header = readonly [name: string, value: string]

const REQUEST = 'INVITE sip:bob@contoso.com SIP/2.0'
const VIA = 'SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK1'
const BASE: readonly Header[] = [
  ['Via', VIA],
  ['From', '<sip:alice@contoso.com>;tag=1'],
  ['To', '<sip:bob@contoso.com>'],
  ['Call-ID', 'abc@192.0.2.1'],
  ['CSeq', '1 INVITE'],
]

const composed = (startLine: string, headers: readonly Header[], body = '', eol = '\r\n'): string =>
  [startLine, ...headers.map(([name, value]) => `${name}: ${value}`), '', body].join(eol)

/** What is read of a raw message; undefined where it is none. */
const read = (text: string, reader = new SipReader()) => {
  reader.begin(text)
  return reader.raw(0, text.length) ? plain(reader.message) : undefined
}

const request = (...more: readonly Header[]) => read(composed(REQUEST, [...BASE, ...more]))
const response = (status: number, method: string, ...more: readonly Header[]) =>
  read(
    composed(`SIP/2.0 ${status} Some Reason`, [
      ...BASE.slice(0, 4),
      ['CSeq', `1 ${method}`],
      ...more,
    ]),
  )
/** With other headers in the place of those of the same name. */
const replaced = (startLine: string, ...headers: readonly Header[]) => {
  const names = new Set(headers.map(([name]) => name.toLowerCase()))
  const kept = BASE.filter(([name]) => !names.has(name.toLowerCase()))
  return read(composed(startLine, [...kept, ...headers]))
}

void t.test('a request gives its method, Call-ID, CSeq number, branch and Vias', async t => {
  t.match(request(), {
    status: 0,
    method: 'INVITE',
    cseq: 1,
    callId: 'abc@192.0.2.1',
    branch: 'z9hG4bK1',
    vias: 1,
    marks: 0,
    diagnostics: [],
  })
})

void t.test("a response's method is that of its CSeq", async t => {
  t.match(response(200, 'REFER'), { status: 200, method: 'REFER', cseq: 1 })
  t.match(response(404, 'BENOTIFY'), { status: 404, method: 'BENOTIFY' })
  t.match(response(404, 'WHATEVER'), { status: 404, method: 'other' })
})

void t.test('a method is told apart only as a whole and in its own case', async t => {
  for (const name of ['INVITES', 'invite', 'INVIT', 'X', 'REFERRER']) {
    t.equal(read(composed(`${name} sip:b@contoso.com SIP/2.0`, BASE))?.method, 'other', name)
  }
})

void t.test('what has no start line, Call-ID or CSeq is no message', async t => {
  const lines = [
    'SIP/2.0 099 Low',
    'SIP/2.0 700 High',
    'SIP/2.0 OK',
    'SIP/3.0 200 OK',
    'INVITE sip:b@contoso.com SIP/3.0',
    ' SIP/2.0',
    '',
  ]
  for (const line of lines) t.equal(read(composed(line, BASE)), undefined, line)
  for (const missing of ['Call-ID', 'CSeq']) {
    const headers = BASE.filter(([name]) => name !== missing)
    t.equal(read(composed(REQUEST, headers)), undefined, missing)
  }
  t.equal(replaced(REQUEST, ['Call-ID', '  ']), undefined, 'an empty Call-ID')
  t.equal(replaced(REQUEST, ['Call-ID', 'x'.repeat(513)]), undefined, 'a huge Call-ID')
  t.ok(replaced(REQUEST, ['Call-ID', 'x'.repeat(512)]))
  t.equal(replaced(REQUEST, ['CSeq', 'INVITE']), undefined, 'a CSeq without its number')
  t.equal(replaced(REQUEST, ['CSeq', '12345678901 INVITE']), undefined, 'a CSeq of 11 digits')
})

void t.test('the compact forms say the same as the long ones', async t => {
  const compact = [
    ['v', VIA],
    ['f', '<sip:alice@contoso.com>;tag=1'],
    ['t', '<sip:bob@contoso.com;opaque=app:voicemail>'],
    ['i', 'abc@192.0.2.1'],
    ['CSeq', '1 INVITE'],
  ] as const
  t.same(read(composed(REQUEST, compact)), { ...request(), marks: marks.voicemail })
})

void t.test(
  'names may be in any case, with spaces before the colon and none behind it',
  async t => {
    const cases = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 })
    const spaces = fc.constantFrom('', ' ', '   ')
    holds(
      t,
      fc.property(
        cases,
        spaces,
        fc.constantFrom('', ' ', '\t', ' \t '),
        (upper, before, behind) => {
          const cased = (name: string): string =>
            Array.from(name, (c, i) => (upper[i % 8] ? c.toUpperCase() : c.toLowerCase())).join('')
          const lines = BASE.map(([name, value]) => `${cased(name)}${before}:${behind}${value}`)
          const found = read([REQUEST, ...lines, '', ''].join('\r\n'))
          return JSON.stringify(found) === JSON.stringify(request())
        },
      ),
    )
  },
)

void t.test('a header whose name only begins like a known one is another', async t => {
  const others = [
    ['Vias', VIA],
    ['In-Reply-To', 'another'],
    ['Call-ID-X', 'another'],
    ['CSeqs', '9 BYE'],
    ['Too', '<sip:b@contoso.com;opaque=app:voicemail>'],
    ['Diversions', '<sip:b@contoso.com>'],
  ] as const
  t.same(request(...others), request())
})

void t.test(
  'all Via values count, on one line or many, and the topmost gives the branch',
  async t => {
    const many = (...values: readonly Header[]) => replaced(REQUEST, ...values)
    const two = 'SIP/2.0/TLS 192.0.2.2:5061;branch=z9hG4bK2;received=192.0.2.9'
    t.match(many(['Via', `${VIA}, ${two}`]), { vias: 2, branch: 'z9hG4bK1' })
    t.match(many(['Via', two], ['v', VIA], ['VIA', VIA]), { vias: 3, branch: 'z9hG4bK2' })
    t.match(many(['Via', `${two},${VIA}`], ['Via', VIA]), { vias: 3, branch: 'z9hG4bK2' })
    t.match(many(['Via', 'SIP/2.0/TLS 192.0.2.2'], ['Via', VIA]), { vias: 2, branch: '' })
    t.match(many(['Via', `SIP/2.0/TLS 192.0.2.2, ${VIA}`]), { vias: 2, branch: '' })
    t.match(replaced(REQUEST, ['Via', `SIP/2.0/TLS a;rport;BRANCH=z9;ms-received-port=1`]), {
      branch: 'z9',
    })
    t.match(replaced(REQUEST, ['Via', 'SIP/2.0/TLS a; branch=z9 ;lr']), { branch: 'z9' })
  },
)

void t.test('the first Call-ID counts', async t => {
  t.equal(request(['Call-ID', 'other'], ['i', 'third'])?.callId, 'abc@192.0.2.1')
})

const VOICEMAIL_URI = 'sip:bob@contoso.com;opaque=app:voicemail'
const REFER = `REFER sip:bob@contoso.com SIP/2.0`

void t.test('each mark of a voicemail call is seen on the request', async t => {
  const marked: readonly (readonly [string, readonly Header[]])[] = [
    [`INVITE ${VOICEMAIL_URI};gruu SIP/2.0`, []],
    [`REFER ${VOICEMAIL_URI} SIP/2.0`, []],
    ['INVITE sip:b@contoso.com;gruu;Opaque="app:voicemail" SIP/2.0', []],
    [REQUEST, [['To', `<${VOICEMAIL_URI}>`]]],
    [REFER, [['Refer-To', `<${VOICEMAIL_URI}>`]]],
    [REFER, [['r', `<${VOICEMAIL_URI}>`]]],
    ['INVITE sip:org@exap.um.outlook.com SIP/2.0', []],
    ['INVITE sip:org@EXAP.um.partner.outlook.cn:5061;transport=tls SIP/2.0', []],
    [REQUEST, [['Route', '<sip:edge.contoso.com;lr>,<sip:exap.um.office365.us;lr>']]],
    [
      REQUEST,
      [
        ['Diversion', '<sip:b@contoso.com>'],
        ['Supported', '100rel, Ms-Fe'],
      ],
    ],
    [
      REQUEST,
      [
        ['k', 'ms-fe'],
        ['DIVERSION', '<sip:b@contoso.com>'],
      ],
    ],
    [
      REQUEST,
      [
        ['Diversion', '<sip:b@contoso.com>'],
        ['Ms-Mras-Address', 'sip:m@contoso.com'],
      ],
    ],
    [REQUEST, [['Ms-Exchange-Command', 'skip-pin']]],
  ]
  for (const [line, headers] of marked) {
    t.equal(replaced(line, ...headers)?.marks, marks.voicemail, `${line} ${headers.join()}`)
  }
})

void t.test('what is near a mark is none', async t => {
  const unmarked: readonly (readonly [string, readonly Header[]])[] = [
    ['INVITE sip:b@contoso.com;opaque=app:voicemailbox SIP/2.0', []],
    ['INVITE sip:b@contoso.com;xopaque=app:voicemail SIP/2.0', []],
    ['INVITE sip:b@contoso.com;opaque=app:conf:audio-video SIP/2.0', []],
    ['OPTIONS sip:b@contoso.com;opaque=app:voicemail SIP/2.0', []],
    ['INVITE sip:org@exap.um.outlook.com.fabrikam.com SIP/2.0', []],
    ['INVITE sip:org@my-exap.um.outlook.com SIP/2.0', []],
    ['INVITE sip:org@x.exap.um.outlook.com SIP/2.0', []],
    ['INVITE sip:org@exap.um.outlook.community SIP/2.0', []],
    [REQUEST, [['From', `<${VOICEMAIL_URI}>`]]],
    [REQUEST, [['Refer-To', `<${VOICEMAIL_URI}>`]]],
    [REQUEST, [['Diversion', '<sip:b@contoso.com>']]],
    [REQUEST, [['Supported', 'ms-fe']]],
    [REQUEST, [['Ms-Mras-Address', 'sip:m@contoso.com']]],
    [
      REQUEST,
      [
        ['Diversion', '<sip:b@contoso.com>'],
        ['Supported', 'x-ms-fed'],
      ],
    ],
    [
      REFER,
      [
        ['Diversion', '<sip:b@contoso.com>'],
        ['Supported', 'ms-fe'],
      ],
    ],
    [REQUEST, [['Ms-Exchange-Command', 'skip-pinning']]],
    [REQUEST, [['User-Agent', 'ExumRouting/6.0']]],
    [REQUEST, [['Server', 'ExumRouting/6.0']]],
    [REQUEST, [['ms-diagnostics', '15030;appName="ExumRouting"']]],
  ]
  for (const [line, headers] of unmarked) {
    t.equal(replaced(line, ...headers)?.marks, 0, `${line} ${headers.join()}`)
  }
})

void t.test(
  'a host of hosted voicemail is no mark in To, nor is the opaque of it in Route or Peer',

  async t => {
    t.equal(replaced(REQUEST, ['To', '<sip:org@exap.um.outlook.com>'])?.marks, 0, 'host in To')
    t.equal(replaced(REQUEST, ['Route', `<${VOICEMAIL_URI}>`])?.marks, 0, 'opaque in Route')
  },
)

void t.test('what answers an INVITE or a REFER can mark it too', async t => {
  const UM: readonly Header[] = [
    ['ms-diagnostics', '15030;reason="x";dialplan="Hosted__exap.um.outlook.com__org"'],
    ['ms-diagnostics-public', '15030;appName=ExumRouting'],
    ['Server', 'ExumRouting/6.0.9319.0'],
  ]
  for (const header of UM) {
    t.equal(response(500, 'INVITE', header)?.marks, marks.voicemail, header.join())
    t.equal(response(500, 'REFER', header)?.marks, marks.voicemail, header.join())
    t.equal(response(500, 'OPTIONS', header)?.marks, 0, header.join())
  }
  t.equal(response(500, 'INVITE', ['To', `<${VOICEMAIL_URI}>`])?.marks ?? 0, marks.voicemail)
  t.equal(response(500, 'INVITE', ['Server', 'RTC/6.0'])?.marks, 0)
  t.equal(response(500, 'INVITE', ['Peer', 'exap.um.outlook.com:5061'])?.marks, 0, 'no header is')
  t.equal(response(500, 'INVITE', ['ms-diagnostics', '1;dialplan="Hosted"'])?.marks, 0)
  t.equal(response(180, 'INVITE', ['Server', 'ExumRouting/6.0'])?.marks, 0, 'a 1xx never matters')
})

const NOTIFIER = '<sip:A410AA79-D874-4e56-9B46-709BDD0EB850>'

void t.test(
  'a missed-call notification is known by its sender, its media and its type',
  async t => {
    t.equal(replaced(REQUEST, ['From', NOTIFIER])?.marks, marks.notification)
    t.equal(replaced(REQUEST, ['f', NOTIFIER.toLowerCase()])?.marks, marks.notification)
    const sdp = 'v=0\r\nm=application 9 SIP *\r\n'
    t.equal(read(composed(REQUEST, BASE, sdp))?.marks, marks.notification)
    t.equal(read(composed(REQUEST, BASE, sdp.replace('9', '5060')))?.marks, 0)
    const type = 'application/ms-rtc-usernotification+xml'
    for (const name of ['Content-Type', 'content-type', 'c']) {
      const info = replaced('INFO sip:b@contoso.com SIP/2.0', ['CSeq', '2 INFO'], [name, type])
      t.equal(info?.marks, marks.notification, name)
    }
    t.equal(request(['Content-Type', type])?.marks, 0)
  },
)

void t.test(
  'each message of a notification is one, not its INVITE alone',

  async t => {
    t.equal(response(500, 'INVITE', ['From', NOTIFIER])?.marks, marks.notification)
    const bye = replaced('BYE sip:b@contoso.com SIP/2.0', ['From', NOTIFIER], ['CSeq', '2 BYE'])
    t.equal(bye?.marks, marks.notification)
  },
)

void t.test(
  'diagnostics are those of final failures and redirections, of all three names',
  async t => {
    const all = ['ms-diagnostics', 'Ms-Diagnostics-Public', 'ms-client-diagnostics'].map(
      (name, i) => [name, `${i};reason="x"`] as const,
    )
    const values = all.map(([, value]) => value)
    t.same(response(429, 'INVITE', ...all)?.diagnostics, values)
    t.same(response(302, 'INVITE', ...all)?.diagnostics, values)
    t.same(response(183, 'INVITE', ...all)?.diagnostics, [])
    t.same(response(200, 'INVITE', ...all)?.diagnostics, [])
    t.same(replaced('BYE sip:b@contoso.com SIP/2.0', ['CSeq', '2 BYE'], ...all)?.diagnostics, [])
  },
)

void t.test('diagnostics are bounded in number and length', async t => {
  const header = ['ms-diagnostics', `1;reason="${'x'.repeat(9000)}"`] as const
  const found =
    response(500, 'INVITE', ...Array.from({ length: 40 }, () => header))?.diagnostics ?? []
  t.equal(found.length, 16)
  t.ok(found.every(one => one.length === 4096))
})

void t.test('nothing of one message is left in the next', async t => {
  const headers = fc.subarray([
    ['Via', VIA],
    ['To', `<${VOICEMAIL_URI}>`],
    ['From', NOTIFIER],
    ['Call-ID', 'a'],
    ['CSeq', '7 INVITE'],
    ['Diversion', 'x'],
    ['Supported', 'ms-fe'],
    ['Peer', 'exap.um.outlook.com:5061'],
    ['ms-diagnostics', '15000;appName="ExumRouting"'],
    ['Server', 'ExumRouting/1'],
  ] as Header[])
  const line = fc.constantFrom(REQUEST, REFER, 'SIP/2.0 500 x', 'SIP/2.0 200 OK', 'nonsense')
  const texts = fc.array(
    fc.tuple(line, headers).map(([first, chosen]) => composed(first, chosen)),
    { minLength: 2, maxLength: 5 },
  )
  holds(
    t,
    fc.property(texts, all => {
      const reader = new SipReader()
      return all.every(text => JSON.stringify(read(text, reader)) === JSON.stringify(read(text)))
    }),
  )
})

void t.test('line ends may be LF, and headers end where the body begins', async t => {
  t.same(read(composed(REQUEST, BASE, '', '\n')), request())
  const smuggled = composed(REQUEST, BASE, `To: <${VOICEMAIL_URI}>\r\nVia: ${VIA}`)
  t.same(read(smuggled), request())
})

void t.test('a message is only what lies in its range', async t => {
  const before = composed('SIP/2.0 500 No', [
    ['ms-diagnostics', '1'],
    ['Via', VIA],
  ])
  const text = composed(REQUEST, BASE)
  const reader = new SipReader()
  reader.begin(before + text + before)
  t.ok(reader.raw(before.length, before.length + text.length))
  t.same(plain(reader.message), request())
})

void t.test(
  'tabs are as good as spaces, before a colon and in CSeq',

  async t => {
    const tabbed = BASE.map(([name, value]) => `${name}\t: ${value}`)
    t.same(read([REQUEST, ...tabbed, '', ''].join('\r\n')), request())
    t.equal(response(500, 'x', ['CSeq', '1\tINVITE'])?.method, 'INVITE')
  },
)

void t.test(
  'a parameter that only begins like branch is another',

  async t => {
    const via = 'SIP/2.0/TLS a;branch-x=no;branch=z9'
    t.equal(replaced(REQUEST, ['Via', via])?.branch, 'z9')
  },
)

void t.test(
  'empty lines before the start line are no harm',

  async t => {
    t.same(read(`\r\n\r\n${composed(REQUEST, BASE)}`), request())
  },
)
