import { element, stateBadge } from './dom.mjs';

/** A table with a header for each row; a column that begins with `#` holds numbers. */
export function table(caption, columns, rows, none) {
  if (rows.length === 0) return element('p', { class: 'note' }, none);
  const isNumber = columns.map((column) => column.startsWith('#'));
  const classOf = (index) => (isNumber[index] ? { class: 'number' } : {});
  const head = columns.map((column, index) =>
    element('th', { scope: 'col', ...classOf(index) }, column.replace(/^#/, '')),
  );
  const lines = rows.map((cells) =>
    element(
      'tr',
      {},
      cells.map((cell, index) =>
        index === 0 ? element('th', { scope: 'row' }, cell) : element('td', classOf(index), cell),
      ),
    ),
  );
  return element(
    'table',
    {},
    element('caption', { class: 'visually-hidden' }, caption),
    element('thead', {}, element('tr', {}, head)),
    element('tbody', {}, lines),
  );
}

export function panel(id, title, size, ...content) {
  return element(
    'section',
    { id, class: `panel ${size}`, 'aria-labelledby': `${id}-title` },
    element('h2', { id: `${id}-title` }, title),
    content,
  );
}

export const code = (text) => element('span', { class: 'code' }, text);
export const note = (text) => element('p', { class: 'note' }, text);
export const notKnown = (cause, what = '') =>
  element('p', {}, stateBadge('bad', `${what}not known`), ` ${cause}`);
/** The content of a part that was asked for, or why it is not there. */
export const known = (asked, show, what) => (asked.ok ? show(asked.value) : notKnown(asked.cause, what));
