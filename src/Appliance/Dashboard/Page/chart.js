// A stacked area over the last two to ten minutes, as much as there is, with a legend that tells the values: of now, or of where the pointer or the arrow keys are.

import { element, shape, setText } from './dom.js';
import { clock } from './format.js';

const height = 132;
const margin = { left: 44, right: 6, top: 8, bottom: 18 };
const spans = [2, 5, 10];

export class Chart {
  /**
   * @param title Heading.
   * @param options `split(sample)`: names and values of a sample, or null where it has none; `colour(name)`: class of a name;
   *   `text(value)` and `axis(value)`: values in the legend and at the axis; `names`: names that are always there, in their order;
   *   `lines`: true to draw each by itself instead of one on the other;
   *   `steps`: true for counts, which belong to a whole second.
   */
  constructor(title, options) {
    this.options = options;
    this.samples = [];
    this.at = null;
    this.when = element('span', { class: 'when' });
    this.legend = element('ul', { class: 'legend' });
    this.svg = shape('svg', { height, tabindex: 0, role: 'group', 'aria-label': `${title}, last minutes; arrow keys read values` });
    this.root = element('section', { class: 'panel chart' },
      element('h2', {}, title, this.when), this.svg, this.legend);
    this.svg.addEventListener('pointermove', event => this.point(event.offsetX));
    this.svg.addEventListener('pointerleave', () => this.read(null));
    this.svg.addEventListener('blur', () => this.read(null));
    this.svg.addEventListener('keydown', event => this.key(event));
    new ResizeObserver(() => this.draw()).observe(this.svg);
  }

  update(samples) {
    this.samples = samples;
    this.draw();
  }

  get width() {
    return this.svg.clientWidth;
  }

  /** Minutes from one side to the other. */
  get minutes() {
    const known = (this.samples.at(-1).time - this.samples[0].time) / 60000;
    return spans.find(span => span >= known) ?? spans.at(-1);
  }

  x(time) {
    const end = this.samples.at(-1).time;
    return margin.left + (this.width - margin.left - margin.right) * (1 - (end - time) / (this.minutes * 60000));
  }

  point(offset) {
    if (this.samples.length === 0) return;
    let nearest = 0;
    this.samples.forEach((sample, index) => {
      if (Math.abs(this.x(sample.time) - offset) < Math.abs(this.x(this.samples[nearest].time) - offset)) nearest = index;
    });
    this.read(this.samples[nearest].number);
  }

