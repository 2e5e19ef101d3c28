// Which colour a path or a reason has: the same in the drawing, the charts and the detail, for as long as the page is open.

const slots = 6;
const taken = { path: new Map(), reason: new Map() };

/** The class of a name; the first six of a kind get a colour of their own. */
export function colourOf(kind, name) {
  if (name === 'others') return 'c-rest';
  const names = taken[kind];
  if (!names.has(name)) names.set(name, names.size);
  const slot = names.get(name);
  return slot < slots ? `c-${slot}` : 'c-rest';
}
