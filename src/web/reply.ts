import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Registry } from 'prom-client'
import type { ContentType } from '../metrics/exposition.js'

const compress = promisify(gzip)

/** The weight that an Accept or Accept-Encoding header gives to `wanted` (RFC 9110 §12.4.2); 0 = no. */
export const weight = (header: string | undefined, wanted: string): number => {
  const entries = (header ?? '').toLowerCase().split(',')
  const found = entries.find(entry => entry.split(';')[0]?.trim() === wanted)
  if (found === undefined) return 0
  const q = /;\s*q=([0-9.]+)/.exec(found)?.[1]
  return q === undefined ? 1 : Number(q) || 0
}

/** OpenMetrics for those who name it at least as gladly as the text format, which all others get. */
export const metricsContentType = (accept: string | undefined): ContentType =>
  weight(accept, 'application/openmetrics-text') > 0 &&
  weight(accept, 'application/openmetrics-text') >= weight(accept, 'text/plain')
    ? Registry.OPENMETRICS_CONTENT_TYPE
    : Registry.PROMETHEUS_CONTENT_TYPE

/** Sends a registry in the format and encoding that the client asks for. */
export const sendMetrics = async (
  request: FastifyRequest,
  reply: FastifyReply,
  registry: Registry<ContentType>,
): Promise<FastifyReply> => {
  const text = await registry.metrics()
  reply.type(registry.contentType).header('vary', 'accept, accept-encoding')
  if (weight(encodings(request), 'gzip') === 0) return reply.send(text)
  return reply.header('content-encoding', 'gzip').send(await compress(text))
}

const encodings = ({ headers }: FastifyRequest): string | undefined => {
  const value = headers['accept-encoding']
  return Array.isArray(value) ? value.join(',') : value
}

export const plain = (reply: FastifyReply, status: number, text: string): FastifyReply =>
  reply.code(status).type('text/plain; charset=utf-8').send(`${text}\n`)
