import { type Case, alertNamed } from './firing.js'
import { skewBreaksCases } from './firing-skew.js'
import { POOL, byMonitor, edge02, outcome, source, traces } from './healthy.js'
import { HOUR, MINUTE, during, set } from './world.js'

const T = 30 * MINUTE
const OF_POOL = 'edgeclock-calls?var-pool=edgepool1'
const warning = { severity: 'warning', component: 'calls' }

const ratio = alertNamed({
  alert: 'EdgeclockUmFailureRatio',
  labels: warning,
  summary: 'Many calls to voicemail fail.',
  dashboard: OF_POOL,
})

const trace = alertNamed({
  alert: 'EdgeclockTraceClocksDisagree',
  labels: warning,
  summary: "By their traces, two servers' clocks differ.",
  dashboard: `${OF_POOL}&var-server=edge02`,
})

const stalled = alertNamed({
  alert: 'EdgeclockCallSourceStalled',
  labels: warning,
  summary: 'A source of calls is not read.',
  dashboard: 'edgeclock-calls',
})
const stalledAlert = stalled.says(
  source,
  'The source trace:/var/log/cls/*.log of the exporter monitor:10429 is not read, so failed calls go unseen: look for its name in the log of edgeclock there (`docker compose logs edgeclock`, or that of its service), which tells why, and see that the file or port is there and edgeclock may read it.',
)

const durable = alertNamed({
  alert: 'EdgeclockCallStateNotDurable',
  labels: warning,
  summary: 'The counts of calls cannot be written, and stand still.',
  dashboard: 'edgeclock-calls',
})

const otherCases: readonly Case[] = [
  {
    alert: ratio.alert,
    what: '20 of 80 calls',
    changes: [
      // 60 are answered in half an hour.
      set('edgeclock_um_calls_total', outcome('failed'), s => (s < T ? 70 : 90)),
    ],
    fires: [
      [
        T + 5 * MINUTE,
        [
          ratio.says(
            { pool: POOL },
            '25% of the calls to voicemail in pool edgepool1 failed within 30 minutes: the dashboard shows by which cause; `edgeclock explain` with the traces of that time tells where.',
          ),
        ],
      ],
    ],
    quiet: [T + 4 * MINUTE, T + 31 * MINUTE],
  },
  ...(
    [
      [-21_600, '6h behind'],
      [9, '9s ahead of'],
    ] as const
  ).map(([seconds, off]) => ({
    alert: trace.alert,
    what: `two servers of which one is ${off} the other`,
    changes: [during('edgeclock_trace_offset_seconds', traces, [T, T + HOUR], seconds)],
    fires: [
      [
        T + 5 * MINUTE,
        [
          trace.says(
            { ...edge02, peer: 'fe1' },
            `By their traces the clock of edge02 in pool edgepool1 is ${off} that of fe1: on the one whose clock is wrong run \`w32tm /resync /rediscover\` in an administrator's console.`,
          ),
        ],
      ],
    ] as const,
    quiet: [T + 4 * MINUTE, T + HOUR],
  })),
  {
    alert: stalled.alert,
    what: 'a source that cannot be read',
    changes: [during('edgeclock_call_source_up', source, [T, T + HOUR], 0)],
    fires: [[T + 5 * MINUTE, [stalledAlert]]],
    quiet: [T + 4 * MINUTE, T + HOUR],
  },
  {
    alert: stalled.alert,
    what: 'a source that is said to be up, and of which nothing is read any more',
    changes: [
      during('edgeclock_call_source_lag_bytes', source, [T, T + HOUR], s => 100_000 + s),
      during('edgeclock_call_source_read_bytes_total', source, [T, T + HOUR], 1e9),
    ],
    fires: [[T + 21 * MINUTE, [stalledAlert]]],
    quiet: [T + 19 * MINUTE, T + HOUR],
  },
  {
    alert: durable.alert,
    what: 'a state that cannot be written',
    changes: [during('edgeclock_call_state_durable', byMonitor, [T, T + HOUR], 0)],
    fires: [
      [
        T + 5 * MINUTE,
        [
          durable.says(
            byMonitor,
            'The exporter monitor:10429 cannot write its state, so its counts of calls stand still: make room in its `calls.state_directory` (`df -h`, on Windows `Get-PSDrive`) and see that edgeclock may write there.',
          ),
        ],
      ],
    ],
    quiet: [T + 4 * MINUTE, T + HOUR],
  },
]

export const callCases: readonly Case[] = [...skewBreaksCases, ...otherCases]
