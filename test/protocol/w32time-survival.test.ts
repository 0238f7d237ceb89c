import t from 'tap'
import type { ServiceTrigger, W32TimeSettings } from '../../src/protocol/w32time-settings.js'
import { survivalProblem, survives } from '../../src/protocol/w32time.js'

const start = (on: ServiceTrigger['on']): ServiceTrigger => ({ action: 'start', on })
const stop = (on: ServiceTrigger['on']): ServiceTrigger => ({ action: 'stop', on })
const DOMAIN = [start('domain'), stop('domain')]
const NETWORK = [start('network'), stop('network')]

const verdict = (settings: Partial<W32TimeSettings>) => {
  const whole: W32TimeSettings = { startType: 'automatic', triggers: [], servers: [], ...settings }
  return [survives(whole), survivalProblem(whole)]
}
const SURVIVES = [true, undefined]
const UNKNOWN = [undefined, undefined]

void t.test('without triggers the start type decides', async t => {
  t.same(verdict({}), SURVIVES)
  t.same(verdict({ startType: 'manual' }), [false, 'manual'])
  t.same(verdict({ startType: 'disabled' }), [false, 'disabled'])
  const unknown: W32TimeSettings = { triggers: [], servers: [] }
  t.equal(survives(unknown), undefined)
  t.equal(survivalProblem(unknown), undefined)
})

void t.test('with the domain trigger it survives on a member of a domain only', async t => {
  for (const startType of ['automatic', 'manual'] as const) {
    for (const triggers of [DOMAIN, [stop('domain')]]) {
      const settings = { triggers, startType }
      t.same(verdict({ ...settings, domainMember: false }), [false, 'domain_trigger'])
      t.same(verdict(settings), UNKNOWN)
    }
  }
  t.same(verdict({ triggers: DOMAIN, domainMember: true }), SURVIVES)
  t.same(verdict({ triggers: DOMAIN, domainMember: true, startType: 'manual' }), SURVIVES)
  t.same(verdict({ triggers: DOMAIN, domainMember: false, startType: 'disabled' }), [
    false,
    'disabled',
  ])
  const joined = { triggers: [stop('domain')], domainMember: true, startType: 'manual' } as const
  t.same(verdict(joined), [false, 'manual'])
})

void t.test('outside a domain, a trigger that only starts it there stops nothing', async t => {
  const triggers = [start('domain')]
  t.same(verdict({ triggers, domainMember: false }), UNKNOWN)
  t.same(verdict({ triggers, domainMember: false, startType: 'manual' }), [false, 'manual'])
  t.same(verdict({ triggers }), UNKNOWN)
  t.same(verdict({ triggers, startType: 'manual' }), UNKNOWN)
  t.same(verdict({ triggers, domainMember: true, startType: 'manual' }), SURVIVES)
})

void t.test('with the network trigger it survives, whatever its start type', async t => {
  t.same(verdict({ triggers: NETWORK }), SURVIVES)
  t.same(verdict({ triggers: NETWORK, startType: 'manual' }), SURVIVES)
  t.same(verdict({ triggers: [start('network'), start('domain')], domainMember: false }), SURVIVES)
  t.same(verdict({ triggers: NETWORK, startType: 'disabled' }), [false, 'disabled'])
})

void t.test('what starts and stops it at odds is not guessed', async t => {
  const both = [...NETWORK, ...DOMAIN]
  t.same(verdict({ triggers: both, domainMember: false }), UNKNOWN)
  t.same(verdict({ triggers: both }), UNKNOWN)
  t.same(verdict({ triggers: both, domainMember: true }), SURVIVES)
  t.same(verdict({ triggers: [stop('network')] }), UNKNOWN)
  t.same(verdict({ triggers: [stop('other')] }), UNKNOWN)
  t.same(verdict({ triggers: [start('other')], startType: 'manual' }), UNKNOWN)
  t.same(verdict({ triggers: [start('other')] }), SURVIVES)
  for (const startType of ['automatic', 'manual'] as const)
    for (const domain of [DOMAIN, [start('domain')]])
      t.same(
        verdict({ triggers: [...domain, start('other')], startType, domainMember: false }),
        UNKNOWN,
      )
})

void t.test('where triggers may be missing, only what is disabled is told', async t => {
  for (const triggers of [[], DOMAIN, NETWORK]) {
    t.same(verdict({ triggers, triggersIncomplete: true, domainMember: false }), UNKNOWN)
  }
  t.same(verdict({ triggersIncomplete: true, startType: 'disabled' }), [false, 'disabled'])
})
