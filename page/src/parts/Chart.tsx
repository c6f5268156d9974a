import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";

import { writeHashRate } from "./format.ts";

/** A measured power at a time. */
export interface Point {
  /** Unix seconds. */
  readonly at: number;
  /** Hashes per second. */
  readonly rate: number;
}

const HEIGHT = 220;

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function optionsOf(width: number): uPlot.Options {
  const axis = { stroke: colour("--faint"), grid: { stroke: colour("--line"), width: 1 } };
  const write = (rate: number): string => writeHashRate(BigInt(Math.round(rate))).text;
  return {
    width,
    height: HEIGHT,
    cursor: { y: false },
    legend: { live: true },
    axes: [axis, { ...axis, size: 84, values: (_chart, rates) => rates.map(write) }],
    scales: { y: { range: (_chart, _least, most) => [0, most * 1.15] } },
    series: [
      {},
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

/** Measured power over time, beside what must be proven. The table beneath says the same to those who do not see it. */
export function PowerChart(props: {
  readonly points: readonly Point[];
  /** Hashes per second that must be proven; left out where there is no such line. */
  readonly required?: number;
}) {
  const { points, required } = props;
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
      const lines = required === undefined ? [rates] : [rates, points.map(() => required)];
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
  }, [points, required]);
  return <div class="chart" ref={box} aria-hidden="true" />;
}
