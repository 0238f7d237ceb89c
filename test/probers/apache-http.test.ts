import { type Test, test } from 'tap'
import { type Module, builtInModules } from '../../src/config/modules.js'
import type { ProbeSession } from '../../src/probers/prober.js'
import { nodePlatform } from '../../src/net/node-platform.js'
import { http } from '../../src/probers/http.js'
import { contains, halfWidth } from '../../src/time/interval.js'
import { type DurationNs, milliseconds, seconds } from '../../src/time/units.js'
import { type Apache, startApache } from '../peers/apache.js'
import { offsetSeconds } from '../peers/faketime.js'
import { skipUnless } from '../peers/peer.js'
import { outcomeOf } from './one-reading.js'
import { shiftOf } from './winrm-reading.js'

const NARROW = milliseconds(20)
const MAX_REQUESTS = 14
/** A reading may be held up by others on this machine: then all is begun anew. */
const TRIES = 3

const moduleOf = (options: Partial<Module<'http'>>): Module<'http'> => {
  const module = builtInModules().find(one => one.kind === 'http')
  if (module?.kind !== 'http') throw new Error('http is no module')
  return { ...module, ...options }
}

const open = (options: Partial<Module<'http'>>): ProbeSession =>
  http.open(nodePlatform(), { host: '127.0.0.1', module: moduleOf(options) })

const requestsTo = async (apache: Apache): Promise<number> =>
  (await apache.accessLog()).filter(line => line.includes('"HEAD / ')).length

/** The half-width of one reading, which holds the truth whatever else. */
const readingOf = async (t: Test, session: ProbeSession, truth: DurationNs) => {
  const result = await session.read(new AbortController().signal)
  if (!result.ok) throw new Error(outcomeOf(result))
  const shift = shiftOf(result)
  t.ok(contains(shift, truth), `${shift.lo} to ${shift.hi} holds ${truth}`)
  return halfWidth(shift)
}

/** Whether a session's readings came to 20 ms within 14 requests, all of them together. */
const isNarrowed = async (t: Test, apache: Apache, truth: DurationNs): Promise<boolean> => {
  const session = open({ port: apache.port, staleness: milliseconds(0) })
  const before = await requestsTo(apache)
  try {
    for (;;) {
      const half = await readingOf(t, session, truth)
      const requests = (await requestsTo(apache)) - before
      if (requests > MAX_REQUESTS) return false
      if (half > NARROW) continue
      t.comment(`${Number(half) / 1e6} ms after ${requests} requests`)
      return true
    }
  } finally {
    session.close()
  }
}

const OFFSETS = ['-6h', '+90.5', '+0.4']

void test("Apache's Date is read to 20 ms by 14 requests, wherever its clock is", async t => {
  if (skipUnless(t, 'apache2', 'mod-auth-gssapi', 'gss-ntlmssp', 'libfaketime')) return
  const readOne = async (offset: string): Promise<void> => {
    const apache = await startApache(t, { offset })
    const truth = seconds(offsetSeconds(offset))
    let narrowed = false
    for (let tries = 0; !narrowed && tries < TRIES; tries++) {
      narrowed = await isNarrowed(t, apache, truth)
    }
    t.ok(narrowed, offset)
  }
  await Promise.all(OFFSETS.map(readOne))
})

void test('by default a Date may be a second old, and half a second is what is left', async t => {
  if (skipUnless(t, 'apache2', 'mod-auth-gssapi', 'gss-ntlmssp', 'libfaketime')) return
  const { port } = await startApache(t, { offset: '+90.5' })
  const session = open({ port })
  try {
    let half = await readingOf(t, session, seconds(90.5))
    for (let more = 0; half > milliseconds(560) && more < 3; more++) {
      half = await readingOf(t, session, seconds(90.5))
    }
    t.ok(half >= milliseconds(500) && half <= milliseconds(560), `${half} ns`)
  } finally {
    session.close()
  }
})
