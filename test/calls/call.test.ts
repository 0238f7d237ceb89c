import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import t from 'tap'
import { Call, Request, isFailure, outcomeOf } from '../../src/calls/call.js'
import { restoreCall, saveCall } from '../../src/calls/call-state.js'
import { holds } from '../time/holds.js'
import { type Said, callSoup, message } from './says.js'

const SKEWED = '1020;HRESULT="0xC3E93EE0(SIP_E_CRYPT_REFERRER_DATE_SKEWED)"'

const answered = (...responses: readonly Said[]): Request => {
  const request = new Request(1, 'INVITE')
  for (const one of responses) request.answer(message(one), one.server ?? '')
  return request
}

/** Both orders give the same. */
const both = (t: Tap, first: Said, second: Said, wanted: object): void => {
  t.match(answered(first, second), wanted)
  t.match(answered(second, first), wanted, 'the other way round')
}
type Tap = Pick<typeof t, 'match'>

void t.test('the response with the fewest Vias is decisive', async t => {
  both(t, { status: 503, vias: 3 }, { status: 200, vias: 2 }, { status: 200, vias: 2 })
  both(t, { status: 200, vias: 3 }, { status: 503, vias: 2 }, { status: 503, vias: 2 })
  both(t, { status: 486, vias: 1 }, { status: 200, vias: 0 }, { status: 486, vias: 1 })
})

void t.test(
  'of equally near responses 2xx, then 6xx, then 487, then the lowest decides',
  async t => {
    const order = [200, 603, 487, 302, 404, 503]
    for (const [i, status] of order.entries()) {
      for (const later of order.slice(i + 1)) both(t, { status }, { status: later }, { status })
    }
  },
)

void t.test(
  'the best evidence is told: the root cause, then the origin, then the sender',
  async t => {
    const evidence = (wanted: object) => ({ evidence: wanted })
    const plain: Said = { status: 500, vias: 2, direction: 'incoming', server: 'b' }
    both(
      t,
      { ...plain, diagnostics: ['15030'] },
      { ...plain, status: 429, vias: 1, diagnostics: [SKEWED] },
      evidence({ cause: 'clock_skew', status: 429 }),
    )
    both(t, plain, { ...plain, vias: 3, status: 503 }, evidence({ status: 503, vias: 3 }))
    both(t, plain, { ...plain, direction: '' }, evidence({ direction: '' }))
    both(
      t,
      { ...plain, direction: '' },
      { ...plain, direction: 'outgoing' },
      evidence({ direction: 'outgoing' }),
    )
    both(t, plain, { ...plain, status: 501 }, evidence({ status: 500 }))
    both(t, plain, { ...plain, server: 'a' }, evidence({ server: 'a' }))
    both(t, { ...plain, vias: 0 }, plain, evidence({ vias: 2 }))
  },
)

void t.test('neither a 487 nor a redirection is evidence of a failure', async t => {
  t.equal(answered({ status: 487 }, { status: 302 }, { status: 200 }).evidence, undefined)
  for (const [status, failure] of [
    [399, false],
    [400, true],
    [487, false],
    [699, true],
  ] as const) {
    t.equal(isFailure(status), failure, String(status))
  }
})

void t.test('a request is decided when its nearest server has told the caller', async t => {
  const request = answered({ status: 503, vias: 3 })
  t.ok(request.decided, 'nothing is known of the request')
  request.sentVias = 2
  t.notOk(request.decided, 'a proxy may try others')
  request.answer(message({ status: 486, vias: 2 }), '')
  t.ok(request.decided)
  t.notOk(new Request(1, 'INVITE').decided)
})

const inviteWith = (call: Call, cseq: number, status: number, voicemail = true): Request => {
  const request = call.request(cseq, 'INVITE')
  if (!request) throw new Error('too many requests')
  request.voicemail = voicemail
  if (status > 0) request.answer(message({ status, cseq }), 'edge01')
  return request
}
const callOf = (...statuses: readonly number[]): Call => {
  const call = new Call()
  for (const [i, status] of statuses.entries()) inviteWith(call, i + 1, status)
  return call
}
const outcome = (call: Call) => outcomeOf(call, call.voicemailRequests())

