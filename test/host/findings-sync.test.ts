import t from 'tap'
import {
  right,
  behind,
  windows,
  linux,
  without,
  summary,
  found,
  RESYNC,
  CHRONY,
  neverSynchronized,
} from './machines.js'

void t.test(
  'never synchronised: its servers are looked at, and its counter is not believed',
  async t => {
    const input = windows({ facts: neverSynchronized })
    t.same(summary(input), ['warning never-synchronised'])
    const { why, repair } = found(input, 'never-synchronised')
    t.match(why, 'source ("Local CMOS Clock")')
    t.match(why, 'counts from the start of the service')
    t.same(repair, ['w32tm /stripchart /computer:ntp1.contoso.com /samples:5 /dataonly', ...RESYNC])
    t.same(summary(windows({ facts: neverSynchronized, input: { offset: behind(90) } })), [
      'critical clock-off',
      'critical never-synchronised',
    ])
  },
)

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
  t.same(found(tooBig, 'change-too-big').repair, [
    'w32tm /stripchart /computer:ntp1.contoso.com /samples:5 /dataonly',
    `powershell -Command "Set-Date -Date 'YYYY-MM-DD HH:MM:SS'"`,
    ...RESYNC,
  ])
  t.match(found(byError(3, behind(60_000)), 'change-too-big').repair[0], 'FromSeconds(60000)')
  const unsure = byError(3, { offset: 4, error: 3 })
  t.same(found(unsure, 'change-too-big').repair, found(tooBig, 'change-too-big').repair)
  t.same(
    found(byError(3), 'change-too-big').repair,
    ['w32tm /stripchart /computer:ntp1.contoso.com /samples:5 /dataonly', ...RESYNC],
    'a clock that is right is not set',
  )
})
