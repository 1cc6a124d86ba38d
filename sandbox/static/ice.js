// The ICE test as the form that the service publishes, with a line to write a sentence on.
import { get } from "./api.js";
import { $, announce, el } from "./dom.js";

/** The ten items of the form that are asked; the total is their sum and is not asked for. */
function asked(items) {
  return items.flatMap((item) => (item.item ? asked(item.item) : [item]))
    .filter((item) => item.linkId !== "ice-total");
}

function question(item) {
  const answers = [[1, "Right"], [0, "Wrong"]].map(([value, words]) =>
    el("label", {}, el("input", { type: "radio", name: item.linkId, value }), ` ${words}`));
  return el("fieldset", { class: "item" }, el("legend", {}, item.text), answers,
    item.linkId === "ice-writing" ? paper() : null);
}

/** Where the patient writes a sentence by finger or pen; it is looked at and not kept. */
function paper() {
  const canvas = el("canvas", { width: 560, height: 90, class: "paper", "aria-hidden": "true" });
  const pen = canvas.getContext("2d");
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * (canvas.width / box.width),
      (event.clientY - box.top) * (canvas.height / box.height)];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.moveTo(...at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    pen.lineTo(...at(event));
    pen.stroke();
  });
  const clear = () => pen.clearRect(0, 0, canvas.width, canvas.height);
  return el("div", { class: "writing" }, canvas, el("p", { class: "quiet" },
    "The patient writes a sentence here. It is looked at and not kept. ",
    el("button", { type: "button", class: "small", onclick: clear }, "Wipe")));
}

/** Opens the form; `save(answers)` is true where the answers were charted. */
export async function openIce(save) {
  const dialog = $("ice");
  let form;
  try {
    form = await get("forms/ice");
  } catch (error) {
    announce(`No form: ${error.message}`, "error");
    return;
  }
  const items = asked(form.item ?? []);
  const total = el("output", { "aria-live": "polite" }, `0 of ${items.length} answered`);
  const sheet = el("form", { class: "sheet" }, el("h2", { id: "ice-title" }, form.title),
    items.map(question),
    el("div", { class: "foot" }, total, el("button", { class: "primary" }, "Chart ICE"),
      el("button", { type: "button", onclick: () => dialog.close() }, "Cancel")));
  const answers = () => Object.fromEntries([...new FormData(sheet)].map(([k, v]) => [k, +v]));
  sheet.addEventListener("change", () => {
    const given = Object.values(answers());
    const points = given.reduce((sum, each) => sum + each, 0);
    total.textContent = given.length === items.length ? `ICE ${points} of ${items.length}`
      : `${given.length} of ${items.length} answered, ${points} right`;
  });
  sheet.addEventListener("submit", async (event) => {
    event.preventDefault();
    const open = items.length - Object.keys(answers()).length;
    if (open) total.textContent = `${open} not answered yet`;
    else if (await save(answers())) dialog.close();
  });
  dialog.replaceChildren(sheet);
  dialog.showModal();
}
