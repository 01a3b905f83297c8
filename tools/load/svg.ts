/** One line of a chart; gaps are left where a value is missing. */
export interface Series {
  name: string;
  colour: string;
  points: readonly { x: number; y: number }[];
  dashed?: boolean;
}

export interface Chart {
  title: string;
  unit: string;
  series: readonly Series[];
  /** Logarithmic from a tenth of the smallest decade shown. */
  isLogarithmic?: boolean;
  /** Vertical marks: what happens when. */
  marks?: readonly { x: number; label: string }[];
}

const SIZE = { width: 860, height: 250, left: 64, right: 16, top: 22, bottom: 34 } as const;
const TICKS = 5;

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** The least of 1, 2, 5 times a power of ten that is not below `value`. */
function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

function label(value: number): string {
  if (value >= 1_000) return `${Number((value / 1_000).toFixed(1))}k`;
  return String(Number(value.toFixed(value < 1 ? 2 : 1)));
}

interface Axis {
  place: (value: number) => number;
  ticks: readonly number[];
}

function verticalAxis(values: readonly number[], isLogarithmic: boolean): Axis {
  const { height, top, bottom } = SIZE;
  const span = height - top - bottom;
  const highest = Math.max(0, ...values);
  if (!isLogarithmic) {
    const max = roundUp(highest);
    return {
      place: (value) => top + span * (1 - value / max),
      ticks: Array.from({ length: TICKS + 1 }, (_, index) => (max / TICKS) * index),
    };
  }
  const positive = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(1e9, ...positive)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(1, ...positive))));
  return {
    place: (value) => top + span * (1 - (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)),
    ticks: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)),
  };
}

function horizontalAxis(max: number): Axis {
  const { width, left, right } = SIZE;
  const step = roundUp(max / 8);
  return {
    place: (value) => left + ((width - left - right) * value) / Math.max(max, 1e-9),
    ticks: Array.from({ length: Math.floor(max / step) + 1 }, (_, index) => index * step),
  };
}

function gridText(x: Axis, y: Axis, unit: string): string {
  const { width, height, left, right, bottom, top } = SIZE;
  const horizontal = y.ticks.map(
    (tick) =>
      `<line class="grid" x1="${left}" x2="${width - right}" y1="${y.place(tick).toFixed(1)}" y2="${y.place(tick).toFixed(1)}"/>` +
      `<text class="tick" text-anchor="end" x="${left - 6}" y="${(y.place(tick) + 4).toFixed(1)}">${label(tick)}</text>`,
  );
  const vertical = x.ticks.map(
    (tick) =>
      `<text class="tick" text-anchor="middle" x="${x.place(tick).toFixed(1)}" y="${height - bottom + 16}">${label(tick)}</text>`,
  );
  const names =
    `<text class="tick" x="4" y="${top - 5}">${escaped(unit)}</text>` +
    `<text class="tick" text-anchor="end" x="${width - right}" y="${height - 4}">seconds since the phase began</text>`;
  return [...horizontal, ...vertical, names].join('');
}

/** The label of a mark: beside it, on the side that has room. */
function markText(text: string, x: number, y: number): string {
  const isLate = x > SIZE.width - 110;
  return `<text class="tick"${isLate ? ' text-anchor="end"' : ''} x="${(isLate ? x - 4 : x + 4).toFixed(1)}" y="${y}">${escaped(text)}</text>`;
}

/** A line chart over seconds, as SVG with its legend below. */
export function lineChart({ title, unit, series, isLogarithmic = false, marks = [] }: Chart): string {
  const points = series.flatMap((each) => each.points);
  const x = horizontalAxis(Math.max(1, ...points.map((point) => point.x)));
  const y = verticalAxis(
    points.map((point) => point.y),
    isLogarithmic,
  );
  const { width, height, top, bottom } = SIZE;
  const lines = series.map(({ colour, points: own, dashed }) => {
    const path = own
      .map((point) => `${x.place(point.x).toFixed(1)},${y.place(point.y).toFixed(1)}`)
      .join(' ');
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.8"${dashed === true ? ' stroke-dasharray="5 4"' : ''} points="${path}"/>`;
  });
  const markLines = marks.map(
    (mark) =>
      `<line class="mark" x1="${x.place(mark.x).toFixed(1)}" x2="${x.place(mark.x).toFixed(1)}" y1="${top}" y2="${height - bottom}"/>` +
      markText(mark.label, x.place(mark.x), top + 11),
  );
  const legend = series
    .map(({ name, colour }) => `<span><i style="background:${colour}"></i>${escaped(name)}</span>`)
    .join('');
  return (
    `<figure><figcaption>${escaped(title)}</figcaption>` +
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">` +
    `${gridText(x, y, unit)}${markLines.join('')}${lines.join('')}</svg><div class="legend">${legend}</div></figure>`
  );
}

export interface Bar {
  name: string;
  values: readonly number[];
}

/** Horizontal bars in groups, with their values written beside them. */
export function barChart(
  title: string,
  unit: string,
  kinds: readonly { name: string; colour: string }[],
  bars: readonly Bar[],
): string {
  const { width } = SIZE;
  const left = 190;
  const thickness = 13;
  const groupHeight = kinds.length * (thickness + 2) + 12;
  const max = roundUp(Math.max(0, ...bars.flatMap(({ values }) => values.filter(Number.isFinite))));
  const rows = bars.flatMap(({ name, values }, group) => {
    const y = group * groupHeight + 6;
    const texts = values.map((value, index) => {
      const length = Number.isFinite(value) ? ((width - left - 90) * value) / max : 0;
      const at = y + index * (thickness + 2);
      return (
        `<rect x="${left}" y="${at}" height="${thickness}" width="${Math.max(0, length).toFixed(1)}" fill="${kinds[index]?.colour ?? '#888'}"/>` +
        `<text class="tick" x="${(left + Math.max(0, length) + 5).toFixed(1)}" y="${at + 11}">${Number.isFinite(value) ? label(value) : 'none'}</text>`
      );
    });
    return [
      `<text class="name" text-anchor="end" x="${left - 8}" y="${y + groupHeight / 2}">${escaped(name)}</text>`,
      ...texts,
    ];
  });
  const legend = kinds
    .map(({ name, colour }) => `<span><i style="background:${colour}"></i>${escaped(name)}</span>`)
    .join('');
  return (
    `<figure><figcaption>${escaped(title)} (${escaped(unit)})</figcaption>` +
    `<svg viewBox="0 0 ${width} ${bars.length * groupHeight + 6}" role="img" aria-label="${escaped(title)}">${rows.join('')}</svg>` +
    `<div class="legend">${legend}</div></figure>`
  );
}
