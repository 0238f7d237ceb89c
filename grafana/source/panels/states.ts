import { PanelBuilder as StatusHistoryBuilder } from '@grafana/grafana-foundation-sdk/statushistory'
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline'
import { VisibilityMode, VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common'
import type { Link } from '../links.js'
import { type Placeable, type Spec, described, override } from '../panel.js'
import { type Words, byThresholds, thresholds, words } from '../style.js'

/** More squares than these cannot be told apart. */
const SQUARES = 50
/** As wide as that of the graphs above and below. */
const AXIS_WIDTH = 90

export interface StatesSpec extends Omit<Spec, 'unit'> {
  readonly words: Words
  /** Those of single series, by their name. */
  readonly others?: { readonly [pattern: string]: Words }
  readonly link?: Link
}

type Builder = StateTimelineBuilder | StatusHistoryBuilder

/** Values that are words have no unit; `none` says so. */
const worded = <B extends Builder>(panel: B, spec: StatesSpec): B => {
  described<Builder>(panel, { ...spec, unit: 'none', mappings: words(spec.words) })
    .colorScheme(byThresholds())
    .thresholds(thresholds({ base: 'text' }))
    .legend(new VizLegendOptionsBuilder().showLegend(false))
    .axisWidth(AXIS_WIDTH)
    .rowHeight(0.8)
    .fillOpacity(80)
    .lineWidth(0)
  for (const [pattern, other] of Object.entries(spec.others ?? {})) {
    override(panel, pattern, { id: 'mappings', value: words(other) })
  }
  if (spec.link) override(panel, '.*', { id: 'links', value: [spec.link] })
  return panel
}

/** States that last, and when they changed. */
export const states = (spec: StatesSpec): Placeable => ({
  size: spec.size,
  panel: worded(new StateTimelineBuilder(), spec).mergeValues(true).showValue(VisibilityMode.Auto),
})

/** Each point by itself: what happened now and then. */
export const verdicts = (spec: StatesSpec): Placeable => ({
  size: spec.size,
  panel: worded(new StatusHistoryBuilder(), spec)
    .maxDataPoints(SQUARES)
    .colWidth(0.9)
    .showValue(VisibilityMode.Never),
})
