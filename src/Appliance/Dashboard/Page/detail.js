// One connection: its legs with what each carries now and in the last minute, what was seen and decided, and what is known to slow it.

import { ask } from './box.js';
import { element, shape, setText } from './dom.js';
import { colourOf } from './colours.js';
import { bytes, exactClock, count, rate, span, words } from './format.js';

const minute = 60;
const spark = { width: 120, height: 26 };

export class Detail {
  /** @param root Where. @param onClose Called when it has been closed. */
  constructor(root, onClose) {
    this.root = root;
    this.onClose = onClose;
    root.addEventListener('keydown', event => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.close();
    });
  }

  get isOpen() {
    return !this.root.hidden;
  }

  /** @param row The table's row. */
  async open(row) {
    this.row = row;
    this.past = new Map();
    this.findings = null;
    this.title = element('h3', {}, row.client, element('span', { class: 'to' }, ' → '), row.server);
    const close = element('button', { type: 'button', class: 'close', 'aria-label': 'Close' }, '×');
    close.addEventListener('click', () => this.close());
    this.state = element('p', { class: 'facts' });
    this.legs = element('div', { class: 'legs' });
    this.advice = element('div', { class: 'advice' });
    this.line = element('ol', { class: 'timeline' });
    this.root.replaceChildren(
      element('div', { class: 'detail-head' }, this.title, close),
      this.state, this.legs, this.advice, element('h4', {}, 'What was seen and decided'), this.line);
    this.root.hidden = false;
    this.root.focus();
    await Promise.allSettled([this.refresh(row), this.explain(row)]);
  }

  close() {
    this.root.hidden = true;
    this.row = null;
    this.onClose();
  }

  /** @param row The row now; undefined if the table has it no more. */
  async refresh(row) {
    const shown = this.row;
    if (!shown) return;
    const detail = await ask('connection', { client: shown.client, server: shown.server });
    if (this.row?.key !== shown.key) return;
    this.tell(row ?? shown, detail);
  }

  async explain(row) {
    const findings = await ask('findings', { client: row.client, server: row.server });
    if (this.row?.key !== row.key || findings.length === 0) return;
    this.advice.replaceChildren(
      element('h4', {}, 'What may be wrong'),
      ...findings.map(found => element('p', {}, element('b', {}, words(found.cause)), ` ${found.detail} ${found.advice}`)));
  }

  tell(row, detail) {
    const facts = detail.isRelayed
      ? ['relayed', detail.token ? `MPTCP, token ${detail.token}` : 'plain TCP', `${bytes(row.bytesUp)} up`, `${bytes(row.bytesDown)} down`, `for ${span(row.age)}`]
      : row.state === 'passed' ? ['let alone', words(row.reason)] : ['ended', words(detail.events.findLast(happened => happened.seen === 'end')?.reason ?? '')];
    setText(this.state, facts.join(' · '));
    const legs = detail.subflows.map((leg, index) => this.leg(leg, nameOf(leg, index, detail), colourOf('path', leg.path), '↑', '↓'));
    if (detail.serverLeg) legs.push(this.leg(detail.serverLeg, 'to the server, TCP', 'c-server', '↓', '↑'));
    this.legs.replaceChildren(...legs);
    const begin = detail.events[0]?.time ?? 0;
    // The list is only made anew when there is more to tell, so that a text that is being selected stays.
    const told = detail.events.length + (detail.events.at(-1)?.time ?? 0);
    if (this.told === told && this.line.children.length > 0) return;
    this.told = told;
    this.line.replaceChildren(...detail.events.map(happened => event(happened, begin)));
    if (detail.events.length === 0) this.line.append(element('li', { class: 'empty' }, 'Nothing is remembered any more.'));
  }

  leg(leg, name, colour, received, sent) {
    const key = `${leg.local} ${leg.remote}`;
    const past = this.past.get(key) ?? [];
    past.push([leg.received, leg.sent]);
    if (past.length > minute) past.shift();
    this.past.set(key, past);
    const loss = leg.segmentsSent > 0 ? 100 * leg.segmentsRepeated / leg.segmentsSent : 0;
    return element('article', { class: 'leg' },
      element('h5', {}, element('i', { class: colour }), name, leg.backup ? element('em', {}, 'backup') : null),
      element('p', { class: 'ends' }, `${leg.remote} → ${leg.local}`),
      sparkline(past, colour),
      element('dl', {},
        ...pair(`${received} now`, rate(leg.received)),
        ...pair(`${sent} now`, rate(leg.sent)),
        ...pair('Round trip', `${leg.roundTrip.toFixed(leg.roundTrip < 10 ? 2 : 1)} ms`),
        ...pair('Loss', `${loss.toFixed(loss < 1 ? 2 : 1)} %`, `${count(leg.segmentsRepeated)} of ${count(leg.segmentsSent)} segments to ${leg.remote} were sent again`),
        ...pair('Moved', `${bytes(leg.bytesReceived + leg.bytesSent)}`),
        ...pair('Window', `${count(leg.congestionWindow)} seg.`, 'congestion window in segments'),
        ...(leg.backup === undefined ? [] : pair('Backup', leg.backup ? 'yes' : 'no'))));
  }
}

function nameOf(leg, index, detail) {
  if (!detail.token) return 'the client, TCP';
  return index === 0 && leg.remote === detail.client ? 'first subflow' : `subflow ${index + 1}`;
}

function pair(name, value, title = null) {
  return [element('dt', {}, name), element('dd', { title }, value)];
}

function event(happened, begin) {
  const later = happened.time - begin;
  return element('li', {},
    element('time', { title: exactClock(happened.time) }, later === 0 ? exactClock(happened.time) : `+${span(later / 1000)}`),
    element('p', {}, element('b', {}, happened.seen), happened.done ? element('span', { class: 'done' }, ` → ${happened.done}`) : null),
    element('p', { class: 'why' }, happened.reason ? `${words(happened.reason)}: ` : '', happened.text));
}

function sparkline(past, colour) {
  const most = Math.max(1, ...past.map(([received, sent]) => received + sent));
  const step = spark.width / (minute - 1);
  const from = minute - past.length;
  const points = past.map(([received, sent], at) =>
    `${((from + at) * step).toFixed(1)} ${(spark.height - 1 - (spark.height - 3) * (received + sent) / most).toFixed(1)}`);
  return shape('svg', { class: 'spark', viewBox: `0 0 ${spark.width} ${spark.height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    shape('path', { class: `line ${colour}`, d: `M${points.join('L')}` }));
}
