import {
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BarGaugeSizing,
  BarGaugeValueMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TextBuilder } from '@grafana/grafana-foundation-sdk/text'
import { TextMode } from '@grafana/grafana-foundation-sdk/text'
import type { Link } from '../links.js'
import { NO_DATA, type Placeable, type Size, type Spec, described, override } from '../panel.js'
import { type Steps, byThresholds, nothing, thresholds } from '../style.js'

export interface NowSpec extends Spec {
  readonly colors: Steps
  readonly link?: Link
}

const last = (): ReduceDataOptionsBuilder => new ReduceDataOptionsBuilder().calcs(['lastNotNull'])

const withNothing = (spec: NowSpec): NowSpec => ({
  ...spec,
  mappings: [...(spec.mappings ?? []), nothing(spec.noValue ?? NO_DATA)],
})

/** One number, or one for each series. */
export const stat = (spec: NowSpec & { readonly named?: true }): Placeable => {
  const panel = described(new StatBuilder(), withNothing(spec))
    .colorScheme(byThresholds())
    .thresholds(thresholds(spec.colors))
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .textMode(spec.named ? BigValueTextMode.ValueAndName : BigValueTextMode.Value)
    .reduceOptions(last())
  if (spec.link) override(panel, '.*', { id: 'links', value: [spec.link] })
  return { size: spec.size, panel }
}

/** One bar for each series. */
export const bars = (spec: NowSpec): Placeable => {
  const panel = described(new BarGaugeBuilder(), withNothing(spec))
    .colorScheme(byThresholds())
    .thresholds(thresholds(spec.colors))
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .valueMode(BarGaugeValueMode.Color)
    .namePlacement(BarGaugeNamePlacement.Left)
    .sizing(BarGaugeSizing.Manual)
    .minVizHeight(16)
    .maxVizHeight(32)
    .reduceOptions(last())
  if (spec.link) override(panel, '.*', { id: 'links', value: [spec.link] })
  return { size: spec.size, panel }
}

export interface TextSpec {
  readonly id: number
  readonly title: string
  readonly description: string
  readonly size: Size
  readonly markdown: string
}

export const text = ({ id, title, description, size, markdown }: TextSpec): Placeable => ({
  id,
  size,
  panel: new TextBuilder()
    .title(title)
    .description(description)
    .mode(TextMode.Markdown)
    .content(markdown),
})
