import type { Config } from '../config/config.js'
import { formatEndpoint } from '../config/endpoint.js'

/** A target group of Prometheus' HTTP service discovery. */
export interface TargetGroup {
  readonly targets: readonly string[]
  readonly labels: { readonly [name: string]: string }
}

/**
 * One group for each module of each server: this exporter as the target, and /probe's parameters as
 * labels, so that a scrape job needs `http_sd_configs` and no relabelling at all.
 */
export const targetGroups = (
  config: Config,
  exporter: string,
  scheme: string,
): readonly TargetGroup[] =>
  config.pools.flatMap(({ name: pool, servers }) =>
    servers.flatMap(({ name: server, address, modules }) =>
      modules.map(module => ({
        targets: [exporter],
        labels: {
          __scheme__: scheme,
          __metrics_path__: '/probe',
          __param_target: formatEndpoint(address),
          __param_module: module.name,
          instance: formatEndpoint(address),
          pool,
          server,
          module: module.name,
        },
      })),
    ),
  )
