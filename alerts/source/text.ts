import { last, serversOff } from './promql.js'

/** Fragments of annotations, in Prometheus' template language. */

export const SERVER = '{{ $labels.server }} in pool {{ $labels.pool }}'
export const ON_SERVER = 'on {{ $labels.server }}'
export const ADMINISTRATOR = "in an administrator's console"

/** What a machine that is no Edge may run: there, the commands are those of whichever service it has. */
export const ON_LINUX = '(on Linux: what `edgeclock doctor` tells there)'

/** By its address: what a configuration calls it nobody else knows. Without a reference the reader's own clock is trusted. */
export const READ = '`edgeclock read SERVER-ADDRESS --module=MODULE --reference=NTP-SERVER-1`'

/** `-6h 0m 0s` is read aloud as `6h`: there is a word for its sign. */
const SHORT = 'humanizeDuration | reReplaceAll "^-|( 0h)?( 0m)? 0s$" ""'

/** The value as a length of time: `6h`. */
export const DURATION = `{{ $value | ${SHORT} }}`

/** One of two words, by the sign of a number. */
export const word = (negative: string, positive: string, of = '$value'): string =>
  `{{ if lt ${of} 0.0 }}${negative}{{ else }}${positive}{{ end }}`

/** The value, an offset: `6h behind`. */
export const OFFSET = `${DURATION} ${word('behind', 'ahead')}`

/** `query` of an expression whose %[1]q, %[2]q … are those labels of the alert: in quotes, on one line. */
const queryOf = (expr: string, ...labels: string[]): string => {
  const line = expr.replaceAll(/"(%\[\d\]q)"/g, '$1').replaceAll(/\s+/g, ' ')
  return `printf "${line}" ${labels.map(label => `$labels.${label}`).join(' ')} | query`
}

const offsetOfServer = queryOf(
  `round(${serversOff(5, { pool: '%[1]q', server: '%[2]q' })})`,
  'pool',
  'server',
)

/** The offset of the server that an alert names, where the alert's value is something else: `6h behind`. */
export const OFFSET_OF_SERVER = `{{ with ${offsetOfServer} }}{{ with . | first | value }}{{ . | ${SHORT} }} ${word('behind', 'ahead', '.')}{{ end }}{{ else }}off{{ end }}`

const offsetsOfPool = queryOf(
  `sort(round(max by (server) (${last('edgeclock_clock_offset_seconds', { pool: '%[1]q' })}), 0.1))`,
  'pool',
)

/** Every server of the pool that an alert names, with its offset: `edge02 -3.9s, edge01 +0.1s`. */
export const EACH_SERVER = `{{ range $i, $clock := ${offsetsOfPool} }}{{ if $i }}, {{ end }}{{ $clock | label "server" }} {{ $clock | value | printf "%+.1f" }}s{{ end }}`

/** After the value, a number of calls. */
export const CALLS = 'call{{ if ne $value 1.0 }}s{{ end }}'
