import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { CallsThreadSilent } from '../calls/calls-thread.js'
import type { PushOutcome } from '../calls/keeper.js'
import { TEMPORARY } from '../calls/own-files.js'
import type { PushRequest } from '../calls/messages.js'
import type { Config } from '../config/config.js'
import type { SourceConfig } from '../config/sources.js'
import { plainEarly, takeBody } from './body.js'
import type { Exported } from './exported.js'
import { type Unreceived, receive } from './push-body.js'
import { PushTokens } from './push-token.js'

export const PUSH_PATH = '/api/v1/traces'

/** Each holds a file of up to the greatest size, and the calls thread takes them one by one. */
const AT_ONCE = 4

interface Refusal {
  readonly ok: false
  readonly status: number
  readonly why: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Admitted {
  readonly ok: true
  readonly source: SourceConfig<'push'>
  readonly stateDirectory: string
  readonly gzip: boolean
}

type Counted = Extract<PushOutcome, { readonly ok: true }>

const refusal = (status: number, why: string, headers?: Refusal['headers']): Refusal => ({
  ok: false,
  status,
  why,
  ...(headers && { headers }),
})
/** Nothing was counted, or what was counted will be known again: it may be sent again. */
const later = (why: string): Refusal => refusal(503, why, { 'retry-after': '5' })

const tooLarge = (maxBytes: number): Refusal =>
  refusal(413, `more than ${maxBytes} bytes, as they are sent or decompressed: send it in parts`)

/**
 * POST /api/v1/traces?pool=NAME: a trace's text is counted, once, and acknowledged when that is durable.
 * It has an authentication of its own: whoever may send calls need not see the metrics, and the reverse.
 */
export const pushRoute = (app: FastifyInstance, exported: Exported): void => {
  const pushes = new Pushes(exported)
  // Without it a push on a slow line would hold up the end for minutes.
  app.addHook('preClose', async () => pushes.end())
  void app.register(async scope => {
    // The body is streamed, so Fastify has nothing to parse, and its limit does not apply.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.post(PUSH_PATH, async (request, reply) => {
      const answer = await pushes.answer(request, reply)
      if (answer.ok) {
        const { records, malformed, repeated } = answer
        return reply.send({ records, malformed, repeated })
      }
      return plainEarly(request, reply.headers(answer.headers ?? {}), answer.status, answer.why)
    })
  })
}

class Pushes {
  readonly #exported: Exported
  readonly #tokens: PushTokens
  readonly #ending = new AbortController()
  #underWay = 0

  constructor(exported: Exported) {
    this.#exported = exported
    this.#tokens = new PushTokens(exported.log)
  }

  end(): void {
    this.#ending.abort()
  }

  async answer(request: FastifyRequest, reply: FastifyReply): Promise<Counted | Refusal> {
    const admitted = await this.#admit(request)
    if (!admitted.ok) return admitted
    if (this.#underWay >= AT_ONCE) return later('too many pushes at once')
    this.#underWay++
    const { source, stateDirectory } = admitted
    const path = join(stateDirectory, TEMPORARY, `push-${randomBytes(12).toString('hex')}`)
    try {
      return await this.#take(takeBody(request, reply), admitted, path)
    } finally {
      this.#underWay--
      await rm(path, { force: true }).catch((error: unknown) => {
        this.#log('warn', 'a temporary file stays until the next start', source, String(error))
      })
    }
  }

  async #admit(request: FastifyRequest): Promise<Admitted | Refusal> {
    const { headers, query } = request
    const found = sourceOf(this.#exported.config(), query)
    if (!found.ok) return found
    const { source, stateDirectory } = found
    const checked = await this.#tokens.check(source, stateDirectory, headers.authorization)
    if (checked === 'unknown') return later('there is no token to compare with: see the log')
    if (checked === 'wrong') {
      const error = /^bearer /i.test(headers.authorization ?? '') ? ', error="invalid_token"' : ''
      const challenge = { 'www-authenticate': `Bearer realm="edgeclock"${error}` }
      return refusal(401, 'a bearer token is needed', challenge)
    }
    const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase()
    if (!ENCODINGS.has(encoding)) {
      return refusal(415, 'gzip or nothing, please', { 'accept-encoding': 'gzip' })
    }
    const { maxBytes } = source
    if (Number(headers['content-length'] ?? 0) > maxBytes) return tooLarge(maxBytes)
    return { ...found, gzip: encoding.endsWith('gzip') }
  }

  async #take(
    body: FastifyRequest['raw'],
    { source, gzip }: Admitted,
    path: string,
  ): Promise<Counted | Refusal> {
    const { maxBytes } = source
    const received = await receive(body, path, { gzip, maxBytes, signal: this.#ending.signal })
    if (!received.ok) {
      if (received.reason === 'storage') {
        this.#log('error', 'a push could not be stored', source, received.detail)
      }
      return unreceived[received.reason](maxBytes)
    }
    const { hash, bytes } = received
    const outcome = await this.#count({ source: source.name, path, hash })
    if (!outcome.ok) {
      return outcome.reason === 'no_source' ? NO_SOURCE : later('it could not be made durable')
    }
    const { records, malformed, repeated } = outcome
    const fields = { source: source.name, bytes, records, malformed, repeated }
    this.#exported.log('debug', 'a trace was pushed', fields)
    return outcome
  }

  async #count(request: PushRequest): Promise<PushOutcome> {
    try {
      return await this.#exported.push(request)
    } catch (error) {
      if (!(error instanceof CallsThreadSilent)) throw error
      this.#exported.log('error', error.message)
      return { ok: false, reason: 'unavailable' }
    }
  }

  #log(
    level: 'warn' | 'error',
    message: string,
    { name }: Admitted['source'],
    detail: string,
  ): void {
    this.#exported.log(level, message, { source: name, detail })
  }
}

const ENCODINGS: ReadonlySet<string> = new Set(['', 'identity', 'gzip', 'x-gzip'])

/** What a sender is told, by why its body was not received. */
const unreceived: { readonly [R in Unreceived]: (maxBytes: number) => Refusal } = {
  too_large: tooLarge,
  encoding: () => refusal(400, 'it is no gzip, or not all of one'),
  late: () => refusal(408, 'it came too slowly'),
  gone: () => refusal(400, 'it did not come to its end'),
  ended: () => later('edgeclock stops'),
  storage: () => later('it could not be stored'),
}

const NO_SOURCE = refusal(404, 'no push source is configured for it: see calls.sources')

/** The push source of the pool that is named; without a name, the only one. */
const sourceOf = ({ calls }: Config, query: unknown): Omit<Admitted, 'gzip'> | Refusal => {
  const sources = (calls?.sources ?? []).filter(one => one.kind === 'push')
  const [first, second] = sources
  if (!calls || !first) return NO_SOURCE
  const { pool } = query as { readonly pool?: unknown }
  if (pool === undefined && second) return refusal(400, 'one pool is needed: ?pool=NAME')
  const source = pool === undefined ? first : sources.find(one => one.pool === pool)
  return source ? { ok: true, source, stateDirectory: calls.stateDirectory } : NO_SOURCE
}
