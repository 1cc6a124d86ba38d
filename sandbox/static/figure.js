// The course as a plotly figure: seven rows over one time axis. All chart text is escaped.
import { when } from "./dom.js";
import { gradeOf, overlapOf } from "./grades.js";

export const MARGIN = { l: 88, r: 64, t: 8, b: 34 };
const ROWS = [
  ["T", "Temp °C", 13], ["BP", "Pressure", 14], ["O2", "O₂ L/min", 11], ["neuro", "ICE, CAPD", 9],
  ["labs", "Labs (log)", 16], ["drugs", "", 13], ["grades", "", 12],
];
const FEVER_C = 38;
const SHORT = [[/room air/i, "RA"], [/high.?flow/i, "HFNC"], [/cannula/i, "NC"], [/rebreath/i, "NRB"],
  [/cpap/i, "CPAP"], [/bipap|bilevel/i, "BiPAP"], [/vent/i, "Vent"], [/blow/i, "blow-by"], [/mask/i, "mask"]];
const LABS = [["CRP", "#d4582a"], ["ferritin", "#8a5fbf"], ["fibrinogen", "#2a86c7"],
  ["platelets", "#c2399a"], ["ANC", "#3d9a50"]];
const MARKS = [["tocilizumab", "diamond", "#c2399a"], ["steroid", "square", "#2a86c7"],
  ["antipyretic", "circle", "#d4882a"]];
const LEGIBLE = 0.02; // a band narrower than this share of the plot has no room for its grade
const APART_DECADES = 0.45;
const HOUR = 3600e3;

/** Text that plotly shows as it is. */
const safe = (text) =>
  String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The reference range of a result: `200 to 400`, `up to 5`, `from 15`; empty where there is none. */
export function rangeText({ range }) {
  if (!range) return "";
  if (range.low === undefined) return `up to ${range.high}`;
  return range.high === undefined ? `from ${range.low}` : `${range.low} to ${range.high}`;
}

/** Local time as plotly's date axis takes it. */
export function local(instant) {
  const moment = new Date(instant);
  return new Date(moment - moment.getTimezoneOffset() * 60e3).toISOString().slice(0, 19);
}

function hover(label, point) {
  const lines = [`${label} ${safe(point.v)} ${safe(point.unit)}`.trim(), when(point.t)];
  if (point.dose) lines[0] += `, ${safe(point.dose)}`;
  if (point.note) lines.push(safe(point.note));
  if (point.range) lines.push(`range ${safe(rangeText(point))}`);
  return [...lines, safe(point.source)].join("<br>");
}

function line(series, name, axis, label, color, named = true) {
  const points = (series[name] ?? []).filter((point) => typeof point.v === "number");
  if (!points.length) return [];
  const ends = points.map((_, index) => (named && index === points.length - 1 ? label : ""));
  return [{
    type: "scatter", mode: "lines+markers+text", yaxis: axis,
    x: points.map((point) => local(point.t)), y: points.map((point) => point.v),
    text: ends, textposition: "middle right", textfont: { color, size: 11 }, cliponaxis: false,
    hovertext: points.map((point) => hover(label, point)), hoverinfo: "text",
    line: { color, width: 1.8 }, marker: { color, size: 5 },
  }];
}

/** The names of the laboratory lines at their ends, moved so that none covers another. */
function labNames(series) {
  const ends = LABS.filter(([name]) => series[name]?.at(-1).v > 0)
    .map(([name, color]) => ({ name, color, t: series[name].at(-1).t, y: Math.log10(series[name].at(-1).v) }))
    .sort((a, b) => a.y - b.y);
  ends.forEach((end, index) => {
    if (index) end.y = Math.max(end.y, ends[index - 1].y + APART_DECADES);
  });
  return ends.length ? [{
    type: "scatter", mode: "text", yaxis: "y5", hoverinfo: "skip", cliponaxis: false,
    x: ends.map((end) => local(end.t)), y: ends.map((end) => 10 ** end.y),
    text: ends.map((end) => `  ${end.name}`), textposition: "middle right",
    textfont: { size: 11, color: ends.map((end) => end.color) },
  }] : [];
}

const short = (device) => SHORT.find(([pattern]) => pattern.test(device))?.[1] ?? device;

/** Flow over time, with the device named where it changes; a device without a flow stands at 0. */
function oxygen(series, ink) {
  const flows = new Map((series.flow ?? []).map((point) => [point.t, point]));
  const points = (series.device ?? []).map((device) => ({ ...device, flow: flows.get(device.t)?.v }));
  const changed = points.map((point, index) =>
    index === 0 || points[index - 1].v !== point.v ? safe(short(point.v)) : "");
  return [{
    type: "scatter", mode: "lines+markers+text", yaxis: "y3", x: points.map((p) => local(p.t)),
    y: points.map((p) => p.flow ?? 0), text: changed, textposition: "top center",
    textfont: { color: ink, size: 11 }, cliponaxis: false, line: { shape: "hv", color: "#2a86c7", width: 1.8 },
    marker: { color: "#2a86c7", size: 5 }, hoverinfo: "text",
    hovertext: points.map((p) => hover("Oxygen", { ...p, unit: p.flow ? `${p.flow} L/min` : "" })),
  }];
}

function bar(axis, row, from, to, more) {
  return { type: "bar", orientation: "h", yaxis: axis, y: [row], base: [local(from)],
    x: [Date.parse(to) - Date.parse(from)], hoverinfo: "text", width: 0.7, ...more };
}

