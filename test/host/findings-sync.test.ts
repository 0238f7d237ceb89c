import t from 'tap'
import type { DoctorInput } from '../../src/host/finding.js'
import {
  right,
  behind,
  windows,
  linux,
  without,
  summary,
  found,
  RESYNC,
  MEASURED,
  CHRONY,
  neverSynchronized,
} from './machines.js'

/** All that the service says is that it never did. */
const withoutStamp = (input: DoctorInput): DoctorInput => ({
  ...input,
  reading: { ...input.reading, facts: without(input.reading.facts, 'lastSyncTimestamp') },
})

void t.test(
  'never synchronised: its servers are looked at, and its counter is not believed',
  async t => {
    const input = withoutStamp(windows({ facts: neverSynchronized }))
    t.same(summary(input), ['warning never-synchronised'])
    const { why, repair } = found(input, 'never-synchronised')
    t.match(why, 'runs, and says that it never did so.')
    t.match(why, 'source ("Local CMOS Clock")')
    t.match(why, 'counts from the start of the service')
    t.same(repair, ['w32tm /stripchart /computer:ntp1.contoso.com /samples:5 /dataonly', ...RESYNC])
    t.same(summary(windows({ facts: neverSynchronized, input: { offset: behind(90) } })), [
      'critical clock-off',
      'critical never-synchronised',
    ])
  },
)

void t.test('a synchronisation from before the boot is told of', async t => {
  const { why } = found(windows({ facts: neverSynchronized }), 'never-synchronised')
  t.match(
    why,
    /^Its last synchronisation was at 2026-03-08 20:00:00 UTC, before the machine started\./,
  )
  t.notMatch(why, 'never did so')
})

void t.test('a service that was synchronised and is not any more', async t => {
  const facts = { synchronized: false, lastSyncTimestamp: 1_773_000_000 }
  const input = linux({ facts })
  t.same(summary(input), ['warning not-synchronised'])
  t.match(found(input, 'not-synchronised').why, 'It last was at 2026-03-08 20:00:00 UTC')
  t.same(found(input, 'not-synchronised').repair, ['chronyc -n sources', ...CHRONY])
  t.same(summary(linux({ facts: without(facts, 'synchronized') })), [])
})

void t.test('what the last synchronisation failed for has its name', async t => {
  const byError = (lastSyncError: number, offset = right) =>
    windows({ facts: { lastSyncError }, input: { offset } })
  for (const [error, expected] of [
    [0, []],
    [1, ['warning no-time-data']],
    [2, ['warning stale-time-data']],
    [3, ['warning change-too-big']],
    [4, ['notice service-shut-down']],
    [17, ['warning sync-error']],
  ] as const) {
    t.same(summary(byError(error)), expected)
  }
  t.match(found(byError(17), 'sync-error').what, 'error 17')
  t.match(found(byError(1), 'no-time-data').why, 'UDP port 123')
  const tooBig = without(byError(3), 'offset')
  t.same(summary(tooBig), ['critical change-too-big', 'notice clock-unknown'])
  t.same(found(tooBig, 'change-too-big').repair, MEASURED)
  t.match(found(byError(3, behind(60_000)), 'change-too-big').repair[0], 'FromSeconds(60000)')
  const unsure = { offset: { offset: 4, error: 3 } }
  const narrow = { lastSyncError: 3, correctionLimits: { ahead: 5, back: 5 } }
  t.same(found(windows({ facts: narrow, input: unsure }), 'change-too-big').repair, MEASURED)
  const within = byError(3, unsure.offset)
  t.same(found(within, 'change-too-big').repair, RESYNC, 'it is surely within the limits')
  t.same(found(byError(3), 'change-too-big').repair, RESYNC, 'a clock that is right is not set')
})
