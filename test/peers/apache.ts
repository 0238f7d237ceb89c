import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { shiftedEnv } from './faketime.js'
import { joinEnv, requirePeer } from './peer.js'
import { freeTcpPort } from './ports.js'
import { startProcess } from './process.js'
import { type Scope, temporaryFolder } from './scope.js'

export type ApacheOptions = {
  /** libfaketime's notation: `-6h`, `+90.5`. Positive: ahead of this machine's clock. */
  offset?: string
  /** What it calls itself in NTLM challenges. */
  computer?: string
  domain?: string
}

export type Apache = {
  port: number
  /** What wants Windows authentication: by Negotiate and NTLM, or by NTLM and Basic. */
  paths: typeof PATHS
  pid: number
  /** What it logged, in the format that Apache calls combined. */
  accessLog: () => Promise<readonly string[]>
  errorLog: () => Promise<readonly string[]>
  stop: () => Promise<void>
}

const PATHS = { both: '/wsman', ntlm: '/ntlm' } as const
const MODULES = [
  'mpm_event',
  'authn_core',
  'authz_core',
  'authz_user',
  'auth_gssapi',
  'headers',
  // Built into some distributions' program.
  'unixd',
  'log_config',
]
const BUILT_IN_ON_DEBIAN = new Set(['unixd', 'log_config'])

const authenticated = (path: string): readonly string[] => [
  `<Location ${path}>`,
  'AuthType GSSAPI',
  'AuthName "edge"',
  'GssapiAllowedMech ntlmssp',
  'GssapiConnectionBound On',
  'Require valid-user',
  '</Location>',
]

/** Who runs as root has to say whom to change to: nobody, by number, since the name's group differs. */
const configuration = (folder: string, modules: string, port: number): string =>
  [
    `ServerRoot "${folder}"`,
    `DefaultRuntimeDir "${folder}"`,
    `PidFile "${join(folder, 'pid')}"`,
    `Mutex "file:${folder}" default`,
    'ServerName localhost',
    `Listen 127.0.0.1:${port}`,
    ...MODULES.map(name => {
      const line = `LoadModule ${name}_module "${join(modules, `mod_${name}.so`)}"`
      return BUILT_IN_ON_DEBIAN.has(name) ? `<IfModule !mod_${name}.c>\n${line}\n</IfModule>` : line
    }),
    'User #65534',
    'Group #65534',
    'ServerLimit 1',
    'StartServers 1',
    'ThreadsPerChild 16',
    'MaxRequestWorkers 16',
    'MinSpareThreads 1',
    'MaxSpareThreads 16',
    `ErrorLog "${join(folder, 'error.log')}"`,
    'LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\"" combined',
    `CustomLog "${join(folder, 'access.log')}" combined`,
    `DocumentRoot "${join(folder, 'www')}"`,
    '<Directory />',
    'AllowOverride None',
    '</Directory>',
    ...[PATHS.both, PATHS.ntlm].flatMap(authenticated),
    // Its own switch for Negotiate takes NTLM with it.
    `<Location ${PATHS.ntlm}>`,
    `Header always edit WWW-Authenticate "^Negotiate$" "Basic realm=\\"edge\\""`,
    '</Location>',
    '',
  ].join('\n')

/** Readable for the user that it changes to; the mechanism wants one user to be able to accept any. */
const layOut = async (scope: Scope, port: number) => {
  const folder = await temporaryFolder(scope, 'apache')
  const mechanism = requirePeer('gss-ntlmssp')
  const modules = dirname(requirePeer('mod-auth-gssapi').path)
  const files = {
    conf: join(folder, 'apache.conf'),
    mechanisms: join(folder, 'mech.conf'),
    users: join(folder, 'users'),
  }
  await chmod(folder, 0o755)
  await mkdir(join(folder, 'www'))
  await writeFile(join(folder, 'www', 'index.html'), 'a page\n')
  await writeFile(files.mechanisms, `gssntlmssp_v1 1.3.6.1.4.1.311.2.2.10 ${mechanism.path}\n`)
  await writeFile(files.users, 'EDGE:nobody:nothing\n')
  await writeFile(files.conf, configuration(folder, modules, port))
  return { folder, files, env: mechanism.env }
}

const linesOf = async (file: string): Promise<readonly string[]> =>
  (await readFile(file, 'utf8')).split('\n').filter(Boolean)

/** A real web server with Windows authentication (mod_auth_gssapi and gss-ntlmssp) on loopback. */
export const startApache = async (scope: Scope, options: ApacheOptions = {}): Promise<Apache> => {
  const { offset = '+0', computer = 'EDGE01', domain = 'EDGE' } = options
  const port = await freeTcpPort()
  const apache = requirePeer('apache2')
  const { folder, files, env } = await layOut(scope, port)
  const { pid, stop } = await startProcess(scope, {
    name: 'apache2',
    command: apache.path,
    args: ['-f', files.conf, '-DFOREGROUND'],
    cwd: folder,
    env: joinEnv(shiftedEnv(offset), env, apache.env, {
      GSS_MECH_CONFIG: files.mechanisms,
      NTLM_USER_FILE: files.users,
      NETBIOS_COMPUTER_NAME: computer,
      NETBIOS_DOMAIN_NAME: domain,
    }),
    ready: async () => (await fetch(`http://127.0.0.1:${port}/index.html`)).ok,
  })
  return {
    port,
    paths: PATHS,
    pid,
    accessLog: () => linesOf(join(folder, 'access.log')),
    errorLog: () => linesOf(join(folder, 'error.log')),
    stop,
  }
}
