import { type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Placeable } from './panel.js'

const COLUMNS = 24

/** Panels under a heading that folds them. Folded ones ask nothing until they are opened. */
export interface Section {
  readonly title: string
  readonly folded?: true
  readonly panels: readonly Placeable[]
}

/** As text is set: from left to right, a new line where the next one does not fit. */
const placed = (panels: readonly Placeable[], top: number) => {
  let [x, y, lineHeight] = [0, top, 0]
  const at = panels.map(({ size: [w, h] }) => {
    if (x + w > COLUMNS) [x, y, lineHeight] = [0, y + lineHeight, 0]
    const place = { x, y, w, h }
    x += w
    lineHeight = Math.max(lineHeight, h)
    return place
  })
  return { at, bottom: y + lineHeight }
}

/** Puts the sections one below the other, and numbers the panels that have no number. */
export const layOut = (dashboard: DashboardBuilder, sections: readonly Section[]): void => {
  let y = 0
  let id = 0
  for (const { title, folded, panels } of sections) {
    const row = new RowBuilder(title).id(++id).collapsed(folded === true)
    row.gridPos({ x: 0, y, w: COLUMNS, h: 1 })
    const { at, bottom } = placed(panels, y + 1)
    const built = panels.map((one, index) => {
      one.panel.gridPos(at[index]!)
      one.panel.id(one.id ?? ++id)
      return one.panel
    })
    if (folded) for (const panel of built) row.withPanel(panel)
    dashboard.withRow(row)
    if (!folded) for (const panel of built) dashboard.withPanel(panel)
    y = folded ? y + 1 : bottom
  }
}
