// Health has a shape as well as a colour: ring = healthy, triangle = degraded, diamond = failing. Healthy is nearly silent.

const HEALTH_WORD = { ok: "healthy", warn: "degraded", bad: "failing", unknown: "no data" };

function shape(health, x = 7, y = 7, s = 5) {
  if (health === "bad")
    return `<path class="f-bad" d="M${x} ${y - s - 1}l${s + 1} ${s + 1}-${s + 1} ${s + 1}-${s + 1}-${s + 1}z"/>`;
  if (health === "warn") return `<path class="f-warn" d="M${x} ${y - s}l${s + 1} ${s * 1.9}h-${2 * s + 2}z"/>`;
  if (health === "unknown") return `<path class="s-mut" stroke-width="2" d="M${x - s + 1} ${y}h${2 * s - 2}"/>`;
  return `<circle class="s-ok" cx="${x}" cy="${y}" r="${s - 1.5}" fill="none" stroke-width="2"/>`;
}

function icon(health, s = 5) {
  return `<svg width="14" height="14" aria-hidden="true">${shape(health, 7, 7, s)}</svg>`;
}

const PLAY = '<svg width="9" height="10" aria-hidden="true"><path d="M0 0l9 5-9 5z"/></svg>';
const PAUSE = '<svg width="9" height="10" aria-hidden="true"><path d="M0 0h3v10H0zM6 0h3v10H6z"/></svg>';
const CHECK =
  '<svg width="12" height="12" role="img" aria-label="done"><path d="M2 6.5l3 3 5-7" fill="none" stroke="currentColor" stroke-width="1.6"/></svg>';
