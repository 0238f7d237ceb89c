import type { PushOutcome } from '../calls/keeper.js'
import type { PushRequest } from '../calls/messages.js'
import type { CallsSnapshot } from '../calls/snapshot.js'
import type { ProbeRequest } from '../clockside/clock-side.js'
import type { OneReading, Snapshot } from '../clockside/snapshot.js'
import type { Config } from '../config/config.js'
import type { ExporterState } from '../metrics/samples.js'
import type { Log } from '../net/log.js'

/** What the web side needs of the rest. */
export interface Exported {
  readonly telemetryPath: string
  /** Taken off Prometheus' scrape timeout, for the way back. Seconds. */
  readonly timeoutOffset: number
  readonly log: Log
  config(): Config
  state(): ExporterState
  /** @throws ClockThreadSilent */
  snapshot(): Promise<Snapshot>
  /** `none`: no calls are configured; undefined: the calls thread is silent. */
  calls(): CallsSnapshot | 'none' | undefined
  /** @throws CallsThreadSilent */
  push(request: PushRequest): Promise<PushOutcome>
  /** @throws ClockThreadSilent */
  probe(request: ProbeRequest): Promise<OneReading>
  /** Reads the configuration file again; the reason where it was refused and the old one stays. */
  reload(): Promise<{ readonly ok: true } | { readonly ok: false; readonly why: string }>
}
