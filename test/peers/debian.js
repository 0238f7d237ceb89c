import { mkdirSync, renameSync, rmSync, symlinkSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, delimiter, dirname, join, relative, resolve } from 'node:path'
import { hasApt, unpackPackages } from './apt.js'
import { canRun, glob } from './files.js'

/**
 * The programs that the tests talk to. Debian's packages are unpacked under `.peers`, not installed:
 * on a system with systemd, installing chrony would remove systemd-timesyncd and start a daemon that
 * sets the clock, and chrony and ntpsec exclude each other. What is installed is used as it is.
 *
 * `files`: where the program or library can lie, seen from the root of a file system; `*` stands for
 * a part of one name, as in the multiarch triplet. `links`: to lay after unpacking, link → target.
 *
 * @typedef {{ packages: string[], files: string[], links?: Record<string, string> }} PeerSource
 * @type {Record<string, PeerSource>}
 */
export const PEERS = {
  chronyd: { packages: ['chrony'], files: ['usr/sbin/chronyd'] },
  chronyc: { packages: ['chrony'], files: ['usr/bin/chronyc'] },
  ntpdig: {
    packages: ['ntpsec-ntpdig'],
    files: ['usr/bin/ntpdig'],
    // Its Python half looks for its C half beside itself, and elsewhere only with binutils' help.
    links: { 'usr/lib/python3/dist-packages/ntp/libntpc.so': 'usr/lib/*/ntp/libntpc.so.1' },
  },
  ntpd: { packages: ['ntpsec'], files: ['usr/sbin/ntpd'] },
  ntpq: {
    packages: ['ntpsec'],
    files: ['usr/bin/ntpq'],
    links: { 'usr/lib/python3/dist-packages/ntp/libntpc.so': 'usr/lib/*/ntp/libntpc.so.1' },
  },
  prometheus: { packages: ['prometheus'], files: ['usr/bin/prometheus'] },
  promtool: { packages: ['prometheus'], files: ['usr/bin/promtool'] },
  // Debian's own name for it, and the one that it has everywhere else.
  alertmanager: {
    packages: ['prometheus-alertmanager'],
    files: ['usr/bin/prometheus-alertmanager', 'usr/bin/alertmanager'],
  },
  amtool: { packages: ['prometheus-alertmanager'], files: ['usr/bin/amtool'] },
  'victoria-metrics': { packages: ['victoria-metrics'], files: ['usr/bin/victoria-metrics'] },
  vmagent: { packages: ['victoria-metrics'], files: ['usr/bin/vmagent'] },
  vmalert: { packages: ['victoria-metrics'], files: ['usr/bin/vmalert'] },
  'docker-compose': {
    packages: ['docker-compose', 'python3-setuptools'],
    files: ['usr/bin/docker-compose'],
    // Python 3.11 has half of distutils with it, and the other half in a package that lies beside it.
    links: {
      'usr/lib/python3/dist-packages/distutils':
        'usr/lib/python3/dist-packages/setuptools/_distutils',
    },
  },
  openssl: { packages: ['openssl'], files: ['usr/bin/openssl'] },
  libfaketime: {
    packages: ['libfaketime'],
    files: ['usr/lib/*/faketime/libfaketime.so.1', 'usr/lib*/faketime/libfaketime.so.1'],
  },
  kamailio: { packages: ['kamailio'], files: ['usr/sbin/kamailio'] },
  // Its folder is where all of Kamailio's modules are.
  siptrace: {
    packages: ['kamailio'],
    files: ['usr/lib/*/kamailio/modules/siptrace.so', 'usr/lib*/kamailio/modules/siptrace.so'],
  },
  sipp: { packages: ['sip-tester'], files: ['usr/bin/sipp'] },
  mtail: { packages: ['mtail'], files: ['usr/bin/mtail'] },
  // What stamps its clock into another protocol than NTP.
  smbd: { packages: ['samba'], files: ['usr/sbin/smbd'] },
  apache2: {
    packages: ['apache2-bin', 'libapache2-mod-auth-gssapi', 'gss-ntlmssp'],
    files: ['usr/sbin/apache2'],
  },
  // Its folder is where Apache's other modules are too.
  'mod-auth-gssapi': {
    packages: ['apache2-bin', 'libapache2-mod-auth-gssapi', 'gss-ntlmssp'],
    files: ['usr/lib/apache2/modules/mod_auth_gssapi.so'],
  },
  'gss-ntlmssp': {
    packages: ['apache2-bin', 'libapache2-mod-auth-gssapi', 'gss-ntlmssp'],
    files: ['usr/lib/*/gssntlmssp/gssntlmssp.so'],
  },
  'freerdp-shadow': {
    packages: ['freerdp2-shadow-x11', 'xvfb'],
    files: ['usr/bin/freerdp-shadow-cli'],
  },
  Xvfb: { packages: ['freerdp2-shadow-x11', 'xvfb'], files: ['usr/bin/Xvfb'] },
  lighttpd: {
    packages: ['lighttpd', 'lighttpd-mod-mbedtls', 'lighttpd-mod-gnutls'],
    files: ['usr/sbin/lighttpd'],
  },
  // Its folder is where all of lighttpd's modules are.
  'lighttpd-mod-mbedtls': {
    packages: ['lighttpd', 'lighttpd-mod-mbedtls', 'lighttpd-mod-gnutls'],
    files: ['usr/lib/lighttpd/mod_mbedtls.so'],
  },
  nginx: { packages: ['nginx-light'], files: ['usr/sbin/nginx'] },
  'node-exporter': {
    packages: ['prometheus-node-exporter'],
    files: ['usr/bin/prometheus-node-exporter', 'usr/bin/node_exporter'],
  },
  'blackbox-exporter': {
    packages: ['prometheus-blackbox-exporter'],
    files: ['usr/bin/prometheus-blackbox-exporter', 'usr/bin/blackbox_exporter'],
  },
  htpdate: { packages: ['htpdate'], files: ['usr/sbin/htpdate', 'usr/bin/htpdate'] },
}

