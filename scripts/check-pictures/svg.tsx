import type { VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import { wrapped } from "../../orchestrator/report/wrap.ts";
import type { Lane, Picture, Point, RowsLane, Tone, ValuesLane } from "./lanes.ts";

const WIDTH = 800;
/** Where the time axis begins and ends; to its left stand the lanes' words. */
const [LEFT, RIGHT] = [200, WIDTH - 14];
const LINE = 15;
const VALUES_HEIGHT = 66;
const ROW_HEIGHT = 18;
const GAP = 16;
const TICK_SECONDS = 10;
/** Least width of what lasts for no time. */
const LEAST = 3;
/** Characters of a sentence that fit beside each other. */
const SENTENCE = 112;

/**
 * The colours of report.html, by the reader's own wish for light or dark; the ground is the page's. Text has a contrast of 4.5 on white and on
 * GitHub's dark ground.
 */
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #57606a; }
  .strong { fill: #1b1f24; font-weight: 600; }
  .sentence { fill: #1b1f24; font-size: 13px; }
  .fail { fill: #cf222e; font-size: 13px; font-weight: 600; }
  .invalid { fill: #8a6100; font-size: 13px; font-weight: 600; }
  .grid { stroke: #d0d7de; fill: none; }
  .moment { stroke: #6e7781; stroke-dasharray: 2 3; }
  .broke { fill: #cf222e; opacity: 0.16; }
  .broke-edge { stroke: #cf222e; stroke-width: 1.5; }
  .line { fill: none; stroke-width: 2; }
  .expected { stroke-dasharray: 5 4; stroke-width: 1.5; }
  .old { stroke: #4a86cc; } .new { stroke: #a34400; } .plain { stroke: #6e7781; } .bad { stroke: #cf222e; }
  .f-old { fill: #4a86cc; } .f-new { fill: #a34400; } .f-plain { fill: #6e7781; } .f-bad { fill: #cf222e; }
  .bound { stroke: #cf222e; stroke-dasharray: 6 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #a0abb8; }
    .strong, .sentence { fill: #e6edf3; }
    .fail { fill: #ff7b72; } .invalid { fill: #e3b341; }
    .grid { stroke: #39424e; } .moment { stroke: #98a3af; }
    .broke { fill: #ff7b72; } .broke-edge { stroke: #ff7b72; }
    .old { stroke: #9ccaff; } .new { stroke: #e8862e; } .plain { stroke: #98a3af; } .bad { stroke: #ff6b6b; }
    .f-old { fill: #9ccaff; } .f-new { fill: #e8862e; } .f-plain { fill: #98a3af; } .f-bad { fill: #ff6b6b; }
    .bound { stroke: #ff7b72; }
  }`;

/** The picture as an SVG, which follows the reader's light or dark colours. `title` is said to those who do not see it. */
export function svgOf(title: string, picture: Picture): string {
  const sentence = wrapped(picture.message, SENTENCE - picture.verdict.length);
  const momentsTop = 14 + sentence.length * LINE + 12;
  let y = momentsTop + 12;
  const lanes = picture.lanes.map((lane) => {
    const top = y;
    y += heightOf(lane) + GAP;
    return { lane, top };
  });
  const bottom = y - GAP + 6;
  const x = scaleOf(picture);
  const tree = (
    <svg xmlns="http://www.w3.org/2000/svg" viewBox={`0 0 ${WIDTH} ${bottom + 34}`} role="img" aria-label={title}>
      <title>{title}</title>
      <style>{STYLE}</style>
      <text x={0} y={14} class={picture.verdict}>
        {picture.verdict}
      </text>
      {sentence.map((line, index) => (
        <text key={line} x={picture.verdict === "fail" ? 32 : 58} y={14 + index * LINE} class="sentence">
          {line}
        </text>
      ))}
      {picture.broke.map(([from, until]) => (
        <g key={from}>
          <rect
            class="broke"
            x={x(from)}
            y={momentsTop + 6}
            width={round(Math.max(LEAST, x(until) - x(from)))}
            height={bottom - momentsTop - 6}
          />
          <line class="broke-edge" x1={x(from)} x2={x(from)} y1={momentsTop + 6} y2={bottom} />
        </g>
      ))}
      {picture.moments.map(({ label, second }) => (
        <g key={label}>
          <line class="moment" x1={x(second)} x2={x(second)} y1={momentsTop + 4} y2={bottom} />
          <text x={x(second)} y={momentsTop} text-anchor={anchorOf(x(second))}>
            {label}
          </text>
        </g>
      ))}
      {lanes.map(({ lane, top }) => (
        <g key={lane.title} transform={`translate(0 ${top})`}>
          {lane.kind === "values" ? values(lane, x, picture) : rows(lane, x)}
        </g>
      ))}
      {axis(picture, x, bottom)}
    </svg>
  );
  return `${renderToString(tree)}\n`;
}

type Scale = (second: number) => number;

function scaleOf({ from, until }: Picture): Scale {
  return (second) => {
    const within = Math.min(until, Math.max(from, second));
    return round(LEFT + ((within - from) / (until - from)) * (RIGHT - LEFT));
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function heightOf(lane: Lane): number {
  return lane.kind === "values" ? VALUES_HEIGHT : LINE + lane.rows.length * ROW_HEIGHT;
}

/** Words at the edge stay within the picture. */
function anchorOf(x: number): "start" | "middle" | "end" {
  if (x > RIGHT - 50) return "end";
  return x < LEFT + 40 ? "start" : "middle";
}

function axis({ from, until }: Picture, x: Scale, bottom: number): VNode {
  const first = Math.ceil(from / TICK_SECONDS) * TICK_SECONDS;
  const ticks = Array.from(
    { length: Math.floor((until - first) / TICK_SECONDS) + 1 },
    (_, i) => first + i * TICK_SECONDS,
  );
  return (
    <g>
      <line class="grid" x1={LEFT} x2={RIGHT} y1={bottom} y2={bottom} />
      {ticks.map((second) => (
        <text key={second} x={x(second)} y={bottom + 15} text-anchor="middle">
          {second}
        </text>
      ))}
      <text x={RIGHT} y={bottom + 30} text-anchor="end">
        seconds since the change was made
      </text>
    </g>
  );
}

function values(lane: ValuesLane, x: Scale, { until }: Picture): VNode {
  const y = (value: number): number => round(VALUES_HEIGHT - (Math.min(lane.most, value) / lane.most) * VALUES_HEIGHT);
  const { bound } = lane;
  return (
    <g>
      <text x={0} y={10} class="strong">
        {lane.title}
      </text>
      {lane.lines.map(({ label, tone, expected }, index) => (
        <g key={label}>
          <line class={lineClass(tone, expected)} x1={0} x2={16} y1={24 + index * LINE} y2={24 + index * LINE} />
          <text x={22} y={28 + index * LINE}>
            {label}
          </text>
        </g>
      ))}
      {[0, lane.most].map((value) => (
        <text key={value} x={LEFT - 6} y={y(value) + 4} text-anchor="end">
          {value === 0 ? "0" : `${value} ${lane.unit}`}
        </text>
      ))}
      <line class="grid" x1={LEFT} x2={RIGHT} y1={VALUES_HEIGHT} y2={VALUES_HEIGHT} />
      <line class="grid" x1={LEFT} x2={RIGHT} y1={0} y2={0} opacity={0.5} />
      {bound === undefined ? null : (
        <g>
          <line class="bound" x1={LEFT} x2={RIGHT} y1={y(bound.value)} y2={y(bound.value)} />
          <text x={LEFT + 4} y={y(bound.value) - 4}>
            {bound.label}
          </text>
        </g>
      )}
      {lane.lines.map(({ label, tone, points, expected }) => (
        <path key={label} class={lineClass(tone, expected)} d={stepsPath(points, x, y, until)} />
      ))}
    </g>
  );
}

function lineClass(tone: Tone, expected: true | undefined): string {
  return `line ${tone}${expected === true ? " expected" : ""}`;
}

/** A value holds until another one. */
function stepsPath(points: readonly Point[], x: Scale, y: (value: number) => number, until: number): string {
  let last: number | null = null;
  let path = "";
  for (const [second, value] of points) {
    if (second >= until) break;
    if (value === last) continue;
    if (last !== null) path += `H${x(second)}`;
    if (value !== null) path += last === null ? `M${x(second)} ${y(value)}` : `V${y(value)}`;
    last = value;
  }
  return last === null ? path : `${path}H${x(until)}`;
}

function rows(lane: RowsLane, x: Scale): VNode {
  return (
    <g>
      <text x={0} y={10} class="strong">
        {lane.title}
      </text>
      {lane.rows.map(({ label, tone, spans = [], dots = [] }, index) => {
        const middle = LINE + index * ROW_HEIGHT + ROW_HEIGHT / 2;
        return (
          <g key={label}>
            <text x={0} y={middle + 4}>
              {label}
            </text>
            <line class="grid" x1={LEFT} x2={RIGHT} y1={middle} y2={middle} />
            {spans.map(([from, until]) => (
              <rect
                key={from}
                class={`f-${tone}`}
                x={x(from)}
                y={middle - 5}
                width={round(Math.max(LEAST, x(until) - x(from)))}
                height={10}
                rx={2}
              />
            ))}
            {dots.map((second) => (
              <circle key={second} class={`f-${tone}`} cx={x(second)} cy={middle} r={3} />
            ))}
          </g>
        );
      })}
    </g>
  );
}
