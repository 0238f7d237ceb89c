import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { joinEnv, requirePeer } from './peer.js'
import { freeTcpPort, freeUdpPort } from './ports.js'
import { startProcess } from './process.js'
import { type Scope, temporaryFolder } from './scope.js'
import { until } from './wait.js'

const NTP_PORT = 123
const OTHERS_TIMEOUT_MS = 30_000
/** capabilities(7). */
const CAP_SYS_TIME = 25n

const bindsPort123 = async (): Promise<boolean> => {
  const socket = createSocket('udp4')
  try {
    socket.bind(NTP_PORT, '0.0.0.0')
    await once(socket, 'listening')
    return true
  } finally {
    socket.close()
  }
}

/** ntpd has no other port, and takes it on all addresses. Why it cannot run here, or undefined. */
export const whyNoNtpd = async (): Promise<string | undefined> => {
  try {
    await until(bindsPort123, { what: 'port 123', timeoutMs: OTHERS_TIMEOUT_MS, intervalMs: 200 })
    return undefined
  } catch (error) {
    return `UDP port 123 is not to be had: ${String(error instanceof Error ? error.cause : error)}`
  }
}

/**
 * Without the right to set the clock: even with `disable ntp`, ntpd sets the kernel's frequency when it
 * starts. Who is not root has none to give up.
 */
const withoutTheClock = (command: string, args: string[]) =>
  process.getuid?.() === 0
    ? {
        command: 'setpriv',
        args: ['--bounding-set=-sys_time', '--inh-caps=-sys_time', command, ...args],
      }
    : { command, args }

const mayNotSetTheClock = async (pid: number): Promise<boolean> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? 'f'}`)
  return ((capabilities >> CAP_SYS_TIME) & 1n) === 0n
}

export type Ntpd = { pid: number; stop: () => Promise<void> }

/** A real NTPsec on 127.0.0.1, which follows the given lines of configuration and never sets the clock. */
export const startNtpd = async (scope: Scope, directives: string[]): Promise<Ntpd> => {
  const ntpd = requirePeer('ntpd')
  const folder = await temporaryFolder(scope, 'ntpd')
  const file = join(folder, 'ntp.conf')
  const lines = [
    'disable ntp',
    'interface ignore all',
    'interface listen 127.0.0.1',
    'restrict 127.0.0.1',
    ...directives,
    '',
  ]
  await writeFile(file, lines.join('\n'))
  const files = ['-p', join(folder, 'ntpd.pid'), '-f', join(folder, 'drift')]
  const { pid, stop } = await startProcess(scope, {
    name: 'ntpd',
    ...withoutTheClock(ntpd.path, ['-n', '-4', '-c', file, ...files]),
    env: joinEnv(ntpd.env),
    ready: output => output.includes('Listen normally on 1'),
  })
  if (!(await mayNotSetTheClock(pid))) {
    await stop()
    throw new Error('this ntpd could have set the clock')
  }
  return { pid, stop }
}

/** The program as one file that needs no variables, for who starts it by its path. */
export const asOneFile = async (scope: Scope, name: string): Promise<string> => {
  const { path, env } = requirePeer(name)
  const file = join(await temporaryFolder(scope, name), name)
  const variables = Object.entries(env).map(([key, value]) => `export ${key}='${value}'`)
  await writeFile(file, ['#!/bin/sh', ...variables, `exec '${path}' "$@"`, ''].join('\n'), {
    mode: 0o755,
  })
  return file
}

const certify = async (key: string, certificate: string): Promise<void> => {
  const { path, env } = requirePeer('openssl')
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.8']
  const files = ['-keyout', key, '-out', certificate]
  const kind = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2']
  await promisify(execFile)(path, [...kind, ...names, ...files], {
    env: { ...process.env, ...env },
  })
}

export type NtsServer = {
  /** The line that makes an ntpd follow it. */
  directive: string
  stop: () => Promise<void>
}

/**
 * A chronyd on 127.0.0.8 for ntpd to follow. ntpd asks port 123 only, where it is itself on all addresses,
 * unless a server names another port in the key exchange of NTS (RFC 8915 §4.1.8).
 */
export const startNtsServer = async (scope: Scope): Promise<NtsServer> => {
  const address = '127.0.0.8'
  const folder = await temporaryFolder(scope, 'nts-server')
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  await certify(key, certificate)
  const keyPort = await freeTcpPort(address)
  const file = join(folder, 'chrony.conf')
  const lines = [
    `port ${await freeUdpPort(address)}`,
    `bindaddress ${address}`,
    'allow',
    'cmdport 0',
    'bindcmdaddress /',
    `pidfile ${join(folder, 'chronyd.pid')}`,
    'user root',
    'local stratum 3',
    `ntsserverkey ${key}`,
    `ntsservercert ${certificate}`,
    `ntsport ${keyPort}`,
    'ntsprocesses 0',
    '',
  ]
  await writeFile(file, lines.join('\n'))
  const { path, env } = requirePeer('chronyd')
  const { stop } = await startProcess(scope, {
    name: 'chronyd with NTS',
    command: path,
    args: ['-x', '-d', '-U', '-4', '-f', file],
    env: joinEnv(env),
    ready: output => output.includes('Disabled control of system clock'),
  })
  const polls = 'minpoll 0 maxpoll 1 iburst'
  return { directive: `server ${address}:${keyPort} nts ca ${certificate} ${polls}`, stop }
}
