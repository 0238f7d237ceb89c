import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { requirePeer } from './peer.js'
import { type Scope, temporaryFolder } from './scope.js'

export type CertificateOptions = {
  key?: 'rsa' | 'ec'
  /** `YYYYMMDDhhmmssZ`. */
  notBefore?: string
  notAfter?: string
}

export type MadeCertificate = {
  keyFile: string
  certificateFile: string
  /** Key and certificate in one, as lighttpd wants them. */
  bothFile: string
  der: Uint8Array
}

/** Nothing of the system's own configuration is there where openssl was only unpacked. */
const CONFIGURATION = `
[req]
distinguished_name = name
[name]
[ca]
default_ca = own
[own]
database = issued
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = policy
[policy]
commonName = supplied
`

const NEW_KEY = {
  rsa: ['-newkey', 'rsa:2048'],
  ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
} as const

const run = promisify(execFile)

/** A certificate that signed itself, of any dates: `openssl req -x509` makes none that begin in the past. */
export const makeCertificate = async (
  scope: Scope,
  {
    key = 'ec',
    notBefore = '20200101000000Z',
    notAfter = '20491231235959Z',
  }: CertificateOptions = {},
): Promise<MadeCertificate> => {
  const { path, env } = requirePeer('openssl')
  const folder = await temporaryFolder(scope, 'certificate')
  await writeFile(join(folder, 'openssl.cnf'), CONFIGURATION)
  await writeFile(join(folder, 'issued'), '')
  const openssl = (args: readonly string[]) =>
    run(path, [...args], { cwd: folder, env: { ...process.env, ...env } })
  const common = ['-config', 'openssl.cnf', '-batch']
  const request = ['-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=edge.test', '-nodes']
  await openssl(['req', '-new', ...common, ...NEW_KEY[key], ...request])
  const signed = ['-selfsign', '-keyfile', 'key.pem', '-in', 'request.pem', '-out', 'cert.pem']
  const dates = ['-startdate', notBefore, '-enddate', notAfter]
  await openssl(['ca', ...common, ...signed, '-notext', ...dates])
  const files = ['key.pem', 'cert.pem'].map(name => join(folder, name))
  const [keyPem, certificatePem] = await Promise.all(files.map(file => readFile(file, 'utf8')))
  const bothFile = join(folder, 'both.pem')
  await writeFile(bothFile, `${keyPem}${certificatePem}`)
  const der = new Uint8Array(new X509Certificate(certificatePem ?? '').raw)
  return { keyFile: files[0] ?? '', certificateFile: files[1] ?? '', bothFile, der }
}
