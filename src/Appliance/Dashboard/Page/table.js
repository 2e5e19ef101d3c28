// The table of connections: thousands of them, of which only those in view have elements.

import { element, setText } from './dom.js';
import { bytes, shortRate, shortSpan, words } from './format.js';

const spare = 8;

/** A column: name, heading, what to sort by, what to show, whether it is a figure. */
const columns = [
  { name: 'client', title: 'Client', order: row => row.clientOrder, show: row => row.client },
  { name: 'server', title: 'Server', order: row => row.serverOrder, show: row => row.server },
  { name: 'paths', title: 'Paths', order: row => row.paths, show: row => row.paths ? row.mptcp ? `${row.paths}` : 'TCP' : '–', figure: true },
  { name: 'up', title: 'Up', unit: 'bit/s', order: row => row.up, show: row => shortRate(row.up), figure: true },
  { name: 'down', title: 'Down', unit: 'bit/s', order: row => row.down, show: row => shortRate(row.down), figure: true },
  { name: 'bytes', title: 'Moved', order: row => row.bytesUp + row.bytesDown, show: row => row.bytesUp + row.bytesDown ? bytes(row.bytesUp + row.bytesDown) : '–', figure: true },
  { name: 'age', title: 'Age', order: row => row.age, show: row => shortSpan(row.age), figure: true },
  { name: 'reason', title: 'Reason', order: row => row.reason, show: row => words(row.reason) },
];

export class Table {
  /** @param root Where. @param onOpen Called with the row to show in detail. */
  constructor(root, onOpen) {
    this.root = root;
    this.onOpen = onOpen;
    this.rows = new Map();
    this.view = [];
    this.shown = new Map();
    this.sort = { column: columns[4], falling: true };
    this.filter = { state: 'relayed', address: '', port: '', reason: '' };
    this.current = null;
    this.head = element('div', { role: 'row', class: 'row head', 'aria-rowindex': 1 });
    for (const column of columns) {
      const button = element('button', { type: 'button' }, column.title, column.unit ? element('small', {}, ` ${column.unit}`) : null);
      button.addEventListener('click', () => this.sortBy(column));
      this.head.append(element('div', { role: 'columnheader', class: `cell ${column.name}${column.figure ? ' figure' : ''}` }, button));
    }
    this.body = element('div', { role: 'rowgroup', class: 'rows' });
    this.scroller = element('div', { class: 'scroller' },
      element('div', { role: 'rowgroup', class: 'heads' }, this.head), this.body);
    this.empty = element('p', { class: 'empty' });
    root.append(this.scroller, this.empty);
    this.scroller.addEventListener('scroll', () => this.place(), { passive: true });
    this.body.addEventListener('keydown', event => this.key(event));
    // A row may move between press and release; the one that was pressed is meant.
    this.body.addEventListener('pointerdown', event => this.pressed = event.target.closest('.row')?.dataset.key);
    this.body.addEventListener('click', () => this.open(this.pressed));
    this.body.addEventListener('focusin', event => this.makeCurrent(event.target.closest('.row')?.dataset.key));
    this.body.addEventListener('pointerenter', () => this.isHeld = true);
    this.body.addEventListener('pointerleave', () => this.isHeld = false);
    new ResizeObserver(() => this.measure()).observe(this.scroller);
    this.measure();
    this.markSort();
  }

  /** @param report The box's answer. */
  update(report) {
    const rows = new Map();
    for (const row of report.rows) {
      // When a connection was let alone is told anew each time, to the millisecond.
      row.key = `${row.client} ${row.server} ${row.state} ${row.state === 'passed' ? '' : row.since}`;
      row.age = row.seconds ?? Math.max(0, (report.now - row.since) / 1000);
      const old = this.rows.get(row.key);
      row.clientOrder = old?.clientOrder ?? orderOf(row.client);
      row.serverOrder = old?.serverOrder ?? orderOf(row.server);
      rows.set(row.key, row);
    }
    this.rows = rows;
    this.arrange(this.isHeld || this.body.contains(document.activeElement));
  }

  filterBy(filter) {
    this.filter = filter;
    this.scroller.scrollTop = 0;
    this.arrange(false);
  }

  sortBy(column) {
    this.sort = { column, falling: this.sort.column === column ? !this.sort.falling : Boolean(column.figure) };
    this.markSort();
    this.arrange(false);
  }

  /** Gives the row of the detail the focus back. */
  focusCurrent() {
    const index = Math.max(0, this.view.findIndex(row => row.key === this.current));
    this.moveTo(index);
  }

  markSort() {
    columns.forEach((column, index) => {
      const head = this.head.children[index];
      const direction = this.sort.falling ? 'descending' : 'ascending';
      head.setAttribute('aria-sort', this.sort.column === column ? direction : 'none');
    });
  }

  /** @param isHeld Keeps the order, because a row that moves away from under the pointer or the focus cannot be read. */
  arrange(isHeld) {
    const wanted = [...this.rows.values()].filter(row => this.matches(row));
    const { column, falling } = this.sort;
    const sign = falling ? -1 : 1;
    wanted.sort((left, right) => sign * compare(column.order(left), column.order(right)) || compare(left.key, right.key));
    if (isHeld) {
      const fresh = new Map(wanted.map(row => [row.key, row]));
      const kept = [];
      for (const { key } of this.view) {
        if (!fresh.has(key)) continue;
        kept.push(fresh.get(key));
        fresh.delete(key);
      }
      this.view = [...kept, ...fresh.values()];
    } else {
      this.view = wanted;
    }
    this.root.setAttribute('aria-rowcount', this.view.length + 1);
    this.body.style.height = `${this.view.length * this.rowHeight}px`;
    setText(this.empty, this.view.length === 0 ? this.rows.size === 0 ? 'Nothing yet.' : 'Nothing matches.' : '');
    this.place();
  }

