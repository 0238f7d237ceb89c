import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { plain } from './reply.js'

/** Whatever is sent to us, pushes aside, is a few bytes. */
const BODY_MS = 10_000
/** How long a sender who was refused may go on before the connection is cut under it. */
const LINGER_MS = 10_000

const deadlines = new WeakMap<IncomingMessage, NodeJS.Timeout>()
/** Requests whose senders wait to be told to go on (RFC 9110 §10.1.1). */
const expecting = new WeakSet<IncomingMessage>()

/**
 * A deadline for the body of each request, in place of Node's `requestTimeout`, which is one for all.
 * Who sends `Expect: 100-continue` is told to go on at once, except where the route `except` does it.
 */
export const limitBodies = (app: FastifyInstance, except: string, bodyMs = BODY_MS): void => {
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    expecting.add(request)
    app.server.emit('request', request, response)
  })
  app.addHook('onRequest', async (request, reply) => {
    const { raw } = request
    if (!hasBody(raw)) return
    const timer = setTimeout(() => {
      if (raw.complete) return
      if (reply.raw.headersSent) raw.destroy()
      else plain(reply.header('connection', 'close'), 408, 'the body took too long')
    }, bodyMs)
    deadlines.set(raw, timer.unref())
    if (request.routeOptions.url !== except) goOn(raw, reply.raw)
  })
}

/** From here on the caller sees to it that the body comes to an end; who waits to send it may. */
export const takeBody = (request: FastifyRequest, reply: FastifyReply): IncomingMessage => {
  clearTimeout(deadlines.get(request.raw))
  goOn(request.raw, reply.raw)
  return request.raw
}

/**
 * Refuses a request whose body is not all here. Closing at once would reset the connection, and the reset
 * overtakes the answer on its way to a sender who is still sending; so the answer is whole at once, and
 * ends only after the body.
 */
export const plainEarly = (
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  text: string,
): FastifyReply => {
  const { raw } = request
  if (raw.complete || !hasBody(raw)) return plain(reply, status, text)
  const answer = Buffer.from(`${text}\n`)
  return reply
    .code(status)
    .headers({ connection: 'close', 'content-length': answer.length })
    .type('text/plain; charset=utf-8')
    .send(Readable.from(lingering(answer, raw)))
}

async function* lingering(answer: Buffer, body: IncomingMessage): AsyncGenerator<Buffer> {
  yield answer
  if (body.complete || body.destroyed) return
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, LINGER_MS)
    body.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    body.resume()
  })
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

const goOn = (request: IncomingMessage, response: ServerResponse): void => {
  if (expecting.delete(request)) response.writeContinue()
}
