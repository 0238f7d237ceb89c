import type { FailureFindings, Findings, SipFailureFindings } from './findings.js'
import { listed } from '../../text.js'
import { describeClock, serversNamed } from './names.js'

/** Rows of a table for a person; JSON has them all. */
const MAX_ROWS = 30

/** The figures that the words rest on. */
export const tables = (findings: Findings): readonly string[] => {
  const { voicemail_calls: ended, events } = findings
  return [
    '',
    ...(findings.evicted_calls > 0
      ? [
          `${findings.evicted_calls} calls were counted before their end: too many were open at once. The figures may be off by as many.`,
        ]
      : []),
    `Voicemail calls: ${ended.answered} answered, ${ended.failed} failed, ${ended.abandoned} abandoned, ${ended.unresolved} without a known end`,
    ...section('Voicemail calls that failed', findings.voicemail_failures.map(failureRow)),
    ...section(
      'SIP requests that failed, those of voicemail calls among them',
      findings.sip_failures.map(one => sipFailureRow(findings, one)),
    ),
    ...section('Clocks', clockRows(findings)),
    ...section(
      'Windows events',
      events.map(({ event_id: id, count, text, servers }) => [
        String(count),
        String(id),
        text,
        listed(serversNamed(findings, Object.keys(servers).sort())),
      ]),
    ),
    ...section('Read', fileRows(findings)),
  ]
}

const failureCells = ({ count, sip_code: code, diagnostic, cause }: FailureFindings) => [
  String(count),
  String(code),
  diagnostic || '-',
  cause,
]

const failureRow = (failure: FailureFindings): readonly string[] => [
  ...failureCells(failure),
  meaning(failure),
]

const sipFailureRow = (findings: Findings, failure: SipFailureFindings): readonly string[] => {
  const names = serversNamed(findings, Object.keys(failure.servers).sort())
  const at = listed(names.map(name => name || 'a server without a name'))
  return [...failureCells(failure), `at ${at}`, meaning(failure)]
}

const meaning = ({ text, diagnostic, cause }: FailureFindings): string => {
  // What comes behind tells of the cause that this one does not have.
  if (text !== null) return cause === 'identity' ? `${text.split(';', 1)[0]}; no clock named` : text
  if (diagnostic === '') return '(no ms-diagnostics)'
  return diagnostic === 'other' ? '(an id without an entry)' : '(its meaning is not confirmed)'
}

/** One row for each server but one: against that one where they were compared, else with any. */
const clockRows = ({ servers, offsets, clocks }: Findings): readonly (readonly string[])[] => {
  const root = clocks.offsets[0]?.peer ?? clocks.agreeing[0]
  const told = new Set<string>()
  const rows: string[][] = []
  const ordered = offsets.toSorted(
    (a, b) =>
      Number(b.peer === root) - Number(a.peer === root) || a.error_seconds - b.error_seconds,
  )
  for (const one of ordered) {
    if (one.server === root || told.has(one.server)) continue
    told.add(one.server)
    rows.push([describeClock({ servers }, one)])
  }
  return rows
}

const fileRows = (findings: Findings): readonly (readonly string[])[] => {
  const rows: string[][] = []
  for (const { name, bytes, records, malformed, servers } of findings.files) {
    rows.push([name, bytesText(bytes), `${records} records`, `${malformed} malformed`])
    for (const { server, first, last } of servers) {
      const [logged = server] = serversNamed(findings, [server])
      rows.push([`  ${logged}, by its own clock: ${first} to ${last}`])
    }
  }
  return rows
}

const bytesText = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`

/** Columns beside each other; what is one cell only is a line of its own. */
const section = (title: string, rows: readonly (readonly string[])[]): readonly string[] => {
  if (rows.length === 0) return []
  const widths: number[] = []
  for (const row of rows) {
    if (row.length === 1) continue
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  }
  const lines = rows
    .slice(0, MAX_ROWS)
    .map(row => row.map((cell, i) => (row.length === 1 ? cell : pad(cell, widths[i] ?? 0))))
    .map(cells => `  ${cells.join('  ')}`.trimEnd())
  const more = rows.length - MAX_ROWS
  return ['', title, ...lines, ...(more > 0 ? [`  … and ${more} more: --format=json`] : [])]
}

/** Numbers to the right. */
const pad = (cell: string, width: number): string =>
  /^\d+$/.test(cell) ? cell.padStart(width) : cell.padEnd(width)
