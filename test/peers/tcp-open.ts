import { connect } from 'node:net'

/** Whether a TCP port on loopback takes connections; the one that tries it says nothing and goes. */
export const takesConnections = (port: number, address = '127.0.0.1'): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, address)
    const finish = (open: boolean): void => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => finish(true)).once('error', () => finish(false))
  })
