import { argumentsHere, serviceOf } from './compose-file.js'

/** What flags are called in VictoriaMetrics 1.79, which Debian has, where that is something else. */
const NAMES_IN_1_79: Readonly<Record<string, string>> = {
  'rule.evalDelay': 'datasource.lookback',
}

type Replace = (name: string, value: string) => readonly string[] | undefined

/** The flags that docker-compose.yml gives to a service; `replace` says what stands for one here. */
const flagsOf = async (service: string, replace: Replace): Promise<readonly string[]> =>
  argumentsHere(await serviceOf(service)).flatMap(argument => {
    const [, name = '', value = ''] = /^-([^=]+)=(.*)$/.exec(argument) ?? []
    const values = replace(name, value) ?? [value]
    return values.map(one => `-${NAMES_IN_1_79[name] ?? name}=${one}`)
  })

/** How what is stored is asked for: flags of vmselect, which the single node has too. */
export const queryFlags = (): Promise<readonly string[]> =>
  flagsOf('vmselect', name => (name.startsWith('search.') ? undefined : []))

export const vmagentFlags = (victoriaMetrics: string): Promise<readonly string[]> =>
  flagsOf('vmagent', name => {
    if (name === 'remoteWrite.url') return [`${victoriaMetrics}/api/v1/write`]
    return name === 'promscrape.config' || name === 'remoteWrite.tmpDataPath' ? [] : undefined
  })

/** With a single node for the cluster, and these Alertmanagers for those of compose. */
export const vmalertFlags = (
  victoriaMetrics: string,
  alertmanagers: readonly string[],
): Promise<readonly string[]> => {
  const left = [...alertmanagers]
  return flagsOf('vmalert', name => {
    if (name === 'notifier.url') return left.splice(0, 1)
    return /^(datasource|remoteRead|remoteWrite)\.url$/.test(name) ? [victoriaMetrics] : undefined
  })
}
