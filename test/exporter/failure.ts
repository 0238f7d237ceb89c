import { mulberry32, traceRecord } from '../../src/demo/trace-text.js'
import { unixNs } from '../../src/time/units.js'

const START = 1_772_429_400_000_000_000n
let calls = 0

/** A request that failed with 404, as FE1 traced it; another one each time. */
export const failure = (): string => {
  const callId = `reload-${calls++}@contoso.com`
  const random = mulberry32(calls)
  const head = {
    layout: 3 as const,
    pool: 'fepool1',
    server: 'FE1',
    at: unixNs(START + BigInt(calls) * 1_000_000_000n),
    process: 1,
    thread: 1,
    sequence: calls,
    correlation: Math.floor(random() * 1e9),
    instance: calls,
  }
  const headers = [
    ['Via', `SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK${calls}`],
    ['Call-ID', callId],
    ['CSeq', '1 MESSAGE'],
  ] as const
  const message = { startLine: 'SIP/2.0 404 Not Found', headers, body: '' }
  return traceRecord({ ...head, direction: 'outgoing', message })
}
