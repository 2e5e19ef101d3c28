// Asks the box each second and hands what it says to the parts of the page.

import { ask, hasToken, setToken, TokenWanted } from './box.js';
import { Chart } from './chart.js';
import { colourOf } from './colours.js';
import { Detail } from './detail.js';
import { element, setText } from './dom.js';
import { axisRate, clock, count, rate, span, words } from './format.js';
import { Place } from './place.js';
import { Table } from './table.js';

const interval = 1000;
const kept = 600;
const by = id => document.getElementById(id);

let samples = [];
let run = null;
let sentences = {};
let timer = 0;

const charts = [
  new Chart('Rate by direction', {
    split: sample => ({ down: sample.down, up: sample.up }), names: ['down', 'up'], least: 1000,
    colour: name => `c-${name}`, label: name => name === 'down' ? '↓ to clients' : '↑ to servers', text: rate, axis: axisRate,
  }),
  new Chart('Rate by path', {
    split: sample => sample.paths ? Object.fromEntries(Object.entries(sample.paths).map(([name, value]) => [name, value.up + value.down])) : null,
    least: 1000, colour: name => colourOf('path', name), text: rate, axis: axisRate,
  }),
  new Chart('New connections, by decision', {
    split: sample => sample.decided, least: 1, steps: true,
    colour: name => colourOf('reason', name), label: words, text: value => `${count(value)}/s`, axis: value => Number.isInteger(value) ? count(value) : '',
  }),
  new Chart('Held', {
    split: sample => ({ relayed: sample.flows, contexts: sample.contexts }), names: ['relayed', 'contexts'], lines: true, least: 2,
    colour: name => name === 'relayed' ? 'c-server' : 'c-contexts', label: name => name === 'relayed' ? 'connections relayed' : 'contexts, in set-up', text: count,
    axis: value => Number.isInteger(value) ? count(value) : '',
  }),
];
by('charts').append(...charts.map(chart => chart.root));

const place = new Place(by('place'));
const table = new Table(by('table'), row => {
  by('split').classList.add('open');
  detail.open(row);
});
const detail = new Detail(by('detail'), () => {
  by('split').classList.remove('open');
  table.markOpened(null);
  table.focusCurrent();
});

by('filters').addEventListener('input', filter);
by('filters').addEventListener('submit', event => event.preventDefault());
by('token').addEventListener('submit', event => {
  event.preventDefault();
  setToken(by('token-text').value.trim());
  refresh();
});
document.addEventListener('visibilitychange', () => document.hidden || refresh());
document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && detail.isOpen) detail.close();
});
refresh();

/** One round; the next begins a second after this one began. Nobody needs the rounds of a page that is not seen. */
async function refresh() {
  clearTimeout(timer);
  if (document.hidden) return;
  const begun = performance.now();
  try {
    if (Object.keys(sentences).length === 0) sentences = await ask('reasons');
    await Promise.all([overview(), connections()]);
    if (detail.isOpen) await detail.refresh(table.rows.get(detail.row.key));
    by('token').hidden = true;
    live(true, `live · ${clock(Date.now())}`);
  } catch (failure) {
    if (failure instanceof TokenWanted) {
      askForToken();
      return;
    }
    live(false, samples.length > 0 ? `no answer since ${clock(samples.at(-1).time)}` : 'no answer');
  }
  clearTimeout(timer);
  timer = setTimeout(refresh, Math.max(0, interval - (performance.now() - begun)));
}

async function overview() {
  const answer = await ask('overview', { after: samples.at(-1)?.number ?? 0 });
  if (run !== null && run !== answer.since) {
    // The box has been started again and counts anew.
    samples = [];
    run = null;
    return;
  }
  run = answer.since;
  samples = [...samples, ...answer.samples].slice(-kept);
  setText(by('name'), answer.name);
  document.title = `${answer.name} · Middlebox`;
  setText(by('facts'), [
    answer.mode, `${count(answer.flows)} of ${count(answer.flowsLimit)} connections`, `${count(answer.contexts)} of ${count(answer.contextsLimit)} contexts`,
    `${count(answer.flowsEver)} relayed in ${span((answer.now - answer.since) / 1000)}`,
    ...(answer.announced.length > 0 ? [`announces ${answer.announced.join(', ')}`] : []), `version ${answer.version.split('+')[0]}`].join(' · '));
  by('alarm').hidden = answer.rulesMissing.length === 0;
  setText(by('alarm'), answer.rulesMissing.length === 0 ? ''
    : `The box's firewall rules are gone: connections pass unproxied (${answer.rulesMissing.join(', ')}). The box's log says why they cannot be installed again.`);
  if (samples.length === 0) return;
  for (const chart of charts) chart.update(samples);
  place.update(answer, samples.at(-1), pathsNow());
}

/** The paths of the last minute, with what they carry now, in the order in which they got their colours. */
function pathsNow() {
  const names = new Set(samples.slice(-60).flatMap(sample => Object.keys(sample.paths ?? {})));
  const now = samples.at(-1).paths ?? {};
  return [...names].sort((left, right) => colourOf('path', left) < colourOf('path', right) ? -1 : 1).slice(0, 7)
    .map(name => [name, now[name] ?? { up: 0, down: 0 }]);
}

async function connections() {
  const answer = await ask('connections');
  table.update(answer);
  const counts = { relayed: answer.relayed, ended: 0, passed: 0 };
  for (const row of answer.rows) if (row.state !== 'relayed') counts[row.state]++;
  for (const target of document.querySelectorAll('[data-count]')) setText(target, count(counts[target.dataset.count]));
  offerReasons(answer.rows);
  tellCount();
}

function offerReasons(rows) {
  const select = by('filters').elements.reason;
  const known = new Set([...select.options].map(option => option.value));
  for (const reason of new Set(rows.map(row => row.reason)))
    if (!known.has(reason)) select.append(element('option', { value: reason, title: sentences[reason] }, words(reason)));
}

function filter() {
  const { state, address, port, reason } = by('filters').elements;
  table.filterBy({ state: state.value, address: address.value.trim().toLowerCase(), port: port.value.trim(), reason: reason.value });
  tellCount();
}

function tellCount() {
  setText(by('count'), `${count(table.view.length)} shown`);
}

function askForToken() {
  setText(by('token-problem'), hasToken() ? 'That is not the token.' : '');
  by('token').hidden = false;
  by('token-text').focus();
  live(false, 'token wanted');
}

function live(isLive, text) {
  by('live').classList.toggle('dead', !isLive);
  document.body.classList.toggle('stale', !isLive);
  setText(by('live'), text);
}
