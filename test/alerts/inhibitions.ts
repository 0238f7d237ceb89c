import type { PostedAlert } from '../peers/alertmanager.js'

type Labels = Readonly<Record<string, string>>

export type Inhibition = {
  /** In words: what must not be told, and when. */
  why: string
  /** Are told, and silence others. */
  sources: readonly PostedAlert[]
  silent: readonly PostedAlert[]
  /** Like the silent ones, but of another server, pool or exporter: told. */
  told: readonly PostedAlert[]
}

/** The labels that rules give, by the alert's name. */
type Rules = ReadonlyMap<string, Labels>

/** `clock('ClockOff', 'edge02')`: an alert as Prometheus would send it. */
const alertsOf = (rules: Rules, pool: string, host: string) => {
  const alert = (name: string, labels: Labels): PostedAlert => {
    const alertname = `Edgeclock${name}`
    const given = rules.get(alertname)
    if (given === undefined) throw new Error(`no rule ${alertname}`)
    return { labels: { alertname, ...given, ...labels } }
  }
  const exporter = (name: string, instance = `${host}:10429`, labels: Labels = {}) =>
    alert(name, { job: 'edgeclock', instance, ...labels })
  return {
    exporter,
    clock: (name: string, server: string, of = pool) =>
      exporter(name, undefined, { pool: of, server }),
    /** It has no job and instance: a pool is one thing, whoever counts its calls and reads its clocks. */
    calls: (name: string, of = pool, labels: Labels = {}) => alert(name, { pool: of, ...labels }),
  }
}

const CONSEQUENCES = ['ClockOff', 'ClockStepped', 'CertificateNotValidAtServerTime']
const CAUSES = ['ClockOffByWholeHours', 'CorrectionImpossible', 'NeverSynchronized']

const ofReference = (rules: Rules): Inhibition => {
  const { exporter } = alertsOf(rules, '', 'monitor1')
  const doubtful = [...rules].filter(([, labels]) => labels['basis'] === 'reference')
  const names = doubtful.map(([name]) => name.replace('Edgeclock', ''))
  // Each in a pool of its own: they silence each other, too.
  const at = (name: string, instance?: string) =>
    exporter(name, instance, { pool: `pool-of-${name}`, server: 'edge01' })
  return {
    why: 'while the reference is lost, what rests on it is not told, and a clock far off is',
    sources: [exporter('ReferenceLost')],
    silent: names.map(name => at(name)),
    told: [
      at('ClockFarOff'),
      at('ClockUnreadable'),
      ...names.map(name => at(name, 'monitor2:10429')),
    ],
  }
}

const ofFarOff = (rules: Rules): Inhibition => {
  const { clock } = alertsOf(rules, 'pool2', 'monitor3')
  return {
    why: 'of a clock far off, what follows from it is not told, and why it is off is',
    sources: [clock('ClockFarOff', 'edge01')],
    silent: CONSEQUENCES.map(name => clock(name, 'edge01')),
    told: [
      ...CAUSES.map(name => clock(name, 'edge01')),
      ...CONSEQUENCES.flatMap(name => [clock(name, 'edge02'), clock(name, 'edge01', 'pool3')]),
    ],
  }
}

const ofDisagreement = (rules: Rules, by: string, pool: string): Inhibition => {
  const { clock, calls } = alertsOf(rules, pool, `monitor-${pool}`)
  const disagree = (of: string) => calls('PoolClocksDisagree', of)
  const traces = (server: string, peer: string, of = pool) =>
    calls('TraceClocksDisagree', of, { server, peer })
  return {
    why: `that clocks disagree is not told once ${by} says which one is off`,
    sources: [clock(by, 'edge01')],
    silent: [disagree(pool), traces('edge01', 'fe01')],
    told: [disagree(`${pool}-other`), traces('edge02', 'fe01'), traces('edge01', 'fe01', 'other')],
  }
}

const ofCalls = (rules: Rules, by: string, pool: string): Inhibition => {
  const { calls } = alertsOf(rules, pool, '')
  const ofServer: Labels = by === 'SkewBreaksCalls' ? { server: 'edge01' } : {}
  return {
    why: `that calls fail is not told once ${by} says why`,
    sources: [calls(by, pool, ofServer)],
    silent: [calls('UmFailureRatio')],
    told: [calls('UmFailureRatio', `${pool}-other`)],
  }
}

const ofHost = (rules: Rules): Inhibition => {
  const { exporter } = alertsOf(rules, 'pool8', 'edge01')
  const far = (instance?: string, server = 'edge01') =>
    exporter('HostClockFarOff', instance, { pool: 'pool8', server })
  return {
    why: 'a host clock far off is told once, and not also as off',
    sources: [far()],
    silent: [exporter('HostClockOff')],
    told: [exporter('HostClockOff', 'edge02:10429')],
  }
}

const ofOneClock = (rules: Rules): Inhibition => {
  const { clock, exporter } = alertsOf(rules, 'pool9', 'monitor9')
  const host = (server: string) =>
    exporter('HostClockFarOff', `${server}.pool9:10429`, { pool: 'pool9', server })
  return {
    why: "a server's clock that is read from outside is not told again by its own exporter",
    sources: [clock('ClockFarOff', 'edge01')],
    // What is silent itself silences others all the same.
    silent: [host('edge01'), exporter('HostClockOff', 'edge01.pool9:10429')],
    told: [host('edge02')],
  }
}

/** One for each rule of the shipped file. No pool and no exporter is in two of them. */
export const inhibitions = (rules: Rules): Inhibition[] => [
  ofReference(rules),
  ofFarOff(rules),
  ofDisagreement(rules, 'ClockFarOff', 'pool4'),
  ofDisagreement(rules, 'ClockOff', 'pool5'),
  ofCalls(rules, 'SkewBreaksCalls', 'pool6'),
  ofCalls(rules, 'UnseenSkewBreaksCalls', 'pool7'),
  ofHost(rules),
  ofOneClock(rules),
]
