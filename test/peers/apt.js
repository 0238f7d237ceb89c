import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The largest package is 20 MB: an `apt-get` that takes longer than this will not finish. */
const APT_DEADLINE_MS = 240_000
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

/**
 * Dependencies that a package needs for being installed, or for its web page, and not for being run
 * from a folder. Python is here because a script's first line names the one in /usr/bin anyway.
 */
const NOT_NEEDED_TO_RUN = [
  /^(adduser|ucf|lsb-base|c?debconf|init-system-helpers|dpkg|passwd|sensible-utils)$/,
  /^(usrmerge|usr-is-merged|iproute2|tzdata|perl|perl-base|netbase|procps|sysvinit-utils)$/,
  /^(fonts-.*|libjs-.*|javascript-common)$/,
  /^(lib)?python3(\.\d+)?(-minimal|-stdlib)?$/,
]

/** The sandbox user `_apt` could not write into a folder of ours; without root it changes nothing. */
const ALWAYS = ['-o', 'APT::Sandbox::User=root', '-o', 'Acquire::http::Timeout=20']

/** @typedef {{ ok: true, stdout: string, stderr: string } | { ok: false, detail: string }} Ran */

/** @param {string} command @param {string[]} args @param {string} [cwd] @returns {Ran} */
const run = (command, args, cwd) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: MAX_OUTPUT_BYTES,
    timeout: APT_DEADLINE_MS,
  })
  if (status === 0) return { ok: true, stdout, stderr }
  const told = (stderr ?? '').split('\n').find(line => line.startsWith('E: '))
  return {
    ok: false,
    detail: told?.slice(3) ?? error?.message ?? `${command} exited with ${status}`,
  }
}

/** Whether this system has Debian's tools at all. */
export const hasApt = () =>
  ['apt-get', 'apt-cache', 'dpkg', 'dpkg-query'].every(command => run(command, ['--version']).ok)

/**
 * Reads what `apt-cache depends --recurse` prints: a package at the margin; under it `Depends: x`,
 * or ` |Depends: x` where the next line is an alternative to it; and, deeper, who provides x. A
 * virtual package is in angle brackets and has no file of its own: only its providers count.
 *
 * @param {string} text
 * @returns {Map<string, string[][]>} package → for each dependency, the packages that would meet it
 */
export const parseDepends = text => {
  const graph = new Map()
  let dependencies = []
  let alternatives = []
  let goesOn = false
  for (const line of text.split('\n')) {
    const [, bar, name] = /^ ([ |])(?:Pre)?Depends: (\S+)$/.exec(line) ?? []
    if (name) {
      if (!goesOn) dependencies.push((alternatives = []))
      if (!name.startsWith('<')) alternatives.push(name)
      goesOn = bar === '|'
    } else if (line.startsWith('    ')) {
      alternatives.push(line.trim())
    } else if (/^[^<\s]/.test(line)) {
      graph.set(line, (dependencies = []))
      goesOn = false
    }
  }
  return graph
}

/**
 * The packages to unpack: the wanted ones, and what they need that is not here yet.
 *
 * @param {Map<string, string[][]>} graph
 * @param {string[]} wanted
 * @param {Set<string>} installed
 */
export const closure = (graph, wanted, installed) => {
  const chosen = new Set(wanted)
  for (const name of chosen) {
    for (const alternatives of graph.get(name) ?? []) {
      const [first] = alternatives
      if (first === undefined) continue
      if (alternatives.some(other => installed.has(other) || chosen.has(other))) continue
      if (alternatives.some(other => NOT_NEEDED_TO_RUN.some(re => re.test(other)))) continue
      chosen.add(first)
    }
  }
  return [...chosen]
}

const installedPackages = () => {
  const listed = run('dpkg-query', ['-W', '-f', '${db:Status-Abbrev} ${Package}\n'])
  if (!listed.ok) return new Set()
  const lines = listed.stdout.split('\n').filter(line => line.startsWith('ii'))
  return new Set(lines.map(line => line.split(/\s+/)[1] ?? ''))
}

/** @param {string[]} packages @param {string} debs @param {string[]} options @returns {Ran} */
const download = (packages, debs, options) => {
  const flags = ['--recurse', '--important']
  const depends = run('apt-cache', [...options, 'depends', ...flags, ...packages])
  if (!depends.ok) return depends
  const wanted = closure(parseDepends(depends.stdout), packages, installedPackages())
  return run('apt-get', [...options, 'download', ...wanted], debs)
}

/**
 * Package lists of our own, for a system whose lists are missing or older than what its mirror
 * still holds: refreshing the system's lists would take root, and would change the system.
 *
 * @param {string} home
 * @returns {{ ok: true, options: string[], warning?: string } | { ok: false, detail: string }}
 */
const makeLists = home => {
  const state = join(home, 'state')
  const cache = join(home, 'cache')
  mkdirSync(join(state, 'lists', 'partial'), { recursive: true })
  mkdirSync(join(cache, 'archives', 'partial'), { recursive: true })
  const file = join(home, 'apt.conf')
  const folders = [`Dir::State ${JSON.stringify(state)};`, `Dir::Cache ${JSON.stringify(cache)};`]
  // The hooks of a Docker image empty the system's own cache.
  const hooks = ['Pre-Invoke', 'Post-Invoke', 'Post-Invoke-Success']
  const noHooks = hooks.map(hook => `#clear APT::Update::${hook};`)
  writeFileSync(file, [...folders, ...noHooks, ''].join('\n'))
  const options = ['-c', file, ...ALWAYS]
  const updated = run('apt-get', [...options, 'update'])
  if (!updated.ok) return updated
  // A mirror that cannot be reached is no error for it: it goes on with the lists that it has.
  const warning = /^W: (Failed to fetch .*)$/m.exec(updated.stderr)?.[1]
  return { ok: true, options, warning }
}

/** @type {ReturnType<typeof makeLists> | undefined} */
let madeLists

/** Once a run. @param {string} home */
const ownLists = home => (madeLists ??= makeLists(home))

/** Why nothing can be fetched in this run, once that is known: each further try takes seconds. */
let noMirror

/** @param {string[]} packages @param {string} debs @param {string} home */
const fetchPackages = (packages, debs, home) => {
  if (noMirror !== undefined) return { ok: false, detail: noMirror }
  const got = download(packages, debs, ALWAYS)
  if (got.ok) return got
  const lists = ownLists(home)
  if (!lists.ok) return lists
  // What the first try got may be of other versions.
  rmSync(debs, { recursive: true })
  mkdirSync(debs)
  const gotNow = download(packages, debs, lists.options)
  if (gotNow.ok || lists.warning === undefined) return gotNow
  noMirror = lists.warning
  return { ok: false, detail: noMirror }
}

/**
 * Downloads the packages with what they need and unpacks them into `root`, without root's rights
 * and without installing. `home` is a folder to work in.
 *
 * @param {string[]} packages
 * @param {{ root: string, home: string }} folders
 * @returns {{ ok: true } | { ok: false, detail: string }}
 */
export const unpackPackages = (packages, { root, home }) => {
  const debs = join(home, `debs-${process.pid}`)
  mkdirSync(debs, { recursive: true })
  mkdirSync(root, { recursive: true })
  try {
    const got = fetchPackages(packages, debs, home)
    if (!got.ok) return got
    for (const deb of readdirSync(debs)) {
      const unpacked = run('dpkg', ['-x', join(debs, deb), root])
      if (!unpacked.ok) return unpacked
    }
    return { ok: true }
  } finally {
    rmSync(debs, { recursive: true, force: true })
  }
}
