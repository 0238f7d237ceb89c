import { pageFacts, readExporterPage } from '../../src/protocol/exporter-page.js'
import { isExposition, parseSample, printedTime } from '../../src/protocol/exposition-text.js'
import { goFloat, windowsPage } from '../peers/windows-exporter.js'
import type { Kind } from './kinds.js'

const check = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

const NOW = 1_795_408_702_300_000_000n
/** 2200-01-01, which no clock says any more. */
const LATEST = 7_258_118_400n * 1_000_000_000n

const NODE_PAGE = [
  '# HELP node_time_seconds System time in seconds since epoch (1970).',
  '# TYPE node_time_seconds gauge',
  'node_time_seconds 1.7954087021716702e+09',
  'node_boot_time_seconds 1.795362237e+09',
  'node_timex_sync_status 1',
  'node_uname_info{nodename="a\\"b\\\\c\\n",release="6.1"} 1 1795408702171',
  '# EOF',
  '',
].join('\n')

const pages = [
  NODE_PAGE,
  windowsPage({ generation: 'wmi', state: 'stopped' }, NOW),
  windowsPage({ generation: 'os', startMode: 'disabled' }, NOW),
  windowsPage({ generation: 'time', boot: 963_386.25 }, NOW),
]

const numbers = ['1795408702', '1795408702.25', goFloat(1_795_408_700), '1.7e+09', '+Inf', 'NaN']

const readPage = (page: Uint8Array): void => {
  const { bootTimestamp = 1e9, survivesReboot, synchronizedSinceBoot } = pageFacts(page)
  check(bootTimestamp >= 946_684_800 && bootTimestamp < 7.3e9, `it started at ${bootTimestamp}`)
  check(survivesReboot !== true && synchronizedSinceBoot === undefined, 'a fact that no page tells')
  const read = readExporterPage(page)
  if (!read.ok) return check(read.detail.length < 200, 'a long detail')
  const { stamp, resolution, printed, kind, series } = read.clock
  check(isExposition(page), 'a clock on no page')
  check(kind.clocks.includes(series), `${series} is no clock`)
  check(stamp >= 0n && stamp < LATEST, `a clock at ${stamp}`)
  check(resolution >= 1000n, `a clock to ${resolution} ns`)
  check(Number(printed) >= 0, `a clock from ${printed}`)
}

/** Pages of windows_exporter and node_exporter, and the numbers on them. */
export const exporterKinds: Readonly<Record<string, Kind>> = {
  metricspage: { valid: pages, run: input => readPage(Buffer.from(input, 'latin1')) },
  printedtime: {
    valid: numbers,
    run: input => {
      parseSample(`up ${input}`)
      const time = printedTime(input)
      if (!time) return
      const { stamp, resolution } = time
      const seconds = Number(input)
      // Both are rounded here, to a few of 2^-53.
      const slack = 1e-6 + seconds * 1e-12
      check(Number(stamp) / 1e9 <= seconds + slack, `${stamp} is after ${input}`)
      check(Number(stamp + resolution) / 1e9 >= seconds - slack, `${stamp} is before ${input}`)
    },
  },
}
