// Makes elements. Text is only ever set as text: nothing that came over the wire is read as markup.

const svgSpace = 'http://www.w3.org/2000/svg';

/** An element with attributes and children; strings become text. */
export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same in SVG. */
export function shape(name, attributes = {}, ...children) {
  return fill(document.createElementNS(svgSpace, name), attributes, children);
}

/** Sets text unless it is there already, so that the page does not lay itself out for nothing. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}
