// The plot as a SMART app: the chart of the launch, and its grades; nothing is written.
import { getOfApp } from "./api.js";
import { $, announce } from "./dom.js";
import { showGrades, showPerson } from "./head.js";
import { startPlot } from "./plot.js";

async function start() {
  const [plot, chart] = await Promise.all([
    startPlot($("plot"), (instant, point) => showGrades(point ?? null, instant)), getOfApp("chart")]);
  showPerson(chart.patient);
  const day = 24 * 3600e3;
  await plot.show(chart, new Date(Date.parse(chart.now) - 3 * day).toISOString(), []);
  try {
    const { from, points } = await getOfApp("grades");
    await plot.show(chart, from, points);
    showGrades(points.at(-1), null);
    if ($("main").dataset.at) plot.goTo($("main").dataset.at);
    $("plot-note").textContent = "Move the slider or click into the plot: the grade of that hour is "
      + "above. Drag to zoom, double-click for all. A hatched grade is a range.";
  } catch (error) {
    $("plot-note").textContent = `No grades over time: ${error.message}`;
  }
  document.body.dataset.course = "shown";
}

start().catch((error) => announce(error.message, "error"));
