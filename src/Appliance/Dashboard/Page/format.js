// Figures as text: three digits at most, so that columns stay narrow and nothing flickers.

const prefixes = ['', 'k', 'M', 'G', 'T'];

function scaled(value, base) {
  let prefix = 0;
  while (value >= 999.5 && prefix < prefixes.length - 1) {
    value /= base;
    prefix++;
  }
  const digits = prefix === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return [value.toFixed(digits), prefixes[prefix]];
}

/** A rate in bit/s, such as "94.1 Mbit/s". */
export function rate(bitsPerSecond) {
  const [value, prefix] = scaled(bitsPerSecond, 1000);
  return `${value} ${prefix}bit/s`;
}

/** A rate for a column whose head says bit/s, such as "94.1 M"; a dash for nothing. */
export function shortRate(bitsPerSecond) {
  if (bitsPerSecond < 0.5) return '–';
  const [value, prefix] = scaled(bitsPerSecond, 1000);
  return prefix ? `${value} ${prefix}` : value;
}

/** A rate at an axis, such as "50 M". */
export function axisRate(bitsPerSecond) {
  const [value, prefix] = scaled(bitsPerSecond, 1000);
  return `${Number(value)} ${prefix}`.trim();
}

/** An amount, such as "1.25 MB". */
export function bytes(count) {
  const [value, prefix] = scaled(count, 1000);
  return `${value} ${prefix}B`;
}

/** A count, such as "12,345". */
export function count(number) {
  return number.toLocaleString('en');
}

/** A length of time, such as "3 min 20 s". */
export function span(seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor(seconds % 86400 / 3600)} h`;
}

/** A length of time for a narrow column, such as "3m 20s". */
export function shortSpan(seconds) {
  return span(seconds).replace(/ (ms|s|min|h|d)/g, (_, unit) => unit === 'min' ? 'm' : unit);
}

/** A time of day with seconds, of the browser's zone. */
export function clock(milliseconds) {
  return new Date(milliseconds).toTimeString().slice(0, 8);
}

/** The same with milliseconds. */
export function exactClock(milliseconds) {
  return `${clock(milliseconds)}.${String(Math.floor(milliseconds % 1000)).padStart(3, '0')}`;
}

/** "serverLegacy" as "server legacy". */
export function words(name) {
  return name.replace(/[A-Z0-9]+/g, letters => ` ${letters.toLowerCase()}`).trim();
}
