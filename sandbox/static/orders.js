// The order pad: type-ahead, drafts, order-select on choosing, order-sign before signing.
import { get, post } from "./api.js";
import { showCards, showProblem } from "./cards.js";
import { $, announce, el } from "./dom.js";

const MOST = 8;
let drafts = [];
let shown = [];
let chosen = -1;
let numbers = 0;
const charted = new Set(); // references of what is on the pad to be changed on the chart
let host; // {patient, fire(hook, more), refresh(), isPast()}

const reference = (draft) => `${draft.resourceType}/${draft.id}`;
const isCharted = (draft) => charted.has(reference(draft));

function words(draft) {
  const what = draft.medicationCodeableConcept ?? draft.code ?? {};
  const how = draft.dosageInstruction?.[0] ?? {};
  const quantity = how.doseAndRate?.[0]?.doseQuantity;
  const repeat = how.timing?.repeat;
  const name = what.text ?? what.coding?.[0]?.display ?? draft.medicationReference?.display ?? "order";
  const dose = quantity ? `${quantity.value} ${quantity.unit}` : "";
  const every = repeat?.period ? `every ${repeat.period} ${repeat.periodUnit}` : "";
  const text = how.text || [dose, how.route?.text, every].filter(Boolean).join(" ");
  const change = isCharted(draft) ? `on the chart, to be ${draft.status}` : "";
  return [name, quantity && !text.includes(dose) ? dose : "", text, change].filter(Boolean).join(", ");
}

/** The dose of a draft with one instruction; the steps of a taper are not changed here. */
const doseOf = ({ dosageInstruction: steps }) =>
  (steps?.length === 1 ? steps[0].doseAndRate?.[0]?.doseQuantity : undefined);

/** The draft with another dose, and with a note that says so; words of the old dose go. */
function withDose(draft, value) {
  const changed = structuredClone(draft);
  const [how] = changed.dosageInstruction;
  const quantity = doseOf(changed);
  const [old, now] = [`${quantity.value} ${quantity.unit}`, `${value} ${quantity.unit}`];
  quantity.value = value;
  changed.note = [...(changed.note ?? []), { text: `Dose changed from ${old} to ${now} by the orderer.` }];
  if (how.text?.includes(old)) how.text = how.text.replace(old, now);
  else if (how.text && /\d/.test(how.text) && how.text.includes(quantity.unit)) delete how.text;
  return changed;
}

/** A field for the dose; leaving it, or Enter, checks the changed order. */
function dosing(draft) {
  const quantity = doseOf(draft);
  const input = el("input", { type: "number", min: 0, step: "any", value: quantity.value, class: "dose",
    "aria-label": `Dose of ${words(draft)}, ${quantity.unit}` });
  input.addEventListener("change", async () => {
    const value = input.valueAsNumber;
    if (!(value > 0)) return draw();
    drafts = drafts.map((each) => (each === draft ? withDose(draft, value) : each));
    draw();
    announce(`Dose changed: ${words(drafts.find((each) => reference(each) === reference(draft)))}`);
    await check("order-select", [reference(draft)]);
  });
  return el("span", { class: "dosing" }, input, ` ${quantity.unit}`);
}

function draw() {
  $("drafts").replaceChildren(...drafts.map((draft) => el("li", {}, el("span", {}, words(draft)),
    doseOf(draft) && !isCharted(draft) ? dosing(draft) : null,
    el("button", { type: "button", class: "small", onclick: () => remove([reference(draft)]) },
      "Remove", el("span", { class: "unseen" }, ` ${words(draft)}`)))));
  $("sign").disabled = drafts.length === 0;
  $("sign-anyway").hidden = true;
}

/** Fires the hook and shows what it says; gives whether there is nothing to read before signing. */
async function check(hook, selected = []) {
  try {
    const call = await host.fire(hook, { drafts, selected });
    showCards($("order-cards"), call, apply);
    const isClear = !call.cards.length && call.status === 200;
    if (isClear) $("order-cards").replaceChildren();
    return isClear;
  } catch (error) {
    showProblem($("order-cards"), `These orders were not checked: ${error.message}`);
    return false;
  }
}