void t.test('an outcome is that of the last INVITE, unless one was answered', async t => {
  const cases = [
    [[200], 'answered'],
    [[200, 503], 'answered'],
    [[401, 200], 'answered'],
    [[503], 'failed'],
    [[401, 503], 'failed'],
    [[407], 'failed'],
    [[503, 487], 'abandoned'],
    [[487], 'abandoned'],
    [[487, 503], 'failed'],
    [[302, 503], 'failed'],
    [[302, 487], 'abandoned'],
    [[503, 0], 'failed'],
    [[302], undefined],
    [[503, 302], undefined],
    [[401, 0], undefined],
    [[302, 0], undefined],
    [[0], undefined],
  ] as const
  for (const [statuses, wanted] of cases) {
    t.equal(outcome(callOf(...statuses))?.outcome, wanted, statuses.join())
  }
})

void t.test('without a final response a CANCEL tells that the call was abandoned', async t => {
  const call = callOf(0)
  for (const one of call.requests) one.cancelled = true
  t.same(outcome(call), { outcome: 'abandoned' })
  t.equal(outcomeOf(callOf(503), callOf(503).requests)?.outcome, 'failed')
})

void t.test('a failed call has the best evidence of all its failed requests', async t => {
  const call = callOf(503)
  const second = inviteWith(call, 2, 0)
  second.answer(message({ status: 429, cseq: 2, diagnostics: [SKEWED] }), 'fe1')
  inviteWith(call, 3, 500)
  t.match(outcome(call), { outcome: 'failed', failure: { status: 429, cause: 'clock_skew' } })
  const challenged = callOf(401, 503)
  t.match(outcome(challenged)?.failure, { status: 503 }, 'an answered challenge is no evidence')
})

void t.test(
  'INVITEs decide a voicemail call if one is marked, else REFERs, and no notification does',
  async t => {
    const call = new Call()
    const refer = call.request(2, 'REFER')
    t.same(call.voicemailRequests(), [])
    if (refer) refer.voicemail = true
    inviteWith(call, 1, 200, false)
    t.same(call.voicemailRequests(), [refer])
    const marked = inviteWith(call, 3, 0)
    t.same(
      call.voicemailRequests().map(one => one.cseq),
      [1, 3],
      'all of them, if one is marked',
    )
    t.equal(call.voicemailRequests()[1], marked)
    call.notification = true
    t.same(call.voicemailRequests(), [])
  },
)

void t.test('a challenge that was answered is no failure, one that was not is', async t => {
  const call = callOf(401)
  const [first] = call.requests
  if (!first) return t.fail('no request')
  t.match(call.failureOf(first), { status: 401, cause: 'authentication' })
  call.request(2, 'REFER')
  t.ok(call.failureOf(first), 'another method does not answer it')
  call.request(2, 'INVITE')
  t.equal(call.failureOf(first), undefined)
})

void t.test(
  "a server's own diagnosis makes a failure one of clocks, and none of a success",
  async t => {
    const call = callOf(429, 200)
    for (const one of call.requests) one.clockSkew = true
    t.same(
      call.requests.map(one => call.failureOf(one)?.cause),
      ['clock_skew', undefined],
    )
  },
)

void t.test('a call has a bounded number of requests', async t => {
  const call = new Call()
  for (let cseq = 0; cseq < 1000; cseq++) call.request(cseq, 'INVITE')
  t.equal(call.requests.length, 64)
  t.ok(call.request(63, 'INVITE'))
  t.equal(call.request(64, 'INVITE'), undefined)
})

void t.test('a call waits for what can still come', async t => {
  t.match(callOf(0), { isPending: true, isExpectingMore: false })
  t.match(callOf(200), { isPending: false, isExpectingMore: false })
  t.match(callOf(401), { isPending: false, isExpectingMore: true })
  t.match(callOf(302), { isPending: false, isExpectingMore: true })
  t.match(callOf(401, 200), { isPending: false, isExpectingMore: false })
  const cancelled = callOf(0)
  for (const one of cancelled.requests) one.cancelled = true
  t.match(cancelled, { isPending: false, isExpectingMore: true }, 'for the 487')
})

void t.test('what is saved of a call is restored', async t => {
  holds(
    t,
    fc.property(fc.array(callSoup, { maxLength: 10 }), all => {
      const call = new Call()
      for (const said of all) {
        const request = call.request(said.cseq ?? 1, said.method ?? 'INVITE')
        if (!request) continue
        if (said.status) request.answer(message(said), said.server ?? '')
        else request.sentVias = said.vias ?? 1
        call.mark(message(said), request)
        request.cancelled = said.method === 'CANCEL'
        request.clockSkew = said.vias === 3
      }
      const saved = JSON.parse(JSON.stringify(saveCall(5, call))) as ReturnType<typeof saveCall>
      const [key, restored] = restoreCall(saved)
      return key === 5 && isDeepStrictEqual(restored, call)
    }),
  )
})
