import { drawing, element } from './dom.mjs';
import { time } from './figures.mjs';

const WIDTH = 600;
const HEIGHT = 100;
const STEPS = [1, 2, 5, 10];

/** The next round number, so that the scale does not move with every point. */
function ceiling(value) {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * STEPS.find((step) => value <= power * step);
}

/** A line over time from zero, with its scale and its span as text; the figures are in words for those who hear. */
export function drawChart(points, { what, format }) {
  if (points.length < 2) return element('p', { class: 'note' }, 'The chart begins with the next samples.');
  const from = Date.parse(points[0].at);
  const span = Math.max(1, Date.parse(points.at(-1).at) - from);
  const top = ceiling(Math.max(...points.map(({ value }) => value)));
  const spots = points.map(({ at, value }) => {
    const x = ((Date.parse(at) - from) / span) * WIDTH;
    return `${x.toFixed(1)},${(HEIGHT - (value / top) * HEIGHT).toFixed(1)}`;
  });
  const last = points.at(-1);
  const label =
    `${what} from ${time(points[0].at)} to ${time(last.at)}: now ${format(last.value)}, ` +
    `at most ${format(Math.max(...points.map(({ value }) => value)))}`;
  const line = (y) => drawing('line', { class: 'axis', x1: 0, x2: WIDTH, y1: y, y2: y });
  return element(
    'figure',
    { class: 'chart-frame' },
    element('span', { class: 'chart-top', 'aria-hidden': 'true' }, format(top)),
    drawing(
      'svg',
      {
        class: 'chart',
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        preserveAspectRatio: 'none',
        role: 'img',
        'aria-label': label,
      },
      line(0),
      line(HEIGHT / 2),
      line(HEIGHT),
      drawing('polygon', { class: 'area', points: `0,${HEIGHT} ${spots.join(' ')} ${WIDTH},${HEIGHT}` }),
      drawing('polyline', { class: 'line', points: spots.join(' ') }),
    ),
    element(
      'figcaption',
      { class: 'chart-span' },
      element('span', {}, time(points[0].at)),
      element('span', {}, time(last.at)),
    ),
  );
}
