import * as fc from 'fast-check'
import t from 'tap'
import {
  HttpReplyReader,
  type HttpReply,
  type HttpRequest,
  type ReadHttp,
  encodeHttpRequest,
  parseHttpDate,
  readHttpReply,
} from '../../src/protocol/http.js'

type Method = HttpRequest['method']

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const read = (text: string, method: Method = 'GET', ended = false): ReadHttp =>
  readHttpReply(bytesOf(text), method, ended)

const replyOf = (text: string, method: Method = 'GET', ended = false): HttpReply => {
  const result = read(text, method, ended)
  if (!result?.ok) throw new Error(result?.detail ?? 'not whole')
  return result.reply
}

const detailOf = (text: string, method: Method = 'GET', ended = false): string | undefined => {
  const result = read(text, method, ended)
  return result && !result.ok ? result.detail : undefined
}

const OK = 'HTTP/1.1 200 OK\r\n'

void t.test(
  'a request names its host and who asks, and has a length where it has a body',
  async t => {
    const head = textOf(encodeHttpRequest({ method: 'HEAD', path: '/a?b', host: 'edge:8080' }))
    t.equal(
      head,
      'HEAD /a?b HTTP/1.1\r\nHost: edge:8080\r\nUser-Agent: edgeclock\r\n' +
        'Accept-Encoding: identity\r\n\r\n',
    )
    const headers = [['Authorization', 'Negotiate x']] as const
    const post = { method: 'POST', path: '/', host: 'e', headers } as const
    t.match(
      textOf(encodeHttpRequest(post)),
      /\r\nAuthorization: Negotiate x\r\nContent-Length: 0\r\n\r\n$/,
    )
    const withBody = encodeHttpRequest({ ...post, body: bytesOf('\0\xff') })
    t.match(textOf(withBody), /\r\nContent-Length: 2\r\n\r\n\0\xff$/)
  },
)

void t.test('a reply ends where its framing says', async t => {
  for (const [rest, body, keepAlive] of [
    ['Content-Length: 3\r\n\r\nabc', 'abc', true],
    ['Content-Length: 3, 3\r\n\r\nabc', 'abc', true],
    ['content-length:0\r\n\r\n', '', true],
    ['Content-Length: 1\r\nConnection: x, Close\r\n\r\na', 'a', false],
    ['Content-Length: 1\r\n\r\nab', 'a', false],
    [
      'Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n',
      'abc0123456789',
      true,
    ],
    ['Transfer-Encoding: Chunked\r\n\r\n0\r\nDate: x\r\nB: c\r\n\r\n', '', true],
    ['Transfer-Encoding: chunked\n\n1\na\n0\n\n', 'a', true],
    ['Transfer-Encoding: chunked\r\n\r\n000000000001 \t;x\r\na\r\n0 \r\n\r\n', 'a', true],
    ['Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nx', '', false],
  ] as const) {
    const reply = replyOf(`${OK}${rest}`)
    t.equal(textOf(reply.body), body, rest)
    t.equal(reply.keepAlive, keepAlive, rest)
    t.equal(reply.status, 200)
  }
})

void t.test('a reply without a length goes on until the connection is closed', async t => {
  t.equal(read(`${OK}\r\nabc`), undefined)
  const { body, keepAlive } = replyOf(`${OK}\r\nabc`, 'GET', true)
  t.equal(textOf(body), 'abc')
  t.equal(keepAlive, false)
})

void t.test('what has no body has none, whatever its headers say', async t => {
  const lying = 'Content-Length: 5\r\nTransfer-Encoding: gzip\r\n\r\n'
  t.same(replyOf(`${OK}${lying}`, 'HEAD').body, new Uint8Array(0))
  t.same(replyOf(`HTTP/1.1 204 No Content\r\n${lying}`).body, new Uint8Array(0))
  t.equal(replyOf(`HTTP/1.1 304\r\n${lying}`).keepAlive, true)
  t.equal(replyOf(`${OK}${lying}body`, 'HEAD').keepAlive, false)
})

void t.test('a server of HTTP/1.0 keeps a connection only where it says so', async t => {
  const old = 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n'
  t.equal(replyOf(`${old}\r\n`).keepAlive, false)
  t.equal(replyOf(`${old}Connection: Keep-Alive\r\n\r\n`).keepAlive, true)
  const chunked =
    'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
  t.equal(replyOf(chunked).keepAlive, false)
})

void t.test('headers are found by their lower-case names, each value by itself', async t => {
  const head = 'DATE: a\r\nX:\t b c \t\r\nVary: d, e\r\ndate: f\r\n\tg\r\nEmpty:\r\n\r\n'
  const { headers, headBytes } = replyOf(`${OK}${head}`, 'HEAD')
  t.same(
    [...headers],
    [
      ['date', ['a', 'f g']],
      ['x', ['b c']],
      ['vary', ['d, e']],
      ['empty', ['']],
    ],
  )
  t.equal(headBytes, OK.length + head.length)
})

