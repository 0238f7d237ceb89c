import { type Interval, gap, halfWidth, intersect, midpoint, widen, width } from './interval.js'
import { type DurationNs, type MonoNs, abs, elapsed, milliseconds, ppm } from './units.js'

/** At the instant `at` the followed clock − our monotonic clock was inside `interval`. */
export interface Reading {
  readonly at: MonoNs
  readonly interval: Interval
  /** What it is made of that cannot be true of one clock together (0 if absent). */
  readonly contradictions?: number
  /**
   * What was read before contradicts it or does not, but never narrows it: it may be wide to one side only, and
   * a clock that was set to that side since would go unseen.
   */
  readonly standsAlone?: boolean
}

/** How the followed clock's difference changes, in seconds a second (1e-6 = 1 ppm), ± error. */
export interface Drift {
  readonly ratio: number
  readonly error: number
}

/** A jump: positive when the clock was set ahead; `error` bounds its size. */
export interface Step {
  readonly at: MonoNs
  readonly size: DurationNs
  readonly error: DurationNs
}

/** One clock followed over time. A value: {@link track} gives the next one. */
export interface Track {
  /** What old readings are widened by, at least, in ppm. */
  readonly wanderPpm: number
  /** All readings since the last contradiction, intersected; true at the last reading's instant. */
  readonly narrowed?: Reading
  /** The last reading alone. */
  readonly last?: Reading
  /** Readings since the last step, oldest first, at most {@link HISTORY}. */
  readonly history: readonly Reading[]
  /** What cannot be true of one clock with what was read before, or beside it; steps are among them. */
  readonly contradictions: number
  /** When the readings last contradicted each other without a step. */
  readonly slewedAt?: MonoNs
  readonly steps: number
  readonly lastStep?: Step
  /** For each of the last {@link FLAP_WINDOW} readings, whether it was a step, or several clocks. */
  readonly recent: readonly boolean[]
}

/** What a clock that nobody sets may run off, in ppm: a watched one's, or our own monotonic one's. */
export const WANDER_PPM = 100
/** RFC 5905 PHI: what a disciplined clock of ours adds to a watched one's. */
export const PHI_PPM = 15
/**
 * What the past is widened by before it is intersected with the present: the fastest that NTP slews
 * (RFC 5905 §11.3, MAXFREQ). With {@link WANDER_PPM} alone the past would, while a time daemon slews
 * the clock, pull the intersection off the truth for as long as the two still overlap.
 */
export const SLEW_PPM = 500
/** NTP slews below and steps above (RFC 5905 §11.3, STEPT = 0.128 s). */
export const STEP_THRESHOLD = milliseconds(128)
const HISTORY = 64
const RECENT = 8
const FLAP_WINDOW = 8
const FLAP_STEPS = 3
/** So many contradictions within one reading are several clocks: while it is read, a clock is set once at most. */
export const SEVERAL_CLOCKS = 2
/** A drift is worth telling, and worth ageing by, when known to half of what is assumed anyway. */
const DRIFT_ERROR_LIMIT = (WANDER_PPM / 2) * 1e-6

/** A track with no reading; `wanderPpm` is what the two clocks may run off from each other. */
export const newTrack = (wanderPpm: number): Track => ({
  wanderPpm,
  history: [],
  contradictions: 0,
  steps: 0,
  recent: [],
})

/**
 * The track with one more reading. The clock's past is carried forward, widened by what it may have
 * run off since, and intersected with the reading. Where nothing is left, the clock was stepped or
 * slewed, or several clocks answer: the past is dropped, never averaged in.
 * Readings come in the order of their instants.
 */
