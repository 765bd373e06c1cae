// Numbers as an engineer reads them. A value that is not known is a dash, never a zero.

const DASH = "–";

/** T+12:35, T−03:00, T+1:02:03. */
function clock(seconds) {
  const whole = Math.floor(Math.abs(seconds) + 1e-6);
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const rest = `${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  return `T${seconds < 0 && whole ? "−" : "+"}${hours ? `${hours}:` : ""}${rest}`;
}

/** A share as per cent, finer the smaller it is: 0.02 %, 3.1 %, 12 %. */
function percent(share) {
  if (!known(share)) return DASH;
  const value = share * 100;
  if (value > 0 && value < 0.005) return "<0.01 %";
  const digits = value < 0.0951 ? 2 : value < 99.95 ? 1 : 0;
  return `${value === 0 ? 0 : value.toFixed(digits)} %`;
}

function wholePercent(share) {
  return known(share) ? `${Math.round(share * 100)} %` : DASH;
}

/** Seconds as a latency: 46 ms, 2.3 s. */
function latency(seconds) {
  if (!known(seconds)) return DASH;
  return seconds < 0.9995 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
}

/** Requests a second: 86, 2.4. */
function rate(value) {
  if (!known(value)) return DASH;
  return value < 9.95 && value > 0 ? value.toFixed(1) : String(Math.round(value));
}

/** A burn rate: 0.3×, 14×, 124×. */
function times(value) {
  if (!known(value)) return DASH;
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)}×`;
}

/** How long in words: 40 s, 53 min, 3.4 h, 12 d. */
function span(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${(seconds / 3600).toFixed(1)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

function known(value) {
  return value != null && Number.isFinite(value);
}

const FORMAT = { traffic: rate, errors: percent, latency, saturation: wholePercent };

/** The next round number above a value: the top of an axis. */
function roundUp(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].find((x) => x * power >= value * (1 - 1e-9));
  return step * power;
}
