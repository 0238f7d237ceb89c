import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

export const PROJECT = resolve(import.meta.dirname, '..', '..')

const service = z.looseObject({
  profiles: z.array(z.string()),
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  depends_on: z.record(z.string(), z.unknown()).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
})

const compose = z.object({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.unknown()),
})

export type Service = z.infer<typeof service>

/** docker-compose.yml as it is written: variables stand as they are. */
export const readCompose = async () =>
  compose.parse(parse(await readFile(join(PROJECT, 'docker-compose.yml'), 'utf8'), { merge: true }))

/** The services that a profile starts, by name. */
export const servicesOf = async (profile: string): Promise<Readonly<Record<string, Service>>> => {
  const { services } = await readCompose()
  return Object.fromEntries(
    Object.entries(services).filter(([, { profiles }]) => profiles.includes(profile)),
  )
}

export const serviceOf = async (name: string): Promise<Service> => {
  const found = (await readCompose()).services[name]
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`)
  return found
}

export interface Mount {
  readonly source: string
  readonly target: string
  readonly mode: string | undefined
}

export const mountsOf = ({ volumes }: Service): readonly Mount[] =>
  volumes.map(volume => {
    const [source = '', target = '', mode] = volume.split(':')
    return { source, target, mode }
  })

/** What a health check asks for; undefined where the image has its own. */
export const healthUrl = ({ healthcheck }: Service): URL | undefined => {
  const url = healthcheck?.test.at(-1)
  return url === undefined ? undefined : new URL(url)
}

/** The paths of a service's arguments as they are in the project: `/etc/x/a.yml` → `…/alerts/a.yml`. */
export const argumentsHere = (service: Service): readonly string[] =>
  service.command.map(argument => {
    const [flag, value] = argument.split('=', 2)
    const mount = mountsOf(service).find(
      ({ source, target }) =>
        source.startsWith('./') && (value === target || value?.startsWith(`${target}/`)),
    )
    if (mount === undefined || value === undefined) return argument
    return `${flag}=${join(PROJECT, mount.source, value.slice(mount.target.length))}`
  })
