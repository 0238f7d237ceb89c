import { connect, createServer, type Server, type Socket } from 'node:net'
import { codeOf } from './error.js'

/** The listening end of a lock, and what it says of its process. */
export interface Listener {
  readonly server: Server
  /** Told to whoever connects, from now on. */
  say(state: LockState): void
  close(): Promise<void>
}

/** `starting`: looking whether there is another one; it may still withdraw. */
export type LockState = 'starting' | 'holding'

/**
 * What is behind a socket's name.
 * - `gone`: nothing any more
 * - `dead`: its process has ended; nothing will ever listen on this socket again
 * - `alive`: a process listens; `who` for people. One that does not answer is taken to be holding
 * - `unknown`: it cannot be told, or not now
 */
export type Asked =
  | { readonly state: 'gone' | 'dead' }
  | { readonly state: LockState; readonly who: string }
  | { readonly state: 'unknown'; readonly detail: string }

const ANSWER_TIMEOUT_MS = 1000
const MAX_ANSWER = 512
const MAX_CONNECTIONS = 64
const ANSWER = /^(starting|holding) ([\x20-\x7e]+)\n/

const answerTo = (socket: Socket, answer: string): void => {
  socket.unref()
  socket.on('error', () => socket.destroy())
  socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy())
  socket.resume()
  socket.end(answer)
}

/**
 * Listens on a socket's path or a pipe's name without keeping the process alive. `who` is one line.
 *
 * @throws Error where it cannot be listened on
 */
export const listenOn = async (path: string, who: string): Promise<Listener> => {
  let state: LockState = 'starting'
  const open = new Set<Socket>()
  const server = createServer(socket => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    answerTo(socket, `${state} ${who}\n`)
  })
  server.maxConnections = MAX_CONNECTIONS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  server.removeAllListeners('error')
  // An accept that fails says nothing of the lock.
  server.on('error', () => undefined)
  server.unref()
  return {
    server,
    say: next => (state = next),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        // Nothing keeps the process alive for them, so that waiting for them could be its end.
        for (const socket of open) socket.destroy()
      }),
  }
}

const refusal = (error: Error): Asked => {
  const code = codeOf(error)
  if (code === 'ENOENT') return { state: 'gone' }
  if (code === 'ECONNREFUSED') return { state: 'dead' }
  return { state: 'unknown', detail: error.message }
}

/** Asks who listens on a path. Connected is alive: the kernel accepts for a process that is stuck. */
export const ask = (path: string): Promise<Asked> =>
  new Promise(resolve => {
    const socket = connect(path)
    let connected = false
    let answer = ''
    const settle = (asked: Asked): void => {
      socket.destroy()
      resolve(asked)
    }
    const unknown = (detail: string): void => settle({ state: 'unknown', detail })
    const silent = (): void =>
      connected
        ? settle({ state: 'holding', who: 'a process that does not answer' })
        : unknown('it accepts no connection')
    socket.setEncoding('latin1')
    socket.setTimeout(ANSWER_TIMEOUT_MS, silent)
    socket.on('connect', () => (connected = true))
    socket.on('data', text => (answer = (answer + text).slice(0, MAX_ANSWER)))
    socket.on('error', error => (connected ? unknown(error.message) : settle(refusal(error))))
    socket.on('end', () => {
      const [, state, who = ''] = ANSWER.exec(answer) ?? []
      if (state === 'starting' || state === 'holding') return settle({ state, who })
      // It has just ended, or has too many connections: asked again, it is dead or answers.
      unknown('it ended the connection')
    })
  })
