import type { Random } from '../../../src/demo/trace-text.js'
import type { Header } from './message.js'

type Parameter = readonly [name: string, value: string]

/** What a diagnostic says besides its id. Plain words are quoted or not as the sender likes. */
export interface Diagnostic {
  readonly id: string
  readonly parameters: readonly Parameter[]
}

const shuffled = <T>(items: readonly T[], random: Random): T[] => {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const kept = result[i] as T
    result[i] = result[j] as T
    result[j] = kept
  }
  return result
}

const quoted = (value: string, bare: boolean): string =>
  bare && /^[\w.()-]+$/.test(value) ? value : `"${value}"`

/** The header's value in one of the shapes that are seen live. */
const valueText = ({ id, parameters }: Diagnostic, random: Random): string => {
  const ordered = random() < 0.5 ? parameters : shuffled(parameters, random)
  const separator = random() < 0.3 ? '; ' : ';'
  const equals = random() < 0.15 ? ' = ' : '='
  const bare = random() < 0.3
  const caseOf = random()
  const nameOf = (name: string): string =>
    caseOf < 0.7 ? name : caseOf < 0.85 ? name.toLowerCase() : name.toUpperCase()
  const written = ordered.map(([name, value]) => `${nameOf(name)}${equals}${quoted(value, bare)}`)
  if (random() < 0.1) written.push(`${nameOf('component')}${equals}""`)
  return [id, ...written].join(separator)
}

export const diagnosticsHeader = (diagnostic: Diagnostic, random: Random): Header => [
  'ms-diagnostics',
  valueText(diagnostic, random),
]

/** The same for the outside: [MS-OCER] 2.2.1.2 has it without a source. */
export const publicHeader = ({ id, parameters }: Diagnostic, random: Random): Header => [
  'ms-diagnostics-public',
  valueText({ id, parameters: parameters.filter(([name]) => name !== 'source') }, random),
]

const referrer = (id: string, hresult: string | undefined): Diagnostic => ({
  id,
  parameters: [
    ['reason', 'Identity of the referrer could not be verified with the ms-identity parameter'],
    ['ErrorType', 'Invalid signature'],
    ['Referrer', 'user1@contoso.com'],
    ...(hresult === undefined ? [] : ([['HRESULT', hresult]] as const)),
    ['cause', 'Invalid signature'],
    ['signer', 'fe2.contoso.com'],
    ['source', 'sip.contoso.com'],
  ],
})

export const DATE_SKEWED = '0xC3E93EE0(SIP_E_CRYPT_REFERRER_DATE_SKEWED)'
export const DATE_SKEWED_RESULT = '0xC3E93EE0 SIP_E_CRYPT_REFERRER_DATE_SKEWED'

export const referrerSkewed = referrer('1020', DATE_SKEWED)
export const referrerSkewedSubcode = referrer('1020.3', DATE_SKEWED)
/** Another number: the name alone says what it is. */
export const referrerTimeSkew = referrer('1020', '0x80EE006C(RTC_E_SIP_AUTH_TIME_SKEW)')
export const referrerUnverified = referrer('1020', '0x80090006(NTE_BAD_SIGNATURE)')
export const referrerUnexplained = referrer('1020', undefined)

export const wrapper: Diagnostic = {
  id: '10003',
  parameters: [
    ['source', 'fe1.contoso.com'],
    ['reason', 'Proxy returned a SIP failure code'],
    ['component', 'InboundRouting'],
  ],
}

const HOSTED_DIALPLAN = 'Hosted__exap.um.outlook.com__contoso.com'

export const exumFailed: Diagnostic = {
  id: '15030',
  parameters: [
    ['reason', 'Failed to route to Exchange Server'],
    ['source', 'fe1.contoso.com'],
    ['dialplan', HOSTED_DIALPLAN],
    ['umfqdn', 'exap.um.outlook.com:5061'],
    ['appName', 'ExumRouting'],
  ],
}

/** `what` with a semicolon and an equals sign in its quotes, as free text may have. */
export const plain = (id: string, what: string, extra: readonly Parameter[] = []): Diagnostic => ({
  id,
  parameters: [['reason', `${what}; try again=later`], ['source', 'sip.contoso.com'], ...extra],
})
