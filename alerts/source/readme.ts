import { format, resolveConfig } from 'prettier'
import { alerts } from './table.js'

const README = new URL('../README.md', import.meta.url)
const MARKERS = /(?<=<!-- alerts -->\n)[^]*(?=<!-- \/alerts -->)/

const cell = (text: string): string => text.replaceAll('|', '\\|')

const table = (): string =>
  [
    '| alert | severity | fires when | after |',
    '| --- | --- | --- | --- |',
    ...alerts.map(
      ({ name, severity, when, for: after }) =>
        `| [\`${name}\`](runbooks/${name}.md) | ${severity} | ${cell(when)} | ${after ?? 'at once'} |`,
    ),
  ].join('\n')

/** alerts/README.md with the table of alerts as they are now. */
export const renewedReadme = async (readme: string): Promise<string> =>
  format(
    readme.replace(MARKERS, () => `\n${table()}\n\n`),
    { ...(await resolveConfig(README)), parser: 'markdown' },
  )
