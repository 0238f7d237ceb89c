import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { prometheusAt } from '../../src/demo/shipped-config.js'
import { PROJECT } from './compose-file.js'

const ALERTS = join(PROJECT, 'alerts')

/** The shipped prometheus.yml: only its addresses are replaced, and its paths made absolute. */
export const shippedPrometheus = async (exporter: string, alertmanager: string): Promise<string> =>
  prometheusAt(await readFile(join(ALERTS, 'prometheus.yml'), 'utf8'), {
    folder: ALERTS,
    exporters: [exporter],
    alertmanagers: [alertmanager],
  })

const scraping = z.looseObject({
  scrape_configs: z.array(
    z.looseObject({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) }),
  ),
})

/** The shipped vmagent.yml, with these in place of the exporters that it scrapes. */
export const shippedVmagent = async (shards: readonly string[]): Promise<object> => {
  const config = scraping.parse(parse(await readFile(join(ALERTS, 'vmagent.yml'), 'utf8')))
  const [group, ...others] = config.scrape_configs.flatMap(one => one.static_configs)
  if (!group || others.length > 0)
    throw new Error('vmagent.yml is no longer one job with one group')
  group.targets = [...shards]
  return config
}
