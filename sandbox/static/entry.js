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
    inputs: () => [number("T", "°C", { min: 25, max: 45, step: 0.1, required: true })],
    fields: (f) => ({ T: +f.T }) },
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
    const fields = kind.fields(Object.fromEntries(new FormData(node)));
    if (await save("entries", { section: kind.section, fields }, kind.title, host)) node.reset();
  });
  return node;
}

/** Builds the forms; `host` has the patient and `refresh()`, which gives the changes of grade. */
export function startEntry(host) {
  const charted = (answers) => save("ice", { answers }, "ICE", host);
  const ice = el("button", { type: "button", id: "open-ice", onclick: () => openIce(charted) },
    "ICE test");
  $("entries").replaceChildren(
    el("div", { class: "entry" }, el("fieldset", {}, el("legend", {}, "ICE, ten items"), ice)),
    ...FORMS.map((kind) => form(kind, host)));
}
