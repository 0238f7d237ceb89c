import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { SHIPPED_FOLDER } from '../peers/alertmanager.js'

const rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(z.object({ alert: z.string(), labels: z.record(z.string(), z.string()) })),
    }),
  ),
})

/** Each shipped alert's name and the labels that its rule gives it. */
export const shippedAlerts = async (): Promise<Map<string, Record<string, string>>> => {
  const file = join(SHIPPED_FOLDER, 'rules', 'edgeclock.alerts.yml')
  const { groups } = rules.parse(parse(await readFile(file, 'utf8')))
  const all = groups.flatMap(({ rules }) => rules)
  return new Map(all.map(({ alert, labels }) => [alert, labels]))
}
