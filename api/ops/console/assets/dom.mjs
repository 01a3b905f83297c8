/** Makes an element; text becomes text nodes, so nothing that comes from outside is ever parsed as HTML. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined) continue;
    made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children.flat(Infinity).map((child) => (child instanceof Node ? child : String(child))));
  return made;
}

/** The same for SVG. */
export function drawing(tag, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** Replaces what `parent` holds, unless it holds the same already: focus and selection of the reader stay. */
export function fill(parent, ...children) {
  const draft = parent.cloneNode(false);
  draft.append(...children.flat());
  if (!parent.isEqualNode(draft)) parent.replaceChildren(...draft.childNodes);
}

/** A state as a sign, a word and a colour: none of them carries the meaning alone. */
export function stateBadge(kind, text) {
  const signs = { good: '●', warn: '▲', bad: '■', idle: '○' };
  return element(
    'span',
    { class: `state state-${kind}` },
    element('span', { 'aria-hidden': 'true' }, signs[kind]),
    ` ${text}`,
  );
}