void t.test('interim replies are passed over', async t => {
  const text = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nDate: x\r\n\r\n${OK}Date: y\r\n\r\n`
  t.same(replyOf(text, 'HEAD').headers.get('date'), ['y'])
  t.equal(read('HTTP/1.1 100 Continue\r\n\r\n', 'HEAD'), undefined)
  t.match(detailOf('HTTP/1.1 101 Switching\r\n\r\n', 'HEAD'), /nobody asked/)
})

void t.test('what is no reply is known as soon as it is seen', async t => {
  for (const [text, why] of [
    ['S', /not HTTP/],
    ['SSH-2.0-OpenSSH_9\r\n', /not HTTP/],
    ['HTTP/2.0 200 OK\r\n', /not HTTP/],
    ['HTTP/1.2 200 OK\r\n\r\n', /status line/],
    ['HTTP/1.1 20 OK\r\n\r\n', /status line/],
    ['HTTP/1.1 2000\r\n\r\n', /status line/],
    ['HTTP/1.1 600 No\r\n\r\n', /status line/],
    [`${OK} Date: x\r\n\r\n`, /white space/],
    [`${OK}no header\r\n\r\n`, /no header/],
    [`${OK}Date : x\r\n\r\n`, /no header/],
    [`${OK}: x\r\n\r\n`, /no header/],
    [`${OK}A: b\rDate: x\r\n\r\n`, /control/],
    [`${OK}A: \0\r\n\r\n`, /control/],
    [`${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`, /both/],
    [`${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, /no length/],
    [`${OK}Content-Length: +1\r\n\r\n`, /no length/],
    [`${OK}Content-Length: ${'9'.repeat(16)}\r\n\r\n`, /no length/],
    [`${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`, /coding/],
    [`${OK}Transfer-Encoding: chunked\r\n\r\nx\r\n`, /without a size/],
    [`${OK}Transfer-Encoding: chunked\r\n\r\n-1\r\n`, /without a size/],
    [`${OK}Transfer-Encoding: chunked\r\n\r\n\r\n`, /without a size/],
    [`${OK}Transfer-Encoding: chunked\r\n\r\n1 x\r\n`, /without a size/],
    [`${OK}Transfer-Encoding: chunked\r\n\r\n1;a\rb\r\n`, /without a size/],
    [`${OK}Transfer-Encoding: chunked\r\n\r\n${'0'.repeat(13)}\r\n`, /without a size/],
    [`${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nabc`, /end where it says/],
    [`${OK}Transfer-Encoding: chunked\r\n\r\n${'0'.repeat(1024)}`, /line does not end/],
  ] as const) {
    t.match(detailOf(text), why, JSON.stringify(text))
  }
})

void t.test('a head has bounds, and so have trailers', async t => {
  const line = `A: ${'b'.repeat(997)}\r\n`
  t.match(detailOf(`${OK}${line.repeat(70)}`, 'HEAD'), /above 65536 bytes/)
  t.match(detailOf(`${OK}A: ${'b'.repeat(70_000)}`, 'HEAD'), /above 65536 bytes/)
  t.match(detailOf('HTTP/1.1 100 Continue\r\n\r\n'.repeat(3000), 'HEAD'), /above 65536 bytes/)
  t.equal(replyOf(`${OK}${'A: b\r\n'.repeat(256)}\r\n`, 'HEAD').headers.get('a')?.length, 256)
  t.match(detailOf(`${OK}${'A: b\r\n'.repeat(257)}`, 'HEAD'), /more than 256/)
  const chunked = `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n`
  t.match(detailOf(`${chunked}A: ${'b'.repeat(70_000)}`), /do not end/)
  t.match(detailOf(`${chunked}${'A: b\r\n'.repeat(300)}`), /more than 256/)
})

const REPLIES: readonly (readonly [string, Method])[] = [
  [`HTTP/1.1 100 C\r\n\r\n${OK}Date: x\r\nContent-Length: 4\r\n\r\n\r\n\r\n`, 'GET'],
  [
    `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0b\r\n01234\r\n6789\r\n0\r\nA: b\r\n\r\n`,
    'GET',
  ],
  [`${OK}Date: x\r\nContent-Length: 400\r\n\r\n`, 'HEAD'],
]

void t.test(
  'a reply cut short at any place is not whole, and one that ended there is none',
  async t => {
    for (const [text, method] of REPLIES) {
      t.ok(replyOf(text, method))
      for (let end = 0; end < text.length; end++) {
        t.equal(read(text.slice(0, end), method), undefined, `${end} bytes`)
        t.match(detailOf(text.slice(0, end), method, true), /closed within/)
      }
    }
  },
)