  matches(row) {
    const { state, address, port, reason } = this.filter;
    return (state === 'all' || row.state === state)
      && (reason === '' || row.reason === reason)
      && (address === '' || hostOf(row.client).includes(address) || hostOf(row.server).includes(address))
      && (port === '' || portOf(row.client) === port || portOf(row.server) === port);
  }

  measure() {
    const high = parseFloat(getComputedStyle(this.root).getPropertyValue('--row'));
    if (this.rowHeight !== high)
      for (const made of this.shown.values()) made.index = null;
    this.rowHeight = high;
    this.body.style.height = `${this.view.length * high}px`;
    this.room = this.scroller.clientHeight;
    this.place();
  }

  /** Puts the rows in view where they belong; the focused one keeps its element wherever it is. */
  place() {
    const high = this.rowHeight;
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / high) - spare);
    const last = Math.min(this.view.length, Math.ceil((this.scroller.scrollTop + this.room) / high) + spare);
    const indices = new Map();
    for (let index = first; index < last; index++) indices.set(this.view[index].key, index);
    const focused = document.activeElement?.closest?.('.rows > .row')?.dataset.key;
    const away = focused && !indices.has(focused) ? this.view.findIndex(row => row.key === focused) : -1;
    if (away >= 0) indices.set(focused, away);
    // Making elements is what takes time: those of rows that have left the view are used again.
    const free = [];
    for (const [key, made] of this.shown) {
      if (indices.has(key)) continue;
      this.shown.delete(key);
      free.push(made);
    }

    for (const [key, index] of indices) {
      const made = this.shown.get(key) ?? free.pop() ?? this.make();
      this.shown.set(key, made);
      this.write(made, this.view[index], index);
    }

    for (const made of free) made.remove();
    this.markCurrent();
  }

  make() {
    const made = element('div', { role: 'row', class: 'row', tabindex: -1 },
      ...columns.map(column => element('div', { role: 'cell', class: `cell ${column.name}${column.figure ? ' figure' : ''}` })));
    this.body.append(made);
    return made;
  }

  /** Writes only what has changed: on most turns of a wheel, most rows stay as they are. */
  write(made, row, index) {
    if (made.index !== index) {
      made.index = index;
      made.style.transform = `translateY(${index * this.rowHeight}px)`;
      made.setAttribute('aria-rowindex', index + 2);
      made.classList.toggle('odd', index % 2 === 1);
    }

    if (made.row === row) return;
    made.row = row;
    made.dataset.key = row.key;
    columns.forEach((column, at) => {
      const cell = made.children[at];
      setText(cell, column.show(row));
      if (!column.figure && cell.title !== cell.textContent) cell.title = cell.textContent;
    });
    made.classList.toggle('quiet', row.state !== 'relayed');
    made.classList.toggle('opened', row.key === this.opened);
  }

  /** One row can be reached by Tab, the others from it by arrow keys. */
  markCurrent() {
    const target = this.shown.has(this.current) ? this.current : this.view[Math.ceil(this.scroller.scrollTop / this.rowHeight)]?.key;
    for (const [key, made] of this.shown) made.tabIndex = key === target ? 0 : -1;
  }

  makeCurrent(key) {
    if (!key) return;
    this.current = key;
    this.markCurrent();
  }

  key(event) {
    const index = this.view.findIndex(row => row.key === event.target.closest('.row')?.dataset.key);
    if (index < 0) return;
    const page = Math.max(1, Math.floor(this.room / this.rowHeight) - 2);
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, PageDown: index + page, PageUp: index - page, Home: 0, End: this.view.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.moveTo(Math.min(Math.max(to, 0), this.view.length - 1));
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.open(this.view[index].key);
    }
  }

  moveTo(index) {
    if (!this.view[index]) return;
    const top = index * this.rowHeight;
    const room = this.room - this.head.offsetHeight;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    else if (top + this.rowHeight > this.scroller.scrollTop + room) this.scroller.scrollTop = top + this.rowHeight - room;
    this.current = this.view[index].key;
    this.place();
    this.shown.get(this.current)?.focus({ preventScroll: true });
  }

  open(key) {
    if (!key || !this.rows.has(key)) return;
    this.current = key;
    this.markOpened(key);
    this.onOpen(this.rows.get(key));
  }

  /** @param key The row whose detail is shown; null for none. */
  markOpened(key) {
    this.opened = key;
    for (const [shown, made] of this.shown) made.classList.toggle('opened', shown === key);
  }
}

export function hostOf(endpoint) {
  return endpoint.slice(0, endpoint.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}

export function portOf(endpoint) {
  return endpoint.slice(endpoint.lastIndexOf(':') + 1);
}

/** Text in whose order addresses are in the order of their numbers. */
function orderOf(endpoint) {
  return endpoint.replace(/[0-9a-f]+/gi, digits => digits.padStart(5, '0'));
}

function compare(left, right) {
  return left < right ? -1 : left > right ? 1 : 0;
}
