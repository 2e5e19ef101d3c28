// Draws the box's place on the path: the clients' paths on its left, its one TCP connection to each server on its right, and below it what it lets alone.

import { element, shape } from './dom.js';
import { colourOf } from './colours.js';
import { rate, count, words } from './format.js';

const lane = 46;
const narrow = 640;

export class Place {
  constructor(root) {
    this.root = root;
    this.svg = shape('svg', { role: 'img' });
    root.append(this.svg);
    new ResizeObserver(() => this.draw()).observe(root);
  }

  /** @param overview The box. @param sample Its last second. @param paths The paths of the last minutes, the oldest first. */
  update(overview, sample, paths) {
    this.now = { overview, sample, paths };
    this.draw();
  }

  draw() {
    if (!this.now || this.root.clientWidth === 0) return;
    const { overview, sample, paths } = this.now;
    const width = this.root.clientWidth;
    const isNarrow = width < narrow;
    const node = isNarrow ? 76 : 132;
    const lanes = Math.max(paths.length, 1);
    const top = 14;
    const tall = Math.max(lanes * lane, 92);
    const middle = top + tall / 2;
    const height = top + tall + 44;
    const box = { left: (width - node) / 2, right: (width + node) / 2 };
    const left = node;
    const right = width - node;
    const parts = [];

    const passed = passedIn(sample);
    const under = top + tall + 24;
    parts.push(shape('path', {
      class: 'pass', d: `M${left / 2} ${top + tall}V${under - 8}q0 8 8 8H${width - left / 2 - 8}q8 0 8 -8V${top + tall}`,
    }));
    parts.push(shape('rect', { class: 'behind', x: width / 2 - (isNarrow ? 70 : 130), y: under - 8, width: isNarrow ? 140 : 260, height: 17 }));
    parts.push(text(width / 2, under + 4, passed.count > 0
      ? `let alone: ${count(passed.count)}/s${isNarrow ? '' : ` · ${words(passed.most)}`}` : 'let alone: none now', 'note', 'middle'));

    paths.forEach(([name, value], index) => {
      const y = top + (tall - lanes * lane) / 2 + lane * (index + 0.5);
      const into = middle + (index - (lanes - 1) / 2) * Math.min(18, 60 / lanes);
      const bend = box.left - (isNarrow ? 8 : 60);
      parts.push(shape('path', {
        class: `wire ${colourOf('path', name)}`, 'stroke-width': thickness(value.up + value.down),
        d: `M${left} ${y}H${bend - (isNarrow ? 14 : 40)}C${bend} ${y} ${bend} ${into} ${box.left} ${into}`,
      }));
      if (isNarrow) return;
      parts.push(text(left + 12, y - 9, name, 'label'));
      parts.push(text(left + 12, y + 18, `↑ ${rate(value.up)}   ↓ ${rate(value.down)}`, 'figure'));
    });
    if (paths.length === 0)
      parts.push(shape('path', { class: 'wire idle', 'stroke-width': 1.5, d: `M${left} ${middle}H${box.left}` }));
    parts.push(shape('path', {
      class: `wire ${sample.flows > 0 ? 'server' : 'idle'}`, 'stroke-width': thickness(sample.up + sample.down), d: `M${box.right} ${middle}H${right}`,
    }));
    if (!isNarrow) {
      parts.push(text(box.right + 16, middle - 9, 'TCP', 'label'));
      parts.push(text(box.right + 16, middle + 18, `↑ ${rate(sample.up)}   ↓ ${rate(sample.down)}`, 'figure'));
    }

    parts.push(...block(0, node, top, tall, 'Clients', ['MPTCP']));
    parts.push(...block(box.left, node, top, tall, overview.name, [`${count(sample.flows)} relayed`, `${count(sample.contexts)} in set-up`], 'own'));
    parts.push(...block(right, node, top, tall, 'Servers', ['TCP']));

    this.svg.setAttribute('height', height);
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.svg.setAttribute('aria-label', describe(overview, sample, paths));
    this.svg.replaceChildren(...parts);
    this.tellNarrow(isNarrow, sample, paths);
  }

  /** Where there is no room at the wires, their figures stand below. */
  tellNarrow(isNarrow, sample, paths) {
    this.list?.remove();
    if (!isNarrow) return;
    this.list = element('ul', { class: 'legend wide' },
      ...paths.map(([name, value]) => entry(colourOf('path', name), name, value)),
      entry('c-server', 'to servers', sample));
    this.root.append(this.list);
  }
}

function entry(colour, name, value) {
  return element('li', {}, element('i', { class: colour }), element('span', {}, name), element('b', {}, `↑ ${rate(value.up)}  ↓ ${rate(value.down)}`));
}

function block(x, width, top, tall, title, lines, kind = '') {
  const y = top + (tall - 30 - lines.length * 16) / 2;
  return [
    shape('rect', { class: `node ${kind}`, x: x + 0.5, y: top, width: width - 1, height: tall, rx: 5 }),
    text(x + width / 2, y + 20, title, 'title', 'middle'),
    ...lines.map((line, index) => text(x + width / 2, y + 37 + index * 16, line, 'note', 'middle')),
  ];
}

function text(x, y, content, kind, anchor = 'start') {
  return shape('text', { x, y, class: kind, 'text-anchor': anchor }, content);
}

/** Each tenfold rate is as much thicker as the one before. */
function thickness(bitsPerSecond) {
  return Math.min(12, 1.5 + Math.max(0, Math.log10(Math.max(bitsPerSecond, 1)) - 3) * 1.7);
}

const acting = new Set(['adopted', 'served', 'claimed', 'serverLegacy']);

function passedIn(sample) {
  const passed = Object.entries(sample.decided).filter(([reason]) => !acting.has(reason));
  passed.sort((left, right) => right[1] - left[1]);
  return { count: passed.reduce((sum, [, number]) => sum + number, 0), most: passed[0]?.[0] };
}

function describe(overview, sample, paths) {
  return `${overview.name} relays ${sample.flows} connections. `
    + paths.map(([name, value]) => `Path ${name}: ${rate(value.up)} up, ${rate(value.down)} down. `).join('')
    + `To servers: ${rate(sample.up)} up, ${rate(sample.down)} down.`;
}
