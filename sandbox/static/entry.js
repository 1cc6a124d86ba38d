// Chart entry: small forms; each writes to the FHIR server and the hook fires again.
import { post } from "./api.js";
import { $, announce, el } from "./dom.js";
import { openIce } from "./ice.js";

const DEVICES = ["room air", "nasal cannula", "high flow nasal cannula", "face mask",
  "non-rebreather mask", "blow-by", "CPAP", "BiPAP", "ventilator"];
const AWAKENS = ["spontaneously", "to voice", "to touch", "never"];

const number = (name, label, more = {}) =>
  el("label", {}, `${label} `, el("input", { name, type: "number", step: "any", ...more }));
const choice = (name, label, options, first) =>
  el("label", {}, `${label} `, el("select", { name }, first ? el("option", { value: "" }, first) : null,
    options.map((each) => el("option", {}, each))));

const FORMS = [
  { title: "Temperature", section: "vitals",
    inputs: () => [number("T", "Value", { min: 25, max: 113, step: 0.1, required: true }),
      el("label", {}, "Unit ", el("select", { name: "scale" }, el("option", { value: "Cel" }, "°C"),
        el("option", { value: "[degF]" }, "°F")))],
    fields: (f) => ({ T: +f.T }), more: (f) => ({ scale: f.scale }) },
  { title: "Blood pressure", section: "vitals",
    inputs: () => [number("systolic", "Systolic", { min: 20, max: 300, step: 1, required: true }),
      number("diastolic", "Diastolic", { min: 10, max: 200, step: 1, required: true })],
    fields: (f) => ({ BP: `${f.systolic}/${f.diastolic}` }) },
  { title: "Oxygen", section: "vitals",
    inputs: () => [choice("on", "Device", DEVICES), number("flow", "L/min", { min: 0, max: 80 }),
      number("SpO2", "SpO₂ %", { min: 30, max: 100, step: 1 })],
    fields: (f) => ({ on: f.on, ...(f.flow && { flow: +f.flow }), ...(f.SpO2 && { SpO2: +f.SpO2 }) }) },
  { title: "CAPD (child)", section: "neuro",
    inputs: () => [number("CAPD", "Total", { min: 0, max: 32, step: 1, required: true })],
    fields: (f) => ({ CAPD: +f.CAPD }) },
  { title: "Awakens", section: "neuro",
    inputs: () => [choice("awakens", "How", AWAKENS)],
    fields: (f) => ({ awakens: f.awakens }) },
  { title: "Give tocilizumab", section: "given",
    inputs: () => [number("dose", "mg IV", { min: 1, max: 800, required: true })],
    fields: (f) => ({ drug: "tocilizumab", dose: `${f.dose} mg`, route: "IV" }) },
  { title: "Start norepinephrine", section: "given",
    inputs: () => [number("rate", "µg/min", { min: 0.1, max: 100, required: true })],
    fields: (f) => ({ drug: "norepinephrine", rate: `${f.rate} ug/min`, route: "IV" }) },
];

/** When the entry holds, as an instant; null: now. */
function chartedAt() {
  const text = $("entry-at").value;
  return text ? new Date(text).toISOString() : undefined;
}

async function save(path, body, title, host) {
  try {
    await post(`charts/${host.patient}/${path}`, { ...body, at: chartedAt() });
    const changed = await host.refresh();
    announce([`Charted: ${title}.`, ...changed].join(" "), "good");
    return true;
  } catch (error) {
    announce(`Not charted: ${error.message}`, "error");
    return false;
  }
}

function form(kind, host) {
  const node = el("form", { class: "entry" }, el("fieldset", {}, el("legend", {}, kind.title),
    kind.inputs(), el("button", {}, "Chart")));
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    const filled = Object.fromEntries(new FormData(node));
    const body = { section: kind.section, fields: kind.fields(filled), ...kind.more?.(filled) };
    if (await save("entries", body, kind.title, host)) node.reset();
  });
  return node;
}

/** A form that stops an infusion which runs: hidden while none does. */
function stopForm(host) {
  const select = el("select", { name: "id" });
  const node = el("form", { class: "entry", hidden: true }, el("fieldset", {},
    el("legend", {}, "Stop an infusion"), el("label", {}, "Running ", select), el("button", {}, "Stop")));
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [running] = select.selectedOptions;
    if (running) await save("stops", { id: running.value }, `${running.textContent} stopped`, host);
  });
  return node;
}

/** Says which infusions run, from the series of the course. */
export function showRunning(series) {
  const running = (series.vasopressor ?? []).filter((point) => point.running);
  const select = document.querySelector("#entries select[name=id]");
  select.replaceChildren(...running.map((point) =>
    el("option", { value: point.source.split("/")[1] }, `${point.v} ${point.dose}`.trim())));
  select.closest("form").hidden = !running.length;
}

/** Builds the forms; `host` has the patient and `refresh()`, which gives the changes of grade. */
export function startEntry(host) {
  const charted = (answers) => save("ice", { answers }, "ICE", host);
  const ice = el("button", { type: "button", id: "open-ice", onclick: () => openIce(charted) },
    "ICE test");
  $("entries").replaceChildren(
    el("div", { class: "entry" }, el("fieldset", {}, el("legend", {}, "ICE, ten items"), ice)),
    ...FORMS.map((kind) => form(kind, host)), stopForm(host));
}