export const track = (state: Track, reading: Reading): Track => {
  const past =
    state.narrowed && aged(state.narrowed, reading.at, Math.max(SLEW_PPM, ageingPpm(state)))
  const agreed = past ? intersect(past, reading.interval) : reading.interval
  const jump = past && !agreed ? stepOf(past, reading) : undefined
  const history = jump ? [reading] : [...state.history, reading].slice(-HISTORY)
  const { contradictions: within = 0 } = reading
  return {
    ...state,
    // Also of one that stands alone: by it the next reading is judged, and a step does not hide behind a wide one.
    narrowed: { at: reading.at, interval: agreed ?? reading.interval },
    last: reading,
    // A slewed clock's history begins anew too, but with the reading that shows its new rate.
    history: !jump && !agreed ? history.slice(-2) : history,
    contradictions: state.contradictions + within + (agreed ? 0 : 1),
    steps: state.steps + (jump ? 1 : 0),
    ...(!jump && !agreed && { slewedAt: reading.at }),
    ...(jump && { lastStep: jump }),
    recent: [...state.recent, jump !== undefined || within > 0].slice(-FLAP_WINDOW),
  }
}

/** Keeps the counts and forgets every reading: our own monotonic clock lost time (a suspend). */
export const forget = ({ wanderPpm, contradictions, steps, lastStep }: Track): Track => ({
  ...newTrack(wanderPpm),
  contradictions,
  steps,
  ...(lastStep && { lastStep }),
})

/**
 * Where the followed clock is at `now`, or undefined where nothing may be said: never read, or
 * several clocks answer in turn. The last reading alone assumes least, so it is preferred unless the
 * older ones narrow it to less than half.
 */
export const estimate = (state: Track, now: MonoNs): Interval | undefined => {
  const { last, narrowed } = state
  if (!last || !narrowed || !isConsistent(state)) return undefined
  const narrow = !last.standsAlone && width(last.interval) > 2n * width(narrowed.interval)
  return aged(narrow ? narrowed : last, now, ageingPpm(state))
}

/** False while the clock jumps to and fro: several clocks answer at one address. */
export const isConsistent = (state: Track): boolean =>
  state.recent.filter(Boolean).length < FLAP_STEPS

/** The rate by which old readings are widened, in ppm: the wander, or twice the measured drift if more. */
export const ageingPpm = (state: Track): number => {
  const { history, wanderPpm } = state
  // A slew that began a moment ago hardly shows in the drift since long ago.
  const spans = [history, history.slice(-RECENT), history.slice(-2)]
  return Math.max(wanderPpm, ...spans.map(readings => 2e6 * surelyDrifted(driftOver(readings))))
}

/**
 * The drift against our monotonic clock since the last contradiction, once it is known to 50 ppm. What
 * moved the clock at that moment was a slew or a small jump, and is no drift to be told.
 */
export const drift = ({ history, slewedAt }: Track): Drift | undefined => {
  const bounds = driftOver(
    slewedAt === undefined ? history : history.filter(({ at }) => at >= slewedAt),
  )
  return bounds && bounds.error <= DRIFT_ERROR_LIMIT ? bounds : undefined
}

/** The drift where it is known well, else the part of it that is sure. */
const surelyDrifted = (known: Drift | undefined): number => {
  if (!known) return 0
  const { ratio, error } = known
  return error <= DRIFT_ERROR_LIMIT ? Math.abs(ratio) : Math.max(0, Math.abs(ratio) - error)
}

const driftOver = (readings: readonly Reading[]): Drift | undefined => {
  const first = readings[0]
  const last = readings.at(-1)
  if (!first || !last || last.at <= first.at) return undefined
  const span = Number(last.at - first.at)
  const moved = Number(midpoint(last.interval) - midpoint(first.interval))
  const unsure = Number(halfWidth(last.interval) + halfWidth(first.interval))
  return { ratio: moved / span, error: unsure / span }
}

const aged = (reading: Reading, now: MonoNs, ratePpm: number): Interval =>
  widen(reading.interval, ppm(ratePpm, elapsed(reading.at, now)))

const stepOf = (past: Interval, { at, interval }: Reading): Step | undefined => {
  const distance = gap(past, interval)
  if (abs(distance) < STEP_THRESHOLD) return undefined
  return {
    at,
    size: (midpoint(interval) - midpoint(past)) as DurationNs,
    error: (halfWidth(interval) + halfWidth(past)) as DurationNs,
  }
}
