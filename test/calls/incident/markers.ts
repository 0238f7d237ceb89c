import type { Header, Request } from './message.js'
import { HOSTED, type Party, endpoint } from './parties.js'

/** What says that a call is one for voicemail, and on which of its messages. */
export interface Marker {
  readonly name: string
  /** On the request as the caller sends it. */
  readonly client?: (request: Request) => Request
  /** On the request as a Front End sends it on. */
  readonly outward?: (request: Request) => Request
  /** The party that the Edge sends it on to. */
  readonly hosted?: Party
}

const withHeaders = (...headers: Header[]): ((request: Request) => Request) => {
  return request => ({ ...request, headers: [...headers, ...request.headers] })
}

const DIVERSION: Header = ['Diversion', '<sip:bob@contoso.com>;reason=no-answer;counter=1']

export const opaqueUri: Marker = {
  name: 'opaque in the Request-URI',
  client: request => ({ ...request, uri: 'sip:bob@contoso.com;gruu;opaque=app:voicemail' }),
}

export const opaqueTo: Marker = {
  name: 'opaque in To',
  client: request => ({
    ...request,
    to: '"Bob Müller" <sip:bob@contoso.com;opaque=app:voicemail>',
  }),
}

export const diversionMsFe: Marker = {
  name: 'Diversion with Ms-Fe',
  outward: withHeaders(DIVERSION, ['Supported', 'timer, histinfo, Ms-Fe']),
}

export const diversionMras: Marker = {
  name: 'Diversion with Ms-Mras-Address',
  outward: withHeaders(DIVERSION, [
    'Ms-Mras-Address',
    '<sip:edge01.contoso.com@contoso.com;gruu;opaque=srvr:MRAS:1>',
  ]),
}

export const hostedUri = (host = 'exap.um.outlook.com'): Marker => ({
  name: `${host} in the Request-URI`,
  outward: request => ({ ...request, uri: `sip:bob@${host}:5061;transport=tls` }),
})

export const hostedRoute: Marker = {
  name: 'hosted voicemail in Route',
  outward: withHeaders(
    ['Route', '<sip:edgepool1.contoso.com:5061;transport=tls;lr>'],
    ['Route', '<sip:EXAP.um.outlook.com:5061;transport=tls;lr>'],
  ),
}

export const hostedPeer: Marker = {
  name: 'hosted voicemail as the peer',
  hosted: endpoint('hosted', 'exap.um.outlook.com:5061'),
}

export const skipPin: Marker = {
  name: 'skip-pin',
  client: withHeaders(['Ms-Exchange-Command', 'skip-pin']),
}

/** Nothing in any request says so. */
export const unmarked: Marker = { name: 'none' }

/** Those that a call has before it leaves the company. */
export const requestMarkers: readonly Marker[] = [
  opaqueUri,
  diversionMsFe,
  hostedUri(),
  opaqueTo,
  hostedRoute,
  diversionMras,
  hostedUri('exap.um.partner.outlook.cn'),
  skipPin,
  hostedUri('exap.um.office365.us'),
]

/** Those of a call that gets as far as hosted voicemail. */
export const allMarkers: readonly Marker[] = [
  ...requestMarkers.slice(0, 4),
  hostedPeer,
  ...requestMarkers.slice(4),
]

/** Those that the caller's own Front End sees. */
export const clientMarkers: readonly Marker[] = [opaqueUri, opaqueTo, skipPin]

export const hostedOf = (marker: Marker): Party => marker.hosted ?? HOSTED
