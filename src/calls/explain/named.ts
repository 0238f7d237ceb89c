import { isClockSkew, parseMsDiagnostics } from '../../protocol/ms-diagnostics.js'
import { diagnosticOf } from '../../protocol/diagnostics-catalogue.js'
import type { SipMessage } from '../../protocol/sip-message.js'
import { isFailure } from '../call.js'
import type { NamedFindings, ResultFindings } from './findings.js'

/** A pool has some dozens; a trace is not trusted to have no more. */
const MAX_NAMES = 64
/** A host's name has a dot and no digit for its last label: never a user, a number or an address. */
const HOST =
  /^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/
const POOL = /(?:^|;)\s*ms-ep-fqdn\s*=\s*"?([^\s";]+)/i
const RESULT = /\b[A-Z]{2,20}_E_[A-Z0-9_]{1,60}\b/

/** Bounded, in order of the names; what is cut from a window is copied, or the window would stay. */
class Names {
  readonly #names = new Set<string>()

  add(text: string): void {
    if (this.#names.size < MAX_NAMES && !this.#names.has(text)) {
      this.#names.add(structuredClone(text))
    }
  }

  addHost(text: string | undefined): void {
    const name = text?.toLowerCase() ?? ''
    if (HOST.test(name)) this.add(name)
  }

  list(): readonly string[] {
    return [...this.#names].sort()
  }
}

class Hosts {
  readonly edgePools = new Names()
  readonly signers = new Names()
  readonly sources = new Names()

  findings(): NamedFindings {
    return {
      edge_pools: this.edgePools.list(),
      signers: this.signers.list(),
      sources: this.sources.list(),
    }
  }
}

/** Whom the headers of failing responses name; hosts only. */
export class Named {
  readonly #all = new Hosts()
  readonly #inSkew = new Hosts()
  readonly #results = new Names()

  message({ status, diagnostics, trust }: SipMessage): void {
    if (!isFailure(status) || (diagnostics.length === 0 && trust === '')) return
    const hosts = diagnostics.some(isSkew) ? [this.#all, this.#inSkew] : [this.#all]
    for (const value of diagnostics) {
      const parameters = parseMsDiagnostics(value)?.parameters
      for (const one of hosts) {
        one.signers.addHost(parameters?.get('signer'))
        one.sources.addHost(parameters?.get('source'))
      }
      if (isSkew(value)) this.#result(value)
    }
    const pool = trust === '' ? null : POOL.exec(trust)
    for (const one of hosts) one.edgePools.addHost(pool?.[1])
  }

  #result(value: string): void {
    const { id, parameters } = parseMsDiagnostics(value) ?? {}
    const [name] = RESULT.exec(parameters?.get('hresult') ?? '') ?? []
    if (name !== undefined) this.#results.add(`${id} ${name}`)
  }

  get all(): NamedFindings {
    return this.#all.findings()
  }

  /** Of responses that fail by clock skew. */
  get inSkew(): NamedFindings {
    return this.#inSkew.findings()
  }

  /** What results are called that mean clock skew. */
  get results(): readonly ResultFindings[] {
    return this.#results.list().map(text => {
      const [diagnostic = '', name = ''] = text.split(' ')
      return { diagnostic, name }
    })
  }
}

const isSkew = (value: string): boolean => {
  if (isClockSkew(value)) return true
  const parsed = parseMsDiagnostics(value)
  return parsed !== undefined && diagnosticOf(parsed.id)?.cause === 'clock_skew'
}