function drugs(series, now) {
  const bars = (series.vasopressor ?? []).map((point) =>
    bar("y6", safe(point.v), point.t, point.end ?? now, {
      marker: { color: "#b3382c" }, text: safe(point.dose), insidetextanchor: "middle",
      textfont: { color: "#fff", size: 10 }, hovertext: hover("", point) }));
  const marks = MARKS.flatMap(([group, symbol, color]) => (series[group]?.length ? [{
    type: "scatter", mode: "markers", yaxis: "y6", x: series[group].map((p) => local(p.t)),
    y: series[group].map((p) => safe(p.v)), marker: { symbol, color, size: 11 },
    hovertext: series[group].map((p) => hover("", p)), hoverinfo: "text" }] : []));
  return [...bars, ...marks];
}

/** The rows of the lowest part: IEC-HS only where it was possible at some hour. */
const graded = (points) => [
  ...(points.some((point) => point.iecHs?.possible) ? [["iecHs", "IEC-HS", overlapOf]] : []),
  ["icans", "ICANS", gradeOf], ["crs", "CRS", gradeOf]];

/** Hours of one and the same grade as one bar; a range is hatched between its bounds. */
function bands(points, palette) {
  const found = [];
  const wide = (points.length * LEGIBLE) * HOUR;
  for (const [key, name, read] of graded(points)) {
    const runs = [];
    for (const point of points) {
      const grade = read(point, key);
      const last = runs.at(-1);
      if (last) last.to = point.evaluatedAt;
      if (!last || last.grade.text !== grade.text) runs.push({ grade, from: point.evaluatedAt, to: point.evaluatedAt });
    }
    const end = runs.at(-1);
    if (end) end.to = new Date(Date.parse(end.to) + HOUR).toISOString();
    for (const { grade, from, to } of runs) {
      const level = grade.level ?? "none";
      found.push(bar("y7", name, from, to, {
        marker: { color: palette.fill[level], line: { color: palette.ink[level], width: grade.level ? 1 : 0 },
          pattern: { shape: grade.range ? "/" : "", fgcolor: palette.ink[level], bgcolor: palette.fill[level], size: 6, solidity: 0.25 } },
        text: grade.level === null || Date.parse(to) - Date.parse(from) < wide ? "" : grade.short.replace(" to ", "\u2013"), textposition: "inside", insidetextanchor: "middle",
        textangle: 0, textfont: { color: palette.ink[level], size: 12 },
        hovertext: `${name} ${grade.text}<br>${when(from)} to ${when(to)}<br>graded by the CDS service` }));
    }
  }
  return found;
}

function axes(palette, points) {
  const total = ROWS.reduce((sum, row) => sum + row[2], 0);
  const gap = 0.022;
  const axis = {};
  let top = 1;
  ROWS.forEach(([, title, weight], index) => {
    const bottom = Math.max(0, top - weight / total);
    axis[index ? `yaxis${index + 1}` : "yaxis"] = {
      domain: [bottom + gap / 2, top - gap / 2], title: { text: title, font: { size: 11 }, standoff: 4 },
      fixedrange: true, gridcolor: palette.grid, zeroline: false, nticks: 4, tickfont: { size: 10 },
      linecolor: palette.grid,
    };
    top = bottom;
  });
  Object.assign(axis.yaxis3, { rangemode: "tozero" });
  Object.assign(axis.yaxis4, { rangemode: "tozero" });
  Object.assign(axis.yaxis5, { type: "log", nticks: 5 });
  Object.assign(axis.yaxis6, { type: "category", dtick: 1 });
  Object.assign(axis.yaxis7, { type: "category", categoryarray: graded(points).map(([, name]) => name), categoryorder: "array" });
  return axis;
}

/** Data and layout for plotly; `palette` are the colors of the page's theme. */
export function figure(chart, from, points, palette, size = {}) {
  const { series, now } = chart;
  const end = Date.parse(now) + 0.03 * (Date.parse(now) - Date.parse(from));
  const data = [
    ...line(series, "T", "y", "T", "#d4582a"),
    ...line(series, "systolic", "y2", "SBP", "#2a86c7"), ...line(series, "MAP", "y2", "MAP", "#8a5fbf"),
    ...oxygen(series, palette.text),
    ...line(series, "ICE", "y4", "ICE", "#3d9a50"), ...line(series, "CAPD", "y4", "CAPD", "#c2399a"),
    ...LABS.flatMap(([name, color]) => line(series, name, "y5", name, color, false)), ...labNames(series),
    ...drugs(series, now), ...bands(points, palette),
  ];
  const fever = { type: "line", xref: "paper", x0: 0, x1: 1, yref: "y", y0: FEVER_C, y1: FEVER_C,
    line: { color: "#b3382c", width: 1, dash: "dash" } };
  const layout = {
    ...axes(palette, points), ...size, margin: MARGIN, showlegend: false, hovermode: "closest", dragmode: "zoom", barmode: "overlay",
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: palette.text, size: 11, family: "system-ui, sans-serif" },
    hoverlabel: { bgcolor: palette.panel, bordercolor: palette.grid, font: { color: palette.text, size: 12 }, align: "left" },
    xaxis: { type: "date", range: [local(from), local(end)], gridcolor: palette.grid, anchor: "free", position: 0,
      tickfont: { size: 10 }, linecolor: palette.grid, tickformatstops: [
        { dtickrange: [null, 43200000], value: "%H:%M\n%d %b" }, { dtickrange: [43200000, null], value: "%d %b" }] },
    shapes: [fever],
  };
  return { data, layout };
}