  key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -60, PageDown: 60, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === 'Escape') this.read(null);
    if (!step || this.samples.length === 0) return;
    event.preventDefault();
    const index = this.at === null ? this.samples.length - 1 : this.samples.findIndex(sample => sample.number === this.at);
    this.read(this.samples[Math.min(Math.max(index + step, 0), this.samples.length - 1)].number);
  }

  read(number) {
    this.at = number;
    this.draw();
  }

  /** The names of all samples, the fixed ones first, then by how much they have. */
  names(values) {
    const sums = new Map((this.options.names ?? []).map(name => [name, Infinity]));
    for (const value of values)
      for (const [name, amount] of Object.entries(value ?? {})) sums.set(name, (sums.get(name) ?? 0) + amount);
    return [...sums].sort((left, right) => left[0] === 'others' ? 1 : right[0] === 'others' ? -1 : right[1] - left[1]).map(([name]) => name);
  }

  draw() {
    const { samples, options } = this;
    if (samples.length === 0 || this.width === 0) return;
    const values = samples.map(options.split);
    const names = this.names(values);
    const tops = stack(values, names, options.lines);
    const most = scaleEnd(Math.max(0, ...tops.map(row => row ? Math.max(...row) : 0)), options.least ?? 1);
    const bottom = height - margin.bottom;
    const y = value => bottom - (bottom - margin.top) * value / most;
    const parts = [];
    for (const share of [0, 0.5, 1]) {
      parts.push(shape('line', { class: 'grid', x1: margin.left, x2: this.width - margin.right, y1: y(most * share), y2: y(most * share) }));
      parts.push(shape('text', { class: 'axis', x: margin.left - 6, y: y(most * share) + 3.5, 'text-anchor': 'end' }, options.axis(most * share)));
    }
    const end = samples.at(-1).time;
    for (const [share, anchor] of [[1, 'start'], [0.5, 'middle'], [0, 'end']]) {
      const label = share === 0 ? 'now' : `−${this.minutes * share} min`;
      parts.push(shape('text', { class: 'axis', x: this.x(end - this.minutes * share * 60000), y: height - 4, 'text-anchor': anchor }, label));
    }

    // The oldest may have left the picture by a second or two.
    const xs = samples.map(sample => Math.max(margin.left, this.x(sample.time)));
    names.forEach((name, index) => parts.push(shape('path', {
      class: `${options.lines ? 'line' : 'area'} ${options.colour(name)}`,
      d: (options.lines ? line : options.steps ? steps : area)(tops, xs, y, index),
    })));
    const place = samples.findIndex(sample => sample.number === this.at);
    if (place >= 0) parts.push(shape('line', { class: 'cursor', x1: xs[place], x2: xs[place], y1: margin.top, y2: bottom }));
    this.svg.replaceChildren(...parts);
    setText(this.when, place >= 0 ? clock(samples[place].time) : '');
    this.tell(names, values[place >= 0 ? place : values.length - 1]);
  }

  tell(names, value) {
    while (this.legend.children.length > names.length) this.legend.lastChild.remove();
    names.forEach((name, index) => {
      if (!this.legend.children[index])
        this.legend.append(element('li', {}, element('i', {}), element('span', {}), element('b', {})));
      const [swatch, label, amount] = this.legend.children[index].children;
      swatch.className = this.options.colour(name);
      setText(label, this.options.label?.(name) ?? name);
      setText(amount, value ? this.options.text(value[name] ?? 0) : '–');
    });
  }
}

/** For each sample the upper edges of its names; null where the sample has no values. */
function stack(values, names, apart) {
  return values.map(value => {
    if (!value) return null;
    let sum = 0;
    return names.map(name => apart ? value[name] ?? 0 : sum += value[name] ?? 0);
  });
}

function line(tops, xs, y, index) {
  let pen = 'M';
  let path = '';
  tops.forEach((row, at) => {
    if (row) path += `${pen}${xs[at].toFixed(1)} ${y(row[index]).toFixed(1)}`;
    pen = row ? 'L' : 'M';
  });
  return path;
}

/** The band of a name between the edge below and its own, in pieces where samples have no values. */
function area(tops, xs, y, index) {
  let path = '';
  for (let from = 0; from < tops.length;) {
    if (!tops[from]) {
      from++;
      continue;
    }
    let to = from;
    while (to + 1 < tops.length && tops[to + 1]) to++;
    for (let at = from; at <= to; at++) path += `${at === from ? 'M' : 'L'}${xs[at].toFixed(1)} ${y(tops[at][index]).toFixed(1)}`;
    for (let at = to; at >= from; at--) path += `L${xs[at].toFixed(1)} ${y(index > 0 ? tops[at][index - 1] : 0).toFixed(1)}`;
    path += 'Z';
    from = to + 1;
  }
  return path;
}

/** A bar for each second in which there is something. */
function steps(tops, xs, y, index) {
  let path = '';
  for (let at = 1; at < tops.length; at++) {
    const from = index > 0 ? tops[at][index - 1] : 0;
    if (tops[at][index] === from) continue;
    const left = Math.min(xs[at - 1] + 0.5, xs[at] - 1);
    path += `M${left.toFixed(1)} ${y(from).toFixed(1)}V${y(tops[at][index]).toFixed(1)}H${xs[at].toFixed(1)}V${y(from).toFixed(1)}Z`;
  }
  return path;
}

/** The next of 1, 2, 5, 10, 20 and so on. */
function scaleEnd(most, least) {
  if (most <= least) return least;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map(step => step * power).find(step => step >= most);
}
