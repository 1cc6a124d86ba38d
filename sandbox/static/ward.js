// The ward list: rows come as they are graded; any column sorts.
import { get } from "./api.js";
import { $, announce, el, when } from "./dom.js";
import { chip, gradeOf } from "./grades.js";
import { showSettings } from "./settings.js";

const AT_ONCE = 4;
const OLD_H = 12; // from then on a value says how old it is
const rows = new Map();
const order = { column: "name", down: false };

const newest = (row, name) => row.newest?.[name]?.v;
const rank = (row, syndrome) => {
  const grade = row.assessment?.[syndrome];
  return grade?.lo === undefined ? -1 : grade.hi * 10 + grade.lo;
};
const KEYS = {
  name: (row) => row.name,
  product: (row) => row.assessment?.infusion?.product ?? "~",
  day: (row) => row.assessment?.infusion?.day ?? 1e6,
  crs: (row) => rank(row, "crs"),
  icans: (row) => rank(row, "icans"),
  T: (row) => newest(row, "T") ?? -1,
  BP: (row) => newest(row, "systolic") ?? 1e6,
  SpO2: (row) => newest(row, "SpO2") ?? 1e6,
  neuro: (row) => newest(row, "ICE") ?? newest(row, "CAPD") ?? 1e6,
  cards: (row) => row.cards?.length ?? -1,
};

function vital(row, name, text) {
  const point = row.newest?.[name];
  if (!point) return el("td", {}, el("span", { class: "quiet" }, "not charted"));
  const hours = Math.floor((Date.now() - Date.parse(point.t)) / 3600e3);
  const old = hours >= OLD_H ? el("span", { class: "quiet" }, ` ${hours} h ago`) : null;
  return el("td", { title: `${when(point.t)}, ${point.source}` }, text(point.v), old);
}

function oxygen(row) {
  const device = newest(row, "device");
  const flow = newest(row, "flow");
  const same = row.newest?.flow?.t === row.newest?.device?.t;
  return [device, flow !== undefined && same ? `${flow} L/min` : ""].filter(Boolean).join(", ");
}

function shown(row) {
  const name = el("th", { scope: "row" }, el("a", { href: `/chart/${row.id}` }, row.name),
    el("span", { class: "quiet" }, ` ${row.id}`));
  if (row.error) return el("tr", {}, name, el("td", { colspan: 9 }, row.error));
  if (!row.newest) return el("tr", {}, name, el("td", { colspan: 9, class: "quiet" }, "…"));
  const neuro = row.newest.ICE ? "ICE" : "CAPD";
  return el("tr", {}, name, graded(row),
    vital(row, "T", (v) => `${v.toFixed(1)} °C`),
    vital(row, "systolic", (v) => (row.newest.MAP?.t === row.newest.systolic.t
      ? `${v}, MAP ${newest(row, "MAP")}` : `${v}`)),
    vital(row, "SpO2", (v) => [`${v} %`, oxygen(row)].filter(Boolean).join(", ")),
    vital(row, neuro, (v) => `${neuro} ${v}`), told(row));
}

function graded(row) {
  if (!row.assessment) return Array.from({ length: 4 }, () => el("td", { class: "quiet" }, "…"));
  const { infusion } = row.assessment;
  return [el("td", {}, infusion?.product ?? "no CAR-T"), el("td", {}, infusion ? `${infusion.day}` : "-"),
    el("td", {}, chip("", gradeOf(row.assessment, "crs"))),
    el("td", {}, chip("", gradeOf(row.assessment, "icans")))];
}

function told(row) {
  const first = row.cards?.[0];
  if (!row.assessment) return el("td", { class: "words quiet" }, "…");
  if (!first) {
    return el("td", { class: "words" },
      row.status === 200 ? "no card" : `no answer: HTTP ${row.status} ${row.problem}`);
  }
  return el("td", { class: "words" },
    el("span", { class: "indicator", "data-indicator": first.indicator }, first.indicator), " ",
    first.summary, row.cards.length > 1 ? ` (+${row.cards.length - 1})` : "");
}

function draw() {
  const key = KEYS[order.column];
  const sorted = [...rows.values()].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    const sign = x < y ? -1 : x > y ? 1 : a.name < b.name ? -1 : 1;
    return order.down ? -sign : sign;
  });
  $("rows").replaceChildren(...sorted.map(shown));
  for (const head of document.querySelectorAll("th[data-column]")) {
    const here = head.dataset.column === order.column;
    head.setAttribute("aria-sort", here ? (order.down ? "descending" : "ascending") : "none");
  }
}

let drawing = 0;

/** Draws with the next frame, however many rows came until then. */
function drawSoon() {
  drawing ||= requestAnimationFrame(() => { drawing = 0; draw(); });
}

function sortBy(column) {
  order.down = order.column === column ? !order.down : ["crs", "icans", "T", "cards"].includes(column);
  order.column = column;
  draw();
}

async function fill(waiting) {
  for (let row = waiting.shift(); row; row = waiting.shift()) {
    try {
      Object.assign(row, await get(`ward/${row.id}`));
    } catch (error) {
      row.error = error.message;
    }
    drawSoon();
  }
}

/** Vital signs of everyone at once; where that fails they come with the grades. */
async function readNewest() {
  if (!rows.size) return;
  try {
    const { newest: found } = await get(`newest?ids=${[...rows.keys()].join(",")}`);
    for (const [id, each] of Object.entries(found)) rows.get(id).newest = each;
    draw();
  } catch (error) {
    announce(`Vital signs come with the grades: ${error.message}`);
  }
}

async function start() {
  for (const button of document.querySelectorAll("th[data-column] button")) {
    button.addEventListener("click", () => sortBy(button.parentElement.dataset.column));
  }
  await showSettings();
  const ward = await get("ward");
  for (const each of ward.patients) rows.set(each.id, { ...each });
  draw();
  await readNewest();
  const waiting = [...rows.values()];
  await Promise.all(Array.from({ length: AT_ONCE }, () => fill(waiting)));
  draw();
  const more = ward.more ? "; this server has more, which are not listed" : "";
  announce(`${rows.size} patients, graded ${when(Date.now())}${more}`);
  document.body.dataset.ready = "yes";
}

start().catch((error) => announce(error.message, "error"));
