import { mkdir, readFile, readdir, stat } from 'node:fs/promises'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'
import type { PushOutcome } from '../../src/calls/keeper.js'
import type { PushRequest } from '../../src/calls/messages.js'
import { buildApp } from '../../src/web/app.js'
import type { Exported } from '../../src/web/exported.js'
import { REFERENCE, configOf } from '../config/parsed.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'

export const COUNTED: PushOutcome = { ok: true, records: 3, malformed: 1, repeated: false }

/** A push as the calls side saw it, with what was in its file. */
export type Taken = PushRequest & { readonly content: Buffer; readonly mode: number }

export interface PushOptions {
  /** Entries of `calls.sources`; without one, there is no `calls`. */
  readonly sources?: readonly object[]
  readonly push?: Exported['push']
  readonly protect?: (app: FastifyInstance) => void
}

/** The app on a free port, and a calls side that only writes down what is pushed. */
export const startApp = async (scope: Scope, options: PushOptions = {}) => {
  const { sources = [{ kind: 'push', pool: 'edgepool1', max_size: '64KiB' }], protect } = options
  const directory = await temporaryFolder(scope, 'push')
  const temporary = join(directory, 'edgeclock.tmp')
  await mkdir(temporary)
  const calls = JSON.stringify({ state_directory: directory, sources })
  const config = configOf(`${REFERENCE}${sources.length > 0 ? `calls: ${calls}` : ''}`)
  const taken: Taken[] = []
  const logged: string[] = []
  const unasked = () => Promise.reject(new Error('not asked here'))
  const exported: Exported = {
    telemetryPath: '/metrics',
    timeoutOffset: 0.5,
    log: (level, message, fields) => logged.push(`${level} ${message} ${JSON.stringify(fields)}`),
    config: () => config,
    state: () => ({
      version: '1.2.3',
      reloadSuccessful: true,
      reloadedAtSeconds: 1,
      host: () => undefined,
    }),
    snapshot: unasked,
    calls: () => undefined,
    push: async asked => {
      const { mode } = await stat(asked.path)
      taken.push({ ...asked, content: await readFile(asked.path), mode: mode & 0o777 })
      return options.push ? options.push(asked) : COUNTED
    },
    probe: unasked,
    reload: () => Promise.resolve({ ok: true }),
  }
  const app = buildApp(exported, {}, protect)
  await app.listen({ host: '127.0.0.1', port: 0 })
  scope.teardown(() => app.close())
  const { port } = app.server.address() as AddressInfo
  const token = async () => (await readFile(join(directory, 'push.token'), 'utf8')).trim()
  return {
    app,
    exported,
    directory,
    port,
    taken,
    logged,
    /** Our own, once a push has been tried. */
    token,
    temporaryFiles: () => readdir(temporary),
    post: (body: Buffer | string, headers: Record<string, string> = {}, query = '') =>
      fetch(`http://127.0.0.1:${port}/api/v1/traces${query}`, { method: 'POST', headers, body }),
    bearer: async () => {
      await fetch(`http://127.0.0.1:${port}/api/v1/traces`, { method: 'POST' })
      return { authorization: `Bearer ${await token()}` }
    },
  }
}

/** A request whose body the test sends as it likes. */
export const openPush = (
  port: number,
  headers: Record<string, string>,
): { sending: ClientRequest; answer: Promise<IncomingMessage & { body: string }> } => {
  const sending = request({
    host: '127.0.0.1',
    port,
    path: '/api/v1/traces',
    method: 'POST',
    agent: false,
    headers,
  })
  const answer = new Promise<IncomingMessage & { body: string }>((resolve, reject) => {
    sending.on('response', response => {
      text(response).then(body => resolve(Object.assign(response, { body })), reject)
    })
    sending.on('error', reject)
  })
  // Not every test looks at it.
  answer.catch(() => undefined)
  return { sending, answer }
}
