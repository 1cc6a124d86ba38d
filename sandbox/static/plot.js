// Draws the course, and a cursor over it that sets the instant of evaluation.
import { $, el, when } from "./dom.js";
import { MARGIN, figure, local } from "./figure.js";
import { gradeOf } from "./grades.js";
import { showLabs } from "./labs.js";

const HOUR = 3600e3;
const STILL_PX = 4; // a press that moves less than this is a click, more is a zoom
const PAPER = { width: 710, height: 560 }; // what is left of a page beside the cards
const CONFIG = { displayModeBar: false, responsive: true, doubleClick: "reset" };

/** Loads plotly once; it is large, so the cards come first. */
function plotly() {
  if (window.Plotly) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const script = el("script", { src: "/plotly.js" });
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error("plotly could not be loaded")));
    document.head.append(script);
  });
}

function palette() {
  const style = getComputedStyle(document.body);
  const color = (name) => style.getPropertyValue(name).trim();
  const levels = ["0", "1", "2", "3", "4", "none"];
  const all = (kind) => Object.fromEntries(levels.map((level) => [level, color(`--g${level}-${kind}`)]));
  return { text: color("--text"), panel: color("--panel"), grid: color("--line"), fill: all("fill"), ink: all("ink") };
}

/** The plot of `node`; `moved(instant, assessment)` is told when the cursor is set (null: now). */
export async function startPlot(node, moved) {
  await plotly();
  const cursor = el("div", { class: "cursor", hidden: true }, el("span", {}));
  let shown = null;
  let hour = 0;

  const first = () => Date.parse(shown.from);
  const last = () => Date.parse(shown.chart.now);
  const hours = () => Math.max(0, Math.floor((last() - first()) / HOUR));
  const instantOf = (value) => last() - (hours() - value) * HOUR;

  function pointAt(instant) {
    const { points } = shown;
    let best = null;
    for (const each of points) if (Date.parse(each.evaluatedAt) <= instant + 60e3) best = each;
    return best;
  }

  function placeCursor() {
    const past = shown && hour < hours();
    cursor.hidden = !past;
    if (!past) return;
    const [from, to] = node.layout.xaxis.range.map((each) => Date.parse(`${String(each).replace(" ", "T")}Z`));
    const share = (Date.parse(`${local(instantOf(hour))}Z`) - from) / (to - from);
    cursor.hidden = share < 0 || share > 1;
    const width = node.clientWidth - MARGIN.l - MARGIN.r;
    cursor.style.transform = `translateX(${MARGIN.l + share * width}px)`;
    cursor.firstChild.textContent = when(instantOf(hour));
    cursor.dataset.side = share > 0.7 ? "left" : "right";
  }

  function describe() {
    const point = pointAt(instantOf(hour));
    const grades = point ? `, CRS ${gradeOf(point, "crs").text}, ICANS ${gradeOf(point, "icans").text}` : "";
    $("scrub").setAttribute("aria-valuetext", `${when(instantOf(hour))}${grades}`);
    $("now").setAttribute("aria-pressed", String(hour >= hours()));
    return point;
  }

  function set(value, tell = true) {
    if (!shown) return;
    hour = Math.min(hours(), Math.max(0, Math.round(value)));
    $("scrub").value = hour;
    const point = describe();
    placeCursor();
    if (!tell) return;
    if (hour >= hours()) moved(null, shown.points.at(-1));
    else moved(new Date(instantOf(hour)).toISOString(), point);
  }

  async function draw(size) {
    const { data, layout } = figure(shown.chart, shown.from, shown.points, palette(), size);
    await window.Plotly.react(node, data, layout, CONFIG);
    if (!cursor.isConnected) {
      node.append(cursor);
      node.on("plotly_relayout", placeCursor);
    }
    placeCursor();
  }

  function pressed(event) {
    const [x, y] = [event.clientX, event.clientY];
    const released = (up) => {
      if (Math.hypot(up.clientX - x, up.clientY - y) >= STILL_PX || event.button) return;
      const [from, to] = node.layout.xaxis.range.map((each) => Date.parse(`${String(each).replace(" ", "T")}Z`));
      const share = (x - node.getBoundingClientRect().left - MARGIN.l) / (node.clientWidth - MARGIN.l - MARGIN.r);
      if (share < 0 || share > 1) return;
      const picked = from + share * (to - from) + new Date(from).getTimezoneOffset() * 60e3;
      set(hours() - (last() - picked) / HOUR);
    };
    window.addEventListener("pointerup", released, { once: true, capture: true });
  }

  function span(button) {
    for (const each of document.querySelectorAll("[data-span]")) {
      each.setAttribute("aria-pressed", String(each === button));
    }
    const asked = button.dataset.span;
    const from = asked === "all" ? first() : Math.max(first(), last() - asked * HOUR);
    const to = last() + 0.03 * (last() - from);
    window.Plotly.relayout(node, { "xaxis.range": [local(from), local(to)] });
  }

  node.addEventListener("pointerdown", pressed, true);
  $("scrub").addEventListener("input", () => set(+$("scrub").value));
  $("earlier").addEventListener("click", () => set(hour - 1));
  $("later").addEventListener("click", () => set(hour + 1));
  $("now").addEventListener("click", () => set(hours()));
  for (const button of document.querySelectorAll("[data-span]")) {
    button.addEventListener("click", () => span(button));
  }
  window.addEventListener("resize", placeCursor);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => shown && draw());
  matchMedia("print").addEventListener("change", (print) => shown && draw(print.matches ? PAPER : {}));

  return {
    /** Draws a chart with its assessments by hour. */
    show(chart, from, points) {
      const past = shown && hour < hours();
      shown = { chart, from, points };
      $("scrub").max = hours();
      if (!past) set(hours(), false);
      showLabs($("labs"), chart.series);
      return draw();
    },
    /** Sets the cursor to the hour of an instant. */
    goTo: (instant) => set(hours() - (last() - Date.parse(instant)) / HOUR),
    /** Takes the cursor away. */
    toNow: () => set(Infinity, false),
  };
}