void t.test('a reply in pieces is the same as one in one piece', async () => {
  const text = fc.oneof(
    fc.constantFrom(...REPLIES.map(([one]) => one)),
    fc
      .string({ unit: 'binary-ascii' })
      .map(rest => `${OK}Transfer-Encoding: chunked\r\n\r\n${rest}`),
    fc.string({ unit: 'binary-ascii' }).map(rest => `${OK}${rest}\r\n\r\n`),
  )
  const method = fc.constantFrom<Method>('GET', 'HEAD')
  fc.assert(
    fc.property(text, method, fc.array(fc.nat(200)), (whole, asked, cuts) => {
      const bytes = bytesOf(whole)
      const reader = new HttpReplyReader(asked)
      const ends = cuts.filter(cut => cut < bytes.length).toSorted((a, b) => a - b)
      for (const end of ends) {
        const early = reader.read(bytes.subarray(0, end), false)
        // What is wrong is wrong from there on; what is whole before its end has another reply behind it.
        if (early) return early.ok || !readHttpReply(bytes, asked, false)?.ok
      }
      const inPieces = reader.read(bytes, true)
      return (
        JSON.stringify(told(inPieces)) === JSON.stringify(told(readHttpReply(bytes, asked, true)))
      )
    }),
    { numRuns: 2000 },
  )
})

const told = (result: ReadHttp) =>
  result?.ok ? { ...result.reply, headers: [...result.reply.headers] } : result

/** The shortest of some runs: what else this machine does only adds to it. */
const shortest = (run: () => void): number => {
  const times = Array.from({ length: 5 }, () => {
    const started = performance.now()
    run()
    return performance.now() - started
  })
  return Math.min(...times)
}

void t.test('a body in chunks of a byte costs little more than to look at its bytes', async t => {
  for (const chunk of ['1\r\na\r\n', '1 ;x\r\na\r\n', '1\na\n']) {
    const count = 100_000
    const head = `${OK}Transfer-Encoding: chunked\r\n\r\n`
    const bytes = bytesOf(`${head}${chunk.repeat(count)}0\r\n\r\n`)
    let seen = 0
    const looked = shortest(() => {
      for (const byte of bytes) if (byte === 0x0a) seen++
    })
    const took = shortest(() => {
      const whole = readHttpReply(bytes, 'GET', false)
      if (!whole?.ok || whole.reply.body.length !== count) t.fail('another body')
    })
    t.ok(seen > 0 && took < 40 * looked, `${took.toFixed(1)} ms, and ${looked.toFixed(1)} ms`)
  }
})

void t.test('no bytes are thrown at', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, ended) => {
      readHttpReply(noise, 'GET', ended)
      readHttpReply(Buffer.concat([bytesOf(OK), noise]), 'GET', ended)
      readHttpReply(
        Buffer.concat([bytesOf(`${OK}Transfer-Encoding: chunked\r\n\r\n`), noise]),
        'GET',
        ended,
      )
    }),
  )
})

const SECOND = 1_000_000_000n
const secondsOf = (text: string): bigint | undefined => {
  const stamp = parseHttpDate(text)
  return stamp === undefined ? undefined : stamp / SECOND
}

void t.test('a date is read in each of its three forms', async t => {
  for (const text of [
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
  ])
    t.equal(parseHttpDate(text), 784_111_777n * SECOND, text)
  t.equal(secondsOf('Thu, 01 Jan 1970 00:00:00 GMT'), 0n)
  t.equal(secondsOf('Wed, 31 Dec 1969 23:59:59 GMT'), -1n)
  t.equal(secondsOf('Wed Dec 31 23:59:59 1969'), -1n)
})

void t.test('a year of two digits is one from 1970 to 2069', async t => {
  t.equal(parseHttpDate('Thursday, 01-Jan-70 00:00:00 GMT'), 0n)
  t.equal(secondsOf('Tuesday, 31-Dec-69 23:59:59 GMT'), 3_155_759_999n)
  t.equal(parseHttpDate('Wednesday, 31-Dec-69 23:59:59 GMT'), undefined, 'that day was in 1969')
})

void t.test('what is no date, or not on its day of the week, is refused', async t => {
  for (const text of [
    '',
    '0',
    'Sat, 06 Nov 1994 08:49:37 GMT',
    'Monday, 06-Nov-94 08:49:37 GMT',
    'Mon Nov  6 08:49:37 1994',
    'Sun, 06 Nov 1994 08:49:60 GMT',
    'Sun, 06 Nov 1994 08:60:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Thu, 31 Nov 1994 08:49:37 GMT',
    'Wed, 29 Feb 1995 08:49:37 GMT',
    'Mon, 29 Feb 2100 08:49:37 GMT',
    'sun, 06 nov 1994 08:49:37 gmt',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-1994 08:49:37 GMT',
    'Sun Nov 006 08:49:37 1994',
    ' Sun, 06 Nov 1994 08:49:37 GMT',
  ])
    t.equal(parseHttpDate(text), undefined, text)
})

void t.test('every second from the year 1000 to 9999 is read as it was written', async () => {
  const least = Date.UTC(1000, 0, 1) / 1000
  const most = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000
  fc.assert(
    fc.property(fc.integer({ min: least, max: most }), second => {
      const text = new Date(second * 1000).toUTCString()
      const [weekday = '', day = '', month = '', year = '', clock = ''] = text.split(/[ ,]+/)
      const asctime = `${weekday} ${month} ${day.replace(/^0/, ' ')} ${clock} ${year}`
      return secondsOf(text) === BigInt(second) && secondsOf(asctime) === BigInt(second)
    }),
  )
})
