import type { Cause } from './causes.js'
import type { WindowsEvent } from './windows-event.js'

/**
 * An event that is counted. `id` alone is its label: no two events here have the same one, so that `1` is
 * always Kernel-General's.
 */
export interface CatalogueEvent {
  readonly id: number
  /** The providers that log it. */
  readonly sources: readonly string[]
  /** What it says, in one line. */
  readonly text: string
  /** The likeliest one. */
  readonly cause: Cause
  /** What else must be true of it. */
  readonly only?: (event: WindowsEvent) => boolean
}

const PROTOCOL_STACK = ['LS Protocol Stack']

/** The service's key and SERVICE_STOPPED, as the Service Control Manager writes them in any language. */
const W32TIME_STOPPED = 'w32time/1'

/** Hexadecimal bytes that are UTF-16LE, up to its NUL. */
const textOf = (binary: string): string => {
  const units = binary.match(/[0-9a-f]{4}/gi) ?? []
  const codes = units.map(unit => Number.parseInt(unit.slice(2) + unit.slice(0, 2), 16))
  const end = codes.indexOf(0)
  return String.fromCharCode(...codes.slice(0, end < 0 ? codes.length : end))
}

/** The logs "Lync Server" and, from Kernel-General on, "System". */
export const eventCatalogue: readonly CatalogueEvent[] = [
  {
    id: 14_619,
    sources: PROTOCOL_STACK,
    text: 'Logged by Edge servers whose clock was off by hours',
    // Its text was only ever published as a picture.
    cause: 'other',
  },
  {
    id: 14_559,
    sources: PROTOCOL_STACK,
    text: 'A shared session key was not imported: invalid signature in a referrer identity digest',
    cause: 'identity',
  },
  {
    id: 44_009,
    sources: ['LS Exchange Unified Messaging Routing'],
    text: 'A call could not be routed to Unified Messaging',
    cause: 'um_routing',
  },
  {
    id: 14_428,
    sources: PROTOCOL_STACK,
    text: 'Outgoing TLS connections failed',
    cause: 'certificate',
  },
  {
    id: 14_501,
    sources: PROTOCOL_STACK,
    text: 'Problems with a federation peer',
    cause: 'federation',
  },
  {
    id: 14_502,
    sources: PROTOCOL_STACK,
    text: 'Problems with a federation peer',
    cause: 'federation',
  },
  {
    id: 14_603,
    sources: PROTOCOL_STACK,
    text: 'Problems with a federation peer',
    cause: 'federation',
  },
  {
    id: 32_263,
    sources: ['LS User Services'],
    text: 'Documented as safe to ignore',
    cause: 'other',
  },
  {
    id: 1,
    sources: ['Microsoft-Windows-Kernel-General'],
    text: 'The clock was changed',
    cause: 'clock_skew',
  },
  {
    id: 7036,
    sources: ['Service Control Manager'],
    text: 'The Windows Time service was stopped',
    cause: 'clock_skew',
    only: event => textOf(event.binary).toLowerCase() === W32TIME_STOPPED,
  },
]

const byId: ReadonlyMap<number, CatalogueEvent> = new Map(eventCatalogue.map(one => [one.id, one]))

/** What the catalogue knows of an event: by its id and its provider, whose case does not matter. */
export const catalogued = (event: WindowsEvent): CatalogueEvent | undefined => {
  const known = byId.get(event.eventId)
  if (known === undefined) return undefined
  const provider = event.provider.toLowerCase()
  if (!known.sources.some(source => source.toLowerCase() === provider)) return undefined
  return known.only === undefined || known.only(event) ? known : undefined
}
