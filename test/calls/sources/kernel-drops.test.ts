import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { platform } from 'node:os'
import t from 'tap'
import { dropsIn, kernelDrops } from '../../../src/calls/sources/kernel-drops.js'
import { until } from '../../peers/wait.js'

const HEAD =
  '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n'
const line = (local: string, drops: number): string =>
  `  17: ${local} 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1234 2 0000000000000000 ${drops}         \n`

void t.test('drops are those of the sockets on the port, in both tables', async t => {
  const tables =
    HEAD +
    line('0100007F:2364', 5) +
    line('00000000:2364', 7) +
    line('00000000000000000000000000000000:2364', 100) +
    line('0100007F:2365', 1000) +
    line('0100007F:0035', 10_000)
  t.equal(dropsIn(tables, 9060), 112)
  t.equal(dropsIn(tables, 53), 10_000, 'a low port has leading zeros')
  t.equal(dropsIn(tables, 1), 0)
  t.equal(dropsIn('', 9060), 0)
  t.equal(dropsIn(HEAD, 9060), 0)
})

void t.test('a remote port is not taken for the local one', async t => {
  t.equal(dropsIn(line('0100007F:0001', 3).replace('00000000:0000', '00000000:2364'), 9060), 0)
})

void t.test(
  'the kernel tells what a socket had no room for',
  { skip: platform() !== 'linux' && 'only Linux tells' },
  async t => {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4096 })
    t.teardown(() => socket.close())
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const { port } = socket.address()
    t.equal(await kernelDrops(port), 0)
    const sender = createSocket('udp4')
    t.teardown(() => sender.close())
    const bytes = Buffer.alloc(60_000)
    const drops = await until(
      async () => {
        // Nobody takes them while this runs: more than any buffer of that size has room for.
        for (let i = 0; i < 20; i++) sender.send(bytes, port, '127.0.0.1')
        return kernelDrops(port)
      },
      { what: 'a dropped datagram' },
    )
    t.ok(drops > 0)
  },
)