async function add(draft) {
  drafts = [...drafts.filter((each) => reference(each) !== reference(draft)), draft];
  draw();
  await check("order-select", [reference(draft)]);
}

async function remove(references) {
  drafts = drafts.filter((draft) => !references.includes(reference(draft)));
  references.forEach((each) => charted.delete(each));
  draw();
  if (drafts.length) await check("order-select", [reference(drafts.at(-1))]);
  else $("order-cards").replaceChildren();
}

/** The order of a suggestion as it comes on the pad: a draft, or a change of what is on the chart. */
function suggested({ type, resource }) {
  const isOnPad = drafts.some((each) => reference(each) === reference(resource) && !isCharted(each));
  if (type === "update" && !isOnPad) {
    charted.add(reference(resource));
    return resource;
  }
  return { id: `suggested-${(numbers += 1)}`, ...resource, status: "draft" };
}

/** Does what a suggestion asks for: writes, replaces or removes drafts. */
export async function apply(actions) {
  for (const action of actions) {
    if (action.type === "delete") await remove([action.resourceId]);
    else await add(suggested(action));
  }
}

async function choose(option) {
  $("find").value = "";
  list("");
  const { label, ...fields } = option;
  try {
    await add(await post(`charts/${host.patient}/drafts`, fields));
    announce(`Drafted: ${label}`);
  } catch (error) {
    announce(`Not drafted: ${error.message}`, "error");
  }
}

function list(text) {
  const asked = text.toLowerCase().split(/\s+/).filter(Boolean);
  shown = asked.length
    ? host.offered.filter((each) => asked.every((word) => each.label.toLowerCase().includes(word))).slice(0, MOST)
    : [];
  chosen = shown.length ? 0 : -1;
  mark();
}

function mark() {
  $("found").replaceChildren(...shown.map((each, index) => el("li", {
    role: "option", id: `option-${index}`, "aria-selected": String(index === chosen),
    onpointerdown: (event) => { event.preventDefault(); choose(each); },
  }, each.label)));
  $("found").hidden = !shown.length;
  $("find").setAttribute("aria-expanded", String(shown.length > 0));
  if (chosen >= 0) $("find").setAttribute("aria-activedescendant", `option-${chosen}`);
  else $("find").removeAttribute("aria-activedescendant");
}

function keys(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && shown.length) {
    event.preventDefault();
    chosen = (chosen + step + shown.length) % shown.length;
    mark();
  } else if (event.key === "Enter" && chosen >= 0) {
    event.preventDefault();
    choose(shown[chosen]);
  } else if (event.key === "Escape") list("");
}

async function review() {
  if (host.isPast()) return announce("Nothing is signed in the past: go back to now first.", "warning");
  $("sign").disabled = true;
  if (await check("order-sign")) return sign();
  announce("Not signed yet: read the guidance first.", "warning");
  $("sign").disabled = false;
  $("sign-anyway").hidden = false;
}

async function sign() {
  try {
    const { written } = await post(`charts/${host.patient}/orders`, {
      drafts: drafts.filter((each) => !isCharted(each)), changes: drafts.filter(isCharted),
    });
    drafts = [];
    charted.clear();
    draw();
    $("order-cards").replaceChildren();
    await host.refresh();
    announce(`Signed and on the chart: ${written.join(", ")}`, "good");
  } catch (error) {
    announce(`Not signed: ${error.message}`, "error");
  }
}

/** Makes the pad work; `host` has the patient, `fire(hook, more)`, `refresh()` and `isPast()`. */
export async function startPad(found) {
  host = { ...found, offered: (await get("pad")).order };
  $("find").addEventListener("input", () => list($("find").value));
  $("find").addEventListener("keydown", keys);
  $("find").addEventListener("blur", () => list(""));
  $("sign").addEventListener("click", review);
  $("sign-anyway").addEventListener("click", sign);
  draw();
}