const HOME = resolve(import.meta.dirname, '..', '..', '.peers')
/** In an unpacked set: the system that it was made for, since another one lacks other libraries. */
const STAMP = '.unpacked-for'
const LIBRARIES = ['usr/lib/*-linux-*', 'lib/*-linux-*']
const PYTHON = 'usr/lib/python3/dist-packages'
/** Daemons are there, and an ordinary user's PATH names none of them. */
const DAEMON_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin']

const thisSystem = () => {
  try {
    const release = readFileSync('/etc/os-release', 'utf8')
    const [id, version] = [/^ID=.*$/m, /^VERSION_ID=.*$/m].map(re => re.exec(release)?.[0])
    return [id, version, process.arch].join(' ')
  } catch {
    return `${process.platform} ${process.arch}`
  }
}

/** @param {string[]} packages */
const rootOf = packages => join(HOME, 'root', packages.join('+'))

/** @param {string} root */
const isUnpacked = root => {
  try {
    return readFileSync(join(root, STAMP), 'utf8') === thisSystem()
  } catch {
    return false
  }
}

/** @param {PeerSource} source */
const installedAt = ({ files }) => {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...DAEMON_FOLDERS]
  const candidates = files.flatMap(file =>
    /(^|\/)s?bin\//.test(file)
      ? folders.filter(Boolean).map(folder => join(folder, basename(file)))
      : glob('/', file),
  )
  return candidates.find(canRun)
}

/** @param {string} root */
const environmentOf = root => {
  const libraries = LIBRARIES.flatMap(pattern => glob(root, pattern))
  const python = glob(root, PYTHON)
  return {
    // An empty entry would mean the current folder.
    ...(libraries.length > 0 && { LD_LIBRARY_PATH: libraries.join(':') }),
    ...(python.length > 0 && { PYTHONPATH: python.join(':') }),
  }
}

/**
 * A peer program or library and the variables that it needs to run, or nothing when it is missing.
 *
 * @param {string} name
 * @returns {{ path: string, env: Record<string, string> } | undefined}
 */
export const findPeer = name => {
  const source = PEERS[name]
  if (!source) throw new Error(`${name} is not in the table of peers`)
  const installed = installedAt(source)
  if (installed !== undefined) return { path: installed, env: {} }
  const root = rootOf(source.packages)
  if (!isUnpacked(root)) return undefined
  const path = source.files.flatMap(file => glob(root, file)).find(canRun)
  return path === undefined ? undefined : { path, env: environmentOf(root) }
}

/** @param {string} root @param {PeerSource} source */
const layLinks = (root, { links = {} }) => {
  for (const [link, pattern] of Object.entries(links)) {
    const [target] = glob(root, pattern)
    if (target === undefined) continue
    const from = join(root, link)
    rmSync(from, { force: true })
    symlinkSync(relative(dirname(from), target), from)
  }
}

/**
 * Unpacks beside the final place and renames, so that a set is there whole or not at all, whatever
 * is interrupted and whoever else does the same at the same time.
 *
 * @param {PeerSource} source
 * @returns {{ ok: true } | { ok: false, detail: string }}
 */
const unpack = source => {
  const root = rootOf(source.packages)
  if (isUnpacked(root)) return { ok: true }
  const unfinished = `${root}.${process.pid}`
  const unpacked = unpackPackages(source.packages, { root: unfinished, home: join(HOME, 'apt') })
  if (unpacked.ok) {
    for (const other of Object.values(PEERS)) {
      if (rootOf(other.packages) === root) layLinks(unfinished, other)
    }
    writeFileSync(join(unfinished, STAMP), thisSystem())
    replace(unfinished, root)
  }
  rmSync(unfinished, { recursive: true, force: true })
  return unpacked
}

/** @param {string} from @param {string} to */
const replace = (from, to) => {
  try {
    rmSync(to, { recursive: true, force: true })
    renameSync(from, to)
  } catch (error) {
    // Another run may have put the same set there in between; then that one serves.
    if (!isUnpacked(to)) throw error
  }
}

/** @param {PeerSource} source @returns {string} what went wrong, should the program be missing */
const bring = source => {
  try {
    mkdirSync(join(HOME, 'root'), { recursive: true })
    const unpacked = unpack(source)
    return unpacked.ok ? 'it was unpacked and does not run here' : unpacked.detail
  } catch (error) {
    return String(error)
  }
}

/** @param {string} name */
const setOf = name => PEERS[name].packages.join('+')

/**
 * Brings what is missing of the named programs. Takes milliseconds when nothing is. Never throws:
 * what could not be brought is told, with the reason.
 *
 * @param {string[]} peers
 * @param {{ log?: (line: string) => void }} [options]
 * @returns {{ missing: { name: string, reason: string }[] }}
 */
export const providePeers = (peers, { log = () => {} } = {}) => {
  const wanted = peers.filter(name => findPeer(name) === undefined)
  if (wanted.length === 0) return { missing: [] }
  const apt = hasApt()
  const missing = [...new Set(wanted.map(setOf))].flatMap(set => {
    const names = wanted.filter(name => setOf(name) === set)
    if (apt) log(`bringing ${set} for ${names.join(', ')}`)
    const reason = apt
      ? `Debian's ${set} could not be brought: ${bring(PEERS[names[0]])}`
      : `there is no apt here: install what Debian calls ${set} to run its tests`
    return names.filter(name => findPeer(name) === undefined).map(name => ({ name, reason }))
  })
  return { missing }
}
