/** Fragments of annotations, in Prometheus' template language. */

export const SERVER = '{{ $labels.server }} in pool {{ $labels.pool }}'
export const ON_SERVER = 'on {{ $labels.server }}'
export const ADMINISTRATOR = "in an administrator's console"

/** `-6h 0m 0s` is read aloud as `6h`: there is a word for its sign. */
const SHORT = 'humanizeDuration | reReplaceAll "^-|( 0h)?( 0m)? 0s$" ""'

/** The value as a length of time: `6h`. */
export const DURATION = `{{ $value | ${SHORT} }}`

/** One of two words, by the sign of a number. */
export const word = (negative: string, positive: string, of = '$value'): string =>
  `{{ if lt ${of} 0.0 }}${negative}{{ else }}${positive}{{ end }}`

/** The value, an offset: `6h behind`. */
export const OFFSET = `${DURATION} ${word('behind', 'ahead')}`

/** A query for the offsets that the labels of an alert select, rounded, the lowest first. */
const offsetsBy = (step: number, ...labels: string[]): string => {
  const matchers = labels.map(label => `${label}=%q`).join(', ')
  const values = labels.map(label => `$labels.${label}`).join(' ')
  return `printf "sort(round(last_over_time(edgeclock_clock_offset_seconds{${matchers}}[2m]), ${step}))" ${values} | query`
}

/** The offset of the server that an alert names, where the alert's value is something else: `6h behind`. */
export const OFFSET_OF_SERVER = `{{ with ${offsetsBy(1, 'pool', 'server')} }}{{ with . | first | value }}{{ . | ${SHORT} }} ${word('behind', 'ahead', '.')}{{ end }}{{ else }}off{{ end }}`

/** Every server of the pool that an alert names, with its offset: `edge02 -3.9s, edge01 +0.1s`. */
export const EACH_SERVER = `{{ range $i, $clock := ${offsetsBy(0.1, 'job', 'instance', 'pool')} }}{{ if $i }}, {{ end }}{{ $clock | label "server" }} {{ $clock | value | printf "%+.1f" }}s{{ end }}`

/** After the value, a number of calls. */
export const CALLS = 'call{{ if ne $value 1.0 }}s{{ end }}'
