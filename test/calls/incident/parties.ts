import type { TraceLayout } from '../../../src/demo/trace-text.js'

/** Whoever sends and receives SIP. Only a server writes a trace. */
export interface Party {
  readonly kind: 'endpoint' | 'front-end' | 'edge'
  readonly name: string
  /** As in a Via and in `Peer:`. */
  readonly address: string
}

export const serverNames = ['FE1', 'FE2', 'EDGE01', 'EDGE02'] as const
export type ServerName = (typeof serverNames)[number]

export interface Server extends Party {
  readonly kind: 'front-end' | 'edge'
  readonly name: ServerName
  /** As in a CLS record's head. */
  readonly pool: string
  /** Its clock − true time, seconds. */
  readonly offsetSeconds: number
  readonly encoding: 'utf8' | 'utf8-bom' | 'utf16le'
  readonly crlf: boolean
  readonly process: number
}

export const servers: { readonly [Name in ServerName]: Server } = {
  FE1: {
    kind: 'front-end',
    name: 'FE1',
    address: 'fe1.contoso.com:5061',
    pool: 'fepool1',
    offsetSeconds: 0,
    encoding: 'utf8',
    crlf: true,
    process: 0x06e4,
  },
  FE2: {
    kind: 'front-end',
    name: 'FE2',
    address: '192.0.2.12:5061',
    pool: 'fepool1',
    offsetSeconds: -0.1,
    encoding: 'utf16le',
    crlf: true,
    process: 0x7f70,
  },
  EDGE01: {
    kind: 'edge',
    name: 'EDGE01',
    address: 'edge01.contoso.com:5061',
    pool: 'edgepool1',
    offsetSeconds: 0.2,
    encoding: 'utf8',
    crlf: false,
    process: 0x0584,
  },
  EDGE02: {
    kind: 'edge',
    name: 'EDGE02',
    address: 'edge02.contoso.com:5061',
    pool: 'edgepool1',
    offsetSeconds: -6 * 3600,
    encoding: 'utf8-bom',
    crlf: false,
    process: 0x0b7c,
  },
}

export const isServer = (party: Party): party is Server => party.kind !== 'endpoint'

export const endpoint = (name: string, address: string): Party => ({
  kind: 'endpoint',
  name,
  address,
})

/** The hosted voicemail's access proxy under a name that says nothing of voicemail. */
export const HOSTED = endpoint('hosted', 'sipfed.fabrikam.com:5061')
export const PARTNER = endpoint('partner', 'sip.fabrikam.com:5061')
export const GATEWAY = endpoint('gateway', '192.0.2.40:5068')

export type Layouts = { readonly [Name in ServerName]?: TraceLayout }

/** As a failure's `server` label: '' where the record's head has a processor number. */
export const serverLabel = (name: ServerName, layouts: Layouts): string =>
  (layouts[name] ?? 3) === 3 ? name.toLowerCase() : ''
