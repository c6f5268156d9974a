import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";

import { writeHashRate, writeTime } from "./format.ts";

/** A measured power at a time. */
export interface Point {
  /** Unix seconds. */
  readonly at: number;
  /** Hashes per second that were proven; null where nothing was. */
  readonly rate: number | null;
  /** Hashes per second that were to be proven at least; null where nothing was. */
  readonly least?: number | null;
}

const HEIGHT = 220;
const DAY = 86_400;

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Moments below a chart, in the reader's own manner: the time, and the day where it is another one than to the left. */
function ticksOf(moments: readonly number[], step: number): string[] {
  let before = "";
  return moments.map((at) => {
    const date = new Date(at * 1_000);
    const day = date.toLocaleDateString(undefined, { day: "numeric", month: "short" });
    const parts = step < DAY ? [date.toLocaleTimeString(undefined, { timeStyle: "short" })] : [];
    if (day !== before) parts.push(day);
    before = day;
    return parts.join("\n");
  });
}

function optionsOf(width: number): uPlot.Options {
  const axis = { stroke: colour("--faint"), grid: { stroke: colour("--line"), width: 1 } };
  const write = (rate: number): string => writeHashRate(BigInt(Math.round(rate))).text;
  return {
    width,
    height: HEIGHT,
    cursor: { y: false },
    legend: { live: true },
    padding: [null, 28, null, null],
    axes: [
      { ...axis, space: 76, values: (_chart, moments, _axis, _space, step) => ticksOf(moments, step) },
      { ...axis, size: 84, values: (_chart, rates) => rates.map(write) },
    ],
    scales: { y: { range: (_chart, _least, most) => [0, most * 1.15] } },
    series: [
      { label: "Time", value: (_chart, at: number | null) => (at === null ? "–" : writeTime(BigInt(at)).text) },
      {
        label: "Proven",
        stroke: colour("--main"),
        width: 2,
        points: { show: true, size: 6 },
        value: (_chart, rate: number | null) => (rate === null ? "–" : write(rate)),
      },
      {
        label: "To be proven",
        stroke: colour("--warning"),
        dash: [6, 4],
        value: (_chart, rate: number | null) => (rate === null ? "–" : write(rate)),
      },
    ],
  };
}

/** Measured power over time, beside what was to be proven. The table beneath says the same to those who do not see it. */
export function PowerChart(props: {
  readonly points: readonly Point[];
  /** Whether what was to be proven is drawn too. */
  readonly hasLeast?: boolean;
}) {
  const { points, hasLeast = false } = props;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let chart: uPlot | undefined;
    let isHere = true;
    const resize = new ResizeObserver(([entry]) => {
      if (entry !== undefined) chart?.setSize({ width: entry.contentRect.width, height: HEIGHT });
    });
    const draw = async (): Promise<void> => {
      const [{ default: Plot }] = await Promise.all([import("uplot"), import("uplot/dist/uPlot.min.css")]);
      const element = box.current;
      if (!isHere || element === null) return;
      const rates = points.map(({ rate }) => rate);
      const lines = hasLeast ? [rates, points.map(({ least = null }) => least)] : [rates];
      const options = optionsOf(element.clientWidth);
      options.series.length = lines.length + 1;
      chart = new Plot(options, [points.map(({ at }) => at), ...lines], element);
      resize.observe(element);
    };
    void draw();
    return () => {
      isHere = false;
      resize.disconnect();
      chart?.destroy();
    };
  }, [points, hasLeast]);
  return <div class="chart" ref={box} aria-hidden="true" />;
}
