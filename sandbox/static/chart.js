// One patient's chart: the plot, the guidance at the chosen hour, orders and entries.
import { get, post } from "./api.js";
import { showHook } from "./calls.js";
import { showCards } from "./cards.js";
import { $, announce, el } from "./dom.js";
import { showRunning, startEntry } from "./entry.js";
import { changes } from "./grades.js";
import { showGrades, showPerson } from "./head.js";
import { apply, startPad } from "./orders.js";
import { startPlot } from "./plot.js";
import { showSettings } from "./settings.js";

const patient = $("main").dataset.patient;
const STILL_MS = 150; // the cursor rests this long before the service is asked
let plot = null;
let at = null; // the instant to evaluate at; null: now
let assessment = null; // the newest one at now
let asking = null;
let resting = null;

/** Calls a hook and adds it to the list of calls; `more`: the orders on the pad. */
async function fire(hook, more = {}, signal) {
  const call = await post(`hooks/${hook}`, { patient, at, mode: $("mode").value, ...more }, signal);
  showHook(call);
  return call;
}

/** Opens the chart for the service again and shows its cards; gives the changes of grade. */
async function openChart() {
  asking?.abort();
  asking = new AbortController();
  try {
    const call = await fire("patient-view", {}, asking.signal);
    showCards($("cards"), call, apply);
    showGrades(call.assessment, at);
    document.body.dataset.cards = "shown";
    const changed = at ? [] : changes(assessment, call.assessment);
    if (!at) assessment = call.assessment;
    return changed;
  } catch (error) {
    if (error.name !== "AbortError") {
      showGrades(null, at); // what was shown before may hold no longer
      $("cards").replaceChildren(el("p", { class: "problem", role: "alert" }, error.message));
    }
    return [];
  }
}

/** Moves the instant of evaluation: the grade at once from the timeline, the cards when it rests. */
function moveTo(instant, point) {
  at = instant;
  if (point) showGrades(point, at);
  clearTimeout(resting);
  resting = setTimeout(openChart, STILL_MS);
}

async function readCourse() {
  const chart = await get(`charts/${patient}`);
  showPerson(chart.patient);
  showRunning(chart.series);
  return chart;
}

/** Where the plot begins: a day before the infusion, or three days of charting. */
function beginning(chart) {
  const infusion = assessment?.infusion?.time;
  const day = 24 * 3600e3;
  const start = infusion ? Date.parse(infusion) - day : Date.parse(chart.now) - 3 * day;
  return new Date(start).toISOString();
}

async function drawCourse(read) {
  const chart = read ?? (await readCourse());
  plot.show(chart, beginning(chart), []);
  try {
    const from = encodeURIComponent(beginning(chart));
    const { points } = await get(`charts/${patient}/grades?from=${from}`);
    plot.show(chart, beginning(chart), points);
    $("plot-note").textContent = "Click into the plot or move the slider: the service is asked as of "
      + "that hour. Drag to zoom, double-click for all. A hatched grade is a range.";
  } catch (error) {
    $("plot-note").textContent = `No grades over time: ${error.message}`;
  }
  document.body.dataset.course = "shown";
}

/** After something was written: back to now, the hook again, then the plot. */
async function refresh() {
  at = null;
  plot?.toNow();
  const changed = await openChart();
  if (changed.length) $("grades").classList.add("changed");
  else $("grades").classList.remove("changed");
  if (plot) await drawCourse();
  return changed;
}

async function start() {
  const opened = openChart();
  $("mode").addEventListener("change", openChart);
  const host = { patient, fire, refresh, isPast: () => at !== null };
  startEntry(host);
  await Promise.all([showSettings(), startPad(host), opened]);
  const [drawn, chart] = await Promise.all([startPlot($("plot"), moveTo), readCourse()]);
  plot = drawn;
  await drawCourse(chart);
}

start().catch((error) => announce(error.message, "error"));
