/** Text (already escaped) or a number. */
export type Cell = string | number;
const cell = (value: Cell): string =>
  typeof value === 'number' ? `<td class="n">${value}</td>` : `<td>${value}</td>`;

/** An HTML table; columns of numbers stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const isNumber = (column: number): boolean => typeof rows[0]?.[column] === 'number';
  const titles = head
    .map((title, index) => `<th${isNumber(index) ? ' class="n"' : ''}>${title}</th>`)
    .join('');
  return `<table><thead><tr>${titles}</tr></thead><tbody>${rows
    .map((row) => `<tr>${row.map(cell).join('')}</tr>`)
    .join('')}</tbody></table>`;
}
